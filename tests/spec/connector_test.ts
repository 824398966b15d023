/**
 * Rows R1, R7, R13 and D1 to D6 of the specification: the database connector.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  ConfigError,
  type DatabaseAdapter,
  type DatabaseConfig,
  DatabaseError,
  DatabaseFactory,
  PoolExhaustedError,
  PostgresAdapter,
  SQLiteAdapter,
  UniqueViolationError,
} from "@rex/orm";
import { onEveryDatabase } from "../targets/databases.ts";
import { freshPostgresDatabase } from "../targets/mod.ts";

async function withCounter(db: DatabaseAdapter): Promise<void> {
  await db.execute("CREATE TABLE counters (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)");
  await db.execute("INSERT INTO counters (id, n) VALUES ($1, $2)", [1, 0]);
}

async function countOf(db: Pick<DatabaseAdapter, "execute">): Promise<unknown> {
  return (await db.execute("SELECT n FROM counters WHERE id = $1", [1])).rows[0]?.n;
}

Deno.test("R1: DatabaseFactory.createAdapter() connects to SQLite and PostgreSQL", async () => {
  await using fresh = await freshPostgresDatabase();
  const url = new URL(fresh.url);
  const configs: DatabaseConfig[] = [
    { database: "sqlite", databasePath: ":memory:", poolSize: 2, idleTimeout: 1_000 },
    {
      database: "postgres",
      host: url.hostname,
      port: Number(url.port || 5432),
      user: url.username || "postgres",
      password: url.password,
      databaseName: url.pathname.slice(1),
      poolSize: 3,
      idleTimeout: 1_000,
    },
  ];
  for (const config of configs) {
    const adapter = DatabaseFactory.createAdapter(config);
    await adapter.connect();
    assert.deepEqual((await adapter.execute("SELECT 1 AS number")).rows, [{ number: 1 }]);
    assert.equal(adapter.stats().pool.max, config.poolSize);
    await adapter.disconnect();
  }
});

onEveryDatabase("R7: errors are typed, carry the query and keep values to themselves", {
  rewrite: false,
}, async ({ db }) => {
  await db.execute("CREATE TABLE secrets (word VARCHAR(40) PRIMARY KEY)");
  const insert = "INSERT INTO secrets (word) VALUES ($1)";
  await db.execute(insert, ["hunter2"]);
  const error = await db.execute(insert, ["hunter2"]).then(() => undefined, (error) => error);
  assert(error instanceof UniqueViolationError && error instanceof DatabaseError);
  assert.equal(error.code, "REX_UNIQUE_VIOLATION");
  assert.equal(error.query, insert);
  assert.deepEqual(error.params, ["hunter2"]);
  assert(error.cause instanceof Error);
  assert(!error.message.includes("hunter2"));
  assert(!JSON.stringify(error).includes("hunter2"));
});

onEveryDatabase("R13: raw SQL takes parameters, whatever they look like", {
  rewrite: false,
}, async ({ db }) => {
  const hostile = "'; DROP TABLE users; --";
  const { rows } = await db.execute("SELECT CAST($1 AS TEXT) AS word", [hostile]);
  assert.deepEqual(rows, [{ word: hostile }]);
});

onEveryDatabase("D1: the adapter's six methods work", { rewrite: false }, async ({ db }) => {
  const adapter: DatabaseAdapter = db;
  await withCounter(adapter);
  await adapter.beginTransaction();
  await adapter.execute("UPDATE counters SET n = 1");
  await adapter.commit();
  assert.equal(await countOf(adapter), 1);
  await adapter.beginTransaction();
  await adapter.execute("UPDATE counters SET n = 2");
  assert.equal(await countOf(adapter), 2);
  await adapter.rollback();
  assert.equal(await countOf(adapter), 1);
  await adapter.disconnect();
  await assert.rejects(countOf(adapter), { code: "REX_CONNECTION" });
  await adapter.connect();
  assert.equal(await countOf(adapter), 1);
});

Deno.test("D2: SQLiteAdapter works in memory and in a file", async () => {
  const path = `${await Deno.makeTempDir()}/d2.db`;
  for (const place of [":memory:", path]) {
    await using db = new SQLiteAdapter(place);
    await db.connect();
    await withCounter(db);
    assert.equal(await countOf(db), 0);
  }
  await using again = new SQLiteAdapter({ databasePath: path });
  assert.equal(await countOf(again), 0);
});

Deno.test("D2: PostgresAdapter takes the specification's configuration keys", async () => {
  await using fresh = await freshPostgresDatabase();
  const url = new URL(fresh.url);
  await using db = new PostgresAdapter({
    host: url.hostname,
    port: Number(url.port || 5432),
    user: url.username || "postgres",
    databaseName: url.pathname.slice(1),
    poolSize: 2,
    idleTimeout: 500,
    tls: false,
  });
  await db.connect();
  await withCounter(db);
  assert.equal(await countOf(db), 0);
});

Deno.test("D3: an unknown database is an error that lists the known ones", () => {
  assert.throws(
    () => DatabaseFactory.createAdapter({ database: "oracle" }),
    (error) =>
      error instanceof ConfigError && /oracle/.test(error.message) &&
      /sqlite/.test(error.message) && /postgres/.test(error.message),
  );
});

onEveryDatabase("D4: rows are objects, rowCount counts returned or affected rows", {
  rewrite: false,
}, async ({ db, target }) => {
  await db.execute("CREATE TABLE numbers (n INTEGER)");
  const inserted = await db.execute("INSERT INTO numbers (n) VALUES ($1), ($2), ($1)", [1, 2]);
  assert.deepEqual(inserted, { rows: [], rowCount: 3 });
  const found = await db.execute("SELECT n FROM numbers WHERE n >= $2 OR n = $1 ORDER BY n", [
    1,
    2,
  ]);
  assert.deepEqual(found, { rows: [{ n: 1 }, { n: 1 }, { n: 2 }], rowCount: 3 });
  const deleted = await db.execute("DELETE FROM numbers WHERE n = $1", [1]);
  assert.equal(deleted.rowCount, 2);
  if (target.name.startsWith("SQLite")) {
    const { rows } = await db.execute("SELECT n FROM numbers WHERE n = ? OR n = ?", [2, 9]);
    assert.deepEqual(rows, [{ n: 2 }]);
  }
});

onEveryDatabase("D5: the pool serves many sessions, waits, and then says that it is exhausted", {
  rewrite: false,
  open: { poolSize: 2 },
}, async ({ db, target }) => {
  await withCounter(db);
  await Promise.all(Array.from({ length: 50 }, () => db.execute("UPDATE counters SET n = n + 1")));
  assert.equal(await countOf(db), 50);
  if (target.name === "PostgreSQL") {
    const { pid } = (await db.execute<{ pid: number }>("SELECT pg_backend_pid() AS pid")).rows[0]!;
    await db.execute("SELECT pg_terminate_backend($1)", [pid]).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(await countOf(db).catch(() => countOf(db)), 50);
  }
});

Deno.test("D5: a caller that waits too long for a connection gets PoolExhaustedError", async () => {
  await using fresh = await freshPostgresDatabase();
  const path = `${await Deno.makeTempDir()}/d5.db`;
  const limits = { poolSize: 1, acquireTimeout: 50 };
  for (
    const db of [
      new SQLiteAdapter({ databasePath: path, ...limits }),
      new PostgresAdapter({ url: fresh.url, ...limits }),
    ]
  ) {
    await using tx = await db.beginTransaction();
    await tx.execute("SELECT 1");
    await assert.rejects(
      db.transaction((inner) => inner.execute("SELECT 1")),
      (error) => error instanceof PoolExhaustedError && /50 ms/.test(error.message),
    );
    await tx.rollback();
    await db.disconnect();
  }
});

onEveryDatabase("D6: a transaction is isolated from other callers of the same adapter", {
  rewrite: false,
}, async ({ db }) => {
  await withCounter(db);
  const failure = new Error("changed my mind");
  const work = db.transaction(async (tx) => {
    await tx.execute("UPDATE counters SET n = n + 1");
    assert.equal(await countOf(tx), 1);
    assert.equal(await countOf(db), 0);
    await tx.transaction(async (inner) => {
      await inner.execute("UPDATE counters SET n = 100");
      throw failure;
    }).catch((error) => assert.equal(error, failure));
    assert.equal(await countOf(tx), 1);
    throw failure;
  });
  await assert.rejects(work, failure);
  assert.equal(await countOf(db), 0);
});
