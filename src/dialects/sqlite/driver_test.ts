import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ConnectionError,
  LockTimeoutError,
  PoolExhaustedError,
  QueryError,
  QueryTimeoutError,
  TransactionError,
  UniqueViolationError,
} from "../../base/errors.ts";
import type { DatabaseConfig } from "../../base/config.ts";
import type { DriverRequest } from "../../dialect/driver.ts";
import { SqliteDriver } from "./driver.ts";

function request(
  sql: string,
  params: readonly unknown[] = [],
  rest: Partial<DriverRequest> = {},
): DriverRequest {
  return { sql, params, kind: "unknown", ...rest };
}

async function onFile(
  run: (driver: SqliteDriver, path: string) => Promise<void>,
  config: Partial<DatabaseConfig> = {},
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "rex-sqlite-"));
  const path = join(folder, "test.db");
  const driver = new SqliteDriver({ database: "sqlite", databasePath: path, ...config });
  try {
    await run(driver, path);
  } finally {
    await driver.close(100);
    await rm(folder, { recursive: true });
  }
}

async function inMemory(
  run: (driver: SqliteDriver) => Promise<void>,
  config: Partial<DatabaseConfig> = {},
): Promise<void> {
  const driver = new SqliteDriver({ database: "sqlite", databasePath: ":memory:", ...config });
  try {
    await run(driver);
  } finally {
    await driver.close(100);
  }
}

const create = request("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT) STRICT");

