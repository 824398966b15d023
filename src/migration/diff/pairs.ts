/**
 * Pairs what was with what shall be.
 *
 * @module
 */

/** What came, what went and what is on both sides. */
export interface Pairs<T> {
  /** Only in the new. */
  readonly added: readonly T[];
  /** Only in the old. */
  readonly removed: readonly T[];
  /** In both: old, new. */
  readonly kept: readonly (readonly [T, T])[];
}

/** Pairs by key. */
export function pairsBy<T>(
  from: readonly T[],
  to: readonly T[],
  key: (each: T) => string,
): Pairs<T> {
  const old = new Map(from.map((each) => [key(each), each]));
  const added: T[] = [];
  const kept: (readonly [T, T])[] = [];
  for (const each of to) {
    const before = old.get(key(each));
    if (before === undefined) added.push(each);
    else kept.push([before, each]);
    old.delete(key(each));
  }
  return { added, removed: [...old.values()], kept };
}

/**
 * Pairs things that a database gives names of its own: first those that say the same under the same name, then those that
 * say the same. What is left over came or went; one of a kept name that says something else is both.
 *
 * @param says whether two say the same, leaving their names aside
 */
export function pairsByContent<T extends { readonly name?: string }>(
  from: readonly T[],
  to: readonly T[],
  says: (a: T, b: T) => boolean,
): Pairs<T> {
  const left = new Set(from);
  const kept: (readonly [T, T])[] = [];
  const unpaired: T[] = [];
  for (const each of to) {
    const before = [...left].find((one) => one.name === each.name && says(one, each));
    if (before === undefined) unpaired.push(each);
    else pair(before, each);
  }
  const added = unpaired.filter((each) => {
    const before = [...left].find((one) => says(one, each));
    if (before !== undefined) pair(before, each);
    return before === undefined;
  });
  return { added, removed: [...left], kept };

  function pair(before: T, after: T): void {
    left.delete(before);
    kept.push([before, after]);
  }
}
