/**
 * The types of columns, from how a table's definition tells them: Rex-ORM's own tables say theirs in a comment
 * or by the name of a check, those of others by the word.
 *
 * @module
 */
import {
  type ColumnType,
  columnType,
  type ColumnTypeName,
  columnTypeNames,
} from "../../../schema/column_type.ts";
import { tokens } from "./tokens.ts";

/** The type that Rex-ORM wrote as text: `varchar(255)`, `numeric(10,2)`. */
export function ownType(text: string, check?: string): ColumnType {
  const { word, digits } = takenApart(text);
  if (word === "enum") {
    const values = tokens(check ?? "").filter(({ kind }) => kind === "string");
    return columnType("enum", { values: values.map((each) => each.text) });
  }
  return isName(word) ? typed(word as ColumnTypeName, digits) : columnType("other", { sql: text });
}

/**
 * The type of a column that the name of its check tells: `name varchar(255)`. The first word is the name that the
 * column had when the check was made.
 */
export function typeOfCheck(check: string | undefined): string | undefined {
  const text = check?.slice(check.lastIndexOf(" ") + 1) ?? "";
  return text !== check && isName(takenApart(text).word) ? text : undefined;
}

/** The type that a word means. */
export function declaredType(text: string): ColumnType {
  const { word, digits } = takenApart(text);
  const name = names.get(word);
  if (name !== undefined) return typed(name, digits);
  // The rules of affinity: https://www.sqlite.org/datatype3.html#determination_of_column_affinity
  if (word.includes("int")) return columnType("integer");
  if (/char|clob|text/.test(word)) return typed(digits.length > 0 ? "varchar" : "text", digits);
  if (/blob|binary/.test(word)) return columnType("bytes");
  if (/real|floa|doub/.test(word)) return columnType("double");
  return columnType("other", { sql: text === "" ? "ANY" : text });
}

function isName(word: string): boolean {
  return word !== "other" && columnTypeNames.has(word);
}

const names: ReadonlyMap<string, ColumnTypeName> = new Map<string, ColumnTypeName>([
  ["int", "integer"],
  ["integer", "integer"],
  ["int2", "smallint"],
  ["smallint", "smallint"],
  ["int8", "bigint"],
  ["bigint", "bigint"],
  ["unsigned big int", "bigint"],
  ["numeric", "numeric"],
  ["decimal", "numeric"],
  ["real", "double"],
  ["float", "double"],
  ["double", "double"],
  ["double precision", "double"],
  ["bool", "boolean"],
  ["boolean", "boolean"],
  ["text", "text"],
  ["clob", "text"],
  ["varchar", "varchar"],
  ["nvarchar", "varchar"],
  ["character varying", "varchar"],
  ["varying character", "varchar"],
  ["char", "char"],
  ["nchar", "char"],
  ["character", "char"],
  ["native character", "char"],
  ["uuid", "uuid"],
  ["date", "date"],
  ["time", "time"],
  ["datetime", "timestamp"],
  ["timestamp", "timestamp"],
  ["timestamptz", "timestamptz"],
  ["json", "json"],
  ["jsonb", "jsonb"],
  ["blob", "bytes"],
]);

function takenApart(text: string): { readonly word: string; readonly digits: readonly number[] } {
  const [, word = "", inner = ""] = /^([^(]*)(?:\(([^)]*)\))?/.exec(text) ?? [];
  const digits = inner.split(",").map((each) => Number.parseInt(each, 10));
  return { word: word.trim().toLowerCase(), digits: digits.filter((each) => !Number.isNaN(each)) };
}

function typed(name: ColumnTypeName, [first, second]: readonly number[]): ColumnType {
  if (first === undefined) return columnType(name);
  switch (name) {
    case "varchar":
    case "char":
      return columnType(name, { length: first });
    case "numeric":
      return columnType(name, { precision: first, ...second !== undefined && { scale: second } });
    case "time":
    case "timestamp":
    case "timestamptz":
      return columnType(name, { precision: first });
    default:
      return columnType(name);
  }
}
