import assert from "node:assert/strict";
import {
  alias,
  binary,
  call,
  column,
  literal,
  order,
  select,
  slot,
  table,
  value,
} from "../../ast/build.ts";
import type { ExpressionNode, RootNode, SelectNode } from "../../ast/nodes.ts";
import { columnType } from "../../schema/column_type.ts";
import type { ColumnSchema, TableSchema } from "../../schema/table.ts";
import { type FreshPostgresDatabase, freshPostgresDatabase } from "../../../tests/targets/mod.ts";
import { postgresDialect, PostgresDriver } from "./mod.ts";

const { compiler } = postgresDialect;

let database: FreshPostgresDatabase;
let driver: PostgresDriver;

const mood = columnType("enum", { values: ["sad", "ok"], enumName: "Mood" });
const types = {
  id: columnType("integer"),
  name: columnType("varchar", { length: 20 }),
  code: columnType("char", { length: 3 }),
  price: columnType("numeric", { precision: 10, scale: 2 }),
  tags: columnType("text", { array: true }),
  grid: columnType("integer", { array: true }),
  data: columnType("jsonb"),
  raw: columnType("json"),
  mood,
  at: columnType("timestamptz"),
};
const columnsOf = (record: Readonly<Record<string, ColumnSchema["type"]>>): ColumnSchema[] =>
  Object.entries(record).map(([name, type]) => ({ name, type, nullable: name !== "id" }));
const things: TableSchema = {
  name: "things",
  columns: columnsOf(types),
  primaryKey: { columns: ["id"] },
  uniques: [],
  indexes: [],
  checks: [],
  foreignKeys: [],
};
const c = (name: keyof typeof types) => column(name, "things", types[name]);

Deno.test.beforeAll(async () => {
  database = await freshPostgresDatabase();
  driver = new PostgresDriver({ database: "postgres", url: database.url });
  await run({ kind: "CreateEnum", type: mood });
  await run({ kind: "CreateTable", table: things, ifNotExists: false });
  await run({
    kind: "Insert",
    into: table("things"),
    columns: Object.keys(types),
    source: { kind: "Lists", lists: lists() },
  }, [
    [1, 2, 3],
    ["one", "Two 100%", null],
    ["a", "bcd", null],
    ["1.50", 2, null],
    [["x", "y"], [], null],
    [[1, 2], [3], null],
    [{ a: [1, { b: "deep" }] }, "text", null],
    [9007199254740993n, [1], null],
    ["sad", "ok", null],
    [new Date(0), new Date(1), null],
  ]);
});

Deno.test.afterAll(async () => {
  await driver.close();
  await database.drop();
});

const lists = () =>
  Object.values(types).map((type, index) => ({
    kind: "ListValue" as const,
    values: { slot: index },
    type,
  }));

const sqlOf = (node: RootNode) => compiler.compile(node).sql;

/** Compiles, binds, runs, and gives the rows. */
async function run(node: RootNode, values: readonly unknown[] = []): Promise<unknown[][]> {
  const { sql, bindings, kind } = compiler.compile(node);
  const params = bindings.map(({ slot, value, dump }) => {
    const bound = slot < 0 ? value : values[slot];
    return bound === null || !dump ? bound : dump(bound);
  });
  return [...(await driver.execute({ sql, params, kind })).rows];
}

/** `SELECT id FROM things WHERE …`, in order. */
const where = (condition: ExpressionNode, rest: Partial<SelectNode> = {}): SelectNode =>
  select({
    selection: [column("id", "things")],
    from: [table("things")],
    where: condition,
    orderBy: [order(column("id", "things"))],
    ...rest,
  });

async function ids(condition: ExpressionNode, values: readonly unknown[] = []): Promise<number[]> {
  return (await run(where(condition), values)).map(([id]) => Number(id));
}

/** The text of a condition. */
const text = (condition: ExpressionNode) =>
  sqlOf(where(condition)).replace(/^.* WHERE (.*) ORDER BY things\.id$/, "$1");

