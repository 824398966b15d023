/**
 * Values that no database may be given: refused with a clear error before any SQL, and not shown in it.
 */
import assert from "node:assert/strict";
import type { Database } from "../../src/database/database.ts";
import { DataError, RexError, UnsupportedError, ValidationError } from "../../src/base/errors.ts";
import type { UpdateColumns } from "../../src/model/keys.ts";
import type { Where } from "../../src/repository/types.ts";
import type { QueryEvent } from "../../src/engine/query_event.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { columnCases, type DatabaseName } from "./value_cases.ts";
import { shown } from "./value_compare.ts";
import { lists, modelsOf, Sample, scalars } from "./value_models.ts";

/** A value that a column refuses. */
interface Refusal {
  readonly column: string;
  readonly value: unknown;
  /** What must not be in the message: a part of the value. */
  readonly secret?: string;
  /** The only database that refuses it. */
  readonly only?: DatabaseName;
  /** Only the database can tell, by the column's length or digits: the statement is sent, and refused. */
  readonly late?: true;
}

const wrongKinds: readonly (readonly [string, readonly unknown[]])[] = [
  ["smallint", ["31415", 1.5, NaN, Infinity, 31415n * 31415n, true, {}, new Date(0)]],
  ["integer", ["31415", 0.5, NaN, -Infinity, 2 ** 53, 2n ** 40n, [31415]]],
  ["bigint", ["31415", 1.5, NaN, 2 ** 60, true]],
  ["numeric", [true, {}, new Date(0)]],
  ["real", ["31415", 31415n, true]],
  ["double", ["31415", 31415n, {}]],
  ["boolean", ["true", 1, 0n]],
  ["text", [31415, 31415n, true, {}, ["31415"]]],
  ["varchar", [31415, new Uint8Array(3)]],
  ["uuid", [31415]],
  ["date", [new Date(0), 31415]],
  ["time", [new Date(0), 31415]],
  ["timestamp", ["2024-01-31", 31415]],
  ["timestamptz", ["2024-01-31T00:00:00Z", 31415]],
  ["json", [() => 31415, Symbol("31415")]],
  ["bytes", ["31415", [31415], new ArrayBuffer(3)]],
  ["enum", [31415, {}]],
];

const cycle: Record<string, unknown> = { secret: "hunter2" };
cycle.self = cycle;

