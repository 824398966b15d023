import assert from "node:assert/strict";
import { column, select, table } from "../../ast/build.ts";
import { DataError } from "../../base/errors.ts";
import { type ColumnType, columnType } from "../../schema/column_type.ts";
import { PreciseDate } from "../../schema/precise_date.ts";
import { type FreshPostgresDatabase, freshPostgresDatabase } from "../../../tests/targets/mod.ts";
import { postgresCodecs, postgresDialect, PostgresDriver } from "./mod.ts";

const { compiler } = postgresDialect;

let database: FreshPostgresDatabase;
let driver: PostgresDriver;

Deno.test.beforeAll(async () => {
  database = await freshPostgresDatabase();
  driver = new PostgresDriver({ database: "postgres", url: database.url });
  await driver.execute({
    sql: "CREATE TYPE mood AS ENUM ('sad', 'so so', 'it''s \"great\"')",
    params: [],
    kind: "ddl",
  });
});

Deno.test.afterAll(async () => {
  await driver.close();
  await database.drop();
});

const mood = { values: ["sad", "so so", 'it\'s "great"'], enumName: "mood" };
const bytes = (...values: number[]) => new Uint8Array(values);

interface Case {
  readonly type: ColumnType;
  readonly values: readonly unknown[];
  /** What comes back, where it is not what went in. */
  readonly back?: readonly unknown[];
}

const texts = [
  "",
  "plain",
  'quote " and \\ back',
  "{a,b}",
  "NULL",
  "null",
  " tab\t\n\r ",
  "𝄞 ü 漢",
  "'",
];
const instants = [
  new Date(0),
  new Date("2024-02-29T23:59:59.999Z"),
  new Date("0050-01-01T00:00:00Z"),
  new Date(Date.UTC(-43, 2, 15)),
  new Date("0000-12-31T12:00:00Z"),
  new Date("+012345-06-07T08:09:10.011Z"),
  new PreciseDate(Date.UTC(2024, 0, 2, 3, 4, 5, 678), 901),
  new PreciseDate(Date.UTC(1969, 11, 31, 23, 59, 59, 999), 999),
  new PreciseDate(Date.UTC(-43, 2, 15), 1),
  new Date(8.64e15),
  new Date(-8.64e15),
];
const documents = [
  {},
  [],
  "text",
  "",
  0,
  true,
  { a: [1, 2.5, null, { b: 'ü\n"\\' }], long: "\\u0000 is only text" },
  [9007199254740993n, -9223372036854775808n, 123456789012345678901234567890n],
];

