/**
 * Random columns: types, defaults, expressions, and values that fit.
 *
 * @module
 */
import { declaredType } from "../../src/dialects/sqlite/schema/column_types.ts";
import { type ColumnType, columnType } from "../../src/schema/column_type.ts";
import type { EnumSchema } from "../../src/schema/database_schema.ts";
import type { ColumnDefault, ColumnSchema, TableSchema } from "../../src/schema/table.ts";
import type { Random } from "./random.ts";

/** The databases that schemas are made for. */
export type Flavour = "SQLite" | "PostgreSQL";

const common: readonly ColumnType[] = [
  columnType("smallint"),
  columnType("integer"),
  columnType("bigint"),
  columnType("numeric", { precision: 8, scale: 2 }),
  columnType("numeric", { precision: 12, scale: 4 }),
  columnType("numeric", { precision: 9 }),
  columnType("real"),
  columnType("double"),
  columnType("boolean"),
  columnType("text"),
  columnType("varchar", { length: 20 }),
  columnType("varchar", { length: 60 }),
  columnType("varchar"),
  columnType("char", { length: 12 }),
  columnType("uuid"),
  columnType("date"),
  columnType("time"),
  columnType("timestamp"),
  columnType("timestamptz"),
  columnType("json"),
  columnType("jsonb"),
  columnType("bytes"),
];
const postgresOnly: readonly ColumnType[] = [
  columnType("timestamptz", { precision: 3 }),
  columnType("text", { array: true }),
  columnType("integer", { array: true }),
  columnType("numeric", { precision: 8, scale: 2, array: true }),
  columnType("other", { sql: "inet" }),
  columnType("other", { sql: "interval" }),
  columnType("other", { sql: "int4range" }),
];
const sqliteOnly: readonly ColumnType[] = [
  columnType("enum", { values: ["low", "it's", "high"] }),
  columnType("enum", { values: ["low", "high"] }),
  columnType("other", { sql: "point" }),
];
const declared = [
  "INTEGER",
  "VARCHAR(30)",
  "DATETIME",
  "",
  "UNSIGNED BIG INT",
  "DECIMAL(10, 2)",
  "my own type",
  "BOOLEAN",
  "TEXT",
  "FLOAT",
];
const integers = new Set(["smallint", "integer", "bigint"]);
const texts = new Set(["text", "varchar"]);

/** Whether arithmetic takes it. */
export function isInteger({ name, array }: ColumnType): boolean {
  return integers.has(name) && !array;
}

/** Whether functions of text take it. */
export function isText({ name, array }: ColumnType): boolean {
  return texts.has(name) && !array;
}

/** Whether a row has a value of its own. */
export function isKeyable({ name, sql, array }: ColumnType): boolean {
  return !array && !["json", "jsonb", "boolean", "enum", "bytes"].includes(name) &&
    sql === undefined;
}

/** Whether a tree index takes it. */
export function isOrdered({ name, sql }: ColumnType): boolean {
  return name !== "json" && sql !== "point";
}

/** Whether an inverted index takes it. */
export function isInverted({ name, array }: ColumnType): boolean {
  return name === "jsonb" || array === true;
}

/** A random type. */
export function randomType(
  random: Random,
  flavour: Flavour,
  enums: readonly EnumSchema[],
): ColumnType {
  if (flavour === "SQLite") return random.pick([...common, ...sqliteOnly]);
  const named = enums.flatMap((each) => {
    const enumName = each.schema === undefined ? each.name : `${each.schema}.${each.name}`;
    const type = columnType("enum", { enumName, values: each.values });
    return [type, type, columnType("enum", { enumName, values: each.values, array: true })];
  });
  return random.pick([...common, ...postgresOnly, ...named]);
}

/** A random type as others spell them on SQLite. */
export function randomDeclared(random: Random): Pick<ColumnSchema, "type" | "declared"> {
  const text = random.pick(declared);
  return { type: declaredType(text), declared: text };
}