const refusals: readonly Refusal[] = [
  ...wrongKinds.flatMap(([column, values]) =>
    values.map((value) => ({ column, value, secret: "31415" }))
  ),
  { column: "smallint", value: 32768, secret: "32768" },
  { column: "smallint", value: -32769, secret: "32769" },
  { column: "integer", value: 2147483648, secret: "2147483648" },
  { column: "integer", value: -2147483649, secret: "2147483649" },
  { column: "bigint", value: 2n ** 63n, secret: "9223372036854775808" },
  { column: "bigint", value: -(2n ** 63n) - 1n, secret: "9223372036854775809" },
  ...["", " ", "12,5", "1 2", "0x10", "hunter2", "1.2.3", "--1", "1e", "٣"].map((value) => ({
    column: "numeric",
    value,
    secret: "hunter2",
  })),
  ...["NaN", "Infinity", "-Infinity"].map((value) => ({
    column: "numeric",
    value,
    only: "SQLite" as const,
  })),
  { column: "decimal", value: "0.12345678901", secret: "12345678901", only: "SQLite", late: true },
  { column: "decimal", value: "1" + "0".repeat(28), secret: "0000000", late: true },
  { column: "real", value: 1e39, secret: "1e+39" },
  { column: "real", value: NaN, only: "SQLite" },
  { column: "double", value: NaN, only: "SQLite" },
  { column: "text", value: "hunter2\0", secret: "hunter2" },
  { column: "text", value: "\0" },
  { column: "text", value: "hunter2\ud800", secret: "hunter2" },
  { column: "text", value: "\udc00hunter2", secret: "hunter2" },
  { column: "varchar", value: "hunter2hunter2", secret: "hunter2", late: true },
  { column: "varchar", value: "hunter2\0", secret: "hunter2" },
  { column: "varchar", value: "😀".repeat(13), secret: "😀", late: true },
  { column: "char", value: "hunter2", secret: "hunter2", late: true },
  { column: "uuid", value: "hunter2", secret: "hunter2" },
  { column: "uuid", value: "", secret: "hunter2" },
  { column: "uuid", value: "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}", secret: "a0eebc99" },
  { column: "uuid", value: "a0eebc999c0b4ef8bb6d6bb9bd380a11", secret: "a0eebc99" },
  { column: "uuid", value: "g0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", secret: "g0eebc99" },
  ...[
    "",
    "2023-02-29",
    "1900-02-29",
    "2024-13-01",
    "2024-00-10",
    "2024-04-31",
    "2024-1-1",
    "31.01.2024",
    "now",
    "today",
    "2024-01-31T00:00:00Z",
  ].map((value) => ({ column: "date", value, secret: "31.01" })),
  { column: "date", value: "0044-03-15 BC", only: "SQLite" },
  { column: "date", value: "12345-06-07", only: "SQLite" },
  ...["", "25:00:00", "12:60:00", "12:00:60.5", "now", "12", "12:00:00+02"].map((value) => ({
    column: "time",
    value,
  })),
  ...["timestamp", "timestamptz"].flatMap((column): Refusal[] => [
    { column, value: new Date(NaN) },
    { column, value: new Date("-000044-03-15T00:00:00Z"), only: "SQLite" },
    { column, value: new Date("+010000-01-01T00:00:00Z"), only: "SQLite" },
  ]),
  ...["json", "jsonb"].flatMap((column): Refusal[] => [
    { column, value: { secret: "hunter2", not: NaN }, secret: "hunter2" },
    { column, value: ["hunter2", Infinity], secret: "hunter2" },
    { column, value: { secret: "hunter2", set: new Set([1]) }, secret: "hunter2" },
    { column, value: { secret: "hunter2", map: new Map() }, secret: "hunter2" },
    { column, value: { secret: "hunter2", bytes: new Uint8Array(2) }, secret: "hunter2" },
    { column, value: { secret: "hunter2", at: new Date(NaN) }, secret: "hunter2" },
    { column, value: ["hunter2", undefined], secret: "hunter2" },
    { column, value: { secret: "hunter2", call: () => 1 }, secret: "hunter2" },
    { column, value: cycle, secret: "hunter2" },
    { column, value: { secret: "hunter2\0" }, secret: "hunter2", only: "PostgreSQL" },
    { column, value: ["hunter2\ud800"], secret: "hunter2", only: "PostgreSQL" },
    { column, value: { "hunter2\0": 1 }, secret: "hunter2", only: "PostgreSQL" },
  ]),
  { column: "enum", value: "hunter2", secret: "hunter2" },
  { column: "enum", value: "", secret: "hunter2" },
  { column: "enum", value: "GLAD", secret: "GLAD" },
  { column: "other", value: "hunter2\0", secret: "hunter2" },
];

/** The same columns without a value, so that both records go into one statement. */
function nothingOf(values: UpdateColumns<Sample>): UpdateColumns<Sample> {
  return Object.fromEntries(Object.keys(values).map((name) => [name, null]));
}

/** The ways on which a value reaches the database. */
const ways: Readonly<
  Record<string, (db: Database, values: UpdateColumns<Sample>) => Promise<unknown>>
> = {
  create: (db, values) => db.repository(Sample).create(values),
  createMany: (db, values) => db.repository(Sample).createMany([nothingOf(values), values]),
  update: (db, values) => db.repository(Sample).update(1, values),
  updateMany: (db, values) => db.repository(Sample).updateMany({}, values),
  upsert: (db, values) =>
    db.repository(Sample).upsert({ where: { id: 1 }, create: {}, update: values }),
  insertInto: (db, values) => db.insertInto(Sample).values(values).execute(),
};

/** Conditions. */
const conditions: Readonly<
  Record<string, (db: Database, column: string, value: unknown) => Promise<unknown>>
> = {
  eq: (db, column, value) =>
    db.repository(Sample).find({ where: { [column]: { eq: value } } as Where<Sample> }),
  in: (db, column, value) =>
    db.repository(Sample).find({ where: { [column]: { in: [value] } } as Where<Sample> }),
};

