/**
 * Compares and names queries.
 *
 * @module
 */

import type { LiveRequest } from "../live/live.ts";
import { encode } from "../protocol/wire.ts";

/** Whether two queries ask for the same: made of plain objects, lists and values, and equal in all of them. */
export function sameQuery(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Date) return a.getTime() === (b as Date).getTime() && sameText(a, b as Date);
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) =>
    Object.hasOwn(b, key) &&
    sameQuery((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key])
  );
}

/** Names a query: the same for the same, and hardly ever for another one. */
export function queryName({ entity, query }: Omit<LiveRequest, "since">): string {
  const text = `${entity.name} ${JSON.stringify(encode(query))}`;
  // Two rounds of FNV-1a, each of 32 bits. A client that makes one up fools nobody but itself.
  let [a, b] = [0x811c9dc5, 0x01000193];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b) ^ (b >>> 13);
  }
  return (a >>> 0).toString(36) + (b >>> 0).toString(36);
}

/** Dates with microseconds differ in their text alone. */
function sameText(a: Date, b: Date): boolean {
  return a.toJSON() === b.toJSON();
}
