import assert from "node:assert/strict";
import {
  CheckViolationError,
  DataError,
  ForeignKeyViolationError,
  UnsupportedError,
} from "../../base/errors.ts";
import {
  alias,
  binary,
  call,
  cast,
  column,
  literal,
  order,
  select,
  slot,
  table,
  value,
} from "../../ast/build.ts";
import type { ExpressionNode, InsertNode, RootNode, SelectNode } from "../../ast/nodes.ts";
import { type ColumnType, columnType } from "../../schema/column_type.ts";
import type { ColumnSchema, TableSchema } from "../../schema/table.ts";
import { sqliteDialect } from "./mod.ts";
import { SqliteDriver } from "./driver.ts";

const integer = columnType("integer");
const text = columnType("text");
const money = columnType("numeric", { precision: 20, scale: 2 });
const json = columnType("json");
const none = { uniques: [], indexes: [], checks: [], foreignKeys: [] };

function field(name: string, type: ColumnType, rest: Partial<ColumnSchema> = {}): ColumnSchema {
  return { name, type, nullable: true, ...rest };
}

const id = field("id", integer, { nullable: false, identity: "by default" });

function schema(columns: ColumnSchema[], rest: Partial<TableSchema> = {}): TableSchema {
  return { name: "t", columns, primaryKey: { columns: ["id"] }, ...none, ...rest };
}

function sqlOf(node: RootNode): string {
  return sqliteDialect.compiler.compile(node).sql;
}

class Database {
  readonly driver = new SqliteDriver({ database: "sqlite" });

  async run(node: RootNode, slots: readonly unknown[] = []): Promise<unknown[][]> {
    const { sql, kind, bindings } = sqliteDialect.compiler.compile(node);
    const params = bindings.map(({ slot, value, dump }) => {
      const given = slot < 0 ? value : slots[slot];
      return given === null || !dump ? given : dump(given);
    });
    return (await this.driver.execute({ sql, kind, params })).rows;
  }

  async create(table: TableSchema): Promise<void> {
    await this.run({ kind: "CreateTable", table, ifNotExists: false });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.driver.close();
  }
}

function insert(
  columns: string[],
  rows: ExpressionNode[][],
  rest: Partial<InsertNode> = {},
): InsertNode {
  return { kind: "Insert", into: table("t"), columns, source: { kind: "Rows", rows }, ...rest };
}

/** The first column of every row that `where` lets through. */
async function where(db: Database, node: ExpressionNode): Promise<unknown[]> {
  const query = select({
    selection: [column("id", "t")],
    from: [table("t")],
    where: node,
    orderBy: [order(column("id", "t"))],
  });
  return (await db.run(query)).map(([first]) => first);
}

Deno.test("LIKE minds case as PostgreSQL's does, and escapes what is bound", async () => {
  await using db = new Database();
  await db.create(schema([id, field("s", text)]));
  const texts = ["abc", "ABC", "a*c", "a?c", "a[b]c", "100%", "a_c", "a\\c", "äbc", ""];
  await db.run(insert(["s"], texts.map((s) => [value(s, text)])));
  const like = async (
    pattern: string,
    match: "pattern" | "prefix" | "suffix" | "infix",
    i = false,
  ) => {
    const node = {
      kind: "Like" as const,
      operand: column("s", "t", text),
      match,
      insensitive: i,
      negated: false,
    };
    const bound = await where(db, { ...node, pattern: value(pattern) });
    const literally = await where(db, { ...node, pattern: literal(pattern) });
    const computed = i ? bound : await where(db, {
      ...node,
      pattern: call("coalesce", [literal(null), literal(pattern)]),
    });
    assert.deepEqual(literally, bound);
    assert.deepEqual(computed, bound);
    return bound.map((found) => texts[Number(found) - 1]);
  };
  assert.deepEqual(await like("a_c", "pattern"), ["abc", "a*c", "a?c", "a_c", "a\\c"]);
  assert.deepEqual(await like("a\\_c", "pattern"), ["a_c"]);
  assert.deepEqual(await like("a\\\\c", "pattern"), ["a\\c"]);
  assert.deepEqual(await like("%bc", "pattern"), ["abc", "äbc"]);
  assert.deepEqual(await like("a*c", "pattern"), ["a*c"]);
  assert.deepEqual(await like("a[b]c", "pattern"), ["a[b]c"]);
  assert.deepEqual(await like("_bc", "pattern", true), ["abc", "ABC", "äbc"]);
  assert.deepEqual(await like("%", "infix"), ["100%"]);
  assert.deepEqual(await like("A", "prefix"), ["ABC"]);
  assert.deepEqual(await like("A", "prefix", true), [
    "abc",
    "ABC",
    "a*c",
    "a?c",
    "a[b]c",
    "a_c",
    "a\\c",
  ]);
  assert.deepEqual(await like("]c", "suffix"), ["a[b]c"]);
  assert.deepEqual(await like("\\", "infix", true), ["a\\c"]);
  assert.deepEqual(await like("", "pattern"), [""]);
});