function isRefusal(error: unknown): error is RexError {
  return error instanceof DataError || error instanceof ValidationError;
}

onEveryDatabase("a value that cannot be stored is refused before any SQL, and not shown", {
  models: modelsOf(scalars),
}, async ({ db, target }) => {
  await db.repository(Sample).create({});
  const sent: QueryEvent[] = [];
  db.onQuery((event) => void sent.push(event));
  const faults: string[] = [];
  const check = async (what: string, refusal: Refusal, work: () => Promise<unknown>) => {
    sent.length = 0;
    // A typed builder may refuse at once.
    const error = await Promise.resolve().then(work).then(() => undefined, (error) => error);
    const label = `${what} of ${refusal.column} = ${shown(refusal.value)}`;
    const statements = sent.filter(({ kind }) => kind === "read" || kind === "write");
    if (error === undefined) faults.push(`${label} was accepted`);
    else if (!isRefusal(error)) faults.push(`${label}: ${error}`);
    if (statements.length > 0 && !refusal.late) {
      faults.push(`${label} sent ${statements[0]?.sql.slice(0, 60)}`);
    }
    if (error instanceof Error && refusal.secret !== undefined) {
      const told = `${error.message} ${JSON.stringify(error)} ${Deno.inspect(error)}`;
      if (told.includes(refusal.secret)) faults.push(`${label} shows it: ${error.message}`);
    }
  };
  for (const refusal of refusals) {
    const { column, value, only } = refusal;
    if (only !== undefined && !target.name.startsWith(only)) continue;
    for (const [way, work] of Object.entries(ways)) {
      await check(way, refusal, () => work(db, { [column]: value } as UpdateColumns<Sample>));
    }
    // What is too long is only not found; a list, or an object, in place of a value is a fault of the query.
    if (refusal.late || typeof value === "object" && !(value instanceof Date)) continue;
    if (column.startsWith("json")) continue;
    for (const [way, work] of Object.entries(conditions)) {
      await check(way, refusal, () => work(db, column, value));
    }
  }
  assert.equal(faults.length, 0, `${faults.length} are wrong:\n${faults.join("\n")}`);
  assert.equal(await db.repository(Sample).count(), 1);
});

onEveryDatabase(
  "text with a NUL is refused in raw SQL and untyped values too",
  {},
  async ({ db, target }) => {
    // As JSON, SQLite keeps the escape.
    const documents = target.name.startsWith("SQLite") ? [] : [{ a: "hunter2\0" }, ["hunter2\0"]];
    for (const value of ["hunter2\0", "hunter2\ud800", ...documents]) {
      const error = await db.execute("SELECT $1 AS value", [value]).then(() => undefined, (e) => e);
      assert.ok(error instanceof DataError, shown(value));
      assert.ok(!`${error.message} ${Deno.inspect(error)}`.includes("hunter2"), error.message);
    }
    const functions = [() => 1, Symbol("hunter2"), undefined];
    for (const value of functions) {
      await assert.rejects(db.execute("SELECT $1 AS value", [value]), RexError, shown(value));
    }
  },
);

onEveryDatabase("arrays are refused by name where the database has none", {
  needs: (has) => !has.supportsArrays,
}, async ({ db }) => {
  const sent: QueryEvent[] = [];
  db.onQuery((event) => void sent.push(event));
  const refused = (work: () => Promise<unknown>, pattern: RegExp) =>
    assert.rejects(
      Promise.resolve().then(work),
      (error) => error instanceof UnsupportedError && pattern.test(error.message),
    );
  await refused(() => db.schema.create({ models: modelsOf(lists) }), /list.* of smallint/);
  const { rows } = await db.execute("SELECT name FROM sqlite_schema WHERE name LIKE 'value%'");
  assert.deepEqual(rows, []);
  sent.length = 0;
  const samples = db.repository(lists.sample);
  for (const { column } of columnCases) {
    const values = { [column]: [] } as unknown as UpdateColumns<Sample>;
    await refused(() => samples.create(values), /list of/);
    await refused(() => samples.createMany([values]), /list of/);
    await refused(() => samples.find(), /list of smallint/);
  }
  assert.deepEqual(sent.map(({ sql }) => sql), []);
});
