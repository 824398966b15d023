/**
 * Rows in the log: JSON objects by column, exact for whatever SQLite can store, whatever the column was declared as.
 *
 * | stored | in the image |
 * |---|---|
 * | NULL | `null` |
 * | TEXT | a string |
 * | INTEGER | a number; `{"i": "9007199254740993"}` where a double would not hold it |
 * | REAL | `{"r": "1.0e-01"}`, as `quote()` writes it: older versions round numbers in JSON to 15 digits |
 * | BLOB | `{"b": "00FF"}` |
 *
 * @module
 */
import type { ColumnType } from "../../../schema/column_type.ts";
import { sqliteCodecs } from "../codecs.ts";

/** How the values of a column are stored: as one class in a strict table, else as anything. */
export type Storage = "INTEGER" | "REAL" | "TEXT" | "BLOB" | "ANY";

/** A column of a table whose rows are logged. */
export interface LoggedColumn {
  /** Its name. */
  readonly name: string;
  /** How its values are stored. */
  readonly storage: Storage;
}

/** SQLite takes 127 arguments, where it was not built to take more. */
const columnsPerCall = 50;

/** The expression that makes the image of a row: `NEW`, `OLD`, or one of the table of that name. */
export function imageSql(row: string, columns: readonly LoggedColumn[]): string {
  const calls: string[] = [];
  for (let at = 0; at < columns.length; at += columnsPerCall) {
    const pairs = columns.slice(at, at + columnsPerCall).map(({ name, storage }) =>
      `${literal(name)}, ${valueSql(`${row}.${quoted(name)}`, storage)}`
    );
    calls.push(`json_object(${pairs.join(", ")})`);
  }
  if (calls.length === 1) return calls[0]!;
  // Objects are put together as texts: to merge them as JSON would lose what is null.
  const inner = calls.map((call) => `substr(${call}, 2, length(${call}) - 2)`);
  return `'{' || ${inner.join(" || ',' || ")} || '}'`;
}

function valueSql(value: string, storage: Storage): string {
  switch (storage) {
    case "INTEGER":
      return `CASE WHEN ${value} NOT BETWEEN -9007199254740991 AND 9007199254740991 ` +
        `THEN json_object('i', CAST(${value} AS TEXT)) ELSE ${value} END`;
    case "REAL":
      return `CASE WHEN ${value} IS NOT NULL THEN json_object('r', quote(${value})) END`;
    case "BLOB":
      return `CASE WHEN ${value} IS NOT NULL THEN json_object('b', hex(${value})) END`;
    case "TEXT":
      // What a JSON function made is remembered as JSON, and would be nested as such.
      return `${value} || ''`;
    default:
      return `CASE typeof(${value}) WHEN 'integer' THEN ${valueSql(value, "INTEGER")} ` +
        `WHEN 'real' THEN json_object('r', quote(${value})) ` +
        `WHEN 'blob' THEN json_object('b', hex(${value})) ELSE ${value} || '' END`;
  }
}

/** Makes a program's value of one in an image. */
export function imageLoader(type: ColumnType): (raw: unknown) => unknown {
  const { load } = sqliteCodecs.codec(type);
  return load === null ? stored : (raw) => load(stored(raw));
}

/** The value as the driver would give it. */
function stored(raw: unknown): unknown {
  if (typeof raw !== "object" || raw === null) return raw;
  const { i, r, b } = raw as { readonly i?: string; readonly r?: string; readonly b?: string };
  if (i !== undefined) return BigInt(i);
  if (r !== undefined) return Number(r.replace("Inf", "Infinity"));
  return bytesOf(b ?? "");
}

function bytesOf(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let at = 0; at < bytes.length; at++) {
    bytes[at] = parseInt(hex.slice(2 * at, 2 * at + 2), 16);
  }
  return bytes;
}

/** A name in quotes. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text in quotes. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
