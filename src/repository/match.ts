/**
 * What parents and children are matched by when relations are read for many parents at once. Both ends of a
 * relation have types whose values are equal in JavaScript when they are in the database.
 *
 * @module
 */

/** A key as a `Map` compares it: equal for equal keys, nothing for one that has a NULL. */
export function keyOf(keys: readonly unknown[]): unknown {
  if (keys.some((key) => key === null || key === undefined)) return undefined;
  return keys.length === 1
    ? oneKey(keys[0])
    : JSON.stringify(keys.map((key) => String(oneKey(key))));
}

/** The same of a key of one column, which is not NULL. */
export function oneKey(key: unknown): unknown {
  switch (typeof key) {
    case "number":
    case "string":
      return key;
    case "bigint":
      // Integers come as numbers from one statement and as bigints from another.
      return Number.isSafeInteger(Number(key)) ? Number(key) : key;
    default:
      if (key instanceof Date) return key.toJSON();
      return key instanceof Uint8Array ? key.join() : String(key);
  }
}
