/**
 * The values that every column type must carry: by column of `Sample`, what is written and what comes back.
 *
 * @module
 */
import { PreciseDate } from "../../src/schema/precise_date.ts";
import { type Mood, moods } from "./value_models.ts";

/** A database by name. */
export type DatabaseName = "SQLite" | "PostgreSQL";

/** One value that is written. */
export interface ValueCase {
  /** What is written. */
  readonly value: unknown;
  /** What comes back, where it is not the very value: the same everywhere, or by database. */
  readonly back?: unknown | Readonly<Partial<Record<DatabaseName, unknown>>>;
  /** The only database that can hold it, as DESIGN and the decisions say; the other one refuses it. */
  readonly only?: DatabaseName;
}

/** How the values of a column compare: what `eq` and ordering are checked against. */
export type Comparison =
  | "number"
  | "decimal"
  | "instant"
  | "day"
  | "boolean"
  | "code points"
  | "bytes"
  | "enum"
  | "equality"
  | "none";

/** A column with its cases. */
export interface ColumnCases {
  /** The property of `Sample`. */
  readonly column: string;
  /** How its values compare. */
  readonly compares: Comparison;
  /** The cases; NULL comes on top for every column. */
  readonly cases: readonly ValueCase[];
}

const PG = { only: "PostgreSQL" } as const;

function same(...values: readonly unknown[]): ValueCase[] {
  return values.map((value) => ({ value }));
}

function onlyPostgres(...values: readonly unknown[]): ValueCase[] {
  return values.map((value) => ({ value, ...PG }));
}

/** What comes back differs by database. */
class ByDatabase {
  constructor(readonly values: Readonly<Partial<Record<DatabaseName, unknown>>>) {}
}

/** What a case gives back on a database. */
export function backOf(one: ValueCase, database: DatabaseName): unknown {
  if (!("back" in one)) return one.value;
  if (!(one.back instanceof ByDatabase)) return one.back;
  return database in one.back.values ? one.back.values[database] : one.value;
}

const allBytes = Uint8Array.from({ length: 256 }, (_, index) => index);

const texts = [
  "",
  " ",
  "plain",
  "  spaces kept  ",
  `quotes ' '' " "" \` and \\ backslashes \\\\ \\' \\n`,
  "line\nbreak\r\ntab\t\v\f\u0001\u001f\u007f",
  "𝄞 surrogate pairs 😀👩‍👩‍👧",
  "ünï 漢字 עברית العربية ﷺ e\u0301 ß İ ı ſ",
  "null",
  "NULL",
  "true",
  "0",
  "9007199254740993",
  "1e400",
  "2024-01-31T12:00:00.123Z",
  '{"json": [1]}',
  "{a,b}",
  "$1 ? :name @x %s %_\\%",
  "'); DROP TABLE value_samples; --",
  "\ufeffbom\u200bzero\u2028line\u2029paragraph\uffff",
  "x".repeat(10_000),
];

/** Instants that every database holds. */
const instants: readonly ValueCase[] = [
  ...same(
    new Date(0),
    new Date(-1),
    new Date("2024-02-29T23:59:59.999Z"),
    new Date("1999-12-31T23:59:59Z"),
    new Date("0001-01-01T00:00:00Z"),
    new Date("0099-12-31T00:00:00.001Z"),
    new Date("9999-12-31T23:59:59.999Z"),
    // Clocks go forward and back at these moments in Berlin and New York.
    new Date("2024-03-31T01:00:00Z"),
    new Date("2024-03-31T00:59:59.999Z"),
    new Date("2024-10-27T00:30:00Z"),
    new Date("2024-10-27T01:30:00Z"),
    new Date("2024-03-10T07:00:00Z"),
    new Date("2024-11-03T05:30:00Z"),
    new PreciseDate(Date.UTC(2024, 0, 31, 12, 0, 0, 123), 456),
    new PreciseDate(Date.UTC(2024, 0, 31, 12, 0, 0, 123), 1),
    new PreciseDate(Date.UTC(2024, 0, 31, 12, 0, 0, 123), 999),
    new PreciseDate(Date.UTC(1969, 11, 31, 23, 59, 59, 999), 999),
    new PreciseDate(Date.UTC(9999, 11, 31, 23, 59, 59, 999), 999),
    new Date(8.64e15),
    new Date(-8.64e15),
  ),
  // Without microseconds, what comes back is a plain Date.
  { value: new PreciseDate(1_700_000_000_000), back: new Date(1_700_000_000_000) },
  ...onlyPostgres(
    new Date("-000043-03-15T00:00:00Z"),
    new PreciseDate(Date.UTC(-43, 2, 15), 7),
    new Date("+010000-01-01T00:00:00Z"),
    new Date("+123456-07-08T09:10:11.012Z"),
  ),
  // The year 0 of ISO 8601 is 1 BC.
  { value: new Date("0000-12-31T12:00:00Z") },
];

