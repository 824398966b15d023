import assert from "node:assert/strict";
import type { DatabaseConfig } from "../../base/config.ts";
import {
  ConfigError,
  ConnectionError,
  type DatabaseError,
  DataError,
  PoolExhaustedError,
  QueryError,
  QuerySyntaxError,
  QueryTimeoutError,
  TransactionError,
  UniqueViolationError,
} from "../../base/errors.ts";
import type { DriverConnection, DriverRequest } from "../../dialect/driver.ts";
import { type FreshPostgresDatabase, freshPostgresDatabase } from "../../../tests/targets/mod.ts";
import { PostgresDriver } from "./mod.ts";

let database: FreshPostgresDatabase;
/** Looks at the server from outside. */
let observer: PostgresDriver;

Deno.test.beforeAll(async () => {
  database = await freshPostgresDatabase();
  observer = open({ poolSize: 1, applicationName: "observer" });
  await observer.connect();
});

Deno.test.afterAll(async () => {
  await observer.close();
  await database.drop();
});

function open(config: Partial<DatabaseConfig> = {}): PostgresDriver {
  return new PostgresDriver({ database: "postgres", url: database.url, ...config });
}

/** Gives a driver to `work` and closes it, whatever comes of it. */
async function using(
  config: Partial<DatabaseConfig>,
  work: (driver: PostgresDriver) => Promise<void>,
): Promise<void> {
  const driver = open(config);
  try {
    await work(driver);
  } finally {
    await driver.close();
  }
}

const read = (sql: string, ...params: (string | null)[]): DriverRequest => ({
  sql,
  params,
  kind: "read",
});
const write = (sql: string, ...params: (string | null)[]): DriverRequest => ({
  sql,
  params,
  kind: "write",
});
const text = (sql: string): DriverRequest => ({ sql, params: [], kind: "unknown" });

async function value(
  on: PostgresDriver | DriverConnection,
  sql: string,
  ...params: (string | null)[]
): Promise<unknown> {
  return (await on.execute(read(sql, ...params))).rows[0]?.[0];
}

/** How many sessions of the named application there are, in the given state. */
async function sessions(application: string, state = "%"): Promise<number> {
  return Number(
    await value(
      observer,
      "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND state LIKE $2",
      application,
      state,
    ),
  );
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail("the condition did not become true in 2 seconds");
}

Deno.test("execute() gives columns with their types, rows as arrays of text, and counts", async () => {
  await using({}, async (driver) => {
    const { columns, rows, rowCount } = await driver.execute(
      read("SELECT 1 AS a, NULL AS b, $1::text AS a UNION ALL SELECT 2, 'x', 'y'", "z"),
    );
    assert.deepEqual(columns.map(({ name, type }) => [name, type]), [["a", 23], ["b", 25], [
      "a",
      25,
    ]]);
    assert.deepEqual([...rows], [["1", null, "z"], ["2", "x", "y"]]);
    assert.equal(rowCount, 2);
    await driver.execute({ sql: "CREATE TABLE counted (a int)", params: [], kind: "ddl" });
    const inserted = await driver.execute(write("INSERT INTO counted VALUES ($1), ($2)", "1", "2"));
    assert.deepEqual([inserted.rows.length, inserted.rowCount], [0, 2]);
    assert.equal((await driver.execute(write("UPDATE counted SET a = 3"))).rowCount, 2);
  });
});

Deno.test("64 callers share 4 connections, and each gets its own answer", async () => {
  await using({ poolSize: 4, applicationName: "pipelined" }, async (driver) => {
    const answers = await Promise.all(
      Array.from({ length: 640 }, (_, i) => value(driver, "SELECT $1::int * 2", String(i))),
    );
    assert.deepEqual(answers, Array.from({ length: 640 }, (_, i) => String(i * 2)));
    assert.equal(await sessions("pipelined"), 4);
  });
});