for (const [where, on] of [["a file", onFile], ["memory", inMemory]] as const) {
  Deno.test(`on ${where}, rows come as arrays with their columns`, async () => {
    await on(async (driver) => {
      await driver.execute(create);
      const written = await driver.execute(
        request("INSERT INTO t (id, name) VALUES ($1, $2), ($3, $4)", [1n, "a", 2n, "b"], {
          kind: "write",
        }),
      );
      assert.deepEqual(written, { columns: [], rows: [], rowCount: 2 });
      const read = await driver.execute(
        request("SELECT id, name, id AS id FROM t ORDER BY id", [], { kind: "read" }),
      );
      assert.deepEqual(read.rows, [[1, "a", 1], [2, "b", 2]]);
      assert.deepEqual(read.columns.map(({ name }) => name), ["id", "name", "id"]);
      assert.equal(read.rowCount, 2);
    });
  });

  Deno.test(`on ${where}, parameters go by their numbers, not by their order in the text`, async () => {
    await on(async (driver) => {
      const run = async (sql: string, params: unknown[]) =>
        (await driver.execute(request(sql, params))).rows[0];
      assert.deepEqual(await run("SELECT $2, $1, $1", ["a", "b"]), ["b", "a", "a"]);
      assert.deepEqual(await run("SELECT ?, ?", ["a", "b"]), ["a", "b"]);
      assert.deepEqual(await run("SELECT ?2, ?1", ["a", "b"]), ["b", "a"]);
      assert.deepEqual(
        await run(`SELECT '$1 ?', "$9", /* $3 */ $1 -- $4\n FROM (SELECT 1 AS "$9")`, ["v"]),
        ["$1 ?", 1n, "v"],
      );
    });
  });

  Deno.test(`on ${where}, a wrong number or kind of parameters is a QueryError`, async () => {
    await on(async (driver) => {
      const fails = (sql: string, params: unknown[]) =>
        assert.rejects(driver.execute(request(sql, params)), QueryError);
      await fails("SELECT $1", []);
      await fails("SELECT $1", [1, 2]);
      await fails("SELECT $1, ?", [1, 2]);
      await fails("SELECT :name", [1]);
      await fails("  -- nothing", []);
    });
  });

  Deno.test(`on ${where}, a script runs whole without values and is refused with them`, async () => {
    await on(async (driver) => {
      await driver.execute(
        request(
          "CREATE TABLE a (x); INSERT INTO a VALUES (1); /* end */ INSERT INTO a VALUES (2);",
        ),
      );
      assert.deepEqual((await driver.execute(request("SELECT x FROM a; -- end"))).rows, [[1n], [
        2n,
      ]]);
      await assert.rejects(
        driver.execute(request("INSERT INTO a VALUES ($1); DELETE FROM a", [3n])),
        (error: QueryError) =>
          error instanceof QueryError && /several statements/.test(error.message),
      );
      assert.equal((await driver.execute(request("SELECT x FROM a"))).rowCount, 2);
      await driver.execute(
        request("CREATE TRIGGER g AFTER INSERT ON a BEGIN DELETE FROM a; SELECT 1; END"),
      );
    });
  });

  Deno.test(`on ${where}, a transaction cannot be begun by a statement on the pool`, async () => {
    await on(async (driver) => {
      for (const sql of ["BEGIN", "SAVEPOINT s", "CREATE TABLE z (x); BEGIN;"]) {
        await assert.rejects(driver.execute(request(sql)), TransactionError);
      }
      await driver.execute(create);
      await assert.rejects(driver.execute(request("COMMIT")), TransactionError);
      assert.equal((await driver.execute(request("SELECT * FROM t"))).rowCount, 0);
    });
  });

  Deno.test(`on ${where}, integers are exact: bigints where asked for, an error beyond 2^53 where not`, async () => {
    await on(async (driver) => {
      const sql = "SELECT 9007199254740993 AS big, 1 AS small";
      const exact = await driver.execute(request(sql, [], { kind: "read", bigints: true }));
      assert.deepEqual(exact.rows, [[9007199254740993n, 1n]]);
      assert.deepEqual((await driver.execute(request(sql))).rows, [[9007199254740993n, 1n]]);
      await assert.rejects(
        driver.execute(request(sql, [], { kind: "read" })),
        { code: "REX_DATA" },
      );
      const small = request("SELECT 1", [], { kind: "read" });
      assert.deepEqual((await driver.execute({ ...small, bigints: true })).rows, [[1n]]);
      assert.deepEqual((await driver.execute(small)).rows, [[1]]);
    });
  });

  Deno.test(`on ${where}, a statement works again after it failed`, async () => {
    await on(async (driver) => {
      await driver.execute(create);
      const insert = (id: bigint) =>
        driver.execute(request("INSERT INTO t VALUES ($1, 'x')", [id], { kind: "write" }));
      await insert(1n);
      await assert.rejects(insert(1n), UniqueViolationError);
      await insert(2n);
      assert.equal((await driver.execute(request("SELECT * FROM t"))).rowCount, 2);
    });
  });

  Deno.test(`on ${where}, cached statements follow a change of the schema`, async () => {
    await on(async (driver) => {
      await driver.execute(create);
      const all = request("SELECT * FROM t", [], { kind: "read" });
      assert.deepEqual((await driver.execute(all)).columns.map((c) => c.name), ["id", "name"]);
      await driver.execute(
        request("ALTER TABLE t RENAME COLUMN name TO title", [], { kind: "ddl" }),
      );
      assert.deepEqual((await driver.execute(all)).columns.map((c) => c.name), ["id", "title"]);
      const connection = await driver.acquire({ access: "write" });
      await connection.execute(request("BEGIN"));
      await connection.execute(request("ALTER TABLE t RENAME COLUMN title TO label"));
      assert.equal((await connection.execute(all)).columns[1]?.name, "label");
      await connection.execute(request("ROLLBACK"));
      assert.equal((await connection.execute(all)).columns[1]?.name, "title");
      await connection.release();
    });
  });

  Deno.test(`on ${where}, a stream gives chunks and ends when it is left early`, async () => {
    await on(async (driver) => {
      const sql =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT i FROM n";
      const connection = await driver.acquire({ access: "read" });
      const chunks: unknown[] = [];
      for await (const { rows } of connection.stream(request(sql, [], { kind: "read" }), 4)) {
        chunks.push(rows.map(([i]) => i));
      }
      assert.deepEqual(chunks, [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10]]);
      for await (const { rows } of connection.stream(request(sql), 4)) {
        assert.deepEqual(rows[0], [1n]);
        assert.equal((await connection.execute(request(sql))).rowCount, 10);
        break;
      }
      // A stream that nobody ends keeps nothing open once the connection is given back.
      const left = connection.stream(request(sql), 4);
      await left.next();
      await connection.release();
      await assert.rejects(left.next(), TransactionError);
      await driver.execute(create);
    });
  });

  Deno.test(`on ${where}, a released connection refuses to work and its transaction is rolled back`, async () => {
    await on(async (driver) => {
      await driver.execute(create);
      const connection = await driver.acquire({ access: "write" });
      await connection.execute(request("BEGIN IMMEDIATE"));
      await connection.execute(request("INSERT INTO t VALUES (1, 'x')"));
      await connection.release();
      await connection.release();
      await assert.rejects(connection.execute(request("SELECT 1")), TransactionError);
      assert.equal((await driver.execute(request("SELECT * FROM t"))).rowCount, 0);
      assert.equal(driver.stats().inUse, 0);
    });
  });

  Deno.test(`on ${where}, a connection for reading refuses writes, and writes work after it`, async () => {
    await on(async (driver) => {
      await driver.execute(create);
      const connection = await driver.acquire({ access: "read" });
      await connection.execute(request("BEGIN DEFERRED"));
      await assert.rejects(
        connection.execute(request("INSERT INTO t VALUES (1, 'x')")),
        /readonly database/,
      );
      await connection.release();
      await driver.execute(request("INSERT INTO t VALUES (1, 'x')"));
    });
  });

  Deno.test(`on ${where}, writers queue, and a wait that is too long says why`, async () => {
    await on(async (driver) => {
      await driver.execute(create);
      const first = await driver.acquire({ access: "write" });
      await assert.rejects(
        driver.execute(request("INSERT INTO t VALUES (1, 'x')")),
        (error: PoolExhaustedError) =>
          error instanceof PoolExhaustedError && /outside of `tx`/.test(error.hint ?? ""),
      );
      await assert.rejects(
        driver.execute(request("INSERT INTO t VALUES (1, 'x')", [], { timeout: 5 })),
        QueryTimeoutError,
      );
      const second = driver.acquire({ access: "write" });
      await first.release();
      await (await second).release();
      await driver.execute(request("INSERT INTO t VALUES (1, 'x')"));
    }, { acquireTimeout: 30 });
  });

  Deno.test(`on ${where}, close waits for what runs, then refuses`, async () => {
    await on(async (driver) => {
      await driver.execute(create);
      const connection = await driver.acquire({ access: "write" });
      const closing = driver.close();
      await assert.rejects(driver.execute(create), ConnectionError);
      await connection.execute(request("INSERT INTO t VALUES (1, 'x')"));
      await connection.release();
      await closing;
      await assert.rejects(driver.acquire({ access: "read" }), ConnectionError);
    });
  });

  Deno.test(`on ${where}, an aborted signal keeps a statement from running`, async () => {
    await on(async (driver) => {
      const signal = AbortSignal.abort(new Error("enough"));
      await assert.rejects(driver.execute(request("SELECT 1", [], { signal })), /enough/);
      const connection = await driver.acquire({ access: "read" });
      const control = new AbortController();
      const sql = "VALUES (1), (2), (3)";
      const rows = connection.stream(request(sql, [], { signal: control.signal }), 1);
      await rows.next();
      control.abort(new Error("stop"));
      await assert.rejects(rows.next(), /stop/);
      await connection.release();
    });
  });
}

