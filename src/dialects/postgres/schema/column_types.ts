/**
 * Types of PostgreSQL as Rex-ORM's.
 *
 * @module
 */
import { type ColumnType, columnType, type ColumnTypeName } from "../../../schema/column_type.ts";
import type { TypeRow } from "./catalog.ts";

const names: ReadonlyMap<string, ColumnTypeName> = new Map<string, ColumnTypeName>([
  ["int2", "smallint"],
  ["int4", "integer"],
  ["int8", "bigint"],
  ["numeric", "numeric"],
  ["float4", "real"],
  ["float8", "double"],
  ["bool", "boolean"],
  ["text", "text"],
  ["varchar", "varchar"],
  ["bpchar", "char"],
  ["uuid", "uuid"],
  ["date", "date"],
  ["time", "time"],
  ["timestamp", "timestamp"],
  ["timestamptz", "timestamptz"],
  ["json", "json"],
  ["jsonb", "jsonb"],
  ["bytea", "bytes"],
]);

/** The type of a column. Enums are told by name; their values are given by `valuesOf`. */
export function postgresType(
  row: TypeRow,
  enumNameOf: (schema: string, name: string) => string,
  valuesOf: (enumName: string) => readonly string[] | undefined,
): ColumnType {
  const array = row.array ? { array: true } : {};
  if (row.kind === "e") {
    const enumName = enumNameOf(row.schema, row.name);
    const values = valuesOf(enumName);
    return columnType("enum", { enumName, ...values && { values }, ...array });
  }
  const name = row.schema === "pg_catalog" ? names.get(row.name) : undefined;
  // Of an array of another type the whole spelling is kept, brackets and all.
  const digits = name === undefined ? {} : modifiers(name, row.typmod);
  // Nor is there a form for decimals that are rounded before the point.
  if (name === undefined || (digits.scale ?? 0) < 0) return columnType("other", { sql: row.sql });
  return columnType(name, { ...digits, ...array });
}

/** What stands in parentheses behind a type; PostgreSQL keeps it in one number. */
function modifiers(
  name: ColumnTypeName,
  typmod: number,
): { length?: number; precision?: number; scale?: number } {
  if (typmod < 0) return {};
  switch (name) {
    case "varchar":
    case "char":
      return { length: typmod - 4 };
    case "numeric": {
      const packed = typmod - 4;
      // The scale is a signed number of eleven bits.
      const scale = ((packed & 0x7ff) ^ 1024) - 1024;
      return { precision: packed >> 16 & 0xffff, ...scale !== 0 && { scale } };
    }
    case "time":
    case "timestamp":
    case "timestamptz":
      return { precision: typmod };
    default:
      return {};
  }
}
