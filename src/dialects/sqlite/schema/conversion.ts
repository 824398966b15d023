/**
 * How the values of a column become those of another type when a table is rebuilt. Nothing is cast in silence: what
 * does not fit is refused by the new column, which is STRICT and checked, and the rebuild fails.
 *
 * @module
 */
import type { ColumnType } from "../../../schema/column_type.ts";
import { numericScale } from "../numeric_scale.ts";

const texts = new Set(["text", "varchar", "char"]);
const integers = new Set(["smallint", "integer", "bigint"]);

/**
 * The expression that gives the new value.
 *
 * @param column the old column, quoted
 */
export function conversion(column: string, from: ColumnType, to: ColumnType): string {
  if (texts.has(to.name)) {
    return from.name === "boolean"
      ? `CASE ${column} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END`
      : column;
  }
  switch (to.name) {
    case "numeric":
      return toNumeric(column, from, to);
    case "boolean":
      return texts.has(from.name)
        ? `CASE lower(${column}) WHEN 'true' THEN 1 WHEN 'false' THEN 0 ELSE ${column} END`
        : column;
    case "timestamp":
    case "timestamptz":
      return from.name === "date" ? `${column} || ' 00:00:00.000'` : column;
    case "date":
      return from.name.startsWith("timestamp") ? `date(${column})` : column;
    default:
      return column;
  }
}

/** Decimals are text with as many digits after the point as the scale says. */
function toNumeric(column: string, from: ColumnType, to: ColumnType): string {
  const scale = to.precision === undefined ? undefined : numericScale(to);
  if (scale === undefined) return column;
  if (integers.has(from.name)) return scale === 0 ? column : `${column} || '.${zeros(scale)}'`;
  if (from.name === "real" || from.name === "double") return `printf('%.${scale}f', ${column})`;
  if (from.name !== "numeric" || from.precision === undefined) return column;
  const before = numericScale(from) ?? 0;
  if (before >= scale) return column;
  return `${column} || '${before === 0 ? "." : ""}${zeros(scale - before)}'`;
}

function zeros(count: number): string {
  return "0".repeat(count);
}
