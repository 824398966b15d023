/**
 * Errors of the way to the database and of others who use it at the same time.
 */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import {
  ConfigError,
  ConnectionError,
  DeadlockError,
  LockTimeoutError,
  PoolExhaustedError,
  QueryTimeoutError,
  SerializationError,
} from "../../src/base/errors.ts";
import type { Database } from "../../src/database/database.ts";
import { PostgresAdapter } from "../../src/database/postgres_adapter.ts";
import { SQLiteAdapter } from "../../src/database/sqlite_adapter.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { freshPostgresDatabase } from "../targets/mod.ts";
import { failure, isSqlite, secret, tells } from "./error_support.ts";

const password = `${secret}-password`;

/** A test of what only a server with its own processes does. */
function onPostgres(
  name: string,
  options: { readonly poolSize?: number },
  test: (db: Database) => Promise<void>,
): void {
  onEveryDatabase(name, {
    rewrite: false,
    needs: (has) => has.supportsRowLocks,
    open: options,
  }, ({ db }) => test(db));
}

Deno.test("a port that nobody listens on is a ConnectionError that names the server and no secret", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  await using db = new PostgresAdapter({
    host: "127.0.0.1",
    port,
    user: "somebody",
    password,
    databaseName: "shop",
    connectTimeout: 2_000,
  });
  for (const work of [() => db.connect(), () => db.execute("SELECT 1")]) {
    const error = await failure(work);
    tells(error, {
      type: ConnectionError,
      code: "REX_CONNECTION",
      message: new RegExp(`^Cannot .*ECONNREFUSED.*127\\.0\\.0\\.1:${port}`),
      hint: /check host and port/,
      query: false,
    });
    assert.ok(error.cause instanceof Error);
  }
});

Deno.test("a server that never answers is a ConnectionError after connectTimeout", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using db = new PostgresAdapter({
    host: "127.0.0.1",
    port: listener.addr.port,
    user: "somebody",
    password,
    databaseName: "shop",
    connectTimeout: 300,
  });
  const start = performance.now();
  const accepted = listener.accept();
  const error = await failure(() => db.connect());
  assert.ok(performance.now() - start < 5_000);
  tells(error, {
    type: ConnectionError,
    code: "REX_CONNECTION",
    message: /CONNECT_TIMEOUT/,
    hint: /connectTimeout/,
    query: false,
  });
  (await accepted).close();
});

Deno.test("a database that does not exist is a ConnectionError that says so", async () => {
  await using fresh = await freshPostgresDatabase();
  const url = new URL(fresh.url);
  url.pathname = "/rex_nowhere";
  url.password = password;
  await using db = new PostgresAdapter(url.href);
  const error = await failure(() => db.connect());
  tells(error, {
    type: ConnectionError,
    code: "REX_CONNECTION",
    message: /the database does not exist/,
    query: false,
  });
  assert.match(error.message, /rex_nowhere/);
});

