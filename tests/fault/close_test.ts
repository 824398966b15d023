/**
 * Closing a database while it is in use, twice, and using it afterwards.
 */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { ConnectionError } from "../../src/base/errors.ts";
import { postgresDialect } from "../../src/dialects/postgres/mod.ts";
import { sqliteDialect } from "../../src/dialects/sqlite/mod.ts";
import { Engine } from "../../src/engine/engine.ts";
import { failure } from "../behaviour/error_support.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { freshPostgresDatabase } from "../targets/mod.ts";
import { finishes, note, notes, onPostgres, pause, running } from "./support.ts";

const once = { rewrite: false } as const;

onEveryDatabase(
  "close() waits for what runs, and every caller of it for the same end",
  once,
  async (
    { db },
  ) => {
    await db.execute("CREATE TABLE notes (n INTEGER)");
    const gate = Promise.withResolvers<void>();
    const work = db.transaction(async (tx) => {
      await note(tx, 1);
      await gate.promise;
      await note(tx, 2);
    });
    await pause(20);
    let closed = 0;
    const closing = [db.disconnect(), db.disconnect()].map((each) => each.then(() => closed++));
    for (
      const refused of [
        () => note(db, 3),
        () => db.transaction((tx) => note(tx, 3)),
        () => db.beginTransaction(),
      ]
    ) assert.ok(await failure(refused) instanceof ConnectionError);
    assert.equal(closed, 0);
    gate.resolve();
    await work;
    await finishes(Promise.all(closing));
    await db.disconnect();
    await db.connect();
    assert.deepEqual(await notes(db), [1, 2]);
  },
);

onEveryDatabase(
  "what waits for a connection when close() comes is refused, not left waiting",
  once,
  async (
    { db },
  ) => {
    await db.execute("CREATE TABLE notes (n INTEGER)");
    const gate = Promise.withResolvers<void>();
    const { max } = db.stats().pool;
    const holders = Array.from({ length: max }, () => db.transaction(() => gate.promise));
    holders.forEach((each) => each.catch(() => {}));
    const waiting = Array.from(
      { length: 5 },
      () => failure(() => db.transaction((tx) => note(tx, 1))),
    );
    await pause(20);
    const closing = db.disconnect();
    const errors = await finishes(Promise.all(waiting.slice(1)));
    for (const error of errors) assert.ok(error instanceof ConnectionError, `${error}`);
    gate.resolve();
    await finishes(closing);
    await Promise.allSettled(holders);
  },
);

/** Gives a database of each kind, as an engine, which can be told how long closing may take. */
async function onEngines(test: (engine: Engine) => Promise<void>): Promise<void> {
  await using fresh = await freshPostgresDatabase();
  const folder = await Deno.makeTempDir({ prefix: "rex-orm-" });
  try {
    await using sqlite = new Engine(sqliteDialect, {
      database: "sqlite",
      databasePath: `${folder}/file.db`,
    });
    await using postgres = new Engine(postgresDialect, { database: "postgres", url: fresh.url });
    for (const engine of [sqlite, postgres]) await finishes(test(engine));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a transaction that outlives close() is told that the database was closed", async () => {
  await onEngines(async (engine) => {
    await engine.execute("CREATE TABLE notes (n INTEGER)");
    const tx = await engine.beginTransaction();
    await note(tx, 1);
    await finishes(engine.close(50));
    const error = await failure(() => note(tx, 2));
    assert.ok(error instanceof ConnectionError, `${error}`);
    await finishes(tx.rollback());
    await engine.connect();
    assert.deepEqual(await notes(engine), []);
  });
});

onPostgres("close() ends a statement that takes too long", {}, async ({ watcher, url }) => {
  const config = { database: "postgres", url, applicationName: "victim" };
  await using engine = new Engine(postgresDialect, config);
  const slow = failure(() => engine.execute("SELECT pg_sleep(2)"));
  await running(watcher, "SELECT pg_sleep");
  await finishes(engine.close(50));
  const error = await finishes(slow);
  assert.ok(error instanceof ConnectionError, `${error}`);
});

/** A write that waits for another program's lock. */
async function locked(
  release: (other: DatabaseSync) => void,
  test: (write: Promise<unknown>, db: Engine) => Promise<void>,
): Promise<number[]> {
  const folder = await Deno.makeTempDir({ prefix: "rex-orm-" });
  const databasePath = `${folder}/shared.db`;
  const other = new DatabaseSync(databasePath);
  try {
    await using db = new Engine(sqliteDialect, { database: "sqlite", databasePath });
    await db.execute("CREATE TABLE notes (n INTEGER)");
    other.exec("BEGIN IMMEDIATE; INSERT INTO notes VALUES (1)");
    const write = note(db, 2);
    write.catch(() => {});
    await pause(50);
    setTimeout(() => release(other), 200);
    await test(write, db);
    if (other.isTransaction) other.exec("COMMIT");
    await db.connect();
    return await notes(db);
  } finally {
    other.close();
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("close() waits for a write that waits for another program", async () => {
  const found = await locked((other) => other.exec("COMMIT"), async (write, db) => {
    await finishes(db.close());
    await write;
  });
  assert.deepEqual(found, [1, 2]);
});

Deno.test("close() refuses a write that waits for another program too long", async () => {
  const found = await locked(() => {}, async (write, db) => {
    await finishes(db.close(50));
    const error = await finishes(failure(() => write));
    assert.ok(error instanceof ConnectionError, `${error}`);
    assert.match(error.message, /it was closed/);
  });
  assert.deepEqual(found, [1]);
});
