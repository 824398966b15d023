/**
 * What the repository's tests share: the statements that ran, plain copies, random numbers with a seed.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Database } from "../../src/database/database.ts";
import type { QueryEvent } from "../../src/engine/query_event.ts";

/** Runs `work` and gives the statements on data that it sent, with what it gave. */
export async function watched<T>(
  db: Database,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly events: readonly QueryEvent[] }> {
  const events: QueryEvent[] = [];
  const end = db.onQuery((event) => {
    if (event.kind === "read" || event.kind === "write") events.push(event);
  });
  try {
    return { result: await work(), events };
  } finally {
    end();
  }
}

/** Expects that `work` sends so many statements on data, and gives what it gave. */
export async function sends<T>(db: Database, count: number, work: () => Promise<T>): Promise<T> {
  const { result, events } = await watched(db, work);
  assert.equal(events.length, count, events.map((each) => each.sql).join("\n"));
  return result;
}

/** A copy without classes, to compare values alone. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A typed hole for input that was not checked by the compiler, as from JSON. */
export function untyped(value: unknown): never {
  return value as never;
}