Deno.test("a list is one parameter, whatever its length and type", async () => {
  await using db = new Database();
  const bytes = columnType("bytes");
  const big = columnType("bigint");
  await db.create(schema([id, field("n", big), field("b", bytes), field("s", text)]));
  await db.run(insert(["n", "b", "s"], [
    [value(9007199254740993n, big), value(new Uint8Array([1]), bytes), value("1", text)],
    [value(1n, big), value(new Uint8Array([0, 255]), bytes), value("it's", text)],
  ]));
  const among = (name: string, type: ColumnType, values: unknown[], negated = false) =>
    where(db, {
      kind: "In",
      operand: column(name, "t", type),
      source: { kind: "ListValue", values },
      negated,
    });
  assert.deepEqual(await among("n", big, [9007199254740993n, 5n]), [1n].map(Number));
  assert.deepEqual(await among("n", big, [9007199254740992n]), []);
  assert.deepEqual(await among("b", bytes, [new Uint8Array([0, 255])]), [2]);
  assert.deepEqual(await among("s", text, ["it's", "1"]), [1, 2]);
  assert.deepEqual(await among("s", text, []), []);
  assert.deepEqual(await among("s", text, [], true), [1, 2]);
  const pairs = {
    kind: "In" as const,
    operand: { kind: "Tuple" as const, items: [column("n", "t", big), column("b", "t", bytes)] },
    source: {
      kind: "ListValue" as const,
      values: [[1n, new Uint8Array([0, 255])], [1n, new Uint8Array([1])]],
    },
    negated: false,
  };
  assert.deepEqual(await where(db, pairs), [2]);
  const slots = select({
    selection: [column("id", "t")],
    from: [table("t")],
    where: {
      ...pairs,
      operand: column("n", "t", big),
      source: { kind: "ListValue", values: { slot: 0 } },
    },
  });
  assert.deepEqual(await db.run(slots, [[1n, 2n, 3n]]), [[2]]);
  assert.equal(sqlOf(slots), "SELECT t.id FROM t WHERE t.n IN (SELECT value FROM json_each($1))");
});

Deno.test("NULLs go where they are told, and else where SQLite puts them", async () => {
  await using db = new Database();
  await db.create(schema([id, field("n", integer)]));
  await db.run(insert(["n"], [[value(2, integer)], [value(null)], [value(1, integer)]]));
  const sorted = async (direction: "asc" | "desc", nulls?: "first" | "last") =>
    (await db.run(select({
      selection: [column("n")],
      from: [table("t")],
      orderBy: [order(column("n"), direction, nulls)],
    }))).map(([n]) => n);
  assert.deepEqual(await sorted("asc"), [null, 1, 2]);
  assert.deepEqual(await sorted("desc"), [2, 1, null]);
  assert.deepEqual(await sorted("asc", "last"), [1, 2, null]);
  assert.deepEqual(await sorted("desc", "first"), [null, 2, 1]);
  assert.deepEqual(await sorted("asc", "first"), [null, 1, 2]);
  assert.deepEqual(await sorted("desc", "last"), [2, 1, null]);
  const known = { ...column("id"), notNull: true };
  const sql = sqlOf(select({ selection: [known], from: [table("t")], orderBy: [order(known)] }));
  assert.equal(sql, "SELECT id FROM t ORDER BY id");
});

