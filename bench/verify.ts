/**
 * Nobody is measured who does not give the right values.
 *
 * @module
 */
import assert from "node:assert/strict";
import { actions } from "./actions.ts";
import type { Case } from "./cases.ts";
import { actionOf, type Contender } from "./measure.ts";

/** How often each operation is checked. */
const repetitions = 3;

/**
 * Checks what an operation gives, and what it leaves in the table.
 *
 * @throws when something differs, naming the candidate
 */
export async function verify(one: Case, contender: Contender): Promise<void> {
  const { candidate, database, operations } = contender;
  const { run, gives, writes } = actions[actionOf(one, contender)];
  for (let i = 0; i < repetitions; i++) {
    try {
      const given = await run(operations, i);
      if (gives) {
        const found = candidate.plain ? candidate.plain(given) : given;
        assert.deepEqual(plain(found, writes !== undefined), plain(gives(i)));
      }
      if (writes) assert.deepEqual(plain(await database.writtenItems()), plain(writes(i)));
    } catch (cause) {
      throw new Error(`${candidate.name} gives wrong values: ${one.title}`, { cause });
    }
    if (writes) await database.reset();
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
