/**
 * Values that compare by themselves, and their orders.
 *
 * @module
 */

/** A value that compares by itself: equal ones are the same key of a `Map`. */
export type Comparable = string | number | bigint | boolean;

/** Less than, equal to or greater than zero; NaN for a value whose place is not known. */
export type Order = (a: Comparable, b: Comparable) => number;

/** By number; NaN is equal to itself, and greater than all others. */
export function compareNumbers(a: Comparable, b: Comparable): number {
  if (a < b) return -1;
  if (a > b) return 1;
  const aIsNumber = a === a;
  return aIsNumber === (b === b) ? 0 : aIsNumber ? -1 : 1;
}

/** By code point, as UTF-8 sorts byte by byte. */
export function compareCodePoints(left: Comparable, right: Comparable): number {
  const a = left as string;
  const b = right as string;
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    // A half of a pair stands for a code point above all that need no pair.
    if (x !== y) return isSurrogate(x) === isSurrogate(y) ? x - y : isSurrogate(x) ? 1 : -1;
  }
  return a.length - b.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

/** Whether two forms are the same value. */
export function same(a: Comparable, b: Comparable): boolean {
  return a === b || (a !== a && b !== b);
}

/** By UTF-16 unit: for text that has one for each byte. */
export function compareCodeUnits(a: Comparable, b: Comparable): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
