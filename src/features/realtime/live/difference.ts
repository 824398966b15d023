/**
 * What has to be told so that one result becomes another.
 *
 * @module
 */
import type { LiveChange, LiveEntry, LiveRow } from "./live.ts";

/**
 * The change from one result to another: as few records as can be, also where their order changes.
 *
 * @param before records by key, in order
 * @param after records by key, in order
 * @param ordered whether the order means something
 * @param same whether two records are equal
 * @returns nothing where the results are equal
 */
export function differenceOf(
  before: ReadonlyMap<string, LiveRow>,
  after: ReadonlyMap<string, LiveRow>,
  ordered: boolean,
  same: (a: LiveRow, b: LiveRow) => boolean,
): LiveChange | undefined {
  const drop: string[] = [];
  for (const key of before.keys()) if (!after.has(key)) drop.push(key);
  const stay = ordered ? staying(before, after) : undefined;
  const put: LiveEntry[] = [];
  let at = 0;
  for (const [key, row] of after) {
    const old = before.get(key);
    const isNew = old === undefined || (stay !== undefined && !stay.has(key));
    if (isNew || !same(old, row)) put.push({ key, row, ...ordered && { at } });
    at++;
  }
  return drop.length > 0 || put.length > 0 ? { drop, put } : undefined;
}

/** The keys that need not be moved: a longest sequence of them that is in the same order before and after. */
function staying(
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
): ReadonlySet<string> {
  const places = new Map<string, number>();
  for (const key of before.keys()) places.set(key, places.size);
  const keys = [...after.keys()].filter((key) => places.has(key));
  const ranks = keys.map((key) => places.get(key) as number);
  return new Set(longestRise(ranks).map((i) => keys[i] as string));
}

/** The indexes of a longest strictly rising subsequence (patience sorting). */
function longestRise(values: readonly number[]): number[] {
  const ends: number[] = [];
  const previous = new Array<number>(values.length);
  for (let i = 0; i < values.length; i++) {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (values[ends[middle] as number]! < values[i]!) low = middle + 1;
      else high = middle;
    }
    previous[i] = low > 0 ? ends[low - 1] as number : -1;
    ends[low] = i;
  }
  const found: number[] = [];
  for (let i = ends.at(-1) ?? -1; i >= 0; i = previous[i] as number) found.push(i);
  return found.reverse();
}

/** Applies a change as every subscriber does. */
export function applied(
  before: ReadonlyMap<string, LiveRow>,
  { drop, put }: LiveChange,
): Map<string, LiveRow> {
  const after = new Map(before);
  for (const key of drop) after.delete(key);
  if (put[0]?.at === undefined) {
    for (const { key, row } of put) after.set(key, row);
    return after;
  }
  for (const { key } of put) after.delete(key);
  const entries = [...after];
  for (const { key, row, at } of put) entries.splice(at as number, 0, [key, row]);
  return new Map(entries);
}
