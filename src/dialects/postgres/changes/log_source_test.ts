import assert from "node:assert/strict";
import postgres from "postgres";
import { freshPostgresDatabase } from "../../../../tests/targets/mod.ts";
import { outsidePostgres } from "../../../../tests/conformance/change_source/outside.ts";
import { pause } from "../../../base/abort.ts";
import { UnsupportedError } from "../../../base/errors.ts";
import type { ChangeBatch, RowChange, SourceStep } from "../../../change/source.ts";
import { sourceOf } from "../../../database/feed.ts";
import type { LoggedTable, LogSourceOptions } from "../../../dialect/change_support.ts";
import { Engine } from "../../../engine/engine.ts";
import { postgresDialect } from "../mod.ts";
import { postgresChangeSupport } from "./mod.ts";

const { log } = postgresChangeSupport;

/** A database with a log, and what reads it. */
class Logged implements AsyncDisposable {
  readonly engine: Engine;
  readonly url: string;
  readonly #drop: () => Promise<void>;

  private constructor(url: string, drop: () => Promise<void>) {
    this.url = url;
    this.#drop = drop;
    this.engine = new Engine(postgresDialect, { database: "postgres", url, poolSize: 12 });
  }

  static async open(setUp: string, ...tables: (string | LoggedTable)[]): Promise<Logged> {
    const { url, drop } = await freshPostgresDatabase();
    const logged = new Logged(url, drop);
    await logged.run(setUp);
    await log.create(
      logged.engine,
      tables.map((each) => typeof each === "string" ? { name: each } : each),
    );
    return logged;
  }

  async run(...statements: string[]): Promise<void> {
    for (const sql of statements) await this.engine.execute(sql);
  }

  /** Runs statements in one transaction. */
  async together(...statements: string[]): Promise<void> {
    await this.engine.transaction(async (tx) => {
      for (const sql of statements) await tx.execute(sql);
    });
  }

  async rows(sql: string): Promise<Record<string, unknown>[]> {
    return (await this.engine.execute(sql)).rows;
  }

  async read(options?: LogSourceOptions, after?: string): Promise<Reader> {
    const source = await sourceOf(this.engine, { source: "log", ...options && { log: options } });
    const end = new AbortController();
    const steps = source.read({ signal: end.signal, ...after !== undefined && { after } });
    const reader = new Reader(steps[Symbol.asyncIterator](), end);
    await reader.step();
    return reader;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine.close();
    await this.#drop();
  }
}

/** Reads step by step. */
class Reader implements AsyncDisposable {
  readonly steps: SourceStep[] = [];
  readonly #iterator: AsyncIterator<SourceStep>;
  readonly #end: AbortController;

  constructor(iterator: AsyncIterator<SourceStep>, end: AbortController) {
    this.#iterator = iterator;
    this.#end = end;
  }

  get position(): string {
    return this.steps.at(-1)?.position ?? assert.fail("no step");
  }

  async step(): Promise<SourceStep> {
    const { done, value } = await this.#iterator.next();
    assert.ok(!done, "the reading ended");
    this.steps.push(value);
    return value;
  }

  /** The next step that tells something. */
  async batches(): Promise<readonly ChangeBatch[]> {
    for (;;) {
      const { batches, reset } = await this.step();
      assert.equal(reset, undefined);
      if (batches.length > 0) return batches;
    }
  }

  async transactions(count: number): Promise<ChangeBatch[]> {
    const found: ChangeBatch[] = [];
    while (found.length < count) found.push(...await this.batches());
    assert.equal(found.length, count);
    return found;
  }

