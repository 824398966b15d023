/**
 * Parts of trees that are made once and hold no values, such as the columns of a model: whoever compares two
 * trees need not look into them.
 *
 * @module
 */

const numbers = new WeakMap<object, number>();
let next = 0;

/** Marks a part that never changes, holds no values and is used in many trees. */
export function constant<T extends object>(part: T): T {
  numbers.set(part, next++);
  return part;
}

/** The number of a part that was marked; another for each. */
export function constantNumber(part: object): number | undefined {
  return numbers.get(part);
}
