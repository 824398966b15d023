/**
 * Results and what differs between them.
 *
 * @module
 */
import { isDictionary } from "../../../repository/shape.ts";
import type { LiveChange, LiveEntry, LiveRow } from "./live.ts";

/** A record that a view holds. */
export interface HeldRow {
  /** Its key as text. */
  readonly key: string;
  /** The record. */
  readonly row: LiveRow;
  /** Values of it, in an order of the view's own. */
  readonly values: readonly unknown[];
}

/** A result: records by key, in the order of the query. */
export type Result = ReadonlyMap<string, HeldRow>;

/** Nothing. */
export const emptyResult: Result = new Map();

/** Whether two values, or records with all that hangs on them, are the same. */
export function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) {
    return false;
  }
  if (one instanceof Date) return other instanceof Date && one.toJSON() === other.toJSON();
  if (one instanceof Uint8Array) {
    return other instanceof Uint8Array && one.length === other.length &&
      one.every((byte, i) => byte === other[i]);
  }
  if (Array.isArray(one)) {
    return Array.isArray(other) && one.length === other.length &&
      one.every((each, i) => isSame(each, other[i]));
  }
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) {
    if (!isDictionary(one) || !isDictionary(other)) return false;
  }
  const names = Object.keys(one);
  return names.length === Object.keys(other).length &&
    names.every((name) =>
      Object.hasOwn(other, name) &&
      isSame((one as Record<string, unknown>)[name], (other as Record<string, unknown>)[name])
    );
}

/** What leads from one result to another. */
export interface Difference {
  /** The new result; records that did not change are still the same objects. */
  readonly result: Result;
  /** The change; absent where there is none. */
  readonly change?: LiveChange;
}

/**
 * Compares two results.
 *
 * @param ordered whether places count
 */
export function difference(before: Result, after: Result, ordered: boolean): Difference {
  const result = new Map<string, HeldRow>();
  const drop: string[] = [];
  const changed = new Set<string>();
  for (const key of before.keys()) if (!after.has(key)) drop.push(key);
  for (const [key, held] of after) {
    const old = before.get(key);
    if (old && isSame(old.row, held.row)) result.set(key, { ...held, row: old.row });
    else {
      changed.add(key);
      result.set(key, held);
    }
  }
  if (ordered) { for (const key of moved(before, after)) changed.add(key); }
  if (drop.length === 0 && changed.size === 0) return { result };
  return { result, change: { drop, put: entries(result, ordered, changed) } };
}

/** The records of a result, or some of them, as subscribers are told of them. */
export function entries(
  result: Result,
  ordered: boolean,
  only?: ReadonlySet<string>,
): LiveEntry[] {
  const list: LiveEntry[] = [];
  let at = 0;
  for (const { key, row } of result.values()) {
    if (!only || only.has(key)) list.push(ordered ? { key, row, at } : { key, row });
    at++;
  }
  return list;
}

/** The fewest records of both results that have to move, so that the others stand in the new order. */
function moved(before: Result, after: Result): string[] {
  const kept = [...after.keys()].filter((key) => before.has(key));
  const places = new Map<string, number>();
  for (const key of before.keys()) if (after.has(key)) places.set(key, places.size);
  const order = kept.map((key) => places.get(key) as number);
  if (order.every((place, i) => place === i)) return [];
  const staying = longestIncrease(order);
  return kept.filter((_, i) => !staying.has(i));
}

/** The places of a longest part of a list that increases. */
function longestIncrease(list: readonly number[]): ReadonlySet<number> {
  /** For each length, the place of the least number that a part of that length ends with. */
  const ends: number[] = [];
  const previous: number[] = [];
  list.forEach((value, place) => {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((list[ends[middle] as number] as number) < value) low = middle + 1;
      else high = middle;
    }
    previous[place] = low > 0 ? ends[low - 1] as number : -1;
    ends[low] = place;
  });
  const found = new Set<number>();
  for (let at = ends.at(-1) ?? -1; at >= 0; at = previous[at] as number) found.add(at);
  return found;
}
