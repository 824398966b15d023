/**
 * Bulk load by the database's own format.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  BaseModel,
  Column,
  Entity,
  type Generated,
  PrimaryKey,
  UniqueViolationError,
  UnsupportedError,
} from "@rex/orm";
import { onEveryDatabase } from "../targets/databases.ts";

@Entity({ tableName: "loads" })
class Load extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;

  @Column({ type: "text", unique: true })
  name!: string;

  @Column({ type: "jsonb", nullable: true })
  data!: unknown;

  @Column({ type: "bytes", nullable: true })
  bytes!: Uint8Array | null;

  @Column({ type: "integer", default: 7 })
  weight!: Generated<number>;
}

const awkward = ["tab\t", "line\nend\r", "back\\slash", "\\N", "\\.", "quote'\"", ""];

function rows(count: number): Pick<Load, "name" | "data" | "bytes">[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `${i} ${awkward[i % awkward.length]}`,
    data: i % 3 === 0 ? null : { i, text: awkward[i % awkward.length] },
    bytes: i % 2 === 0 ? null : new Uint8Array([0, 9, 10, 13, 92, i % 256]),
  }));
}

const models = [Load];

onEveryDatabase(
  "createMany() stores thousands of rows exactly",
  { models },
  async ({ db, target }) => {
    const sent: string[] = [];
    db.onQuery((event) => sent.push(event.sql));
    const loads = db.repository(Load);
    const given = rows(2_500);
    assert.equal(await loads.createMany(given), 2_500);
    assert.equal(
      sent.some((sql) => sql.startsWith("COPY loads")),
      target.capabilities.supportsCopy,
    );
    const stored = await loads.findAll();
    assert.deepEqual(
      stored.map(({ name, data, bytes, weight }) => ({ name, data, bytes, weight })),
      given.map((each) => ({ ...each, weight: 7 })),
    );
  },
);

onEveryDatabase(
  "a bulk load is all or nothing, and told when it fails",
  { models },
  async ({ db }) => {
    const loads = db.repository(Load);
    const given = [...rows(2_000), ...rows(1)];
    await assert.rejects(loads.createMany(given), UniqueViolationError);
    assert.equal(await loads.count(), 0);
    await assert.rejects(
      db.transaction((tx) => tx.repository(Load).createMany(given)),
      UniqueViolationError,
    );
    assert.equal(await loads.count(), 0);
  },
);

onEveryDatabase(
  "a bulk load in a transaction is rolled back with it",
  { models },
  async ({ db }) => {
    const stop = new Error("stop");
    await assert.rejects(
      db.transaction(async (tx) => {
        await tx.repository(Load).createMany(rows(1_500));
        assert.equal(await tx.repository(Load).count(), 1_500);
        throw stop;
      }),
      stop,
    );
    assert.equal(await db.repository(Load).count(), 0);
  },
);

onEveryDatabase("copy() is refused before anything is sent where there is none", {
  models,
  needs: (capabilities) => !capabilities.supportsCopy,
}, async ({ db }) => {
  let sent = 0;
  db.onQuery(() => sent++);
  const target = { table: "loads", columns: [{ name: "name", type: { name: "text" } as const }] };
  await assert.rejects(db.copy(target, [["a"]]), UnsupportedError);
  await assert.rejects(db.transaction((tx) => tx.copy(target, [["a"]])), UnsupportedError);
  assert.equal(sent, 2); // BEGIN and ROLLBACK
});