Deno.test("an insert from lists binds one array for each column, whatever its type", async () => {
  const sql = sqlOf({
    kind: "Insert",
    into: table("things"),
    columns: Object.keys(types),
    source: { kind: "Lists", lists: lists() },
  });
  assert.equal(
    sql,
    "INSERT INTO things (id, name, code, price, tags, grid, data, raw, mood, at) SELECT * FROM " +
      "(SELECT id, name, code, price, tags::TEXT[], grid::INTEGER[], data, raw, mood, at FROM unnest(" +
      "$1::INTEGER[], $2::TEXT[], $3::bpchar[], $4::NUMERIC[], $5::TEXT[], $6::TEXT[], $7::JSONB[], " +
      '$8::JSON[], $9::"Mood"[], $10::TIMESTAMP WITH TIME ZONE[]) AS rows_ ' +
      "(id, name, code, price, tags, grid, data, raw, mood, at)) AS rows_ " +
      "(id, name, code, price, tags, grid, data, raw, mood, at)",
  );
  const rows = await run(select({
    selection: Object.keys(types).map((name) => column(name)),
    from: [table("things")],
    orderBy: [order(column("id"))],
  }));
  assert.deepEqual(rows, [
    [
      "1",
      "one",
      "a  ",
      "1.50",
      "{x,y}",
      "{1,2}",
      '{"a": [1, {"b": "deep"}]}',
      "9007199254740993",
      "sad",
      "1970-01-01 00:00:00+00",
    ],
    [
      "2",
      "Two 100%",
      "bcd",
      "2.00",
      "{}",
      "{3}",
      '"text"',
      "[1]",
      "ok",
      "1970-01-01 00:00:00.001+00",
    ],
    ["3", null, null, null, null, null, null, null, null, null],
  ]);
});

Deno.test("a list of any length is one parameter of IN", async () => {
  const inList = (negated: boolean): ExpressionNode => ({
    kind: "In",
    operand: c("id"),
    source: { kind: "ListValue", values: { slot: 0 } },
    negated,
  });
  assert.equal(text(inList(false)), "things.id = ANY($1::INTEGER[])");
  assert.equal(text(inList(true)), "things.id <> ALL($1::INTEGER[])");
  assert.deepEqual(await ids(inList(false), [[1, 3, 99]]), [1, 3]);
  assert.deepEqual(await ids(inList(false), [[]]), []);
  assert.deepEqual(await ids(inList(true), [[1]]), [2, 3]);
  assert.deepEqual(await ids(inList(true), [[]]), [1, 2, 3]);
  for (
    const [name, values] of [
      ["name", ["one", 'quo"te']],
      ["code", ["a"]],
      ["mood", ["sad"]],
      [
        "price",
        ["1.5"],
      ],
      ["data", [{ a: [1, { b: "deep" }] }]],
      ["grid", [[1, 2], [9]]],
      ["at", [new Date(0)]],
    ] as const
  ) {
    const condition: ExpressionNode = {
      kind: "In",
      operand: c(name),
      source: { kind: "ListValue", values },
      negated: false,
    };
    assert.deepEqual(await ids(condition), [1], name);
  }
});

Deno.test("lists stand in place of a table", async () => {
  const rows = await run(
    select({
      selection: [c("id"), column("n", "l")],
      from: [table("things")],
      joins: [{
        kind: "Join",
        type: "inner",
        source: {
          kind: "ListTable",
          alias: "l",
          columns: [
            { name: "k", list: { kind: "ListValue", values: { slot: 0 }, type: types.id } },
            { name: "n", list: { kind: "ListValue", values: { slot: 1 }, type: types.grid } },
          ],
        },
        on: binary(c("id"), "=", column("k", "l")),
      }],
    }),
    [[1, 2], [[7], null]],
  );
  assert.deepEqual(rows, [["1", "{7}"], ["2", null]]);
});