Deno.test("decimals compare, sort and add as numbers, exactly", async () => {
  await using db = new Database();
  await db.create(schema([id, field("m", money)]));
  const amounts = ["9.50", "10.00", "-3.25", "-30.00", "900719925474099.31", "900719925474099.32"];
  await db.run(insert(["m"], amounts.map((m) => [value(m, money)])));
  const m = column("m", "t", money);
  const sorted = await db.run(select({ selection: [m], from: [table("t")], orderBy: [order(m)] }));
  assert.deepEqual(sorted.map(([x]) => x), [
    "-30.00",
    "-3.25",
    "9.50",
    "10.00",
    "900719925474099.31",
    "900719925474099.32",
  ]);
  assert.deepEqual(await where(db, binary(m, ">", value("9.5"))), [2, 5, 6]);
  assert.deepEqual(await where(db, binary(m, "=", value("9.5"))), [1]);
  assert.deepEqual(await where(db, binary(m, "<>", value(10))), [1, 3, 4, 5, 6]);
  assert.deepEqual(await where(db, binary(value("900719925474099.315"), "<", m)), [6]);
  const between = {
    kind: "Between" as const,
    operand: m,
    low: value("-5"),
    high: value("9.5"),
    negated: false,
  };
  assert.deepEqual(await where(db, between), [1, 3]);
  const after = (amount: string, key: number): ExpressionNode =>
    binary(
      { kind: "Tuple", items: [m, column("id", "t", integer)] },
      ">",
      { kind: "Tuple", items: [value(amount), value(key)] },
    );
  assert.deepEqual(await where(db, after("10", 1)), [2, 5, 6]);
  assert.deepEqual(await where(db, after("10", 2)), [5, 6]);
  const results = await db.run(select({
    selection: [
      call("sum", [m]),
      call("min", [m]),
      call("max", [m]),
      call("count", [m]),
      call("sum", [binary(m, "*", literal(2))]),
    ],
    from: [table("t")],
  }));
  assert.deepEqual(results, [[
    "1801439850948184.88",
    "-30",
    "900719925474099.32",
    6,
    "3602879701896369.76",
  ]]);
  const ordered = await db.run(select({
    selection: [alias(binary(m, "+", value("0.50")), "total")],
    from: [table("t")],
    orderBy: [order(column("total"), "desc")],
    limit: literal(3),
  }));
  assert.deepEqual(ordered, [["900719925474099.82"], ["900719925474099.81"], ["10.50"]]);
  await db.run({
    kind: "Update",
    table: table("t"),
    set: [{
      kind: "Assignment",
      column: "m",
      value: binary(m, "*", value("1.105", columnType("numeric"))),
    }],
    where: binary(column("id"), "=", value(1)),
  });
  assert.deepEqual(await where(db, binary(m, "=", value("10.5"))), [1]);
  const union = await db.run({
    ...select({ selection: [alias(m, "m")], from: [table("t")], where: binary(m, "<", value(20)) }),
    setOperations: [{
      kind: "SetOperation",
      operator: "union",
      all: true,
      query: select({ selection: [literal("9.75")], from: [] }),
    }],
    orderBy: [order(column("m"), "desc")],
    limit: literal(3),
  });
  assert.deepEqual(union, [["10.50"], ["10.00"], ["9.75"]]);
  const window = call("sum", [m], {
    over: { kind: "Window", partitionBy: [], orderBy: [order(column("id", "t"))] },
  });
  const running = await db.run(
    select({ selection: [window], from: [table("t")], where: binary(m, "<", value(20)) }),
  );
  assert.deepEqual(running, [["10.5"], ["20.5"], ["17.25"], ["-12.75"]]);
  const enough = binary(call("coalesce", [call("sum", [m]), literal(0)]), ">", value("100"));
  assert.deepEqual(await db.run(select({ selection: [enough], from: [table("t")] })), [[1]]);
  await assert.rejects(db.run(insert(["m"], [[value("1.005", money)]])), DataError);
  await assert.rejects(db.run(insert(["m"], [[value("1234567890123456789", money)]])), DataError);
});

Deno.test("paths into JSON give what PostgreSQL gives", async () => {
  await using db = new Database();
  await db.create(schema([id, field("j", json)]));
  const document = { a: { 'we"ird.key': [1, "x", true, null] }, n: 1.5 };
  await db.run(insert(["j"], [[value(document, json)]]));
  const path = (path: (string | number)[], as: "json" | "text"): ExpressionNode => ({
    kind: "JsonPath",
    operand: column("j", "t", json),
    path,
    as,
  });
  const list = ["a", 'we"ird.key'];
  const selection = [
    path([...list, 0], "text"),
    path([...list, 1], "text"),
    path([...list, 2], "text"),
    path([...list, 3], "text"),
    path([...list, -3], "text"),
    path(["missing"], "text"),
    path(["n"], "text"),
    path([...list, 1], "json"),
    path(list, "json"),
    path([...list, 3], "json"),
  ];
  assert.deepEqual(await db.run(select({ selection, from: [table("t")] })), [[
    "1",
    "x",
    "true",
    null,
    "x",
    null,
    "1.5",
    '"x"',
    '[1,"x",true,null]',
    "null",
  ]]);
});