Deno.test("a stream fetches no more than it gives, keeps the order, and reports a row that fails", async () => {
  await inMemory(async (driver) => {
    const connection = await driver.acquire({ access: "read" });
    const endless =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
    for await (const { rows } of connection.stream(request(endless), 3)) {
      assert.deepEqual(rows, [[1n], [2n], [3n]]);
      break;
    }
    const read = async (sql: string, rest: Partial<DriverRequest> = {}, params: unknown[] = []) => {
      const all: unknown[][] = [];
      for await (const { rows, columns } of connection.stream(request(sql, params, rest), 2)) {
        assert.equal(columns.length, rows[0]?.length);
        all.push(...rows);
      }
      return all;
    };
    const list = "SELECT value AS a, value AS a FROM json_each($1) ORDER BY value DESC; -- end";
    assert.deepEqual(await read(list, {}, ["[1,3,2]"]), [[3n, 3n], [2n, 2n], [1n, 1n]]);
    assert.deepEqual(await read("SELECT 1 WHERE 0"), []);
    assert.deepEqual(await read("PRAGMA user_version"), [[0n]]);
    await assert.rejects(
      read("SELECT json(value) FROM json_each($1)", {}, ['["1","2","3","{"]']),
      { code: "REX_DATA" },
    );
    await assert.rejects(read("SELECT 9007199254740993", { kind: "read" }), { code: "REX_DATA" });
    await connection.release();
  });
});

