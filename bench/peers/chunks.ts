/**
 * Pieces of a long list, for peers that bind a parameter for each value of a statement.
 *
 * @module
 */

/** Rows of nine values that fit well into one statement of either database. */
const size = 1_000;

/** Cuts a list into pieces. */
export function chunksOf<T>(list: readonly T[]): T[][] {
  const chunks: T[][] = [];
  for (let at = 0; at < list.length; at += size) chunks.push(list.slice(at, at + size));
  return chunks;
}
