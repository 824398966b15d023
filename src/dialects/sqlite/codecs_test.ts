import assert from "node:assert/strict";
import { DataError, UnsupportedError } from "../../base/errors.ts";
import { alias, column, literal, select, table } from "../../ast/build.ts";
import type { CompiledStatement } from "../../dialect/dialect.ts";
import type { RootNode } from "../../ast/nodes.ts";
import { type ColumnType, columnType, type ColumnTypeName } from "../../schema/column_type.ts";
import { PreciseDate } from "../../schema/precise_date.ts";
import type { TableSchema } from "../../schema/table.ts";
import { sqliteCodecs } from "./codecs.ts";
import { SqliteDriver } from "./driver.ts";
import { sqliteDialect } from "./mod.ts";

const uuid = "00112233-4455-6677-8899-aabbccddeeff";

/** A type, and values that come back equal: from JSON too. */
const exact: [ColumnType, unknown[]][] = [
  [columnType("smallint"), [-32768, 0, 32767]],
  [columnType("integer"), [-2147483648, 0, 2147483647]],
  [columnType("bigint"), [-(2n ** 63n), 0n, 9007199254740993n, 2n ** 63n - 1n]],
  [columnType("numeric"), [
    "0",
    "-0.5",
    "12345678901234567890.123456789",
    "0.1",
    "-99999999999999999999999999999999999999",
  ]],
  [columnType("numeric", { precision: 10, scale: 2 }), ["12.50", "-0.01", "0.00", "99999999.99"]],
  [columnType("real"), [0.5, -1.25, 0.1, 16777216, 1.1754944e-38, 1e-45, Infinity]],
  [columnType("double"), [
    0,
    0.1,
    0.1 + 0.2,
    1e300,
    -5e-324,
    1.7976931348623157e308,
    Infinity,
    -Infinity,
    3,
    2 ** 60,
  ]],
  [columnType("boolean"), [true, false]],
  [columnType("text"), ["", "it's", "ünï😀", 'a\nb\\"c', "true", "123", "\u0001"]],
  [columnType("varchar", { length: 5 }), ["abcde"]],
  [columnType("char", { length: 2 }), ["ab"]],
  [columnType("uuid"), [uuid]],
  [columnType("date"), ["2024-02-29", "0001-01-01", "9999-12-31"]],
  [columnType("time"), ["00:00:00", "23:59:59.123456", "12:30:00.5"]],
  [columnType("timestamp"), [new Date(0), new Date("2024-01-31T12:00:00.123Z")]],
  [columnType("timestamptz"), [
    new Date(-1),
    new PreciseDate(Date.UTC(2024, 0, 31), 4),
    new Date("0000-01-01T00:00:00Z"),
    new Date("9999-12-31T23:59:59.999Z"),
    new Date(8.64e15),
    new Date(-8.64e15),
  ]],
  [
    columnType("json"),
    [
      null,
      { a: [1, "x", null, true], big: 9007199254740993n },
      [],
      "text",
      5,
      false,
      "[1]",
      1.5,
    ].filter((value) => value !== null),
  ],
  [columnType("jsonb"), [{ nested: { deep: ["\u0001escaped"] } }]],
  [columnType("bytes"), [new Uint8Array(0), new Uint8Array([0, 1, 254, 255])]],
  [columnType("enum", { values: ["draft", "it's"] }), ["draft", "it's"]],
  [columnType("other", { sql: "citext" }), ["anything"]],
];

function bind(statement: CompiledStatement): unknown[] {
  return statement.bindings.map(({ value, dump }) => value === null || !dump ? value : dump(value));
}

async function run(driver: SqliteDriver, node: RootNode, bigints = false): Promise<unknown[][]> {
  const statement = sqliteDialect.compiler.compile(node);
  const { sql, kind } = statement;
  return (await driver.execute({ sql, kind, params: bind(statement), bigints })).rows;
}

function tableOf(type: ColumnType): TableSchema {
  return {
    name: "t",
    columns: [
      { name: "id", type: columnType("integer"), nullable: false, identity: "by default" },
      { name: "x", type, nullable: true },
    ],
    primaryKey: { columns: ["id"] },
    uniques: [],
    indexes: [],
    checks: [],
    foreignKeys: [],
  };
}

