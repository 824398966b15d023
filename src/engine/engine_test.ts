import assert from "node:assert/strict";
import { column, select, slot, table } from "../ast/build.ts";
import type { RootNode } from "../ast/nodes.ts";
import {
  ConnectionError,
  QueryError,
  QuerySyntaxError,
  UniqueViolationError,
} from "../base/errors.ts";
import { Logger, type LogRecord } from "../base/logger.ts";
import { sqliteDialect } from "../dialects/sqlite/mod.ts";
import { columnType } from "../schema/column_type.ts";
import { Engine } from "./engine.ts";
import { LruMap } from "./lru.ts";
import type { QueryEvent } from "./query_event.ts";
import type { Session } from "./session.ts";
import { insertName, raw, selectNames } from "./testdata/nodes.ts";
import { onBoth, onSqlite, withSqlite } from "./testdata/targets.ts";

function memory(): Engine {
  return new Engine(sqliteDialect, { database: "sqlite", databasePath: ":memory:" });
}

onBoth("execute() binds $1 and gives rows keyed by column, and counts", async (engine) => {
  const inserted = await engine.execute("INSERT INTO t (name) VALUES ($1), ($2)", ["a", null]);
  assert.deepEqual(inserted, { rows: [], rowCount: 2 });
  const { rows, rowCount } = await engine.execute("SELECT id, name FROM t ORDER BY id");
  assert.deepEqual(rows, [{ id: 1, name: "a" }, { id: 2, name: null }]);
  assert.equal(rowCount, 2);
  assert.equal((await engine.execute("DELETE FROM t")).rowCount, 2);
});

onBoth(
  "execute() gives integers beyond 2^53 exactly and smaller ones as numbers",
  async (engine) => {
    const { rows } = await engine.execute(
      "SELECT CAST(9007199254740993 AS BIGINT) AS big, CAST(7 AS BIGINT) AS small",
    );
    assert.deepEqual(rows, [{ big: 9007199254740993n, small: 7 }]);
  },
);

onBoth("execute() names the parameter that is undefined and sends nothing", async (engine) => {
  const before = engine.stats().statements;
  const wrong = engine.execute("SELECT $1, $2", [1, undefined]);
  await assert.rejects(
    wrong,
    (error: unknown) =>
      error instanceof QueryError && /parameter 2: its value is undefined/.test(error.message),
  );
  assert.equal(engine.stats().statements, before);
});

onBoth("execute() notices that a table has changed under the same text", async (engine) => {
  await engine.execute("INSERT INTO t (name) VALUES ('a')");
  const sql = "SELECT * FROM t";
  assert.deepEqual((await engine.execute(sql)).rows, [{ id: 1, name: "a" }]);
  await engine.execute("ALTER TABLE t ADD COLUMN age INTEGER DEFAULT 5");
  assert.deepEqual((await engine.execute(sql)).rows, [{ id: 1, name: "a", age: 5 }]);
});

onSqlite(
  "execute() binds ? too, keeps the last of two equal names and makes no prototype",
  async (engine) => {
    const { rows } = await engine.execute('SELECT ? AS a, 2 AS a, 3 AS "__proto__"', [1]);
    assert.deepEqual(Object.entries(rows[0]!), [["a", 2], ["__proto__", 3]]);
  },
);

onBoth("run() loads values by the types of the result", async (engine) => {
  const { rows, rowCount } = await engine.run(insertName("a"));
  assert.deepEqual(rows, [{ id: 1n, name: "a" }]);
  assert.equal(rowCount, 1);
  const count = select({
    selection: [{ kind: "Function", name: "count", args: [{ kind: "Star" }] }],
    from: [table("t")],
    result: [{ name: "total", as: "number" }],
  });
  assert.deepEqual((await engine.run(count)).rows, [{ total: 1 }]);
});

onBoth("a node is compiled once", async (engine) => {
  const node = selectNames();
  const { cacheMisses, cacheHits } = engine.stats();
  for (let i = 0; i < 3; i++) await engine.run(node);
  await engine.transaction((tx) => tx.run(node));
  const after = engine.stats();
  assert.deepEqual([after.cacheMisses - cacheMisses, after.cacheHits - cacheHits], [1, 3]);
});

