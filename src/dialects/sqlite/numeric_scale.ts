/**
 * How many digits after the point a numeric column has.
 *
 * @module
 */
import type { ColumnType } from "../../schema/column_type.ts";

/** The scale; 0 where only a precision is given; `undefined` where the column takes any number of digits. */
export function numericScale({ scale, precision }: ColumnType): number | undefined {
  return scale ?? (precision === undefined ? undefined : 0);
}