Deno.test("a failing statement fails alone among pipelined ones", async () => {
  await using({ poolSize: 2 }, async (driver) => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 100 }, (_, i) => value(driver, "SELECT 10 / ($1::int % 3)", String(i))),
    );
    outcomes.forEach((outcome, i) => {
      assert.equal(outcome.status, i % 3 === 0 ? "rejected" : "fulfilled");
      if (outcome.status === "rejected") assert.ok(outcome.reason instanceof DataError);
    });
  });
});

Deno.test("a statement that fails after some of its rows does not touch the rows of the next one", async () => {
  await using({ poolSize: 1 }, async (driver) => {
    const failing = read("SELECT 10 / (50 - g), repeat('x', 1000) FROM generate_series(1, 99) g");
    const [failed, next] = await Promise.allSettled([
      driver.execute(failing),
      driver.execute(read("SELECT generate_series(1, 3)")),
    ]);
    assert.equal(failed.status, "rejected");
    assert.ok(next.status === "fulfilled");
    assert.deepEqual([...next.value.rows], [["1"], ["2"], ["3"]]);
    assert.equal(next.value.rowCount, 3);
  });
});

Deno.test("a statement waits for a fresh connection rather than behind a slow one", async () => {
  await using({ poolSize: 2 }, async (driver) => {
    await driver.connect();
    let slowIsDone = false;
    const slow = driver.execute(read("SELECT pg_sleep(0.5)")).then(() => slowIsDone = true);
    assert.equal(await value(driver, "SELECT 1"), "1");
    assert.equal(slowIsDone, false);
    await slow;
  });
});

Deno.test("acquire() gives connections to as many as the pool has, in order, and no longer than it may", async () => {
  await using({ poolSize: 2, acquireTimeout: 100, maxQueue: 1 }, async (driver) => {
    const first = await driver.acquire({ access: "write" });
    const second = await driver.acquire({ access: "write" });
    assert.equal(driver.stats().inUse, 2);
    assert.equal(driver.stats().waiting, 0);
    assert.equal(driver.stats().max, 2);
    const waits = driver.acquire({ access: "write" });
    await assert.rejects(driver.acquire({ access: "write" }), PoolExhaustedError);
    await assert.rejects(waits, PoolExhaustedError);
    await assert.rejects(driver.execute(read("SELECT 1")), PoolExhaustedError);
    const next = driver.execute(read("SELECT 1"));
    await first.release();
    assert.deepEqual([...(await next).rows], [["1"]]);
    await second.release();
    assert.equal(driver.stats().inUse, 0);
    assert.equal(driver.stats().waiting, 0);
    assert.equal(driver.stats().max, 2);
  });
});

Deno.test("a signal ends the wait for a connection", async () => {
  await using({ poolSize: 1 }, async (driver) => {
    const held = await driver.acquire({ access: "write" });
    const controller = new AbortController();
    const waits = driver.acquire({ access: "write", signal: controller.signal });
    controller.abort(new Error("enough"));
    await assert.rejects(waits, /enough/);
    await held.release();
  });
});

Deno.test("a timeout cancels the statement on the server", async () => {
  await using({ applicationName: "timed" }, async (driver) => {
    const started = performance.now();
    await assert.rejects(
      driver.execute({ ...read("SELECT pg_sleep($1::int)", "30"), timeout: 100 }),
      (error: Error) => error instanceof QueryTimeoutError && /100 ms/.test(error.message),
    );
    assert.ok(performance.now() - started < 2000);
    assert.equal(await sessions("timed", "active"), 0);
    assert.equal(driver.stats().inUse, 0);
  });
});

Deno.test("a signal cancels the statement on the server, and its reason is thrown", async () => {
  await using({ applicationName: "signalled" }, async (driver) => {
    const reason = new Error("the visitor left");
    const controller = new AbortController();
    const { signal } = controller;
    const query = driver.execute({ ...read("SELECT pg_sleep(30)"), signal });
    const failed = assert.rejects(query, (error) => error === reason);
    await until(async () => await sessions("signalled", "active") === 1);
    controller.abort(reason);
    await failed;
    assert.equal(await sessions("signalled", "active"), 0);
    await assert.rejects(
      driver.execute({ ...read("SELECT 1"), signal }),
      (error) => error === reason,
    );
  });
});