Deno.test("a function of ours that fails is an error, not an endless loop", async () => {
  await inMemory(async (driver) => {
    const calls = [
      "rex_numeric_key('x')",
      "rex_numeric_sum(value)",
      "rex_json_contains('{', '1')",
      "rex_numeric_round('1', 99999999999)",
    ];
    for (const call of calls) {
      await assert.rejects(
        driver.execute(request(`SELECT ${call} FROM json_each('["1", "x"]')`)),
        { code: "REX_DATA" },
        call,
      );
    }
  });
});

Deno.test("readers of a file neither see nor wait for an open transaction", async () => {
  await onFile(async (driver) => {
    await driver.execute(create);
    const writer = await driver.acquire({ access: "write" });
    await writer.execute(request("BEGIN IMMEDIATE"));
    await writer.execute(request("INSERT INTO t VALUES (1, 'x')"));
    const count = async () => (await driver.execute(request("SELECT * FROM t"))).rowCount;
    assert.equal(await count(), 0);
    const reader = await driver.acquire({ access: "read" });
    assert.equal((await reader.execute(request("SELECT * FROM t"))).rowCount, 0);
    await writer.execute(request("COMMIT"));
    assert.equal(await count(), 1);
    assert.equal((await reader.execute(request("SELECT * FROM t"))).rowCount, 1);
    await writer.release();
    await reader.release();
  });
});

Deno.test("a read-only transaction keeps its snapshot while others write", async () => {
  await onFile(async (driver) => {
    await driver.execute(create);
    const reader = await driver.acquire({ access: "read" });
    await reader.execute(request("BEGIN DEFERRED"));
    const count = async () => (await reader.execute(request("SELECT * FROM t"))).rowCount;
    assert.equal(await count(), 0);
    await driver.execute(request("INSERT INTO t VALUES (1, 'x')"));
    assert.equal(await count(), 0);
    await reader.execute(request("COMMIT"));
    assert.equal(await count(), 1);
    await reader.release();
  });
});

Deno.test("readers are bounded by the pool's size and closed when idle", async () => {
  await onFile(async (driver) => {
    const first = await driver.acquire({ access: "read" });
    const second = await driver.acquire({ access: "read" });
    assert.equal(driver.stats().inUse, 2);
    assert.equal(driver.stats().waiting, 0);
    assert.equal(driver.stats().max, 3);
    await assert.rejects(driver.acquire({ access: "read" }), PoolExhaustedError);
    await first.release();
    await second.release(true);
    assert.equal(driver.stats().inUse, 0);
    await new Promise((resolve) => setTimeout(resolve, 40));
    const third = await driver.acquire({ access: "read" });
    assert.deepEqual((await third.execute(request("SELECT 1"))).rows, [[1n]]);
    await third.release();
  }, { poolSize: 3, acquireTimeout: 20, idleTimeout: 10 });
});

Deno.test("another process's lock is waited for, then is a LockTimeoutError", async () => {
  await onFile(async (driver, path) => {
    await driver.execute(create);
    const other = new SqliteDriver({ database: "sqlite", databasePath: path });
    const holder = await other.acquire({ access: "write" });
    await holder.execute(request("BEGIN IMMEDIATE"));
    const insert = request("INSERT INTO t VALUES (1, 'x')", [], { kind: "write" });
    await assert.rejects(driver.execute(insert), LockTimeoutError);
    await assert.rejects(driver.execute({ ...insert, timeout: 30 }), QueryTimeoutError);
    const connection = await driver.acquire({ access: "write" });
    const begin = connection.execute(request("BEGIN IMMEDIATE", [], { kind: "write" }));
    const then = connection.execute(insert);
    await new Promise((resolve) => setTimeout(resolve, 30));
    await holder.execute(request("ROLLBACK"));
    await begin;
    assert.equal((await then).rowCount, 1);
    await connection.execute(request("COMMIT"));
    await connection.release();
    await holder.release();
    await other.close();
  }, { acquireTimeout: 150 });
});

