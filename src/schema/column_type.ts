/**
 * Column types as data: one vocabulary for every database.
 *
 * @module
 */
import { QueryError } from "../base/errors.ts";

/**
 * The name of a column type, the same on every database.
 *
 * | name | in TypeScript |
 * |---|---|
 * | `smallint` `integer` | `number` |
 * | `bigint` | `bigint` |
 * | `numeric` | `string`, an exact decimal |
 * | `real` `double` | `number` |
 * | `boolean` | `boolean` |
 * | `text` `varchar` `char` `uuid` | `string` |
 * | `date` | `string`, `YYYY-MM-DD` |
 * | `time` | `string`, `HH:MM:SS[.ffffff]` |
 * | `timestamp` (UTC) `timestamptz` | `Date` (a `PreciseDate` where there are microseconds) |
 * | `json` `jsonb` | whatever the field says |
 * | `bytes` | `Uint8Array` |
 * | `enum` | a union of its values |
 * | `other` | `string`, the database's own text form |
 */
export type ColumnTypeName =
  | "smallint"
  | "integer"
  | "bigint"
  | "numeric"
  | "real"
  | "double"
  | "boolean"
  | "text"
  | "varchar"
  | "char"
  | "uuid"
  | "date"
  | "time"
  | "timestamp"
  | "timestamptz"
  | "json"
  | "jsonb"
  | "bytes"
  | "enum"
  | "other";

/** A column's type with what belongs to it. Frozen. */
export interface ColumnType {
  /** Its name in the common vocabulary. */
  readonly name: ColumnTypeName;
  /** The longest text, for `varchar` and `char`. */
  readonly length?: number;
  /** Digits in all, for `numeric`; digits of a second, for times. */
  readonly precision?: number;
  /** Digits after the point, for `numeric`. */
  readonly scale?: number;
  /** The allowed values of an `enum`, in order. */
  readonly values?: readonly string[];
  /** The name of the database's own enum type, where it has one. */
  readonly enumName?: string;
  /** Whether the column holds a list of such values. */
  readonly array?: boolean;
  /** The database's own spelling, for `other`. */
  readonly sql?: string;
}

/** The names of all column types. */
export const columnTypeNames: ReadonlySet<string> = new Set<ColumnTypeName>([
  "smallint",
  "integer",
  "bigint",
  "numeric",
  "real",
  "double",
  "boolean",
  "text",
  "varchar",
  "char",
  "uuid",
  "date",
  "time",
  "timestamp",
  "timestamptz",
  "json",
  "jsonb",
  "bytes",
  "enum",
  "other",
]);

/**
 * The type itself, whose name and digits may be written into a statement.
 *
 * @throws {QueryError} for an unknown name, and for digits that are not whole numbers from 0
 */
export function checkedType<T extends ColumnType>(type: T): T {
  if (!columnTypeNames.has(type.name)) {
    throw new QueryError("Cannot use a column type: its name is unknown", {
      hint: `accepted: ${[...columnTypeNames].join(", ")}`,
    });
  }
  for (const option of ["length", "precision", "scale"] as const) {
    const digits = type[option];
    if (digits === undefined || Number.isSafeInteger(digits) && digits >= 0) continue;
    throw new QueryError(`Cannot use a column type: its ${option} is not a whole number from 0`);
  }
  return type;
}

/**
 * Makes a frozen column type.
 *
 * @throws {QueryError} for an unknown name, and for digits that are not whole numbers from 0
 */
export function columnType(name: ColumnTypeName, rest: Omit<ColumnType, "name"> = {}): ColumnType {
  return Object.freeze(checkedType({ name, ...rest }));
}