for (const [type, values] of exact) {
  const name = type.scale === undefined ? type.name : `${type.name} with a scale`;
  Deno.test(`${name} comes back equal at top level, nested in JSON, and is found again`, async () => {
    const driver = new SqliteDriver({ database: "sqlite" });
    await run(driver, { kind: "CreateTable", table: tableOf(type), ifNotExists: false });
    const rows = [...values, null].map((value) => [{ kind: "Value" as const, value, type }]);
    await run(driver, {
      kind: "Insert",
      into: table("t"),
      columns: ["x"],
      source: { kind: "Rows", rows },
    });
    const codec = sqliteCodecs.codec(type);
    const query = select({
      selection: [column("x", "t", type)],
      from: [table("t")],
      orderBy: [{ kind: "Order", expression: column("id", "t"), direction: "asc" }],
    });
    for (const bigints of type.name === "bigint" ? [true] : [false, true]) {
      const top = (await run(driver, query, bigints)).map(([wire]) =>
        wire === null || !codec.load ? wire : codec.load(wire)
      );
      assert.deepEqual(top, [...values, null]);
    }
    const [[json]] = await run(
      driver,
      select({
        selection: [alias({ kind: "JsonRows", query, single: false }, "json")],
        from: [],
      }),
    ) as [[string]];
    const nested = (JSON.parse(json) as unknown[][]).map(([item]) =>
      item === null || !codec.loadNested ? item : codec.loadNested(item)
    );
    assert.deepEqual(nested, [...values, null]);

    if (type.name.startsWith("json")) return;
    const list = { kind: "ListValue" as const, values };
    const operand = column("x", "t", type);
    const found = await run(
      driver,
      { ...query, where: { kind: "In", operand, source: list, negated: false } },
      true,
    );
    assert.equal(found.length, values.length);
    const equal = { kind: "Binary" as const, operator: "=" as const, left: operand };
    for (const value of values) {
      const right = { kind: "Value" as const, value };
      assert.equal((await run(driver, { ...query, where: { ...equal, right } }, true)).length, 1);
    }
    await driver.close();
  });
}

const refused: [ColumnTypeName, unknown[], Partial<ColumnType>?][] = [
  ["smallint", [32768, -32769, 1.5, "1"]],
  ["integer", [2147483648, NaN, null + "", 2 ** 53]],
  ["bigint", [2n ** 63n, -(2n ** 63n) - 1n, 2 ** 53, 1.5, "1"]],
  ["numeric", ["", "1,5", "abc", NaN, Infinity, "NaN", "1e999999", true, "."]],
  ["double", [NaN, "1", 1n]],
  ["real", [NaN, 1e300]],
  ["boolean", [1, "true"]],
  ["text", [1, "a\0b", "a\ud800b"]],
  ["uuid", ["x", uuid.slice(1), 5]],
  ["date", ["2024-02-30", "2024-1-1", new Date(), "20240101"]],
  ["time", ["24:00:01", "1:00", "12:60"]],
  ["timestamptz", ["2024-01-01", new Date(NaN), new Date("+010000-01-01T00:00:00Z"), 5]],
  ["json", [() => 1, NaN]],
  ["bytes", ["x", [1]]],
  ["enum", ["other", 1], { values: ["a"] }],
];

for (const [name, values, rest] of refused) {
  Deno.test(`${name} refuses what cannot be stored exactly, without showing it`, () => {
    const { dump } = sqliteCodecs.codec(columnType(name, rest));
    for (const value of values) {
      assert.throws(() => dump!(value), DataError, String(value));
    }
  });
}

