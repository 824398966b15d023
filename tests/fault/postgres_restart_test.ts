/**
 * The PostgreSQL server crashes, or is shut down and started again, while many write.
 */
import assert from "node:assert/strict";
import { ConnectionError, RexError } from "../../src/base/errors.ts";
import type { Database } from "../../src/database/database.ts";
import { PostgresAdapter } from "../../src/database/postgres_adapter.ts";
import type { Session } from "../../src/engine/session.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../targets/embedded_postgres.ts";
import { Ledger } from "./ledger.ts";
import { expectWhole, finishes, pause, until } from "./support.ts";

const workers = 16;

/** Ways to write one number into the table. */
const ways: readonly ((db: Database, n: number) => Promise<unknown>)[] = [
  (db, n) => insert(db, n),
  (db, n) => db.transaction((tx) => insert(tx, n)),
  (db, n) => db.transaction((tx) => tx.transaction((inner) => insert(inner, n)), { retries: 2 }),
  async (db, n) => {
    await using tx = await db.beginTransaction();
    await insert(tx, n);
    await tx.commit();
  },
  (db, n) => db.transaction((tx) => insert(tx, n), { timeout: 20_000 }),
];

function insert(db: Session, n: number): Promise<unknown> {
  return db.execute("INSERT INTO ledger (n) VALUES ($1)", [n]);
}

/** Writes until it is told to stop. What fails has to fail for the server's sake. */
async function write(db: Database, ledger: Ledger, stopped: () => boolean): Promise<void> {
  while (!stopped()) {
    const outcome = await ledger.attempt((n) => ways[n % ways.length]!(db, n));
    if (outcome === undefined) continue;
    assert.ok(outcome instanceof RexError, `${outcome}`);
    assert.ok(
      outcome instanceof ConnectionError || outcome.cause instanceof ConnectionError,
      `${outcome}`,
    );
    await pause(5);
  }
}

/** Breaks the server again and again while many write, and sees that nothing is lost or doubled. */
async function writesSurvive(
  server: EmbeddedPostgres,
  breaks: readonly (() => Promise<void>)[],
): Promise<void> {
  const config = { url: server.url, poolSize: 6, applicationName: "victim" };
  await using db = new PostgresAdapter(config);
  await db.execute("DROP TABLE IF EXISTS ledger");
  await db.execute("CREATE TABLE ledger (n INTEGER)");
  const ledger = new Ledger();
  let stopped = false;
  const writing = Array.from({ length: workers }, () => write(db, ledger, () => stopped));
  const before = () => ledger.acknowledged.size;
  for (const breaking of breaks) {
    const seen = before();
    await until(() => before() > seen + 50);
    await breaking();
    const healed = before();
    await until(() => before() > healed + 50);
  }
  stopped = true;
  await finishes(Promise.all(writing));
  await using watcher = new PostgresAdapter({ ...config, poolSize: 1, applicationName: "watcher" });
  await ledger.check(watcher);
  await expectWhole(db, watcher);
}

Deno.test("what happens to a server loses and doubles no write, and pools heal by themselves", async (t) => {
  await using server = await startEmbeddedPostgres();
  await t.step("a crash and a shutdown under load", () =>
    writesSurvive(server, [
      // No checkpoint, no goodbye.
      async () => {
        await server.kill();
        await server.restart();
      },
      () => server.restart(),
    ]));
  await t.step(
    "a database object that is older than its server connects when it is up",
    async () => {
      await server.kill();
      await using db = new PostgresAdapter({ url: server.url, poolSize: 2 });
      await assert.rejects(db.connect(), ConnectionError);
      await assert.rejects(db.execute("SELECT 1"), ConnectionError);
      await server.restart();
      assert.ok(await db.ping() >= 0);
    },
  );
});
