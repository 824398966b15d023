/**
 * Compares queries.
 *
 * @module
 */

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

/** Dates with microseconds differ in their text alone. */
function sameText(a: Date, b: Date): boolean {
  return a.toJSON() === b.toJSON();
}
