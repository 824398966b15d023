/**
 * Whether one JSON document contains or equals another, by the rules of `@>` and `=` in SQL.
 *
 * @module
 */

/** Whether every part of `inner` is in `outer`. */
export function jsonContains(outer: unknown, inner: unknown): boolean {
  if (Array.isArray(outer)) {
    if (Array.isArray(inner)) {
      return inner.every((item) => outer.some((other) => contains(other, item)));
    }
    // A list contains a scalar at the top level alone.
    return !isObject(inner) && outer.some((item) => item === inner);
  }
  return contains(outer, inner);
}

function contains(outer: unknown, inner: unknown): boolean {
  if (Array.isArray(inner)) {
    return Array.isArray(outer) &&
      inner.every((item) => outer.some((other) => contains(other, item)));
  }
  if (!isObject(inner)) return outer === inner;
  return isObject(outer) && !Array.isArray(outer) &&
    Object.keys(inner).every((key) =>
      Object.hasOwn(outer, key) && contains(outer[key], inner[key])
    );
}

/** Whether two documents are the same; the order of keys does not matter. */
export function jsonEqual(a: unknown, b: unknown): boolean {
  if (!isObject(a) || !isObject(b)) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && jsonEqual(a[key], b[key]));
}

/** Whether `key` is a key of the object, an element of the list, or the string itself. */
export function jsonHasKey(document: unknown, key: string): boolean {
  if (Array.isArray(document)) return document.includes(key);
  return isObject(document) ? Object.hasOwn(document, key) : document === key;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