Deno.test("JSON containment and keys follow PostgreSQL's rules", async () => {
  await using db = new Database();
  await db.create(schema([id, field("j", json)]));
  await db.run(
    insert(["j"], [[value({ a: 1, b: { c: [1, 2, { d: 3 }] } }, json)], [value(["x", 5], json)]]),
  );
  const j = column("j", "t", json);
  const contains = (inner: unknown) =>
    where(db, { kind: "JsonContains", operand: j, value: value(inner) });
  assert.deepEqual(await contains({ a: 1 }), [1]);
  assert.deepEqual(await contains({ b: { c: [{ d: 3 }, 2] } }), [1]);
  assert.deepEqual(await contains({ b: { c: 1 } }), []);
  assert.deepEqual(await contains("x"), [2]);
  assert.deepEqual(await contains([5]), [2]);
  assert.deepEqual(await contains({}), [1]);
  assert.deepEqual(await where(db, binary(value({ a: 1 }), "<@", j)), [1]);
  assert.deepEqual(await where(db, binary(j, "?", value("b"))), [1]);
  const keys = { kind: "ListValue" as const, values: ["x", "a"] };
  assert.deepEqual(await where(db, binary(j, "?|", keys)), [1, 2]);
  assert.deepEqual(await where(db, binary(j, "?&", keys)), []);
});

Deno.test("nested rows keep their order and limit, and nest again", async () => {
  await using db = new Database();
  await db.create(schema([id, field("n", integer)]));
  await db.run(insert(["n"], [1, 3, 2].map((n) => [value(n, integer)])));
  const rows = (limit?: number): SelectNode =>
    select({
      selection: [column("n", "u", integer)],
      from: [table("t", "u")],
      orderBy: [order(column("n", "u"), "desc")],
      ...(limit !== undefined && { limit: literal(limit) }),
    });
  const nest = (query: SelectNode, single = false): ExpressionNode => ({
    kind: "JsonRows",
    query,
    single,
  });
  const outer = select({ selection: [alias(nest(rows(2)), "inner"), literal("x")], from: [] });
  const [row] = await db.run(select({
    selection: [
      nest(rows()),
      nest(rows(), true),
      nest({ ...rows(), where: literal(false) }),
      nest({ ...rows(), where: literal(false) }, true),
      nest(outer),
    ],
    from: [],
  }));
  assert.deepEqual(row, ["[[3],[2],[1]]", "[3]", "[]", null, '[[[[3],[2]],"x"]]']);
});

Deno.test("set operations, offsets, derived tables and lists as tables have a form", async () => {
  await using db = new Database();
  const one = (n: number) => select({ selection: [literal(n)], from: [] });
  const operation = (operator: "union" | "intersect" | "except", query: SelectNode) => ({
    kind: "SetOperation" as const,
    operator,
    all: false,
    query,
  });
  assert.deepEqual(
    await db.run({
      ...one(1),
      setOperations: [
        operation("union", { ...one(2), limit: literal(1) }),
        operation("intersect", one(2)),
      ],
    }),
    [[2]],
  );
  assert.deepEqual(await db.run({ ...one(1), offset: literal(1) }), []);
  const derived = { kind: "DerivedTable" as const, query: one(7), alias: "d", columns: ["n"] };
  assert.deepEqual(await db.run(select({ selection: [column("n", "d")], from: [derived] })), [[7]]);
  const lists = {
    kind: "ListTable" as const,
    alias: "l",
    columns: [
      { name: "a", list: { kind: "ListValue" as const, values: [1, 2, 3], type: integer } },
      { name: "b", list: { kind: "ListValue" as const, values: ["x", null, "z"], type: text } },
    ],
  };
  assert.deepEqual(
    await db.run(select({ selection: [{ kind: "Star" }], from: [lists] })),
    [[1, "x"], [2, null], [3, "z"]],
  );
});