Deno.test("values take one form, so that equal ones are equal in SQL", () => {
  const dump = (name: ColumnTypeName, value: unknown, rest?: Partial<ColumnType>) =>
    sqliteCodecs.codec(columnType(name, rest)).dump!(value);
  assert.equal(dump("numeric", "+01.500"), "1.5");
  assert.equal(dump("numeric", "-0.0"), "0");
  assert.equal(dump("numeric", "1.5e3"), "1500");
  assert.equal(dump("numeric", 1e21), "1000000000000000000000");
  assert.equal(dump("numeric", 12n, { precision: 10, scale: 2 }), "12.00");
  assert.equal(dump("numeric", "12.505", { precision: 10, scale: 2 }), "12.505");
  assert.equal(dump("uuid", uuid.toUpperCase()), uuid);
  assert.equal(dump("time", "12:30"), "12:30:00");
  assert.equal(dump("time", "12:30:00.500000"), "12:30:00.5");
  assert.equal(dump("timestamptz", new PreciseDate(0, 7)), "1970-01-01 00:00:00.000007");
  assert.equal(dump("integer", 5), 5n);
  assert.equal(dump("real", 0.123456789), 0.12345679);
});

Deno.test("untyped values are bound by what they are, and integers come back as numbers where exact", async () => {
  const driver = new SqliteDriver({ database: "sqlite" });
  const values = [null, true, 5, 1.5, 2n ** 60n, "x", new Date(0), { a: 1n }, [1], 2 ** 60, -0];
  const params = values.map((value) => sqliteCodecs.dumpUntyped(value));
  const { rows } = await driver.execute({
    sql: `SELECT ${values.map((_, index) => `$${index + 1}`).join(", ")}`,
    params,
    kind: "unknown",
  });
  const load = sqliteCodecs.loadUntyped(undefined)!;
  assert.deepEqual(rows[0]!.map((wire) => wire === null ? wire : load(wire)), [
    null,
    1,
    5,
    1.5,
    2n ** 60n,
    "x",
    "1970-01-01 00:00:00.000",
    '{"a":1}',
    "[1]",
    2 ** 60,
    -0,
  ]);
  for (const value of [undefined, NaN, () => 1, "a\0"]) {
    assert.throws(() => sqliteCodecs.dumpUntyped(value), DataError);
  }
  await driver.close();
});

Deno.test("a list as a column is refused with what to use instead", () => {
  assert.throws(
    () => sqliteCodecs.codec(columnType("integer", { array: true })),
    (error: UnsupportedError) => error instanceof UnsupportedError && /json/.test(error.hint ?? ""),
  );
});

Deno.test("points in time sort as text as they do in time", async () => {
  const driver = new SqliteDriver({ database: "sqlite" });
  const type = columnType("timestamptz");
  const dump = sqliteCodecs.codec(type).dump!;
  const dates = [
    new Date(-8.64e15),
    new Date("0001-01-01T00:00:00Z"),
    new Date(0),
    new PreciseDate(0, 1),
    new Date(1),
    new Date(8.64e15),
  ];
  const { rows } = await driver.execute({
    sql: "SELECT value FROM json_each($1) ORDER BY value",
    params: [JSON.stringify(dates.toReversed().map(dump))],
    kind: "read",
  });
  assert.deepEqual(rows.map(([wire]) => sqliteCodecs.codec(type).load!(wire)), dates);
  const own = await driver.execute({
    sql: "SELECT datetime($1, '+1 day'), strftime('%Y-%m-%d %H:%M:%f', 'now')",
    params: [dump(new Date(0))],
    kind: "read",
  });
  assert.equal(own.rows[0]![0], "1970-01-02 00:00:00");
  assert.ok(sqliteCodecs.codec(type).load!(own.rows[0]![1]) instanceof Date);
  await driver.close();
});

Deno.test("a constant keeps its exact form in DDL", async () => {
  const driver = new SqliteDriver({ database: "sqlite" });
  const value = 9007199254740993n;
  const schema = tableOf(columnType("bigint"));
  const columns = [schema.columns[0]!, {
    ...schema.columns[1]!,
    default: { kind: "value" as const, value },
  }];
  await run(driver, { kind: "CreateTable", table: { ...schema, columns }, ifNotExists: false });
  await run(driver, {
    kind: "Insert",
    into: table("t"),
    columns: [],
    source: { kind: "Defaults" },
  });
  const query = select({ selection: [column("x"), literal(1)], from: [table("t")] });
  assert.deepEqual(await run(driver, query, true), [[value, 1n]]);
  await driver.close();
});
