/**
 * Random queries and writes of repositories: SQLite, PostgreSQL and a naive evaluator have to agree. *
 * @module
 */
import assert from "node:assert/strict";
import type { Database } from "../../src/database/database.ts";
import { actual, type Case, expected, randomCase } from "./cases.ts";
import { loadData, randomData } from "./data.ts";
import { models } from "./models.ts";
import { Random } from "./random.ts";
import { mostFaults, seeds } from "../support/soak.ts";
import { openAll } from "./run.ts";
import { shrink, snippet } from "./shrink.ts";
import type { Data } from "./world.ts";

const shortSeeds = 8;
const casesPerSeed = 60;
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
  const dbs = await openAll(stack, models);
  const faults: string[] = [];
  let cases = 0;
  for (const seed of seeds(shortSeeds)) {
    const data = randomData(new Random(seed));
    for (const db of dbs.values()) await loadData(db, data);
    for (let i = 0; i < casesPerSeed && faults.length < mostFaults; i++, cases++) {
      const each = randomCase(new Random(seed * 1000 + i), data);
      if (agree(await answers(dbs, data, each))) continue;
      faults.push(await report(dbs, `seed ${seed}, case ${i}`, data, each));
    }
    if (faults.length >= mostFaults) break;
  }
  assert.equal(faults.length, 0, `${faults.length} of ${cases}:\n${faults.join("\n\n")}`);
  assert.ok(cases >= casesPerSeed);
});