const documents: readonly ValueCase[] = same(
  {},
  [],
  "",
  "text",
  "2024-01-31T12:00:00.000Z",
  "null",
  0,
  -1.5,
  true,
  false,
  [[], {}, [null]],
  { a: null, b: [1, null, "x"], c: { d: { e: [] } } },
  { big: 9007199254740993n, least: -9223372036854775808n, huge: 10n ** 38n },
  [9007199254740993n, [18446744073709551616n]],
  { at: "2024-01-31T12:00:00.000Z", day: "2024-02-30", time: "25:00" },
  { "": "empty key", " ": 1, "ü\n\"\\'": "𝄞😀\u2028", "$1": "$1", "a.b": 1, __proto: 1 },
  Array.from({ length: 60 }).reduce<unknown>((inner) => ({ deep: [inner] }), "bottom"),
  { text: "\\u0000 is only text", quote: "'\"\\", slash: "</script>" },
  Array.from({ length: 500 }, (_, index) => index),
);

/** Every column of `Sample` with its values. */
export const columnCases: readonly ColumnCases[] = [
  {
    column: "smallint",
    compares: "number",
    cases: [...same(0, 1, -1, -32768, 32767), { value: -0, back: 0 }],
  },
  {
    column: "integer",
    compares: "number",
    cases: [...same(0, 10, 9, -10, -9, -2147483648, 2147483647), { value: -0, back: 0 }],
  },
  {
    column: "bigint",
    compares: "number",
    cases: same(
      0n,
      1n,
      -1n,
      10n,
      9n,
      2n ** 31n,
      2n ** 53n - 1n,
      2n ** 53n,
      2n ** 53n + 1n,
      -(2n ** 53n) - 1n,
      2n ** 63n - 2n,
      2n ** 63n - 1n,
      -(2n ** 63n),
    ),
  },
  {
    column: "numeric",
    compares: "decimal",
    cases: [
      ...same(
        "0",
        "1",
        "-1",
        "9",
        "10",
        "0.1",
        "-0.5",
        "-0.25",
        "9007199254740993",
        "9007199254740992",
        "0.3000000000000000444",
        "12345678901234567890123456789012345678",
        "-99999999999999999999999999999999999999",
        "0.00000000000000000000000000000000000001",
        "1234567890123456789.0123456789012345678",
        "1" + "0".repeat(200),
      ),
      // Without a scale SQLite keeps equal numbers as equal texts: docs/decisions/0002-sqlite-numeric.md.
      { value: "1.50", back: new ByDatabase({ SQLite: "1.5" }) },
      { value: "100.00", back: new ByDatabase({ SQLite: "100" }) },
      { value: "-0", back: "0" },
      { value: "1e3", back: "1000" },
      { value: "+7.5", back: "7.5" },
      { value: "007", back: "7" },
      ...onlyPostgres("NaN", "Infinity", "-Infinity"),
    ],
  },
  {
    column: "decimal",
    compares: "decimal",
    cases: [
      ...same(
        "0.0000000000",
        "0.1000000000",
        "-0.0000000001",
        "2.0000000000",
        "10.0000000000",
        "9007199254740993.0000000001",
        "9007199254740993.0000000002",
        "9999999999999999999999999999.9999999999",
        "-9999999999999999999999999999.9999999999",
      ),
      { value: "1", back: "1.0000000000" },
      { value: "12.50", back: "12.5000000000" },
      { value: "-0", back: "0.0000000000" },
      { value: "1.00000000000000", back: "1.0000000000" },
      ...onlyPostgres("NaN"),
    ],
  },
  {
    column: "real",
    compares: "number",
    cases: [
      ...same(0, 1, -1, 0.5, 0.1, -1.25, 16777216, 3.4028235e38, -3.4028235e38, 1.1754944e-38),
      { value: 1e-45 },
      { value: 16777217, back: 16777216 },
      { value: 1 / 3, back: 0.33333334 },
      { value: -0, back: new ByDatabase({ SQLite: 0 }) },
      ...same(Infinity, -Infinity),
      ...onlyPostgres(NaN),
    ],
  },
  {
    column: "double",
    compares: "number",
    cases: [
      ...same(
        0,
        1,
        0.1,
        0.1 + 0.2,
        1 / 3,
        5e-324,
        2.2250738585072014e-308,
        Number.MAX_VALUE,
        -Number.MAX_VALUE,
        Number.MAX_SAFE_INTEGER,
        2 ** 53,
        2 ** 53 + 2,
        2 ** 63,
        -(2 ** 63),
        2 ** 64,
        1e21,
        1e-7,
        Infinity,
        -Infinity,
      ),
      // SQLite stores a REAL without a fraction as an integer, which has no negative zero.
      { value: -0, back: new ByDatabase({ SQLite: 0 }) },
      ...onlyPostgres(NaN),
    ],
  },
  { column: "boolean", compares: "boolean", cases: same(true, false) },
  { column: "text", compares: "code points", cases: same(...texts) },
  {
    column: "varchar",
    compares: "code points",
    // Twelve characters, however many code units: databases count code points.
    cases: same("", "a", "twelve chars", "😀".repeat(12), "quote'\"\\", "ÄÖÜ äöü ß"),
  },
  {
    column: "char",
    compares: "code points",
    cases: [
      ...same("abc", "ABC", "😀é漢", "  a"),
      // PostgreSQL fills a char up with spaces.
      { value: "ab", back: new ByDatabase({ PostgreSQL: "ab " }) },
    ],
  },
  {
    column: "uuid",
    compares: "code points",
    cases: [
      ...same(
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "0190a5b4-7c1e-7000-8000-000000000001",
      ),
      {
        value: "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
        back: "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
      },
    ],
  },
  {
    column: "date",
    compares: "day",
    cases: [
      ...same(
        "0001-01-01",
        "1582-10-10",
        "1969-12-31",
        "1970-01-01",
        "2000-02-29",
        "2024-02-29",
        "2024-03-31",
        "9999-12-31",
      ),
      ...same("infinity", "-infinity"),
      ...onlyPostgres("0044-03-15 BC", "12345-06-07"),
    ],
  },
  {
    column: "time",
    compares: "code points",
    cases: [
      ...same(
        "00:00:00",
        "23:59:59",
        "12:30:00.5",
        "23:59:59.999999",
        "00:00:00.000001",
        "02:30:00",
      ),
      ...same("24:00:00"),
      { value: "12:30:00.500000", back: "12:30:00.5" },
    ],
  },
  { column: "timestamp", compares: "instant", cases: instants },
  { column: "timestamptz", compares: "instant", cases: instants },
  { column: "json", compares: "equality", cases: [...documents, { value: { large: 1e21 } }] },
  {
    column: "jsonb",
    compares: "equality",
    cases: [
      ...documents,
      // PostgreSQL keeps the number and not how it was written: 1e21 is the integer with 22 digits.
      { value: { large: 1e21 }, back: new ByDatabase({ PostgreSQL: { large: 10n ** 21n } }) },
    ],
  },
  {
    column: "bytes",
    compares: "bytes",
    cases: same(
      new Uint8Array(),
      new Uint8Array([0]),
      new Uint8Array([0, 0, 1]),
      new Uint8Array([255, 254]),
      new Uint8Array([92, 39, 34, 0, 120]),
      allBytes,
      // A view that begins within its buffer.
      new Uint8Array(allBytes.buffer, 10, 5),
    ),
  },
  { column: "enum", compares: "enum", cases: same(...moods) },
  {
    column: "other",
    compares: "none",
    cases: same("1 day", "1 day 02:03:04.5", "-1 mons", "1 year 2 mons"),
  },
];