Deno.test("inserts: defaults, upserts, lists, queries and RETURNING by alias", async () => {
  await using db = new Database();
  await db.create(
    schema([id, field("n", integer), field("s", text, { default: { kind: "value", value: "d" } })]),
  );
  const returning = [column("id", "t"), column("s", "t"), { kind: "Star" as const, table: "t" }];
  assert.deepEqual(
    await db.run(insert(["n", "s"], [[value(1, integer), { kind: "Default" }]], { returning })),
    [[1, "d", 1, 1, "d"]],
  );
  const set = [{
    kind: "Assignment" as const,
    column: "n",
    value: { kind: "Excluded" as const, name: "n" },
  }];
  const onConflict = { kind: "OnConflict" as const, columns: ["id"], set };
  assert.deepEqual(
    await db.run(insert(["id", "n"], [[value(1, integer), value(5, integer)]], {
      onConflict,
      returning: [column("n", "t")],
    })),
    [[5]],
  );
  const lists = [[1, 2], [6, 7]].map((values) => ({
    kind: "ListValue" as const,
    values,
    type: integer,
  }));
  await db.run(insert(["id", "n"], [], { source: { kind: "Lists", lists }, onConflict }));
  const query = select({ selection: [literal(1), literal(8)], from: [table("t", "x")] });
  await db.run(insert(["id", "n"], [], { source: { kind: "Query", query }, onConflict }));
  assert.deepEqual(
    await db.run(
      select({ selection: [column("n")], from: [table("t")], orderBy: [order(column("id"))] }),
    ),
    [[8], [7]],
  );
  assert.deepEqual(
    await db.run({
      kind: "Update",
      table: table("t", "q"),
      set: [{ kind: "Assignment", column: "n", value: column("n", "src") }],
      from: [{
        kind: "DerivedTable",
        query: select({ selection: [alias(literal(9), "n")], from: [] }),
        alias: "src",
      }],
      where: binary(column("id", "q"), "=", value(2)),
      returning: [alias(column("n", "q"), "now")],
    }),
    [[9]],
  );
  assert.deepEqual(
    await db.run({ kind: "Delete", from: table("t", "q"), returning: [column("id", "q")] }),
    [[1], [2]],
  );
  assert.throws(
    () => sqlOf(insert(["n"], [[{ kind: "Default" }], [value(1)]])),
    UnsupportedError,
  );
});

Deno.test("casts give what PostgreSQL gives", async () => {
  await using db = new Database();
  const double = columnType("double");
  const selection = [
    cast(cast(literal("2.5"), double), integer),
    cast(literal("12"), integer),
    cast(literal(5), columnType("boolean")),
    cast(literal("2024-01-31 12:30:00"), columnType("date")),
    cast(literal("2024-01-31"), columnType("timestamptz")),
    cast(literal("1.005"), money),
    cast(literal(1.5), text),
    cast(literal("A"), columnType("uuid")),
  ];
  assert.deepEqual(await db.run(select({ selection, from: [] })), [[
    3,
    12,
    1,
    "2024-01-31",
    "2024-01-31 00:00:00.000",
    "1.01",
    "1.5",
    "a",
  ]]);
  const distinct = binary(value(null), "is distinct from", value(1));
  assert.deepEqual(await db.run(select({ selection: [distinct], from: [] })), [[1]]);
});