Deno.test("patterns are escaped when they are bound, and ILIKE minds no case", async () => {
  const like = (
    match: "pattern" | "prefix" | "suffix" | "infix",
    rest: object = {},
    operand: ExpressionNode = c("name"),
  ): ExpressionNode => ({
    kind: "Like",
    operand,
    pattern: slot(0),
    match,
    insensitive: false,
    negated: false,
    ...rest,
  });
  assert.equal(text(like("infix")), "things.name LIKE $1");
  assert.equal(text(like("prefix", { insensitive: true })), "things.name ILIKE $1");
  assert.equal(text(like("prefix", { negated: true })), "things.name NOT LIKE $1");
  assert.deepEqual(await ids(like("infix"), ["0%"]), [2]);
  assert.deepEqual(await ids(like("infix"), ["_n_"]), []);
  assert.deepEqual(await ids(like("pattern"), ["_n_"]), [1]);
  assert.deepEqual(await ids(like("prefix", { insensitive: true }), ["tW"]), [2]);
  assert.deepEqual(await ids(like("suffix"), ["%"]), [2]);
  assert.deepEqual(await ids(like("prefix", {}, c("id")), ["2"]), [2]);
});

Deno.test("JSON paths are written with escaped steps", async () => {
  const path = (steps: readonly (string | number)[], as: "json" | "text"): ExpressionNode => ({
    kind: "JsonPath",
    operand: c("data"),
    path: steps,
    as,
  });
  assert.equal(
    text(binary(path(["a", 1, "b"], "text"), "=", value("deep"))),
    "things.data -> 'a' -> 1 ->> 'b' = $1",
  );
  assert.deepEqual(await ids(binary(path(["a", 1, "b"], "text"), "=", value("deep"))), [1]);
  assert.deepEqual(await ids(binary(path(["it's"], "text"), "=", value("deep"))), []);
  assert.deepEqual(await ids(binary(path([], "text"), "=", value("text"))), [2]);
  const [[json]] = await run(
    select({ selection: [path(["a"], "json")], from: [table("things")] }),
  ) as [
    [string],
  ];
  assert.equal(json, '[1, {"b": "deep"}]');
});

Deno.test("documents and arrays are tested for what they contain", async () => {
  const contains = (operand: ExpressionNode): ExpressionNode => ({
    kind: "JsonContains",
    operand,
    value: slot(0),
  });
  assert.equal(text(contains(c("data"))), "things.data @> CAST($1 AS JSONB)");
  assert.equal(text(contains(c("raw"))), "CAST(things.raw AS JSONB) @> CAST($1 AS JSONB)");
  assert.equal(text(contains(c("tags"))), "things.tags @> CAST($1 AS TEXT[])");
  assert.deepEqual(await ids(contains(c("data")), [{ a: [{ b: "deep" }] }]), [1]);
  assert.deepEqual(await ids(contains(c("raw")), [[1]]), [2]);
  assert.deepEqual(await ids(contains(c("tags")), [["y"]]), [1]);
});

Deno.test("operators of arrays and documents bind their operands by type", async () => {
  assert.deepEqual(await ids(binary(c("tags"), "&&", value(["y", "z"]))), [1]);
  assert.deepEqual(await ids(binary(c("grid"), "<@", value([1, 2, 3]))), [1, 2]);
  assert.deepEqual(await ids(binary(c("data"), "?", value("a"))), [1]);
  assert.deepEqual(await ids(binary(c("data"), "?|", value(["a", "b"]))), [1]);
  assert.deepEqual(await ids(binary(c("name"), "is distinct from", value("one"))), [2, 3]);
});

Deno.test("full-text search covers several columns and takes a language", async () => {
  const search = (columns: readonly ("name" | "code")[], language?: string): ExpressionNode => ({
    kind: "FullText",
    columns: columns.map((name) => c(name)),
    query: slot(0),
    ...(language !== undefined && { language }),
  });
  assert.equal(
    text(search(["name"], "english")),
    "to_tsvector('english', things.name) @@ websearch_to_tsquery('english', $1)",
  );
  assert.equal(
    text(search(["name", "code"])),
    "to_tsvector(coalesce(things.name, '') || ' ' || coalesce(things.code, '')) @@ " +
      "websearch_to_tsquery($1)",
  );
  assert.deepEqual(await ids(search(["name", "code"], "simple"), ["two -one"]), [2]);
});

