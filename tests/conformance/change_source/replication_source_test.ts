/** Logical replication, by the cases of every source. */

import type { ChangeSource } from "../../../src/change/source.ts";
import { postgresCodecs } from "../../../src/dialects/postgres/codecs.ts";
import { PostgresAdapter } from "../../../src/database/postgres_adapter.ts";
import { freshPostgresDatabase } from "../../targets/mod.ts";
import { dropSlot, sourceHost } from "../../support/replication.ts";
import { replicationSource } from "../../../src/dialects/postgres/changes/replication.ts";
import { changeSourceSuite, createKitTables } from "./mod.ts";
import { keyless } from "./models.ts";
import { outsidePostgres } from "./outside.ts";

/** Slots that go on where their last reading ended; each is read by one at a time. */
class Slots {
  readonly all: string[] = [];
  readonly #free: string[] = [];

  /** The one that was let go of last, or a new one. */
  take(): string {
    return this.#free.pop() ?? this.make();
  }

  /** Gives one back. */
  free(slot: string): void {
    this.#free.push(slot);
  }

  /** Names a new one. */
  make(): string {
    const slot = `rex_kit_${crypto.randomUUID().replaceAll("-", "")}`;
    this.all.push(slot);
    return slot;
  }
}

changeSourceSuite(
  "logical replication",
  { outside: true, resumes: true, truncates: true, keyless: "all" },
  async () => {
    const fresh = await freshPostgresDatabase();
    const db = new PostgresAdapter({ url: fresh.url, poolSize: 6 });
    await db.connect();
    await createKitTables(db);
    await db.execute(`ALTER TABLE ${keyless} REPLICA IDENTITY FULL`);
    await db.execute("CREATE PUBLICATION rex_changes FOR ALL TABLES");
    const slots = new Slots();
    // A slot cannot tell what was before it: those of later readers have to be there from the start.
    for (let i = 0; i < 2; i++) slots.free(slots.make());
    for (const slot of slots.all) {
      await db.execute("SELECT pg_create_logical_replication_slot($1, 'pgoutput')", [slot]);
    }
    const host = sourceHost(db, fresh.url);
    return {
      db,
      source(): ChangeSource {
        const slot = slots.take();
        const source = replicationSource(host, { slot });
        const { name, form, images, positions } = source;
        return {
          name,
          form,
          images,
          positions,
          async *read(options) {
            try {
              yield* source.read(options);
            } finally {
              slots.free(slot);
            }
          },
          positionOf: (snapshot) => source.positionOf(snapshot),
          markOf: (transaction) => source.markOf(transaction),
        };
      },
      outside: () => Promise.resolve(outsidePostgres(fresh.url)),
      loader: (_, type) => postgresCodecs.codec(type).load as (raw: unknown) => unknown,
      async [Symbol.asyncDispose]() {
        for (const slot of slots.all) await dropSlot(db, slot);
        await db.disconnect();
        await fresh.drop();
      },
    };
  },
);
