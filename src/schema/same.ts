/**
 * Equality of schema data: by content, whatever the order of keys; `undefined` is the same as left out.
 *
 * @module
 */

/** Whether two pieces of schema data say the same. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length &&
      a.every((each, i) => same(each, b[i]));
  }
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])]
    .every((key) => same(left[key], right[key]));
}

/** The data without some of its keys. */
export function without<T extends object, K extends keyof T>(data: T, ...keys: K[]): Omit<T, K> {
  const rest = { ...data };
  for (const key of keys) delete rest[key];
  return rest;
}