Deno.test("a file that cannot be opened, or is no database, is a ConnectionError with a hint", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rex-orm-" });
  try {
    const text = `${folder}/text.db`;
    await Deno.writeTextFile(text, "This is not a database. ".repeat(100));
    for (
      const [databasePath, message, hint] of [
        [`${folder}/nowhere/file.db`, /unable to open/, /folder must be there/],
        [text, /not a database/, /not an SQLite database/],
      ] as const
    ) {
      await using db = new SQLiteAdapter({ databasePath });
      const error = await failure(() => db.execute("SELECT * FROM sqlite_schema"));
      tells(error, { type: ConnectionError, code: "REX_CONNECTION", message, hint });
      assert.ok(error.cause instanceof Error);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a configuration that cannot work is a ConfigError before anything is opened", async () => {
  tells(await failure(() => new SQLiteAdapter({})), {
    type: ConfigError,
    code: "REX_CONFIG",
    message: /databasePath is missing/,
    hint: /:memory:/,
  });
});

onEveryDatabase("a closed database is a ConnectionError that says how to go on", {
  rewrite: false,
}, async ({ db }) => {
  await db.disconnect();
  for (
    const work of [() => db.execute("SELECT 1"), () => db.transaction(() => Promise.resolve())]
  ) {
    tells(await failure(work), {
      type: ConnectionError,
      code: "REX_CONNECTION",
      message: /the database is closed/,
      hint: /connect\(\)/,
      query: false,
    });
  }
  await db.connect();
  assert.equal((await db.execute("SELECT 1 AS one")).rows[0]?.one, 1);
});

onPostgres("a statement that takes too long is cancelled on the server", {}, async (db) => {
  const slow = "SELECT pg_sleep(30), $1::text AS secret";
  const start = performance.now();
  const error = await failure(() => db.execute(slow, [secret], { timeout: 100 }));
  assert.ok(performance.now() - start < 5_000);
  tells(error, {
    type: QueryTimeoutError,
    code: "REX_QUERY_TIMEOUT",
    message: /it took longer than 100 ms and was cancelled/,
    hint: /raise the timeout/,
    query: /^SELECT pg_sleep/,
  });
  const running = "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query = $1";
  assert.equal((await db.execute(running, [slow])).rowCount, 0);
});

onPostgres(
  "a statement that is aborted is cancelled on the server, and throws the reason",
  {},
  async (db) => {
    const slow = "SELECT pg_sleep(30) AS aborted";
    const reason = new Error("not wanted any more");
    const controller = new AbortController();
    const running = db.execute(slow, [], { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 100);
    assert.equal(await failure(() => running), reason);
    const found = "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query = $1";
    assert.equal((await db.execute(found, [slow])).rowCount, 0);
  },
);

onEveryDatabase("an aborted signal keeps a statement from being sent, and throws its reason", {
  rewrite: false,
}, async ({ db }) => {
  const reason = new Error("changed my mind");
  const signal = AbortSignal.abort(reason);
  await db.execute("CREATE TABLE t (n INTEGER)");
  for (
    const work of [
      () => db.execute("INSERT INTO t (n) VALUES (1)", [], { signal }),
      () => db.transaction((tx) => tx.execute("INSERT INTO t (n) VALUES (1)"), { signal }),
    ]
  ) {
    assert.equal(await failure(work), reason);
  }
  assert.equal((await db.execute("SELECT n FROM t")).rowCount, 0);
});

/** Two accounts. */
async function accounts(db: Database): Promise<void> {
  await db.execute("CREATE TABLE accounts (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)");
  await db.execute("INSERT INTO accounts (id, n) VALUES (1, 0), (2, 0)");
}

const change = "UPDATE accounts SET n = n + 1 WHERE id = $1";

onPostgres("a transaction that cannot be serialised is a SerializationError", {}, async (db) => {
  await accounts(db);
  const error = await failure(() =>
    db.transaction(async (tx) => {
      await tx.execute("SELECT n FROM accounts WHERE id = 1");
      await db.execute(change, [1]);
      await tx.execute(change, [1]);
    }, { isolation: "repeatable read" })
  );
  tells(error, {
    type: SerializationError,
    code: "REX_SERIALIZATION",
    message: /it conflicts with another one/,
    hint: /run the whole transaction again/,
    query: /^UPDATE accounts/,
  });
});

onPostgres(
  "two transactions that wait for each other: one gets a DeadlockError",
  {},
  async (db) => {
    await accounts(db);
    const first = Promise.withResolvers<void>();
    const second = Promise.withResolvers<void>();
    const transfer = (from: number, to: number, mine: () => void, other: Promise<void>) =>
      db.transaction(async (tx) => {
        await tx.execute("SET LOCAL deadlock_timeout = '50ms'");
        await tx.execute(change, [from]);
        mine();
        await other;
        await tx.execute(change, [to]);
      });
    const done = await Promise.allSettled([
      transfer(1, 2, first.resolve, second.promise),
      transfer(2, 1, second.resolve, first.promise),
    ]);
    const failed = done.filter((each) => each.status === "rejected");
    assert.equal(failed.length, 1);
    tells(failed[0]?.reason, {
      type: DeadlockError,
      code: "REX_DEADLOCK",
      message: /it is in a deadlock with another one/,
      hint: /lock rows in the same order/,
      query: /^UPDATE accounts/,
    });
    const { rows } = await db.execute("SELECT n FROM accounts ORDER BY id");
    assert.deepEqual(rows, [{ n: 1 }, { n: 1 }]);
  },
);

onPostgres("a lock that is not granted in time is a LockTimeoutError", {}, async (db) => {
  await accounts(db);
  await db.transaction(async (tx) => {
    await tx.execute(change, [1]);
    const error = await failure(() =>
      db.transaction(async (other) => {
        await other.execute("SET LOCAL lock_timeout = '50ms'");
        await other.execute(change, [1]);
      })
    );
    tells(error, {
      type: LockTimeoutError,
      code: "REX_LOCK_TIMEOUT",
      message: /^Cannot lock a row or table/,
      query: /^UPDATE accounts/,
    });
  });
});

Deno.test("a file that another connection writes to is a LockTimeoutError after acquireTimeout", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rex-orm-" });
  const databasePath = `${folder}/busy.db`;
  const db = new SQLiteAdapter({ databasePath, acquireTimeout: 150 });
  const other = new DatabaseSync(databasePath);
  try {
    await accounts(db);
    other.exec("BEGIN IMMEDIATE; UPDATE accounts SET n = 9");
    const start = performance.now();
    const error = await failure(() => db.execute(change, [1]));
    assert.ok(performance.now() - start < 5_000);
    tells(error, {
      type: LockTimeoutError,
      code: "REX_LOCK_TIMEOUT",
      message: /database is locked/,
      hint: /Another process or another Database object/,
      query: /^UPDATE accounts/,
    });
    assert.deepEqual((await db.execute("SELECT n FROM accounts")).rows, [{ n: 0 }, { n: 0 }]);
    other.exec("COMMIT");
    assert.equal((await db.execute(change, [1])).rowCount, 1);
  } finally {
    other.close();
    await db.disconnect();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a wait for a connection that is too long, or a queue that is full, is a PoolExhaustedError", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rex-orm-" });
  await using fresh = await freshPostgresDatabase();
  const limits = { poolSize: 1, acquireTimeout: 50, maxQueue: 1 };
  try {
    for (
      const db of [
        new SQLiteAdapter({ databasePath: `${folder}/pool.db`, ...limits }),
        new PostgresAdapter({ url: fresh.url, ...limits }),
      ]
    ) {
      await db.transaction(async () => {
        const waits = () => db.transaction(() => assert.fail("it began"));
        const late = failure(waits);
        const refused = await failure(waits);
        tells(refused, {
          type: PoolExhaustedError,
          code: "REX_POOL_EXHAUSTED",
          message: /1 callers wait already \(1 of 1 in use\)/,
          hint: /./,
          query: false,
        });
        tells(await late, {
          type: PoolExhaustedError,
          code: "REX_POOL_EXHAUSTED",
          message: /50 ms.*\(1 of 1 in use\)/,
          hint: /./,
          query: false,
        });
      });
      await db.disconnect();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

onEveryDatabase("an error ends nothing but its own statement among those beside it", {
  rewrite: false,
}, async ({ db, target }) => {
  await accounts(db);
  const wrong = isSqlite(target) ? "SELECT abs(-9223372036854775807 - 1)" : "SELECT 1 / 0";
  const done = await Promise.allSettled(
    Array.from({ length: 60 }, (_, i) => i % 3 === 0 ? db.execute(wrong) : db.execute(change, [1])),
  );
  assert.equal(done.filter(({ status }) => status === "rejected").length, 20);
  assert.deepEqual((await db.execute("SELECT n FROM accounts WHERE id = 1")).rows, [{ n: 40 }]);
});