/** A record that is written, and the one that comes back. */
export interface SampleRow {
  /** Values by column. */
  readonly given: Readonly<Record<string, unknown>>;
  /** Values by column. */
  readonly back: Readonly<Record<string, unknown>>;
}

/** The cases that a database can hold. */
export function casesOn(column: ColumnCases, database: DatabaseName): readonly ValueCase[] {
  return column.cases.filter(({ only }) => only === undefined || only === database);
}

/** All cases of a database as few records: the n-th has the n-th value of every column, the last only NULLs. */
export function sampleRows(database: DatabaseName): readonly SampleRow[] {
  const columns = columnCases.map((column) => ({
    name: column.column,
    cases: casesOn(column, database),
  }));
  const length = 1 + Math.max(...columns.map(({ cases }) => cases.length));
  return Array.from({ length }, (_, index) => {
    const given: Record<string, unknown> = {};
    const back: Record<string, unknown> = {};
    for (const { name, cases } of columns) {
      const one = cases[index];
      given[name] = one ? one.value : null;
      back[name] = one ? backOf(one, database) : null;
    }
    return { given, back };
  });
}

/** The same for arrays: all values of a column, each alone, none, with NULL between, and NULL. */
export function listRows(database: DatabaseName): readonly SampleRow[] {
  const columns = columnCases.map((column) => ({
    name: column.column,
    cases: casesOn(column, database),
  }));
  const length = 4 + Math.max(...columns.map(({ cases }) => cases.length));
  return Array.from({ length }, (_, index) => {
    const given: Record<string, unknown> = {};
    const back: Record<string, unknown> = {};
    for (const { name, cases } of columns) {
      given[name] = listAt(index, cases.map((one) => one.value), name);
      back[name] = listAt(index, cases.map((one) => backOf(one, database)), name);
    }
    return { given, back };
  });
}

function listAt(index: number, values: readonly unknown[], column: string): unknown {
  if (index === 0) return [...values];
  if (index === 1) return [];
  // An enum field of a model takes no NULL among its elements.
  if (index === 2) return column === "enum" ? [values[0]] : [null, values[0], null];
  return index - 3 < values.length ? [values[index - 3]] : null;
}

/** The moods again, for those who order them. */
export const moodOrder: ReadonlyMap<unknown, number> = new Map<Mood, number>(
  moods.map((mood, index) => [mood, index]),
);