const cases: readonly Case[] = [
  { type: columnType("smallint"), values: [0, -32768, 32767] },
  { type: columnType("integer"), values: [0, -2147483648, 2147483647] },
  {
    type: columnType("bigint"),
    values: [0n, 9007199254740993n, -(2n ** 63n), 2n ** 63n - 1n],
  },
  {
    type: columnType("numeric"),
    values: [
      "0",
      "0.10",
      "-123456789012345678901234567890.123456789",
      "NaN",
      "Infinity",
      "-Infinity",
      5n,
      1.5,
    ],
    back: [
      "0",
      "0.10",
      "-123456789012345678901234567890.123456789",
      "NaN",
      "Infinity",
      "-Infinity",
      "5",
      "1.5",
    ],
  },
  { type: columnType("numeric", { precision: 10, scale: 2 }), values: ["1.50", "-0.01"] },
  { type: columnType("real"), values: [0, 0.5, 0.1, -0, NaN, Infinity, -Infinity, 3.4028235e38] },
  {
    type: columnType("double"),
    values: [0, 0.1, -0, NaN, Infinity, -Infinity, 5e-324, Number.MAX_VALUE, 1 / 3],
  },
  { type: columnType("boolean"), values: [true, false] },
  { type: columnType("text"), values: texts },
  { type: columnType("varchar", { length: 30 }), values: texts },
  { type: columnType("char", { length: 3 }), values: ["abc", "a  "] },
  {
    type: columnType("uuid"),
    values: ["00000000-0000-0000-0000-000000000000", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"],
    back: ["00000000-0000-0000-0000-000000000000", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"],
  },
  {
    type: columnType("date"),
    values: ["2024-02-29", "0001-01-01", "0044-03-15 BC", "12345-06-07", "infinity", "-infinity"],
  },
  { type: columnType("time"), values: ["00:00:00", "23:59:59.999999", "12:30:00.5", "24:00:00"] },
  { type: columnType("timestamp"), values: instants },
  { type: columnType("timestamptz"), values: instants },
  { type: columnType("json"), values: documents },
  { type: columnType("jsonb"), values: documents },
  { type: columnType("bytes"), values: [bytes(), bytes(0, 1, 127, 128, 255), bytes(92, 34)] },
  { type: columnType("enum", mood), values: mood.values },
  { type: columnType("other", { sql: "interval" }), values: ["1 day 02:03:04.5", "-1 mons"] },
  { type: columnType("other", { sql: "inet" }), values: ["10.0.0.1/8", "::1"] },
  { type: columnType("other", { sql: "money" }), values: ["$1,234.50", "-$0.01"] },
  { type: columnType("other", { sql: "point" }), values: ["(1,2.5)"] },
];

let tables = 0;

/** Stores the values, and gives them as a top-level read and as a nested one. */
async function roundTrip(type: ColumnType, values: readonly unknown[]) {
  const name = `t${++tables}`;
  const codec = postgresCodecs.codec(type);
  const created = compiler.compile({
    kind: "CreateTable",
    ifNotExists: false,
    table: {
      name,
      columns: [
        { name: "id", type: columnType("integer"), nullable: false },
        { name: "v", type, nullable: true },
      ],
      uniques: [],
      indexes: [],
      checks: [],
      foreignKeys: [],
    },
  });
  await driver.execute({ sql: created.sql, params: [], kind: "ddl" });
  for (const [id, value] of values.entries()) {
    await driver.execute({
      sql: `INSERT INTO ${name} VALUES ($1, $2)`,
      params: [String(id), value === null ? null : codec.dump?.(value)],
      kind: "write",
    });
  }
  const load = (loader: typeof codec.load, wire: unknown) =>
    wire === null || !loader ? wire : loader(wire);
  const query = select({
    selection: [column("v", name, type)],
    from: [table(name)],
    orderBy: [{ kind: "Order", expression: column("id"), direction: "asc" }],
  });
  const top = await driver.execute({
    sql: compiler.compile(query).sql,
    params: [],
    kind: "read",
  });
  const nested = await driver.execute({
    sql: compiler.compile(
      select({ selection: [{ kind: "JsonRows", query, single: false }], from: [] }),
    ).sql,
    params: [],
    kind: "read",
  });
  const json = JSON.parse(nested.rows[0]?.[0] as string) as unknown[][];
  return {
    top: top.rows.map(([wire]) => load(codec.load, wire)),
    nested: json.map(([wire]) => load(codec.loadNested, wire)),
  };
}

for (const { type, values, back = values } of cases) {
  const name = type.sql ?? type.name;
  Deno.test(`${name} values come back as they went in, at top level and nested`, async () => {
    const { top, nested } = await roundTrip(type, [...values, null]);
    assert.deepEqual(top, [...back, null]);
    assert.deepEqual(nested, [...back, null]);
  });

  Deno.test(`arrays of ${name} come back as they went in, at top level and nested`, async () => {
    const arrays = [[...values], [], [null, values[0], null], null];
    const { top, nested } = await roundTrip({ ...type, array: true }, arrays);
    const expected = [[...back], [], [null, back[0], null], null];
    assert.deepEqual(top, expected);
    assert.deepEqual(nested, expected);
  });
}

Deno.test("arrays of two dimensions, with bounds and NULL elements are read", async () => {
  const { top } = await roundTrip(columnType("integer", { array: true }), [[[1, null], [3, 4]]]);
  assert.deepEqual(top, [[[1, null], [3, 4]]]);
  const { rows } = await driver.execute({
    sql: `SELECT '[0:1]={a,"b,c"}'::text[]`,
    params: [],
    kind: "read",
  });
  const { load } = postgresCodecs.codec(columnType("text", { array: true }));
  assert.deepEqual(load?.(rows[0]?.[0]), ["a", "b,c"]);
});

Deno.test("a JSON null is loaded as null, as a missing document is", async () => {
  const { rows } = await driver.execute({
    sql: "SELECT 'null'::jsonb, NULL::jsonb",
    params: [],
    kind: "read",
  });
  const { load } = postgresCodecs.codec(columnType("jsonb"));
  assert.equal(rows[0]?.[0], "null");
  assert.equal(load?.(rows[0]?.[0]), null);
  assert.equal(rows[0]?.[1], null);
});

Deno.test("a text column's length is minded by the database", async () => {
  await assert.rejects(
    roundTrip(columnType("varchar", { length: 3 }), ["long secret"]),
    (error: Error) => error instanceof DataError && !error.message.includes("secret"),
  );
});

const refusals: readonly (readonly [ColumnType, unknown, string])[] = [
  [columnType("smallint"), 32768, "out of range"],
  [columnType("integer"), 1.5, "a fraction"],
  [columnType("integer"), "1", "a string"],
  [columnType("integer"), NaN, "not a number"],
  [columnType("bigint"), 2n ** 63n, "out of range"],
  [columnType("bigint"), 2 ** 53, "a number that is not exact"],
  [columnType("numeric"), "1,5", "a wrong decimal"],
  [columnType("numeric"), "", "an empty text"],
  [columnType("numeric"), 0.1 + 0.2, "a number that is not exact"],
  [columnType("real"), 1e300, "out of range"],
  [columnType("double"), "1", "a string"],
  [columnType("boolean"), 1, "a number"],
  [columnType("text"), "a\0b", "a NUL character"],
  [columnType("text"), "a\ud800b", "a lone surrogate"],
  [columnType("text", { array: true }), ["a\0b"], "a NUL character in an array"],
  [columnType("text", { array: true }), "a", "no list"],
  [columnType("uuid"), "not-a-uuid", "no UUID"],
  [columnType("date"), "2023-02-29", "a day that does not exist"],
  [columnType("date"), "2024-1-1", "a date in another form"],
  [columnType("time"), "25:00:00", "an hour that does not exist"],
  [columnType("timestamp"), "2024-01-01", "a string"],
  [columnType("timestamptz"), new Date(NaN), "an invalid date"],
  [columnType("jsonb"), { a: "x\0y" }, "a NUL character in JSON"],
  [columnType("json"), ["\ud800"], "a lone surrogate in JSON"],
  [columnType("jsonb"), { a: NaN }, "NaN in JSON"],
  [columnType("bytes"), "abc", "a string"],
  [columnType("enum", mood), "glad", "a value that the type has not"],
];

for (const [type, value, what] of refusals) {
  const name = type.array ? `${type.name}[]` : type.name;
  Deno.test(`a ${name} column refuses ${what} before anything is sent`, () => {
    assert.throws(() => postgresCodecs.codec(type).dump?.(value), DataError);
  });
}

Deno.test("values without a column type are bound by their own type", async () => {
  const values: readonly (readonly [string, unknown, unknown])[] = [
    ["boolean", true, true],
    ["integer", 5, 5],
    ["double precision", -0.5, -0.5],
    ["bigint", 9007199254740993n, 9007199254740993n],
    ["bigint", 7n, 7],
    ["text", "x", "x"],
    ["timestamptz", new Date(1.7e12), new Date(1.7e12)],
    ["bytea", bytes(1, 2), bytes(1, 2)],
    ["jsonb", { a: [1n] }, { a: [1] }],
    ["jsonb", [{ a: 1 }], [{ a: 1 }]],
    ["integer[]", [1, null, 3], [1, null, 3]],
    ["boolean[]", [true, false], [true, false]],
    ["timestamptz[]", [new Date(0)], [new Date(0)]],
    ["text[][]", [["a", "b"], ["c", "d"]], [["a", "b"], ["c", "d"]]],
    ["numeric", "1.50", "1.50"],
    ["uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"],
    ["interval", "1 day", "1 day"],
    ["text", null, null],
  ];
  for (const [type, value, expected] of values) {
    const { rows, columns } = await driver.execute({
      sql: `SELECT $1::${type}`,
      params: [postgresCodecs.dumpUntyped(value)],
      kind: "read",
    });
    const load = postgresCodecs.loadUntyped(columns[0]?.type);
    const wire = rows[0]?.[0];
    assert.deepEqual(wire === null || !load ? wire : load(wire), expected, type);
  }
  assert.throws(() => postgresCodecs.dumpUntyped(() => 1), DataError);
  assert.throws(() => postgresCodecs.dumpUntyped("\0"), DataError);
});

Deno.test("the codec of a type is the same object every time", () => {
  assert.equal(
    postgresCodecs.codec(columnType("text")),
    postgresCodecs.codec(columnType("text")),
  );
  const type = columnType("enum", mood);
  assert.equal(postgresCodecs.codec(type), postgresCodecs.codec(type));
});
