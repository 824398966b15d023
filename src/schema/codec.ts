/**
 * How one value crosses between JavaScript and a driver.
 *
 * @module
 */
import type { ColumnType } from "./column_type.ts";

/**
 * Converts the values of one column type. No method is ever called with `null` or `undefined`;
 * `null` in place of a function means that nothing needs converting.
 */
export interface Codec {
  /** From JavaScript to what the driver binds. Throws `DataError` for a value that cannot be stored exactly. */
  readonly dump: ((value: unknown) => unknown) | null;
  /** From what the driver returned to JavaScript. */
  readonly load: ((wire: unknown) => unknown) | null;
  /**
   * From an element of a JSON array that the database aggregated, after `JSON.parse`, to JavaScript.
   * The value is equal to that of `load` for the same stored value: the dialect's compiler nests a
   * column in the form this expects.
   */
  readonly loadNested: ((json: unknown) => unknown) | null;
}

/** All codecs of one dialect. */
export interface Codecs {
  /** The codec of a column type. The same object for the same type. */
  codec(type: ColumnType): Codec;
  /**
   * Turns a value bound without a known column type (raw SQL, untyped builder) into what the driver binds.
   * Takes null, boolean, number, bigint, string, Date, Uint8Array, arrays and plain objects (as JSON).
   */
  dumpUntyped(value: unknown): unknown;
  /**
   * The loader for a result column of which only the driver's type is known, or `null` when values come
   * as they are. An integer is a `number` where that is exact and a `bigint` where not, on every database.
   */
  loadUntyped(driverType: unknown): ((wire: unknown) => unknown) | null;
}
