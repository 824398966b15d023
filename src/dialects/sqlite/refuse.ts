/**
 * The refusal of a value that cannot be stored exactly.
 *
 * @module
 */
import { DataError } from "../../base/errors.ts";

/** The error for a value of a column type, without the value. */
export function refuse(type: string, reason: string): DataError {
  return new DataError(`Cannot store a value as ${type}: ${reason}`);
}