Deno.test("the statement cache stays within its size and keeps what is used", async () => {
  await inMemory(async (driver) => {
    for (let i = 0; i < 20; i++) {
      await driver.execute(request("SELECT 'hot'", [], { kind: "read" }));
      const { rows } = await driver.execute(request(`SELECT ${i}`, [], { kind: "read" }));
      assert.deepEqual(rows, [[i]]);
    }
  }, { statementCacheSize: 3 });
});

Deno.test("what only reads is told from what writes by its text", async () => {
  await onFile(async (driver) => {
    await driver.execute(create);
    const writer = await driver.acquire({ access: "write" });
    await writer.execute(request("BEGIN IMMEDIATE"));
    const reads = [
      "SELECT 1",
      "  /* x */ select 1",
      "VALUES (1)",
      "EXPLAIN QUERY PLAN DELETE FROM t",
      "WITH a AS (SELECT 1) SELECT * FROM a",
      "PRAGMA table_info(t)",
    ];
    for (const sql of reads) {
      assert.ok((await driver.execute(request(sql))).columns.length > 0, sql);
    }
    const writes = ["WITH a AS (SELECT 1) INSERT INTO t SELECT 1, 'x'", "PRAGMA user_version = 1"];
    for (const sql of writes) {
      await assert.rejects(driver.execute(request(sql)), PoolExhaustedError, sql);
    }
    await writer.release();
  }, { acquireTimeout: 10 });
});

Deno.test("connecting to a folder that is not there is a ConnectionError with a hint", async () => {
  await onFile(async (_driver, path) => {
    const missing = new SqliteDriver({ database: "sqlite", databasePath: `${path}/no/where.db` });
    await assert.rejects(
      missing.connect(),
      (error: ConnectionError) =>
        error instanceof ConnectionError && /databasePath/.test(error.hint ?? ""),
    );
    await missing.close();
  });
});

Deno.test("a connection asked for just before close() is refused", async () => {
  await onFile(async (driver) => {
    await driver.connect();
    const asked = (["read", "write"] as const).map((access) => driver.acquire({ access }));
    const closing = driver.close();
    for (const acquiring of asked) await assert.rejects(acquiring, ConnectionError);
    await closing;
  });
});

Deno.test("after SQLite has rolled a transaction back by itself, nothing is stored until the caller does too", async () => {
  await inMemory(async (driver) => {
    await driver.execute(create);
    const held = await driver.acquire({ access: "write" });
    await held.execute(request("BEGIN IMMEDIATE"));
    await held.execute(request("INSERT INTO t (id) VALUES (1)"));
    const failing = held.execute(request("INSERT OR ROLLBACK INTO t (id) VALUES (1)"));
    await assert.rejects(failing, UniqueViolationError);
    await assert.rejects(held.execute(request("INSERT INTO t (id) VALUES (2)")), TransactionError);
    await assert.rejects(held.execute(request("COMMIT")), TransactionError);
    await held.execute(request("ROLLBACK"));
    await held.execute(request("INSERT INTO t (id) VALUES (3)"));
    await held.release();
    assert.deepEqual((await driver.execute(request("SELECT id FROM t"))).rows, [[3n]]);
  });
});

Deno.test("an idleTimeout beyond what a timer can run winds no clock in a circle", async () => {
  await onFile(async (driver) => {
    await driver.connect();
    await (await driver.acquire({ access: "read" })).release();
    let fired = 0;
    const original = globalThis.performance.now;
    performance.now = () => (fired++, original.call(performance));
    try {
      await new Promise((resolve) => setTimeout(resolve, 30));
    } finally {
      performance.now = original;
    }
    assert.equal(fired, 0);
  }, { idleTimeout: 1e12 });
});
