/**
 * The types that parameters are cast to.
 *
 * @module
 */
import { type ColumnType, columnType } from "../../schema/column_type.ts";

const text = columnType("text");
const plain = new WeakMap<ColumnType, ColumnType>();

/**
 * The type without its length and digits: a cast to `varchar(5)` would cut a longer text silently, where storing it
 * is an error.
 */
export function parameterType(type: ColumnType): ColumnType {
  let found = plain.get(type);
  if (!found) {
    found = withoutModifiers(type);
    plain.set(type, found);
  }
  return found;
}

function withoutModifiers(type: ColumnType): ColumnType {
  const { name, length, precision, scale, array } = type;
  const list = array === undefined ? {} : { array };
  if (name === "varchar") return columnType("text", list);
  // `bpchar` is `char` without a length; `char` alone means `char(1)`.
  if (name === "char") return columnType("other", { sql: "bpchar", ...list });
  if (length === undefined && precision === undefined && scale === undefined) return type;
  const { values, enumName, sql } = type;
  return columnType(name, {
    ...(values && { values }),
    ...(enumName !== undefined && { enumName }),
    ...(sql !== undefined && { sql }),
    ...list,
  });
}

const lists = new WeakMap<ColumnType, ColumnType>();

/**
 * The type of a list of values of `type`. An array of arrays cannot be taken apart element by element, so a list
 * of arrays is a list of their texts.
 */
export function listType(type: ColumnType): ColumnType {
  let found = lists.get(type);
  if (!found) {
    found = columnType("text", { array: true });
    if (!type.array) {
      const { name: _, ...rest } = parameterType(type);
      found = columnType(parameterType(type).name, { ...rest, array: true });
    }
    lists.set(type, found);
  }
  return found;
}

/** The type of text, the same object everywhere. */
export const textType: ColumnType = text;