Deno.test("an abort at any moment hits nothing but its own statement", async () => {
  await using({ poolSize: 3 }, async (driver) => {
    const neighbours: Promise<unknown>[] = [];
    const aborted: Promise<unknown>[] = [];
    for (let i = 0; i < 60; i++) {
      const controller = new AbortController();
      aborted.push(
        driver.execute({
          ...read(`SELECT pg_sleep(0.02), ${i % 7}`),
          signal: controller.signal,
        }).catch((error) => assert.equal(error, controller.signal.reason)),
      );
      if (i % 10 === 0) controller.abort();
      else setTimeout(() => controller.abort(), i * 3);
      neighbours.push(value(driver, "SELECT $1::int", String(i)));
    }
    assert.deepEqual(
      await Promise.all(neighbours),
      Array.from({ length: 60 }, (_, i) => String(i)),
    );
    await Promise.all(aborted);
    assert.equal(await value(driver, "SELECT 1"), "1");
    assert.equal(driver.stats().inUse, 0);
  });
});

Deno.test("inside a transaction a timeout cancels only the statement that has it", async () => {
  await using({ poolSize: 1 }, async (driver) => {
    const held = await driver.acquire({ access: "write" });
    await held.execute(text("BEGIN"));
    await held.execute(text("SAVEPOINT a"));
    const before = held.execute(read("SELECT pg_sleep(0.1), 'before'"));
    const timed = held.execute({ ...read("SELECT pg_sleep(30)"), timeout: 50 });
    await assert.rejects(timed, QueryTimeoutError);
    assert.equal((await before).rows[0]?.[1], "before");
    await held.execute(text("ROLLBACK TO SAVEPOINT a"));
    assert.equal(await value(held, "SELECT 'after'"), "after");
    await held.execute(text("COMMIT"));
    await held.release();
  });
});

Deno.test("queryTimeout holds for every statement, and a longer timeout can be asked for", async () => {
  await using({ queryTimeout: 150 }, async (driver) => {
    await assert.rejects(driver.execute(read("SELECT pg_sleep(5)")), QueryTimeoutError);
    await assert.rejects(
      driver.execute({ ...read("SELECT pg_sleep(5)"), timeout: 150 }),
      QueryTimeoutError,
    );
    await driver.execute({ ...read("SELECT pg_sleep(0.4)"), timeout: 3000 });
    await assert.rejects(driver.execute(read("SELECT pg_sleep(5)")), QueryTimeoutError);
  });
});

Deno.test("stream() gives chunks, and leaving it early frees the connection", async () => {
  await using({ poolSize: 1 }, async (driver) => {
    const held = await driver.acquire({ access: "read" });
    const numbers = read("SELECT g FROM generate_series(1, $1::int) g", "2500");
    const sizes: number[] = [];
    for await (const { rows, columns } of held.stream(numbers, 1000)) {
      sizes.push(rows.length);
      assert.equal(columns[0]?.name, "g");
    }
    assert.deepEqual(sizes, [1000, 1000, 500]);
    let seen = 0;
    for await (const { rows } of held.stream(numbers, 10)) {
      seen += rows.length;
      await assert.rejects(held.execute(read("SELECT 1")), QueryError);
      if (seen >= 20) break;
    }
    assert.equal(seen, 20);
    assert.equal(await value(held, "SELECT 1"), "1");
    for await (const chunk of held.stream(read("SELECT 1 WHERE false"), 10)) {
      assert.fail(`${chunk}`);
    }
    await held.release();
    assert.equal(await value(driver, "SELECT 2"), "2");
  });
});

Deno.test("stream() does not read ahead of its reader", async () => {
  await using({ poolSize: 1 }, async (driver) => {
    const held = await driver.acquire({ access: "write" });
    await held.execute({ sql: "CREATE SEQUENCE pulled", params: [], kind: "ddl" });
    const rows = held.stream(read("SELECT nextval('pulled') FROM generate_series(1, 1000)"), 10);
    for await (const _ of rows) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      break;
    }
    assert.ok(Number(await value(held, "SELECT last_value FROM pulled")) <= 20);
    await held.release();
  });
});