  async changes(): Promise<readonly RowChange[]> {
    const batches = await this.batches();
    assert.equal(batches.length, 1);
    return batches[0]?.changes ?? [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    for (;;) if ((await this.#iterator.next()).done) return;
  }
}

const told = ({ kind, before, after }: RowChange) => ({
  kind,
  ...before && { before },
  ...after && { after },
});

/** Applies changes to rows by `id`. */
function applied(rows: Map<unknown, unknown>, changes: readonly RowChange[]): void {
  for (const { kind, before, after } of changes) {
    if (kind === "truncate") rows.clear();
    if (before) rows.delete(before.id);
    if (after) rows.set(after.id, after);
  }
}

async function assertSame(db: Logged, table: string, rows: Map<unknown, unknown>): Promise<void> {
  const sql = `SELECT to_jsonb(t) AS row FROM ${table} t`;
  const found = (await db.rows(sql)).map(({ row }) => {
    const each = (typeof row === "string" ? JSON.parse(row) : row) as Record<string, unknown>;
    return Object.fromEntries(
      Object.entries(each).map(([k, v]) => [k, v === null ? null : String(v)]),
    );
  });
  const sorted = (list: unknown[]) =>
    list.map((each) => JSON.stringify(Object.entries(each as object).sort())).sort();
  assert.deepEqual(sorted([...rows.values()]), sorted(found));
}

Deno.test("values are told as PostgreSQL gives them, whatever the writer's settings", async () => {
  const columns: Record<string, string> = {
    id: "1",
    b: "true",
    i8: "-9223372036854775808",
    num: "1234567890.12345678901234567890",
    f4: "1.1::real",
    f8: "0.1::float8 + 0.2",
    nan: "'NaN'::float8",
    t: `E'a "b" \\\\ , ( \\n é 😀'`,
    empty: "''",
    nothing: "NULL::text",
    c: "'ab'::char(5)",
    by: "'\\x00ff10'::bytea",
    ts: "'2024-02-29 12:34:56.789012'::timestamp",
    tz: "'2024-02-29 12:34:56.789012+05:30'::timestamptz",
    inf: "'infinity'::timestamptz",
    bc: "'0044-03-15 BC'::date",
    tm: "'24:00:00'::time",
    iv: "'1 year 2 mons -3 days 04:05:06.7'::interval",
    u: "'6F9619FF-8B86-D011-B42D-00CF4FC964FF'::uuid",
    js: `'{"b": 1,  "a": [1.10, null]}'::json`,
    jb: `'{"b": 1,  "a": [1.10, null]}'::jsonb`,
    ti: `ARRAY['a "b"', NULL, 'c,d', 'NULL']`,
    nested: "ARRAY[[1,2],[3,4]]",
    bounds: "'[0:1]={1,2}'::int[]",
    tza: "ARRAY['2024-02-29 12:34:56+02'::timestamptz]",
    rng: "'[2024-01-01,2024-02-01)'::daterange",
    net: "'10.0.0.0/8'::cidr",
    comp: "ROW(1, 'x \"y\"', now() - now())::pair",
    dom: "'{1,2}'::ints",
  };
  const names = Object.keys(columns);
  await using db = await Logged.open(
    `CREATE TYPE pair AS (a int, b text, c interval); CREATE DOMAIN ints AS int[];
     CREATE TABLE v AS SELECT ${names.map((n) => `${columns[n]} AS ${n}`)} WITH NO DATA;
     ALTER TABLE v ADD PRIMARY KEY (id)`,
    "v",
  );
  await using reader = await db.read();
  await using other = outsidePostgres(db.url);
  await other.run([
    `SET LOCAL TimeZone = 'Asia/Kolkata'; SET LOCAL DateStyle = 'SQL, DMY';
     SET LOCAL IntervalStyle = 'iso_8601'; SET LOCAL bytea_output = 'escape';
     SET LOCAL extra_float_digits = -10; SET LOCAL search_path = ''`,
    `INSERT INTO public.v SELECT ${
      names.map((n) => columns[n]?.replace(/::(pair|ints)/, "::public.$1"))
    }`,
  ]);
  const [{ after } = assert.fail()] = await reader.changes();
  // Text of every column, as codecs get it, over a connection set up like those of the driver.
  const sql = postgres(db.url, {
    connection: { TimeZone: "UTC", DateStyle: "ISO" },
    fetch_types: false,
    types: {
      text: {
        to: 25,
        from: [16, 17, 21, 23, 26, 114, 700, 701, 1082, 1114, 1184, 3802],
        serialize: (value: unknown) => value,
        parse: (value: unknown) => value,
      },
    } as never,
  });
  const [expected] = await sql.unsafe("SELECT * FROM v");
  await sql.end();
  assert.deepEqual(after, { ...expected });
});

Deno.test("a writer's settings are as before after its write", async () => {
  await using db = await Logged.open("CREATE TABLE t (id int PRIMARY KEY)", "t");
  const sql = postgres(db.url, { max: 1, onnotice: () => {} });
  await sql.begin(async (tx) => {
    await tx.unsafe("SET DateStyle = 'German'; SET LOCAL TimeZone = 'Asia/Tokyo'");
    await tx.unsafe("INSERT INTO t VALUES (1)");
    const [{ a, b } = assert.fail()] = await tx.unsafe(
      "SELECT current_setting('DateStyle') AS a, current_setting('TimeZone') AS b",
    );
    assert.deepEqual([a, b], ["German, DMY", "Asia/Tokyo"]);
  });
  const [{ a } = assert.fail()] = await sql.unsafe("SELECT current_setting('DateStyle') AS a");
  assert.equal(a, "German, DMY");
  await sql.end();
});

Deno.test("every way to write is told: conflicts, MERGE, CTEs, COPY, cascades, many rows", async () => {
  await using db = await Logged.open(
    `CREATE TABLE p (id int PRIMARY KEY, v int);
     CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p ON DELETE CASCADE ON UPDATE CASCADE)`,
    "p",
    "c",
  );
  await using reader = await db.read();
  const next = async (sql: string) => {
    await db.run(sql);
    return (await reader.changes()).map((each) => [each.table, told(each)]);
  };
  const row = (id: number, v: number) => ({ id: String(id), v: String(v) });
  await next("INSERT INTO p VALUES (1, 1), (2, 2)");
  assert.deepEqual(
    await next("INSERT INTO p VALUES (2, 9), (3, 3) ON CONFLICT (id) DO UPDATE SET v = 20"),
    [
      ["p", { kind: "update", before: row(2, 2), after: row(2, 20) }],
      ["p", { kind: "insert", after: row(3, 3) }],
    ],
  );
  const merged = await next(
    `MERGE INTO p USING (VALUES (1), (3), (4)) s (id) ON p.id = s.id
     WHEN MATCHED AND s.id = 3 THEN DELETE WHEN MATCHED THEN UPDATE SET v = 10
     WHEN NOT MATCHED THEN INSERT VALUES (s.id, 4)`,
  );
  assert.deepEqual(
    new Set(merged.map(([, each]) => JSON.stringify(each))),
    new Set([
      { kind: "delete", before: row(3, 3) },
      { kind: "insert", after: row(4, 4) },
      { kind: "update", before: row(1, 1), after: row(1, 10) },
    ].map((each) => JSON.stringify(each))),
  );
  await next("WITH a AS (INSERT INTO p VALUES (5, 5) RETURNING id) INSERT INTO c VALUES (1, 1)");
  const keys = await next("UPDATE p SET id = 100 WHERE id = 1");
  assert.deepEqual(keys.map(([table]) => table).sort(), ["c", "p"]);
  const gone = await next("DELETE FROM p WHERE id = 100");
  assert.deepEqual(gone.map(([table]) => table).sort(), ["c", "p"]);
  assert.equal(
    (await next("INSERT INTO p SELECT i, i FROM generate_series(1000, 3000) i")).length,
    2001,
  );
  const updated = await next("UPDATE p SET v = v + 1 WHERE id >= 1000");
  assert.equal(updated.length, 2001);
  assert.deepEqual(updated[2000]?.[1], {
    kind: "update",
    before: row(3000, 3000),
    after: row(3000, 3001),
  });
  assert.equal((await next("DELETE FROM p WHERE id >= 1000")).length, 2001);
  assert.deepEqual(await next("TRUNCATE p CASCADE"), [
    ["p", { kind: "truncate" }],
    ["c", { kind: "truncate" }],
  ]);
});

Deno.test("rows that take each other's keys are told so that one after the other is right", async () => {
  await using db = await Logged.open(
    "CREATE TABLE t (id int, v text, PRIMARY KEY (id) DEFERRABLE); INSERT INTO t SELECT i, i FROM generate_series(1, 500) i; CREATE TABLE k (id int, PRIMARY KEY (id) DEFERRABLE)",
    "t",
    "k",
  );
  await using reader = await db.read();
  const rows = new Map<unknown, unknown>(
    Array.from({ length: 500 }, (_, i) => [String(i + 1), { id: `${i + 1}`, v: `${i + 1}` }]),
  );
  for (
    const sql of [
      "UPDATE t SET id = 3 - id WHERE id < 3",
      "UPDATE t SET id = id + 1",
      "UPDATE t SET id = id + 1000 WHERE id = 7",
    ]
  ) {
    await db.run(sql);
    const [{ changes, unseen } = assert.fail()] = await reader.batches();
    assert.equal(unseen, undefined);
    applied(rows, changes);
    await assertSame(db, "t", rows);
  }
  // Of rows that have nothing but a key nobody can tell whether they moved on, or one moved twice.
  await db.run("INSERT INTO k VALUES (1), (2)");
  await reader.batches();
  await db.run("UPDATE k SET id = id + 1");
  const [{ changes, unseen } = assert.fail()] = await reader.batches();
  assert.deepEqual([changes, unseen], [[], ["k"]]);
});

Deno.test("what triggers change of the same rows comes after what made them fire", async () => {
  await using db = await Logged.open(
    `CREATE TABLE t (id int PRIMARY KEY, v int);
     CREATE TABLE tree (id int PRIMARY KEY, parent int REFERENCES tree ON UPDATE CASCADE);
     CREATE TABLE other (id int PRIMARY KEY);
     CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       IF pg_trigger_depth() = 1 THEN UPDATE t SET v = v + 100 WHERE id >= NEW.id; END IF;
       RETURN NULL; END $$;
     CREATE TRIGGER a_touch AFTER INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch();
     CREATE FUNCTION other() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       UPDATE t SET v = -1 WHERE id = NEW.id; RETURN NULL; END $$;
     CREATE TRIGGER o AFTER INSERT ON other FOR EACH ROW EXECUTE FUNCTION other()`,
    "t",
    "tree",
  );
  await using reader = await db.read();
  const rows = { t: new Map<unknown, unknown>(), tree: new Map<unknown, unknown>() };
  const expectSame = async (table: "t" | "tree", ...statements: string[]) => {
    await db.together(...statements);
    const [{ changes, unseen } = assert.fail()] = await reader.batches();
    assert.equal(unseen, undefined, statements[0]);
    applied(rows[table], changes);
    await assertSame(db, table, rows[table]);
  };
  await expectSame("t", "INSERT INTO t VALUES (1, 0)");
  await expectSame("t", "INSERT INTO t VALUES (2, 0), (3, 0), (4, 0)");
  await expectSame("t", "UPDATE t SET v = v + 1");
  await expectSame(
    "t",
    "UPDATE t SET id = 50 WHERE id = 4",
    "UPDATE t SET id = 20 WHERE id = 2",
  );
  await expectSame("t", "UPDATE t SET v = 8 WHERE id = 1", "INSERT INTO other VALUES (20)");
  await expectSame("tree", "INSERT INTO tree VALUES (1, 1), (2, 1), (3, 2)");
  await expectSame("tree", "UPDATE tree SET id = 10 WHERE id = 1");
  await expectSame("tree", "UPDATE tree SET parent = id", "UPDATE tree SET id = 20 WHERE id = 2");
});

Deno.test("an order that cannot be told makes the table one that has to be read anew", async () => {
  await using db = await Logged.open(
    `CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t VALUES (1, 0);
     CREATE FUNCTION undo() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       IF pg_trigger_depth() = 1 THEN UPDATE t SET v = OLD.v WHERE id = NEW.id; END IF;
       RETURN NULL; END $$;
     CREATE TRIGGER a AFTER UPDATE ON t FOR EACH ROW EXECUTE FUNCTION undo();
     CREATE TABLE other (id int PRIMARY KEY);
     CREATE FUNCTION other() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       UPDATE t SET v = -1 WHERE id = NEW.id; RETURN NULL; END $$;
     CREATE TRIGGER o AFTER INSERT ON other FOR EACH ROW EXECUTE FUNCTION other()`,
    "t",
  );
  await using reader = await db.read();
  await db.run("UPDATE t SET v = 1");
  const [{ changes, unseen } = assert.fail()] = await reader.batches();
  assert.deepEqual([changes, unseen], [[], ["t"]]);
  await db.together("INSERT INTO other VALUES (1)", "UPDATE t SET v = 7 WHERE id = 1");
  assert.deepEqual((await reader.batches())[0]?.unseen, ["t"]);
});

Deno.test("partitioned tables are told as one, also where a part is written by its name", async () => {
  await using db = await Logged.open(
    `CREATE TABLE m (id int PRIMARY KEY, v text) PARTITION BY RANGE (id);
     CREATE TABLE m1 PARTITION OF m FOR VALUES FROM (0) TO (100);
     CREATE TABLE m2 (v text, x int, id int NOT NULL);
     ALTER TABLE m2 DROP COLUMN x; ALTER TABLE m ATTACH PARTITION m2 FOR VALUES FROM (100) TO (200)`,
    "m",
  );
  assert.deepEqual(await log.tables(db.engine), [{ name: "m" }]);
  await db.run("CREATE TABLE m3 PARTITION OF m FOR VALUES FROM (200) TO (300)");
  await using reader = await db.read();
  const rows = new Map<unknown, unknown>();
  for (
    const sql of [
      "INSERT INTO m VALUES (1, 'a'), (101, 'b'), (201, 'c')",
      "INSERT INTO m1 VALUES (2, 'd')",
      "INSERT INTO m2 (id, v) VALUES (102, 'e')",
      "UPDATE m SET id = 150 WHERE id = 1",
      "UPDATE m2 SET v = 'f'",
      "DELETE FROM m WHERE id = 201",
    ]
  ) {
    await db.run(sql);
    const changes = await reader.changes();
    assert.ok(changes.every(({ table }) => table === "m"));
    applied(rows, changes);
    await assertSame(db, "m", rows);
  }
  await db.run("TRUNCATE m2");
  const [{ changes, unseen } = assert.fail()] = await reader.batches();
  assert.deepEqual([changes, unseen], [[], ["m"]]);
  await db.run("TRUNCATE m");
  assert.deepEqual((await reader.changes()).map(told), [{ kind: "truncate" }]);
  await log.drop(db.engine, [{ name: "m" }]);
  assert.deepEqual(await log.tables(db.engine), []);
  assert.deepEqual(
    (await db.rows("SELECT 1 FROM pg_trigger WHERE tgname LIKE '\\_rex%'")).length,
    0,
  );
});

Deno.test("what is applied as a replica is told once", async () => {
  await using db = await Logged.open(
    `CREATE TABLE t (id int PRIMARY KEY, v int);
     CREATE TABLE m (id int PRIMARY KEY) PARTITION BY RANGE (id);
     CREATE TABLE m1 PARTITION OF m FOR VALUES FROM (0) TO (100)`,
    "t",
    "m",
  );
  await db.run("CREATE TABLE m2 PARTITION OF m FOR VALUES FROM (100) TO (200)");
  await using reader = await db.read();
  await using other = outsidePostgres(db.url);
  await other.run([
    "SET LOCAL session_replication_role = replica",
    "INSERT INTO t VALUES (1, 1), (2, 2)",
    "UPDATE t SET v = 3 WHERE id = 1",
    "DELETE FROM t WHERE id = 2",
    "INSERT INTO m VALUES (1), (101)",
  ]);
  const changes = await reader.changes();
  assert.deepEqual(changes.map(({ table, kind }) => `${table} ${kind}`), [
    "t insert",
    "t insert",
    "t update",
    "t delete",
    "m insert",
    "m insert",
  ]);
  await db.run("INSERT INTO m VALUES (2), (102)");
  assert.equal((await reader.changes()).length, 2, "and what is not, once too");
  await other.run(["SET LOCAL session_replication_role = replica", "TRUNCATE t"]);
  assert.deepEqual((await reader.changes()).map(told), [{ kind: "truncate" }]);
});

Deno.test("tables may be altered freely; columns keep their names, or the table is read anew", async () => {
  await using db = await Logged.open(
    "CREATE TABLE t (id int PRIMARY KEY, a text, b text)",
    "t",
  );
  await using other = outsidePostgres(db.url);
  await using reader = await db.read();
  let id = 0;
  const write = async () => {
    await other.run([
      `INSERT INTO t (id) VALUES (${++id})`,
      `UPDATE t SET id = id WHERE id = ${id}`,
    ]);
    return await reader.batches();
  };
  const names = async () => {
    const [{ changes, unseen } = assert.fail()] = await write();
    assert.equal(unseen, undefined);
    return Object.keys(changes.at(-1)?.after ?? {});
  };
  assert.deepEqual(await names(), ["id", "a", "b"]);
  const steps: [string, string[]][] = [
    ["ALTER TABLE t ADD COLUMN c int DEFAULT 5", ["id", "a", "b", "c"]],
    ["ALTER TABLE t DROP COLUMN a", ["id", "b", "c"]],
    ["ALTER TABLE t RENAME COLUMN b TO d", ["id", "d", "c"]],
    ["ALTER TABLE t ALTER COLUMN c TYPE text", ["id", "d", "c"]],
  ];
  for (const [sql, expected] of steps) {
    await db.run(sql);
    // The window with the change of the table tells no rows of it.
    const position = reader.position;
    const batches = await write();
    assert.ok(
      batches.every(({ unseen = [], changes }) => unseen.includes("t") !== changes.length > 0),
    );
    assert.deepEqual(await names(), expected, sql);
    await using again = await db.read({}, position);
    const later = await again.batches();
    assert.ok(later.every(({ unseen }) => unseen?.includes("t")), "so does one who comes back");
  }
  await db.run("ALTER TABLE t RENAME TO u");
  await other.run(["INSERT INTO u VALUES (1000)"]);
  assert.deepEqual((await reader.changes()).map(({ table }) => table), ["u"]);
});

Deno.test("columns that are not stored are unknown", async () => {
  await using db = await Logged.open("CREATE TABLE t (id int PRIMARY KEY)", "t");
  const [{ version } = assert.fail()] = await db.rows(
    "SELECT current_setting('server_version_num')::int AS version",
  );
  await db.run("ALTER TABLE t ADD COLUMN s int GENERATED ALWAYS AS (id * 2) STORED");
  if (Number(version) >= 180000) {
    await db.run("ALTER TABLE t ADD COLUMN v int GENERATED ALWAYS AS (id * 3)");
  }
  await using reader = await db.read();
  await db.run("INSERT INTO t VALUES (1), (2)", "UPDATE t SET id = 4 WHERE id = 2");
  const [first, second] = await reader.transactions(2);
  assert.deepEqual(first?.changes.map(({ after }) => after), [
    { id: "1", s: "2" },
    { id: "2", s: "4" },
  ]);
  assert.deepEqual(second?.changes[0]?.after, { id: "4", s: "8" });
});

Deno.test("writers of the same rows, seen late and in any order, leave each row as the table has it", async () => {
  await using db = await Logged.open(
    `CREATE TABLE t (id int PRIMARY KEY, v int, w text);
     INSERT INTO t SELECT i, 0, '' FROM generate_series(1, 12) i`,
    "t",
  );
  await using reader = await db.read({ interval: 5 });
  const rows = new Map<unknown, unknown>(
    Array.from({ length: 12 }, (_, i) => [String(i + 1), { id: `${i + 1}`, v: "0", w: "" }]),
  );
  const writers = Array.from({ length: 8 }, () => outsidePostgres(db.url));
  let committed = 0;
  const writing = writers.map(async (writer, number) => {
    for (let round = 0; round < 60; round++) {
      // In the order of keys, so that nobody waits in a circle.
      const ids = Array.from({ length: 1 + round % 4 }, () => 1 + Math.floor(Math.random() * 12))
        .sort((a, b) => a - b);
      const statements = ids.map((id) =>
        `UPDATE t SET v = v + 1, w = '${number}.${round}' WHERE id = ${id}`
      );
      const nap = round % 7 === 0 ? ["SELECT pg_sleep(0.01)"] : [];
      await writer.run([...statements.slice(0, 1), ...nap, ...statements.slice(1)]);
      committed++;
    }
    await writer[Symbol.asyncDispose]();
  });
  for (let toldOf = 0; toldOf < 480;) {
    for (const { changes, unseen } of await reader.batches()) {
      assert.equal(unseen, undefined);
      for (const { before, after } of changes) {
        assert.deepEqual(before, rows.get(after?.id), "each begins with what was told last");
        rows.set(after?.id, after);
      }
      toldOf++;
    }
  }
  await Promise.all(writing);
  assert.equal(committed, 480);
  await assertSame(db, "t", rows);
});

Deno.test("a transaction that commits long after later ones is told, and counted in positions", async () => {
  await using db = await Logged.open("CREATE TABLE t (id int PRIMARY KEY)", "t");
  await using reader = await db.read();
  const slow = await db.engine.beginTransaction();
  await slow.execute("INSERT INTO t VALUES (1)");
  await db.run("INSERT INTO t VALUES (2)");
  const [later] = await reader.batches();
  await db.run("INSERT INTO t VALUES (3)");
  await reader.batches();
  const position = reader.position;
  await slow.commit();
  const [late] = await reader.batches();
  assert.deepEqual(late?.changes.map(({ after }) => after), [{ id: "1" }]);
  const { positions } = await sourceOf(db.engine, { source: "log" });
  assert.ok(later && late && positions.has(position, later) && !positions.has(position, late));
  await using again = await db.read({}, position);
  assert.deepEqual((await again.batches()).map(({ transaction }) => transaction), [
    late.transaction,
  ]);
});

Deno.test("a window that is too large for once is told in portions, whose positions can be gone on from", async () => {
  await using db = await Logged.open("CREATE TABLE t (id int PRIMARY KEY, v int)", "t");
  let position: string;
  {
    await using reader = await db.read();
    position = reader.position;
  }
  await db.run(
    "DO $$ BEGIN FOR i IN 1..4500 LOOP INSERT INTO t VALUES (i, 0); IF i % 9 = 0 THEN COMMIT; END IF; END LOOP; END $$",
  );
  const ids: number[] = [];
  const positions: string[] = [];
  for (let steps = 0; ids.length < 4500; steps++) {
    assert.ok(steps < 50);
    // Each portion is read by another reader.
    await using reader = await db.read({}, position);
    assert.equal(reader.steps[0]?.reset, undefined);
    const batches = await reader.batches();
    position = batches[steps % 2 === 0 ? batches.length - 1 : 100]?.position ?? reader.position;
    const had = batches.findIndex((each) => each.position === position);
    ids.push(
      ...(had < 0 ? batches : batches.slice(0, had + 1)).flatMap(({ changes }) =>
        changes.map(({ after }) => Number(after?.id))
      ),
    );
    positions.push(position);
  }
  assert.deepEqual(ids, Array.from({ length: 4500 }, (_, i) => i + 1));
  assert.ok(positions.length > 2 && positions.every((each) => each.length < 200));
});

Deno.test("the log is shortened; who lacks what went is told so, who does not goes on", async () => {
  await using db = await Logged.open("CREATE TABLE t (id int PRIMARY KEY)", "t");
  const early = await db.read();
  await early[Symbol.asyncDispose]();
  await using reader = await db.read({ maxAge: 200 });
  for (let id = 1; id <= 20; id++) await db.run(`INSERT INTO t VALUES (${id})`);
  await reader.transactions(20);
  const first = async () =>
    Number((await db.rows("SELECT coalesce(min(id), 100) AS n FROM _rex_changes"))[0]?.n);
  for (let id = 100; await first() <= 20; id++) {
    await db.run(`INSERT INTO t VALUES (${id})`);
    await reader.batches();
  }
  assert.ok(reader.steps.every(({ reset }) => reset === undefined));
  await using late = await db.read({}, early.position);
  assert.match((await late.step()).reset ?? "", /shortened/);
  await using fresh = await db.read({}, reader.position);
  await db.run("INSERT INTO t VALUES (1000)");
  assert.equal((await fresh.changes()).length, 1);
});

Deno.test("positions of another log, or from the future, are answered by a reset", async () => {
  await using db = await Logged.open("CREATE TABLE t (id int PRIMARY KEY)", "t");
  const reader = await db.read();
  await reader[Symbol.asyncDispose]();
  const [epoch, snapshot] = reader.position.split(";");
  const strange = [`${epoch};900000000:900000000:`, `0123456789ab;${snapshot}`, "nonsense", ""];
  for (const position of strange) {
    await using other = await db.read({}, position);
    assert.notEqual(other.steps[0]?.reset, undefined, position);
  }
  await log.drop(db.engine);
  await log.create(db.engine, [{ name: "t" }]);
  await using other = await db.read({}, reader.position);
  assert.notEqual(other.steps[0]?.reset, undefined, "the log was made anew");
});

Deno.test("without a log, and when it is dropped while it is read, the error says what to do", async () => {
  await using db = await Logged.open("CREATE TABLE t (id int PRIMARY KEY)", "t");
  await using reader = await db.read();
  await log.drop(db.engine);
  assert.deepEqual(await log.tables(db.engine), []);
  await db.run("INSERT INTO t VALUES (1)");
  await assert.rejects(async () => {
    for (;;) await reader.step();
  }, UnsupportedError);
  await assert.rejects(db.read(), { code: "REX_UNSUPPORTED", message: /followChanges/ });
});

Deno.test("making the log can be repeated, and done by many at once, with odd names", async () => {
  const odd = `a "b" 'c' $x$ %s \\`;
  const quoted = `"${odd.replaceAll('"', '""')}"`;
  await using db = await Logged.open(
    `CREATE SCHEMA ${quoted}; CREATE TABLE ${quoted}.${quoted} (${quoted} int PRIMARY KEY);
     CREATE TABLE t (id int PRIMARY KEY); CREATE VIEW w AS SELECT 1 AS one`,
  );
  const tables = [{ name: "t" }, { schema: odd, name: odd }];
  await Promise.all(Array.from({ length: 6 }, () => log.create(db.engine, tables)));
  assert.deepEqual(await log.tables(db.engine), [{ schema: odd, name: odd }, { name: "t" }]);
  await using reader = await db.read();
  await db.run(`INSERT INTO ${quoted}.${quoted} VALUES (1)`);
  assert.deepEqual(await reader.changes(), [
    { schema: odd, table: odd, kind: "insert", after: { [odd]: "1" } },
  ]);
  await assert.rejects(log.create(db.engine, [{ name: "w" }]), /not a table/);
  await assert.rejects(log.create(db.engine, [{ name: "missing" }]));
  await log.drop(db.engine, [{ name: "t" }]);
  assert.deepEqual(await log.tables(db.engine), [{ schema: odd, name: odd }]);
  await Promise.all(Array.from({ length: 4 }, () => log.drop(db.engine)));
  await log.drop(db.engine);
});

Deno.test("a role that may only write the table is logged, and cannot write the log", async () => {
  await using db = await Logged.open("CREATE TABLE t (id int PRIMARY KEY)", "t");
  const role = `rex_writer_${crypto.randomUUID().slice(0, 8)}`;
  await db.run(`CREATE ROLE ${role}`, `GRANT INSERT ON t TO ${role}`);
  try {
    await using reader = await db.read();
    await db.together(`SET LOCAL ROLE ${role}`, "INSERT INTO t VALUES (1)");
    assert.equal((await reader.changes()).length, 1);
    await assert.rejects(
      db.together(
        `SET LOCAL ROLE ${role}`,
        "INSERT INTO _rex_changes (rel, depth, kind) VALUES (1, 1, 't')",
      ),
    );
  } finally {
    await db.run(`DROP OWNED BY ${role}`, `DROP ROLE ${role}`);
  }
});

Deno.test("a writer wakes readers that sleep", async () => {
  await using db = await Logged.open("CREATE TABLE t (id serial PRIMARY KEY)", "t");
  // Without this, a server with two-phase commits is left without wake-ups.
  await db.run(
    `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET rex_changes.ring = on', current_database()); END $$`,
  );
  // A minute: only a wake-up can tell it in time.
  await using reader = await db.read({ interval: 60_000 });
  await using second = await db.read({ interval: 60_000 });
  await using other = outsidePostgres(db.url);
  const asleep = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = 1 AND granted";
  for (let round = 0; round < 3; round++) {
    const changes = [reader.changes(), second.changes()];
    while ((await db.rows(asleep)).length === 0) await pause(5);
    await other.run(["INSERT INTO t DEFAULT VALUES"]);
    await Promise.all(changes);
  }
});

Deno.test("a transaction that is logged can be prepared for a two-phase commit", async () => {
  await using db = await Logged.open("CREATE TABLE t (id int PRIMARY KEY)", "t");
  const [{ most } = assert.fail()] = await db.rows(
    "SELECT current_setting('max_prepared_transactions')::int AS most",
  );
  if (Number(most) === 0) return;
  await using reader = await db.read({ interval: 20 });
  const sql = postgres(db.url, { max: 1, onnotice: () => {} });
  await sql.unsafe("BEGIN; INSERT INTO t VALUES (1); PREPARE TRANSACTION 'rex_log_two_phase'");
  await db.run("INSERT INTO t VALUES (2)");
  assert.deepEqual((await reader.changes()).map(({ after }) => after), [{ id: "2" }]);
  await sql.unsafe("COMMIT PREPARED 'rex_log_two_phase'");
  assert.deepEqual((await reader.changes()).map(({ after }) => after), [{ id: "1" }]);
  await sql.end();
});

Deno.test("a reading whose connection is ended fails with a ConnectionError, and can be gone on with", async () => {
  await using db = await Logged.open("CREATE TABLE t (id int PRIMARY KEY)", "t");
  const reader = await db.read();
  const { position } = reader;
  const failure = assert.rejects(reader.batches(), { code: "REX_CONNECTION" });
  const end = `SELECT pg_terminate_backend(pid) FROM pg_locks
    WHERE locktype = 'advisory' AND objid = 1 AND granted`;
  while ((await db.rows(end)).length === 0) await pause(5);
  await failure;
  await db.run("INSERT INTO t VALUES (1)");
  await using again = await db.read({}, position);
  assert.equal((await again.changes()).length, 1);
});