/** A default that fits a type. */
export function randomDefault(
  random: Random,
  flavour: Flavour,
  type: ColumnType,
): ColumnDefault | undefined {
  const value = (value: unknown): ColumnDefault => ({ kind: "value", value });
  const sql = (sql: string): ColumnDefault => ({ kind: "sql", sql });
  if (type.array) return sql("'{}'");
  switch (type.name) {
    case "smallint":
    case "integer":
      return random.pick([value(7), value(-7), sql("1 + 2")]);
    case "bigint":
      return value(random.pick([7n, -9007199254740993n]));
    case "numeric":
      return value(type.scale === 4 ? "7.0000" : type.scale === 2 ? "-7.00" : "7");
    case "real":
    case "double":
      return value(random.pick([1.5, -2]));
    case "boolean":
      return value(random.chance(0.5));
    case "text":
    case "varchar":
      return random.pick([value("it's"), value(""), value("a\\b"), sql("lower('AB')")]);
    case "char":
      return value("it's");
    case "date":
      return random.pick([value("2026-01-01"), { kind: "now" }]);
    case "timestamp":
    case "timestamptz":
      return random.pick([{ kind: "now" }, value(new Date(Date.UTC(2026, 1, 3, 4, 5, 6, 789)))]);
    case "uuid":
      return { kind: "uuid" };
    case "json":
    case "jsonb":
      return value({ a: ["it's", 1] });
    case "enum":
      return value(random.pick(type.values ?? []));
    case "other":
      return flavour === "PostgreSQL" && type.sql === "interval" ? sql("'1 day'") : undefined;
    default:
      return undefined;
  }
}

/** Columns whose values have to be the same in rows that belong together, or different in all rows. */
export function keyColumns(tables: readonly TableSchema[], table: TableSchema): Set<string> {
  const names = new Set<string>();
  for (const name of table.primaryKey?.columns ?? []) names.add(name);
  for (const { columns } of [...table.uniques, ...table.foreignKeys]) {
    for (const name of columns) names.add(name);
  }
  for (const { unique, parts } of table.indexes) {
    for (const { column } of unique ? parts : []) if (column !== undefined) names.add(column);
  }
  for (const { parts } of table.exclusions ?? []) {
    for (const { column } of parts) if (column !== undefined) names.add(column);
  }
  for (const { foreignKeys } of tables) {
    for (const key of foreignKeys) {
      if (key.table !== table.name || key.schema !== table.schema) continue;
      for (const name of key.references) names.add(name);
    }
  }
  return names;
}

/** A value of a column as SQL. Rows of different tables have the same one in key columns of the same type. */
export function valueOf(
  random: Random,
  flavour: Flavour,
  column: ColumnSchema,
  row: number,
  isKey: boolean,
): string {
  if (column.nullable && !isKey && random.chance(0.25)) return "NULL";
  const { type } = column;
  const postgres = flavour === "PostgreSQL";
  const number = isKey ? row : random.int(0, 300);
  if (type.array) return type.name === "enum" ? enumArray(random, type) : `'{${number},${row}}'`;
  switch (type.name) {
    case "smallint":
    case "integer":
      return String(number);
    case "bigint":
      return !isKey && random.chance(0.2) ? "9007199254740993" : String(number);
    case "numeric": {
      const text = type.scale ? `${number}.${"1234".slice(0, type.scale)}` : String(number);
      return postgres || column.declared !== undefined ? text : `'${text}'`;
    }
    case "real":
    case "double":
      return isKey ? `${row}.5` : random.pick(["0.5", "12.25", "100.0", "-3.0"]);
    case "boolean":
      return postgres ? String(row % 2 === 0) : String(row % 2);
    case "uuid":
      return `'00000000-0000-4000-8000-${String(number).padStart(12, "0")}'`;
    case "date":
      return `'2026-0${isKey ? row : random.int(1, 9)}-1${random.int(0, isKey ? 0 : 9)}'`;
    case "time":
      return `'10:0${isKey ? row : random.int(0, 9)}:00'`;
    case "timestamp":
      return `'2026-0${isKey ? row : random.int(1, 9)}-11 10:00:00.000'`;
    case "timestamptz":
      return `'2026-0${isKey ? row : random.int(1, 9)}-11 10:00:00.000${postgres ? "Z" : ""}'`;
    case "json":
    case "jsonb":
      return `'{"a":${row}}'`;
    case "bytes":
      return postgres ? `'\\x0${row}0b'` : `x'0${row}0b'`;
    case "enum":
      return `'${random.pick((type.values ?? []).slice(0, 2)).replaceAll("'", "''")}'`;
    case "other":
      if (!postgres) return `'p${number}'`;
      if (type.sql === "inet") return `'10.0.0.${row}'`;
      return type.sql === "interval" ? `'${row} days'` : `'[${row * 10},${row * 10 + 5})'`;
    default:
      return isKey ? `'k${row}'` : `'${random.pick(["x", "it''s", "käse", "", "12"])}${row}'`;
  }
}

function enumArray(random: Random, { values = [] }: ColumnType): string {
  return `'{"${random.pick(values.slice(0, 2)).replaceAll("'", "''")}"}'`;
}
