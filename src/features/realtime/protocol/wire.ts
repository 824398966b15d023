/**
 * Stop-gap until the branch `access` is merged.
 *
 * @module
 */

/** To JSON. */
export function encode(value: unknown): unknown {
  return value;
}

/** From JSON. */
export function decode(value: unknown): unknown {
  return value;
}
