/**
 * Nobody is measured who does not give the right values.
 *
 * @module
 */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { actions } from "./actions.ts";
import type { Case } from "./cases.ts";
import { actionOf, type Contender } from "./measure.ts";

/**
 * Checks what an operation gives, and what it leaves in the table.
 *
 * @throws when something differs, naming the candidate
 */
export async function verify(one: Case, contender: Contender): Promise<void> {
  const { candidate, database, operations } = contender;
  const { run, gives, writes } = actions[actionOf(one, contender)];
  // What writes in bulk does the same each time, and takes its time.
  const repetitions = writes && writes(0).length > 1 ? 1 : 3;
  for (let i = 0; i < repetitions; i++) {
    try {
      const given = await run(operations, i);
      if (gives) {
        const found = candidate.plain ? candidate.plain(given) : given;
        compare(plain(found, writes !== undefined), plain(gives(i)));
      }
      if (writes) compare(plain(await database.writtenItems()), plain(writes(i)));
    } catch (cause) {
      throw new Error(`${candidate.name} gives wrong values: ${one.title}`, { cause });
    }
    if (writes) await database.reset();
  }
}

/** Of long lists only the first row that differs is shown: a picture of all differences takes for ever. */
function compare(found: unknown, expected: unknown): void {
  if (isDeepStrictEqual(found, expected)) return;
  if (!Array.isArray(found) || !Array.isArray(expected)) assert.deepEqual(found, expected);
  else if (found.length !== expected.length) assert.equal(found.length, expected.length);
  else {
    const at = found.findIndex((each, i) => !isDeepStrictEqual(each, expected[i]));
    assert.deepEqual(found[at], expected[at]);
  }
}

/** Objects of whatever class as plain ones, children in the order of their keys, as no order was asked for. */
function plain(value: unknown, withoutKeys = false, isChild = false): unknown {
  if (Array.isArray(value)) {
    const list = value.map((each) => plain(each, withoutKeys, true));
    return isChild ? list.sort((a, b) => (a as Keyed).id - (b as Keyed).id) : list;
  }
  if (value === null || typeof value !== "object") return value;
  // A Date's subclass is one too.
  if (value instanceof Date) return new Date(value);
  const entries = Object.entries(value)
    .filter(([key, each]) => each !== undefined && !(withoutKeys && key === "id"))
    .map(([key, each]) => [key, plain(each, withoutKeys, true)]);
  return Object.fromEntries(entries);
}

interface Keyed {
  readonly id: number;
}