Deno.test("nested rows are JSON arrays in the query's order, and never NULL", async () => {
  const query = select({
    selection: [
      c("id"),
      alias(c("price"), "p"),
      c("at"),
      c("raw"),
      call("count", [literal(1)], {
        over: { kind: "Window", partitionBy: [], orderBy: [] },
      }),
    ],
    from: [table("things")],
    orderBy: [order(c("id"), "desc")],
    limit: literal(2),
  });
  const node = select({ selection: [{ kind: "JsonRows", query, single: false }], from: [] });
  assert.equal(
    sqlOf(node),
    "SELECT (SELECT coalesce(json_agg(json_build_array(j.c0, j.c1::text, j.c2::text, j.c3::text, j.c4)), '[]') " +
      "FROM (SELECT things.id AS c0, things.price AS c1, things.at AS c2, things.raw AS c3, " +
      "count(1) OVER () AS c4 FROM things ORDER BY things.id DESC LIMIT 2) AS j)",
  );
  const [[rows]] = await run(node) as [[string]];
  assert.deepEqual(JSON.parse(rows), [
    [3, null, null, null, 3],
    [2, "2.00", "1970-01-01 00:00:00.001+00", "[1]", 3],
  ]);
  const none = { ...query, where: literal(false) };
  const single = (inner: SelectNode) =>
    run(select({ selection: [{ kind: "JsonRows", query: inner, single: true }], from: [] }));
  assert.deepEqual(
    await run(select({ selection: [{ kind: "JsonRows", query: none, single: false }], from: [] })),
    [["[]"]],
  );
  const byColumn = (inner: SelectNode) =>
    select({
      selection: [{ kind: "JsonRows", query: inner, single: false, byColumn: true }],
      from: [],
    });
  const [[columns]] = await run(byColumn(query)) as [[string]];
  assert.deepEqual(JSON.parse(columns), [
    [3, 2],
    [null, "2.00"],
    [null, "1970-01-01 00:00:00.001+00"],
    [null, "[1]"],
    [3, 3],
  ]);
  const [[noColumns]] = await run(byColumn(none)) as [[string]];
  assert.deepEqual(JSON.parse(noColumns), [null, null, null, null, null]);
  assert.deepEqual(await single(none), [[null]]);
  assert.deepEqual(await single({ ...query, selection: [c("id"), c("name")] }), [["[3, null]"]]);
});

Deno.test("nested rows hold nested rows, correlated with the outer ones", async () => {
  const inner = select({
    selection: [column("name", "b", types.name)],
    from: [table("things", "b")],
    where: binary(column("id", "b"), "<", column("id", "a")),
    orderBy: [order(column("id", "b"))],
  });
  const outer = select({
    selection: [column("id", "a", types.id), { kind: "JsonRows", query: inner, single: false }],
    from: [table("things", "a")],
    orderBy: [order(column("id", "a"))],
  });
  const [[rows]] = await run(
    select({ selection: [{ kind: "JsonRows", query: outer, single: false }], from: [] }),
  ) as [[string]];
  assert.deepEqual(JSON.parse(rows), [[1, []], [2, [["one"]]], [3, [["one"], ["Two 100%"]]]]);
});

Deno.test("nested rows may have more columns than a function takes arguments", async () => {
  const query = select({
    selection: Array.from({ length: 250 }, (_, i) => literal(i)),
    from: [],
  });
  const [[rows]] = await run(
    select({ selection: [{ kind: "JsonRows", query, single: false }], from: [] }),
  ) as [[string]];
  assert.deepEqual(JSON.parse(rows), [Array.from({ length: 250 }, (_, i) => i)]);
});

