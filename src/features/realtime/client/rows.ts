/**
 * The records of a subscription as the server tells them. Whatever did not change keeps its identity.
 *
 * @module
 */
import type { WireChange, WireEntry, WireRow } from "../protocol/messages.ts";
import { decode, encode } from "../protocol/wire.ts";

/** A record, decoded. */
export type Row = Readonly<Record<string, unknown>>;

/** Records by the server's keys, in order. */
export type Rows = ReadonlyMap<string, Row>;

/** The whole result. */
export function readSnapshot(old: Rows, entries: readonly WireEntry[]): Rows {
  return new Map(entries.map(([key, row]) => [key, readRow(old.get(key), row)]));
}

/** The records after a change. */
export function applyChange(old: Rows, { drop = [], put = [] }: WireChange): Rows {
  const rows = new Map(old);
  for (const key of drop) rows.delete(key);
  const entries = put.map(([key, row, at]) => [key, readRow(old.get(key), row), at] as const);
  if (entries.every(([, , at]) => at === undefined)) {
    for (const [key, row] of entries) rows.set(key, row);
    return rows;
  }
  for (const [key] of entries) rows.delete(key);
  const order = [...rows];
  for (const [key, row, at = order.length] of entries) order.splice(at, 0, [key, row]);
  return new Map(order);
}

function readRow(old: Row | undefined, row: WireRow): Row {
  return keep(old, decode(row) as Row);
}

/** A copy of what a program gave, as the server will read it; `decode` takes over what it reads. */
export function copied<T>(value: T): T {
  return decode(JSON.parse(JSON.stringify(encode(value) ?? null))) as T;
}

/** Whether two values are equal: to the last digit, byte and microsecond. */
export function isSame(a: unknown, b: unknown): boolean {
  return Object.is(a, b) ||
    typeof a === "object" && typeof b === "object" &&
      JSON.stringify(encode(a)) === JSON.stringify(encode(b));
}

/**
 * The old value where the new one equals it, at any depth; otherwise the new one, made of old parts where those are
 * equal, and frozen.
 *
 * @param next nobody else's: parts of it are replaced
 */
export function keep<T>(old: unknown, next: T): T {
  if (typeof next !== "object" || next === null) return next;
  const prototype = Object.getPrototypeOf(next);
  if (prototype && prototype !== Object.prototype && prototype !== Array.prototype) {
    return isSame(old, next) ? old as T : next;
  }
  const parts = next as Record<string, unknown>;
  const before = typeof old === "object" && old !== null &&
      Object.getPrototypeOf(old) === prototype
    ? old as Record<string, unknown>
    : undefined;
  const names = Object.keys(parts);
  let equal = before !== undefined && Object.keys(before).length === names.length;
  for (const name of names) {
    const known = before && Object.hasOwn(before, name);
    const part = keep(known ? before[name] : undefined, parts[name]);
    if (part !== parts[name]) parts[name] = part;
    equal &&= known === true && Object.is(before?.[name], part);
  }
  return equal ? old as T : Object.freeze(next);
}