onBoth(
  "compile() gives text and values in JavaScript's form, and sends nothing",
  async (engine) => {
    const before = engine.stats().statements;
    const { sql, parameters } = engine.compile(insertName("a"));
    assert.equal(sql, "INSERT INTO t (name) VALUES ($1) RETURNING id, name");
    assert.deepEqual(parameters, ["a"]);
    assert.equal(engine.stats().statements, before);
    await Promise.resolve();
  },
);

onBoth("perform() fills slots and gives rows as arrays", async (engine) => {
  for (const name of ["a", "b"]) await engine.run(insertName(name));
  const statement = engine.prepare(select({
    selection: [column("name")],
    from: [table("t")],
    where: {
      kind: "Binary",
      operator: "=",
      left: column("id"),
      right: slot(0, columnType("integer")),
    },
  }));
  assert.deepEqual([...(await engine.perform(statement, [2])).rows], [["b"]]);
  assert.equal((await engine.perform(statement, [null])).rows.length, 0);
  const inside = await engine.transaction((tx) => tx.perform(statement, [1]));
  assert.deepEqual([...inside.rows], [["a"]]);
});

onBoth(
  "stream() gives all rows in order and its connection back, also when left early",
  async (engine) => {
    for (const name of ["a", "b", "c"]) await engine.run(insertName(name));
    const seen: unknown[] = [];
    for await (const { name } of engine.stream(selectNames(), { chunkSize: 2 })) seen.push(name);
    assert.deepEqual(seen, ["a", "b", "c"]);
    for await (const _ of engine.stream(selectNames(), { chunkSize: 1 })) break;
    await assert.rejects(async () => {
      for await (const _ of engine.stream(raw("SELECT nothing FROM nowhere"))) seen.push("no");
    }, QuerySyntaxError);
    assert.equal(engine.stats().pool.inUse, 0);
    await engine.run(insertName("free"));
  },
);

onBoth("a failed statement is counted, mapped and leaves the pool usable", async (engine) => {
  await engine.run(insertName("a"));
  const { errors } = engine.stats();
  await assert.rejects(engine.run(insertName("a")), UniqueViolationError);
  assert.equal(engine.stats().errors, errors + 1);
  assert.ok(await engine.ping() >= 0);
});

onBoth(
  "onQuery() tells of statements with time and rows, and hides values from printing",
  async (engine) => {
    const events: QueryEvent[] = [];
    const end = engine.onQuery((event) => void events.push(event));
    await engine.execute("INSERT INTO t (name) VALUES ($1)", ["secret"]);
    await assert.rejects(engine.execute("INSERT INTO t (name) VALUES ($1)", ["secret"]));
    end();
    await engine.ping();
    assert.deepEqual(events.map(({ rows }) => rows), [1, 0]);
    assert.ok(events[0]!.duration > 0);
    assert.ok(events[1]!.error instanceof UniqueViolationError);
    assert.deepEqual(events[0]!.parameters, ["secret"]);
    assert.ok(!JSON.stringify(events[0]).includes("secret"));
  },
);

onBoth(
  "connect() is shared by concurrent callers, and close() is final until connect()",
  async (engine) => {
    await engine.close();
    await engine.close();
    await assert.rejects(engine.execute("SELECT 1"), ConnectionError);
    await assert.rejects(engine.beginTransaction(), ConnectionError);
    await Promise.all([engine.connect(), engine.connect(), engine.connect()]);
    assert.deepEqual((await engine.execute("SELECT 1 AS one")).rows, [{ one: 1 }]);
  },
);

Deno.test("the first statement connects", async () => {
  await using engine = memory();
  assert.deepEqual((await engine.execute("SELECT 1 AS one")).rows, [{ one: 1 }]);
});

Deno.test("a failed connect() is an error that can be repeated", async () => {
  const databasePath = "/nowhere-at-all/test.db";
  const engine = new Engine(sqliteDialect, { database: "sqlite", databasePath });
  await assert.rejects(engine.connect());
  await assert.rejects(engine.execute("SELECT 1"));
  await engine.close();
});

