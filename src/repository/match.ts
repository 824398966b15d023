/**
 * What parents and children are matched by when relations are read by statements of their own.
 *
 * @module
 */

/** A key of a type that is the same on both ends, as a `Map` compares it. */
export function exactKey(key: unknown): unknown {
  switch (typeof key) {
    case "number":
    case "string":
      return key;
    case "bigint":
      return Number.isSafeInteger(Number(key)) ? Number(key) : key;
    default:
      return keyText(key);
  }
}

/** The same text for keys that are equal in types that differ. */
export function keyText(key: unknown): string {
  if (key instanceof Date) return key.toJSON();
  return key instanceof Uint8Array ? key.join() : String(key);
}