Deno.test("inside a transaction other statements run between the chunks of a stream", async () => {
  await using({ poolSize: 1 }, async (driver) => {
    const held = await driver.acquire({ access: "read" });
    await held.execute(text("BEGIN"));
    const seen: unknown[] = [];
    for await (
      const { rows } of held.stream(read("SELECT generate_series(1, $1::int)", "25"), 10)
    ) {
      seen.push(rows.length, await value(held, "SELECT 'between'"));
    }
    assert.deepEqual(seen, [10, "between", 10, "between", 5, "between"]);
    for await (const _ of held.stream(read("SELECT generate_series(1, 100)"), 10)) break;
    assert.equal(await value(held, "SELECT count(*) FROM pg_cursors WHERE name LIKE 'rex%'"), "0");
    await held.execute(text("COMMIT"));
    await held.release();
  });
});

Deno.test("a stream whose query fails, or whose connection breaks, throws instead of ending", async () => {
  await using({ poolSize: 1 }, async (driver) => {
    const held = await driver.acquire({ access: "read" });
    await assert.rejects(async () => {
      for await (
        const _ of held.stream(read("SELECT 10 / (50 - g) FROM generate_series(1, 99) g"), 10)
      ) {
        // read on
      }
    }, DataError);
    const pid = await value(held, "SELECT pg_backend_pid()");
    await assert.rejects(async () => {
      for await (const _ of held.stream(read("SELECT generate_series(1, 1000)"), 10)) {
        await observer.execute(read("SELECT pg_terminate_backend($1::int)", String(pid)));
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }, ConnectionError);
    await held.release();
    assert.equal(await value(driver, "SELECT 1"), "1");
  });
});

Deno.test("a signal ends a stream", async () => {
  await using({ poolSize: 1 }, async (driver) => {
    const held = await driver.acquire({ access: "read" });
    const controller = new AbortController();
    const request = { ...read("SELECT generate_series(1, 1000)"), signal: controller.signal };
    await assert.rejects(async () => {
      for await (const _ of held.stream(request, 10)) controller.abort(new Error("enough"));
    }, /enough/);
    assert.equal(await value(held, "SELECT 1"), "1");
    await held.release();
  });
});

Deno.test("copy() loads 10,000 rows exactly", async () => {
  await using({}, async (driver) => {
    await driver.execute({
      sql: 'CREATE TABLE copied ("Id" int PRIMARY KEY, note text)',
      params: [],
      kind: "ddl",
    });
    const notes = ["plain", "tab\tline\nreturn\rback\\slash\\N", "", null, "\\.", "ü𝄞"];
    function* rows() {
      for (let i = 0; i < 10_000; i++) yield [String(i), notes[i % notes.length] ?? null];
    }
    const held = await driver.acquire({ access: "write" });
    assert.equal(await held.copy?.(["copied"], ["Id", "note"], rows()), 10_000);
    assert.equal(await held.copy?.(["public", "copied"], ["Id", "note"], []), 0);
    const { rows: back } = await held.execute(
      read('SELECT note FROM copied ORDER BY "Id" LIMIT 6'),
    );
    assert.deepEqual(back.map(([note]) => note), notes);
    await held.release();
  });
});

Deno.test("copy() takes names with dots and quotes as they are", async () => {
  await using({}, async (driver) => {
    await driver.execute({ sql: 'CREATE TABLE "a.""b" ("x.y" int)', params: [], kind: "ddl" });
    const held = await driver.acquire({ access: "write" });
    assert.equal(await held.copy?.(['a."b'], ["x.y"], [["1"]]), 1);
    assert.equal(await held.copy?.(["public", 'a."b'], ["x.y"], [["2"]]), 1);
    await held.release();
  });
});

Deno.test("copy() that fails rejects, whenever the server notices, and the connection lives on", async () => {
  await using({ poolSize: 1 }, async (driver) => {
    await driver.execute({
      sql: "CREATE TABLE uncopied (id int PRIMARY KEY)",
      params: [],
      kind: "ddl",
    });
    const held = await driver.acquire({ access: "write" });
    const copy = (rows: Iterable<unknown[]>) =>
      held.copy?.(["uncopied"], ["id"], rows) ?? assert.fail();
    await assert.rejects(copy([["1"], ["1"]]), UniqueViolationError);
    await assert.rejects(
      copy([["secret"]]),
      (error: Error) => error instanceof DataError && !error.message.includes("secret"),
    );
    function* early() {
      yield ["x"];
      for (let i = 0; i < 300_000; i++) yield [String(i)];
    }
    await assert.rejects(copy(early()), DataError);
    function* broken() {
      yield ["1"];
      throw new RangeError("the source broke");
    }
    await assert.rejects(copy(broken()), RangeError);
    await assert.rejects(copy([[5]]), QueryError);
    await assert.rejects(
      held.copy?.(["missing"], ["id"], [["1"]]) ?? assert.fail(),
      QuerySyntaxError,
    );
    assert.equal(await value(held, "SELECT count(*) FROM uncopied"), "0");
    await held.release();
  });
});

Deno.test("a killed connection fails its statements, and the next one works", async () => {
  await using({ poolSize: 1 }, async (driver) => {
    const pid = String(await value(driver, "SELECT pg_backend_pid()"));
    const running = driver.execute(read("SELECT pg_sleep(30)"));
    const failed = assert.rejects(running, ConnectionError);
    await observer.execute(read("SELECT pg_terminate_backend($1::int)", pid));
    await failed;
    assert.equal(await value(driver, "SELECT 1"), "1");
    const idle = String(await value(driver, "SELECT pg_backend_pid()"));
    await observer.execute(read("SELECT pg_terminate_backend($1::int)", idle));
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(await value(driver, "SELECT 1"), "1");
  });
});

Deno.test("a connection killed in a transaction fails its holder and leaves the pool whole", async () => {
  await using({ poolSize: 1 }, async (driver) => {
    const held = await driver.acquire({ access: "write" });
    await held.execute(text("BEGIN"));
    const pid = String(await value(held, "SELECT pg_backend_pid()"));
    await observer.execute(read("SELECT pg_terminate_backend($1::int)", pid));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await assert.rejects(held.execute(text("COMMIT")), ConnectionError);
    await held.release(true);
    assert.equal(await value(driver, "SELECT 1"), "1");
  });
});

Deno.test("a connection given back with an open transaction is closed, and refuses its holder", async () => {
  await using({ poolSize: 1 }, async (driver) => {
    const held = await driver.acquire({ access: "write" });
    const pid = await value(held, "SELECT pg_backend_pid()");
    await held.execute(text("BEGIN"));
    await held.execute({ sql: "CREATE TABLE left_open (a int)", params: [], kind: "ddl" });
    await held.release();
    await assert.rejects(held.execute(read("SELECT 1")), TransactionError);
    assert.equal(await value(driver, "SELECT to_regclass('left_open')"), null);
    assert.notEqual(await value(driver, "SELECT pg_backend_pid()"), pid);
    await held.release();
    assert.equal(driver.stats().inUse, 0);
  });
});

Deno.test("statements that begin or end a transaction are refused on shared connections", async () => {
  await using({ poolSize: 1 }, async (driver) => {
    for (const sql of ["BEGIN", " /* x */ start transaction", "-- a\ncommit", "ROLLBACK", "end"]) {
      await assert.rejects(driver.execute(text(sql)), TransactionError, sql);
    }
    assert.equal(await value(driver, "SELECT pg_current_xact_id_if_assigned()"), null);
  });
});

Deno.test("a script runs, gives its last result, and cannot leave a transaction open", async () => {
  await using({ poolSize: 1 }, async (driver) => {
    const { rows } = await driver.execute(
      text(
        "CREATE TABLE scripted (a int); INSERT INTO scripted VALUES (1), (2); SELECT a FROM scripted;",
      ),
    );
    assert.deepEqual([...rows], [["1"], ["2"]]);
    await driver.execute(text("BEGIN; INSERT INTO scripted VALUES (3); COMMIT"));
    await assert.rejects(
      driver.execute(text("BEGIN; INSERT INTO scripted VALUES (4)")),
      TransactionError,
    );
    await assert.rejects(
      driver.execute(text("BEGIN; INSERT INTO missing VALUES (4)")),
      QuerySyntaxError,
    );
    await assert.rejects(
      driver.execute({ ...text("SELECT 1; SELECT $1"), params: ["1"] }),
      QuerySyntaxError,
    );
    assert.equal(await value(driver, "SELECT count(*) FROM scripted"), "3");
  });
});

Deno.test("a connection keeps only so many prepared statements", async () => {
  await using({ poolSize: 1, statementCacheSize: 5 }, async (driver) => {
    for (let i = 0; i < 50; i++) {
      assert.equal(await value(driver, `SELECT ${i}`), String(i));
      const kept = await driver.execute({
        ...read("SELECT count(*) FROM pg_prepared_statements"),
        prepare: false,
      });
      assert.ok(Number(kept.rows[0]?.[0]) <= 5);
    }
    await Promise.all(Array.from({ length: 50 }, (_, i) => value(driver, `SELECT ${i} + 1`)));
  });
});

Deno.test("nothing is prepared by name when the configuration forbids it", async () => {
  await using({ poolSize: 1, prepare: false }, async (driver) => {
    assert.equal(await value(driver, "SELECT $1::int", "1"), "1");
    assert.equal(await value(driver, "SELECT count(*) FROM pg_prepared_statements"), "0");
  });
});

Deno.test("a statement whose table has changed is prepared anew", async () => {
  await using({ poolSize: 1 }, async (driver) => {
    await driver.execute({ sql: "CREATE TABLE altered (a int)", params: [], kind: "ddl" });
    const all = read("SELECT * FROM altered");
    assert.equal((await driver.execute(all)).columns.length, 1);
    await driver.execute({ sql: "ALTER TABLE altered ADD b text", params: [], kind: "ddl" });
    assert.deepEqual((await driver.execute(all)).columns.map(({ name }) => name), ["a", "b"]);
  });
});

Deno.test("idle connections are closed", async () => {
  await using({ poolSize: 3, idleTimeout: 40, applicationName: "idler" }, async (driver) => {
    await Promise.all([1, 2, 3].map(() => driver.execute(read("SELECT pg_sleep(0.02)"))));
    assert.equal(await sessions("idler"), 3);
    await until(async () => await sessions("idler") === 0);
    assert.equal(await value(driver, "SELECT 1"), "1");
  });
});

Deno.test("sessions are in UTC, with ISO dates, and named", async () => {
  await using({}, async (driver) => {
    const { rows } = await driver.execute(
      read(
        "SELECT current_setting('TimeZone'), current_setting('DateStyle'), current_setting('application_name')",
      ),
    );
    assert.deepEqual([...rows[0] ?? []], ["UTC", "ISO, MDY", "rex-orm"]);
  });
});

Deno.test("connect() tells why it failed, with a hint and without the password", async () => {
  const url = new URL(database.url);
  url.password = "sesame";
  const missing = new URL(url);
  missing.pathname = "/rex_no_such_database";
  const faults: readonly [string, string | undefined, RegExp][] = [
    [missing.href, "3D000", /does not exist/],
    ["postgres://u:sesame@127.0.0.1:1/x", undefined, /127\.0\.0\.1:1\/x/],
    ["postgres://u:sesame@no-such-host.invalid/x", undefined, /no-such-host/],
  ];
  for (const [address, code, message] of faults) {
    await using({ url: address }, async (driver) => {
      await assert.rejects(driver.connect(), (error: ConnectionError) => {
        assert.ok(error instanceof ConnectionError);
        assert.match(error.message, message);
        assert.ok(error.hint);
        assert.equal(error.databaseCode, code);
        assert.ok(!error.message.includes("sesame"));
        return true;
      });
      await assert.rejects(driver.execute(read("SELECT 1")), ConnectionError);
    });
  }
  await using({ url: "not a url with sesame" }, async (driver) => {
    await assert.rejects(
      driver.connect(),
      (error: Error) =>
        error instanceof ConfigError && !error.message.includes("sesame") &&
        error.cause === undefined,
    );
  });
});

Deno.test("a failed connect() can be tried again", async () => {
  const name = `rex_later_${crypto.randomUUID().slice(0, 8)}`;
  const url = new URL(database.url);
  url.pathname = `/${name}`;
  await using({ url: url.href }, async (driver) => {
    await assert.rejects(driver.connect(), ConnectionError);
    await observer.execute(text(`CREATE DATABASE ${name}`));
    await driver.connect();
    assert.equal(await value(driver, "SELECT current_database()"), name);
  });
  await observer.execute(text(`DROP DATABASE ${name} WITH (FORCE)`));
});

Deno.test("when the server refuses more connections, the open ones do the work", async () => {
  const role = `rex_limited_${crypto.randomUUID().slice(0, 8)}`;
  await observer.execute(text(`CREATE ROLE ${role} LOGIN PASSWORD 'sesame' CONNECTION LIMIT 1`));
  const url = new URL(database.url);
  url.username = role;
  url.password = "sesame";
  await using({ url: url.href, poolSize: 5 }, async (driver) => {
    await driver.connect();
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => value(driver, "SELECT $1::int", String(i))),
    );
    assert.deepEqual(answers, Array.from({ length: 40 }, (_, i) => String(i)));
    const held = await driver.acquire({ access: "write" });
    assert.equal(await value(held, "SELECT current_user"), role);
    await held.release();
  });
  await observer.execute(text(`DROP ROLE ${role}`));
});