Deno.test("DISTINCT ON, locks and orders are written as PostgreSQL has them", async () => {
  const node = select({
    distinct: [c("mood")],
    selection: [c("id")],
    from: [table("things")],
    orderBy: [order(c("mood"), "asc", "last"), order(c("id"), "desc", "last")],
  });
  assert.equal(
    sqlOf(node),
    "SELECT DISTINCT ON (things.mood) things.id FROM things ORDER BY things.mood, things.id DESC NULLS LAST",
  );
  assert.deepEqual(await run(node), [["1"], ["2"], ["3"]]);
  const locked = compiler.compile(
    where(literal(true), { lock: { kind: "Lock", strength: "update", wait: "skip locked" } }),
  );
  assert.match(locked.sql, / FOR UPDATE SKIP LOCKED$/);
  assert.equal(locked.kind, "write");
});

Deno.test("a cast of a parameter never cuts its value", async () => {
  const node = select({
    selection: [{ ...value("x".repeat(30), types.name), cast: true }, {
      ...value("abcdef", types.code),
      cast: true,
    }, { ...value("1.239", types.price), cast: true }],
    from: [],
  });
  assert.equal(sqlOf(node), "SELECT CAST($1 AS TEXT), CAST($2 AS bpchar), CAST($3 AS NUMERIC)");
  assert.deepEqual(await run(node), [["x".repeat(30), "abcdef", "1.239"]]);
});

Deno.test("an upsert returns what it wrote", async () => {
  await run({
    kind: "Raw",
    parts: ["CREATE TABLE copies (id int PRIMARY KEY, name text)"],
    nodes: [],
  });
  await run({ kind: "Raw", parts: ["INSERT INTO copies VALUES (3, 'old')"], nodes: [] });
  const rows = await run({
    kind: "Insert",
    into: table("copies"),
    columns: ["id", "name"],
    source: {
      kind: "Rows",
      rows: [[value(3, types.id), value("three", types.name)], [
        value(4, types.id),
        value("four", types.name),
      ]],
    },
    onConflict: {
      kind: "OnConflict",
      columns: ["id"],
      set: [{ kind: "Assignment", column: "name", value: { kind: "Excluded", name: "name" } }],
    },
    returning: [column("id"), column("name")],
  });
  assert.deepEqual(rows, [["3", "three"], ["4", "four"]]);
});