Deno.test("tables are strict, numbered, checked and linked", async () => {
  await using db = new Database();
  await db.create(schema([
    id,
    field("name", columnType("varchar", { length: 3 }), { nullable: false }),
    field("active", columnType("boolean"), { default: { kind: "value", value: true } }),
    field("role", columnType("enum", { values: ["a", "it's"] })),
    field("created", columnType("timestamptz"), { default: { kind: "now" } }),
    field("key", columnType("uuid"), { default: { kind: "uuid" } }),
    field("twice", integer, { generated: { sql: "id * 2", stored: false } }),
    field("parent", integer),
  ], {
    checks: [{ name: "positive", sql: "id > 0" }],
    uniques: [{ name: "one_name", columns: ["name"] }],
    foreignKeys: [{ columns: ["parent"], table: "t", references: ["id"], onDelete: "cascade" }],
  }));
  await db.run({
    kind: "CreateIndex",
    table: "t",
    index: {
      name: "i",
      unique: true,
      parts: [{ column: "name", direction: "desc" }],
      where: "active",
    },
    ifNotExists: true,
  });
  const run = (sql: string) => db.driver.execute({ sql, params: [], kind: "write" });
  const { rows } = await run(
    "INSERT INTO t (name) VALUES ('abc') RETURNING id, active, created, \"key\", twice",
  );
  const [key, active, created, uuid, twice] = rows[0]!;
  assert.deepEqual([key, active, twice], [1, 1, 2]);
  assert.match(String(created), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/);
  assert.match(
    String(uuid),
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  const rejects = (values: string, error: new (...args: never[]) => Error) =>
    assert.rejects(run(`INSERT INTO t (name, active, role, parent, id) VALUES (${values})`), error);
  await rejects("'long', 1, 'a', NULL, 2", DataError);
  await rejects("'x', 2, 'a', NULL, 2", DataError);
  await rejects("'x', 1, 'b', NULL, 2", DataError);
  await rejects("'x', 'yes', 'a', NULL, 2", DataError);
  await rejects("'x', 1, 'a', 99, 2", ForeignKeyViolationError);
  await rejects("'x', 1, 'a', NULL, -2", CheckViolationError);
  await run("INSERT INTO t (name, role, parent) VALUES ('x', 'it''s', 1)");
  await run("DELETE FROM t WHERE id = 1");
  assert.equal((await run("SELECT * FROM t")).rowCount, 0);
  // A number is never given twice, even after the last row is gone.
  assert.deepEqual((await run("INSERT INTO t (name) VALUES ('y') RETURNING id")).rows, [[3]]);
  await db.run({ kind: "DropTable", table: "t", ifExists: true, cascade: true });
  assert.throws(
    () =>
      sqlOf({
        kind: "CreateTable",
        ifNotExists: false,
        table: schema([id], { primaryKey: { columns: ["id", "x"] } }),
      }),
    UnsupportedError,
  );
});

Deno.test("what SQLite has not is refused before any SQL is sent", () => {
  const query = select({ selection: [literal(1)], from: [table("t")] });
  const source = { kind: "DerivedTable" as const, query, alias: "d" };
  const unsupported: RootNode[] = [
    { ...query, distinct: [column("a")] },
    { ...query, lock: { kind: "Lock", strength: "update" } },
    {
      ...query,
      joins: [{ kind: "Join", type: "inner", source, on: literal(true), lateral: true }],
    },
    { ...query, setOperations: [{ kind: "SetOperation", operator: "except", all: true, query }] },
    { ...query, from: [table("t", undefined, "other")] },
    { ...query, where: { kind: "FullText", columns: [column("a")], query: value("x") } },
    { ...query, where: binary(column("a"), "&&", value([1])) },
    { ...query, selection: [{ kind: "JsonRows", query, single: false, byColumn: true }] },
    { kind: "Delete", from: table("t"), using: [table("u")] },
    { kind: "Explain", statement: query, analyze: true },
    { kind: "CreateEnum", type: columnType("enum", { values: ["a"], enumName: "e" }) },
    {
      kind: "CreateTable",
      ifNotExists: false,
      table: schema([id, field("list", columnType("integer", { array: true }))]),
    },
    {
      kind: "AddForeignKey",
      table: "t",
      foreignKey: { columns: ["a"], table: "u", references: ["id"] },
    },
  ];
  for (const node of unsupported) {
    assert.throws(() => sqlOf(node), UnsupportedError, JSON.stringify(node));
  }
  assert.throws(
    () => sqliteDialect.beginStatements({ isolation: "read committed" }),
    UnsupportedError,
  );
  assert.throws(() => sqliteDialect.beginStatements({ deferrable: true }), UnsupportedError);
  assert.deepEqual(sqliteDialect.beginStatements({}), ["BEGIN IMMEDIATE"]);
});

Deno.test("a statement is explained, and a slot takes its value when the statement runs", async () => {
  await using db = new Database();
  const query = select({ selection: [slot(0, integer)], from: [] });
  assert.deepEqual(await db.run(query, [7]), [[7]]);
  assert.equal(
    (await db.run({ kind: "Explain", statement: query, analyze: false }, [7])).length,
    1,
  );
});

Deno.test("the comment that names a type holds no end of a comment", async () => {
  await using db = new Database();
  const type = columnType("other", { sql: "x */ */, y **// TEXT" });
  await db.create(schema([id, field("odd", type)]));
  const { rows } = await db.driver.execute({
    sql: "SELECT name FROM pragma_table_info('t')",
    params: [],
    kind: "read",
  });
  assert.deepEqual(rows, [["id"], ["odd"]]);
});