Deno.test("close() lets running statements finish and refuses new ones", async () => {
  const driver = open({ applicationName: "closer" });
  const running = driver.execute(read("SELECT pg_sleep(0.2), 'done'"));
  await until(async () => await sessions("closer", "active") === 1);
  const closing = driver.close();
  await assert.rejects(driver.execute(read("SELECT 1")), ConnectionError);
  await assert.rejects(driver.acquire({ access: "read" }), ConnectionError);
  assert.equal((await running).rows[0]?.[1], "done");
  await closing;
  await until(async () => await sessions("closer") === 0);
  await driver.close();
});

Deno.test("close() ends what takes longer than it may", async () => {
  const driver = open();
  const failed = assert.rejects(driver.execute(read("SELECT pg_sleep(30)")), ConnectionError);
  await driver.connect();
  await driver.close(50);
  await failed;
});

Deno.test("what is not in wire form, or too much, is refused and harms nobody", async () => {
  await using({ poolSize: 1 }, async (driver) => {
    const neighbour = value(driver, "SELECT 1");
    for (const params of [[undefined], [5], [new Date()], [["a"]]]) {
      await assert.rejects(
        driver.execute({ sql: "SELECT $1", params, kind: "read" }),
        QueryError,
      );
    }
    await assert.rejects(
      driver.execute({ sql: "SELECT 1", params: new Array(65_534).fill("1"), kind: "read" }),
      QueryError,
    );
    await assert.rejects(driver.execute(read("SELECT 'a\0b'")), QueryError);
    assert.equal(await neighbour, "1");
    const most = Array.from({ length: 65_533 }, (_, i) => `$${i + 1}::int`).join();
    const sum = await driver.execute({
      sql: `SELECT cardinality(ARRAY[${most}])`,
      params: new Array(65_533).fill("1"),
      kind: "read",
      prepare: false,
    });
    assert.equal(sum.rows[0]?.[0], "65533");
  });
});

Deno.test("errors carry the query, and hide the values", async () => {
  await using({}, async (driver) => {
    await assert.rejects(
      driver.execute(read("SELECT $1::int", "secret")),
      (error: DatabaseError) => {
        assert.ok(error instanceof DataError);
        assert.equal(error.query, "SELECT $1::int");
        assert.deepEqual(error.params, ["secret"]);
        assert.equal(error.databaseCode, "22P02");
        assert.ok(!error.message.includes("secret"));
        assert.ok(!JSON.stringify(error).includes("secret"));
        return true;
      },
    );
  });
});
