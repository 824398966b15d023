/**
 * Random queries and writes of repositories: SQLite, PostgreSQL and a naive evaluator have to agree.
 *
 * `REX_FUZZ_SECONDS` (`deno task test:soak`) runs new seeds for so long; `REX_FUZZ_SEED` begins at a seed.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Database } from "../../src/database/database.ts";
import { targets } from "../targets/databases.ts";
import { actual, type Case, expected, randomCase } from "./cases.ts";
import { loadData, randomData } from "./data.ts";
import { models } from "./models.ts";
import { Random } from "./random.ts";
import { shrink, snippet } from "./shrink.ts";
import type { Data } from "./world.ts";

const seconds = Number(Deno.env.get("REX_FUZZ_SECONDS") ?? 0);
const firstSeed = Number(Deno.env.get("REX_FUZZ_SEED") ?? 1);
const shortSeeds = 8;
const casesPerSeed = 60;
const mostFaults = Number(Deno.env.get("REX_FUZZ_FAULTS") ?? 5);
const shrinkingTime = 20_000;

/** What each side answered. */
type Answers = Record<string, string>;

async function answers(dbs: ReadonlyMap<string, Database>, data: Data, each: Case) {
  const all: Answers = { expected: expected(data, each) };
  for (const [name, db] of dbs) all[name] = await actual(db, each);
  return all;
}

function agree(all: Answers): boolean {
  return new Set(Object.values(all)).size === 1;
}

/** A smaller case is of no use where it is no valid query any more. */
function isInvalid(all: Answers): boolean {
  return Object.values(all).some((each) => each.startsWith("QueryError: Cannot"));
}

async function report(dbs: ReadonlyMap<string, Database>, seed: string, data: Data, each: Case) {
  const wasInvalid = isInvalid(await answers(dbs, data, each));
  let loaded = data;
  const small = await shrink(data, each, async (candidate, smaller) => {
    try {
      expected(candidate, smaller);
    } catch {
      return false; // The evaluator takes no part of a query.
    }
    if (candidate !== loaded) { for (const db of dbs.values()) await loadData(db, candidate); }
    loaded = candidate;
    const all = await answers(dbs, candidate, smaller);
    return !agree(all) && isInvalid(all) === wasInvalid;
  }, shrinkingTime);
  for (const db of dbs.values()) await loadData(db, small.data);
  const all = await answers(dbs, small.data, small.each);
  for (const db of dbs.values()) await loadData(db, data);
  const lines = Object.entries(all).map(([name, answer]) => `// ${name}: ${answer}`);
  return `${snippet(seed, small.data, small.each)}\n${lines.join("\n")}`;
}

Deno.test("random queries give the same on every database as by the documentation", async () => {
  await using stack = new AsyncDisposableStack();
  const dbs = new Map<string, Database>();
  for (const target of targets) {
    const { db } = stack.use(await target.open());
    await db.schema.create({ models });
    dbs.set(target.name, db);
  }
  const end = performance.now() + seconds * 1000;
  const faults: string[] = [];
  let cases = 0;
  let seed = firstSeed;
  for (; seconds > 0 ? performance.now() < end : seed < firstSeed + shortSeeds; seed++) {
    const data = randomData(new Random(seed));
    for (const db of dbs.values()) await loadData(db, data);
    for (let i = 0; i < casesPerSeed && faults.length < mostFaults; i++, cases++) {
      const each = randomCase(new Random(seed * 1000 + i), data);
      if (agree(await answers(dbs, data, each))) continue;
      faults.push(await report(dbs, `seed ${seed}, case ${i}`, data, each));
    }
    if (faults.length >= mostFaults) break;
  }
  if (seconds > 0) console.log(`${cases} cases of ${seed - firstSeed} seeds`);
  assert.equal(faults.length, 0, faults.join("\n\n"));
});