Deno.test("transformers rewrite a node before it is compiled, in order, once", async () => {
  let calls = 0;
  const rename = (to: string) => (node: RootNode): RootNode => {
    calls++;
    return node.kind === "Select" ? select({ ...node, from: [table(to)] }) : node;
  };
  await withSqlite(async (engine) => {
    await engine.execute("CREATE TABLE u (id INTEGER PRIMARY KEY, name TEXT)");
    await engine.execute("INSERT INTO u (name) VALUES ('from u')");
    const node = selectNames();
    assert.deepEqual((await engine.run(node)).rows, [{ name: "from u" }]);
    await engine.run(node);
    assert.equal(calls, 2);
  }, { transformers: [rename("nowhere"), rename("u")] });
});

Deno.test("statements are logged: values only when asked for, slow ones as warnings", async () => {
  const records: LogRecord[] = [];
  Logger.configure({ level: "debug", sink: (record) => void records.push(record) });
  try {
    await withSqlite(async (engine) => {
      records.length = 0;
      await engine.execute("SELECT $1 AS a", ["secret"]);
      await assert.rejects(engine.execute("SELEC"));
    });
    await withSqlite(async (engine) => {
      records.splice(0, records.length - 2);
      await engine.execute("SELECT $1 AS a", ["shown"]);
    }, { logParameters: true, slowQueryThreshold: 0 });
  } finally {
    Logger.configure({});
  }
  const [, , shown] = records;
  const queries = records.filter(({ category }) => category === "query");
  assert.ok(queries.every(({ data }) => typeof data.duration === "number"));
  assert.ok(!JSON.stringify(queries).includes("secret"));
  assert.equal(shown?.level ?? "warn", "warn");
  assert.ok(queries.some(({ data, level }) => level === "warn" && data.parameters !== undefined));
});

Deno.test("a listener that fails does not reach the statement's caller", async () => {
  await withSqlite(async (engine) => {
    engine.onQuery(() => {
      throw new Error("broken listener");
    });
    assert.equal((await engine.execute("SELECT 1 AS a")).rowCount, 1);
  });
});

Deno.test("queryTimeout of the configuration limits every statement", async () => {
  const seen: unknown[] = [];
  const dialect = {
    ...sqliteDialect,
    createDriver: (config: Parameters<typeof sqliteDialect.createDriver>[0]) => {
      const driver = sqliteDialect.createDriver(config);
      return new Proxy(driver, {
        get: (target, name) =>
          name === "execute"
            ? (request: { timeout?: number }) => {
              seen.push(request.timeout);
              return target.execute(request as never);
            }
            : Reflect.get(target, name).bind(target),
      });
    },
  };
  await using engine = new Engine(dialect, { database: "sqlite", queryTimeout: 1234 });
  await engine.execute("SELECT 1");
  await engine.execute("SELECT 1", [], { timeout: 5000 });
  assert.deepEqual(seen, [1234, 5000]);
});

Deno.test("LruMap forgets what was not used for longest", () => {
  const map = new LruMap<string, number>(3);
  for (const [i, key] of ["a", "b", "c"].entries()) map.set(key, i);
  map.get("a");
  map.set("d", 4);
  assert.deepEqual([map.get("a"), map.get("b"), map.size], [0, undefined, 3]);
});

Deno.test("close() wins over a connect() that opens the database again", async () => {
  const engine = memory();
  await engine.connect();
  await engine.close();
  const connecting = engine.connect();
  await Promise.all([engine.close(), assert.rejects(connecting, ConnectionError)]);
  await assert.rejects(engine.execute("SELECT 1"), ConnectionError);
  await engine.connect();
  assert.equal((await engine.execute("SELECT 1")).rowCount, 1);
  await engine.close();
});

onBoth("a timeout beyond what a timer can run is as good as none", async (engine) => {
  for (const timeout of [Infinity, 2 ** 31]) {
    assert.equal((await engine.execute("SELECT 1", [], { timeout })).rowCount, 1);
    const work = async (tx: Session) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return (await tx.execute("SELECT 1")).rowCount;
    };
    assert.equal(await engine.transaction(work, { timeout }), 1);
  }
});