Deno.test("DDL has PostgreSQL's types, defaults, identities and constraints", async () => {
  const [id, at, name] = [columnType("bigint"), columnType("timestamp"), columnType("text")];
  const node: RootNode = {
    kind: "CreateTable",
    ifNotExists: true,
    table: {
      name: "Order",
      schema: "public",
      columns: [
        { name: "id", type: id, nullable: false, identity: "by default" },
        { name: "token", type: columnType("uuid"), nullable: false, default: { kind: "uuid" } },
        { name: "at", type: at, nullable: false, default: { kind: "now" } },
        { name: "seen", type: columnType("timestamptz", { precision: 3 }), nullable: true },
        { name: "on", type: columnType("date"), nullable: true, default: { kind: "now" } },
        { name: "name", type: name, nullable: true, default: { kind: "value", value: "it's" } },
        { name: "n", type: types.price, nullable: true, default: { kind: "value", value: "-1.5" } },
        {
          name: "ok",
          type: columnType("boolean"),
          nullable: true,
          default: { kind: "value", value: false },
        },
        {
          name: "tags",
          type: types.tags,
          nullable: true,
          default: { kind: "value", value: ["a"] },
        },
        { name: "bin", type: columnType("bytes"), nullable: true },
        { name: "doc", type: types.data, nullable: true, default: { kind: "value", value: {} } },
        {
          name: "upper",
          type: name,
          nullable: true,
          generated: { sql: "upper(name)", stored: true },
        },
        { name: "thing", type: types.id, nullable: true },
      ],
      primaryKey: { columns: ["id"] },
      uniques: [{ name: "one_token", columns: ["token"] }],
      indexes: [],
      checks: [{ name: "small", sql: "n < 10" }],
      foreignKeys: [{
        name: "of_thing",
        columns: ["thing"],
        table: "things",
        references: ["id"],
        onDelete: "set null",
        deferrable: "initially deferred",
      }],
    },
  };
  assert.equal(
    sqlOf(node),
    'CREATE TABLE IF NOT EXISTS public."Order" (id BIGINT GENERATED BY DEFAULT AS IDENTITY NOT NULL, ' +
      "token UUID DEFAULT gen_random_uuid() NOT NULL, " +
      "at TIMESTAMP DEFAULT ((now() AT TIME ZONE 'UTC')::timestamp) NOT NULL, " +
      "seen TIMESTAMP(3) WITH TIME ZONE, \"on\" DATE DEFAULT ((now() AT TIME ZONE 'UTC')::date), " +
      "name TEXT DEFAULT 'it''s', n NUMERIC(10, 2) DEFAULT -1.5, ok BOOLEAN DEFAULT FALSE, " +
      "tags TEXT[] DEFAULT '{\"a\"}', bin BYTEA, doc JSONB DEFAULT '{}', " +
      "upper TEXT GENERATED ALWAYS AS (upper(name)) STORED, thing INTEGER, " +
      "PRIMARY KEY (id), CONSTRAINT one_token UNIQUE (token), CONSTRAINT small CHECK (n < 10), " +
      "CONSTRAINT of_thing FOREIGN KEY (thing) REFERENCES things (id) ON DELETE SET NULL " +
      "DEFERRABLE INITIALLY DEFERRED)",
  );
  await run(node);
  await run(node);
  for (
    const index of [
      { name: "by_doc", parts: [{ column: "doc" }], unique: false, method: "gin" },
      {
        name: "by_name",
        parts: [{ sql: "lower(name)" }, { column: "at", direction: "desc" as const }],
        unique: true,
        where: "n > 0",
      },
    ]
  ) {
    await run({ kind: "CreateIndex", table: "Order", index, ifNotExists: true });
  }
  const [inserted] = await run({
    kind: "Insert",
    into: table("Order"),
    columns: ["name"],
    source: { kind: "Rows", rows: [[value("x", name)]] },
    returning: ["id", "upper", "n", "ok", "tags", "doc"].map((each) => column(each)),
  });
  assert.deepEqual(inserted, ["1", "X", "-1.50", "f", "{a}", "{}"]);
  await run({ kind: "DropTable", table: "Order", ifExists: true, cascade: true });
});

Deno.test("an enum type is created once and dropped", async () => {
  const type = columnType("enum", { values: ["it's", "$rex$"], enumName: "kinds" });
  await run({ kind: "CreateEnum", type, ifNotExists: true });
  await run({ kind: "CreateEnum", type, ifNotExists: true });
  await assert.rejects(run({ kind: "CreateEnum", type }), /already exists/);
  const [[range]] = await run({
    kind: "Raw",
    parts: ["SELECT enum_range(NULL::kinds)"],
    nodes: [],
  }) as [[string]];
  assert.equal(range, "{it's,$rex$}");
  await run({ kind: "DropEnum", type, ifExists: false });
});

Deno.test("beginStatements() says what the options ask for", () => {
  const { beginStatements } = postgresDialect;
  assert.deepEqual(beginStatements({}), ["BEGIN"]);
  assert.deepEqual(
    beginStatements({ isolation: "serializable", readOnly: true, deferrable: true }),
    ["BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE"],
  );
  assert.deepEqual(beginStatements({ isolation: "read committed", readOnly: false }), [
    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
  ]);
});

Deno.test("the dialect is frozen, all the way down", () => {
  assert.ok(Object.isFrozen(postgresDialect));
  for (
    const part of [postgresDialect.capabilities, postgresDialect.codecs, postgresDialect.compiler]
  ) {
    assert.ok(Object.isFrozen(part));
  }
});

Deno.test("of two parameters one names its type, so that their sum has one", () => {
  const integer = columnType("integer");
  const sum = binary(value(1, integer), "+", value(2, integer));
  const { sql } = compiler.compile(select({ selection: [sum], from: [] }));
  assert.equal(sql, "SELECT CAST($1 AS INTEGER) + $2");
  const known = binary(c("id"), "+", value(2, integer));
  assert.match(compiler.compile(select({ selection: [known], from: [] })).sql, /id \+ \$1$/);
});
