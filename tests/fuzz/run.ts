/**
 * How long the fuzzers run: a few fixed seeds in `deno task test`; new ones for a time in `deno task test:soak`.
 *
 * - `REX_FUZZ_SECONDS`: for so long, each of them (300 in a soak)
 * - `REX_FUZZ_SEED`: from this seed on (1 in the short form, another each day in a soak)
 * - `REX_FUZZ_FAULTS`: after so many faults they stop (5)
 *
 * @module
 */
import type { Database } from "../../src/database/database.ts";
import type { ModelClass } from "../../src/model/keys.ts";
import { targets } from "../targets/databases.ts";

const soaking = Deno.env.get("REX_FUZZ_SOAK") !== undefined;
const seconds = number("REX_FUZZ_SECONDS") ?? (soaking ? 300 : 0);
const firstSeed = number("REX_FUZZ_SEED") ?? (soaking ? dayOfNow() * 10_000 : 1);

/** After so many faults a run ends. */
export const mostFaults: number = number("REX_FUZZ_FAULTS") ?? 5;

function number(name: string): number | undefined {
  const given = Deno.env.get(name);
  return given ? Number(given) : undefined;
}

function dayOfNow(): number {
  return Math.floor(Date.now() / 86_400_000);
}

/** The seeds to run: `count` of them, or as many as there is time for. */
export function* seeds(count: number): Generator<number> {
  const end = performance.now() + seconds * 1000;
  let seed = firstSeed;
  for (; seconds > 0 ? performance.now() < end : seed < firstSeed + count; seed++) yield seed;
  if (seconds > 0) console.log(`seeds ${firstSeed} to ${seed - 1}`);
}

/** All databases by name, with the tables of the models. */
export async function openAll(
  stack: AsyncDisposableStack,
  models: readonly ModelClass[],
): Promise<ReadonlyMap<string, Database>> {
  const dbs = new Map<string, Database>();
  for (const target of targets) {
    const { db } = stack.use(await target.open());
    await db.schema.create({ models });
    dbs.set(target.name, db);
  }
  return dbs;
}
