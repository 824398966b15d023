/**
 * Random changes of random schemas with rows in them: each leads where it shall, there and back, and loses nothing.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Database } from "../../src/database/database.ts";
import { mostFaults, seeds } from "../support/soak.ts";
import { type Target, targets } from "../targets/databases.ts";
import { Random } from "./random.ts";
import { type Pair, randomPair } from "./schema_changer.ts";
import type { Flavour } from "./schema_columns.ts";
import { SchemaMaker } from "./schema_maker.ts";
import { checkPair, Fault, type Outcome } from "./schema_property.ts";
import { pairText, shrinkPair } from "./schema_shrink.ts";

const shortSeeds = { SQLite: 60, PostgreSQL: 12 };
const shrinkingTime = 20_000;

/** A fault as text, or how it went. */
async function tried(
  target: Target,
  pair: Pair,
  options: { readonly seed: number; readonly online: boolean },
): Promise<Outcome | Fault> {
  await using opened = await target.open();
  try {
    return await checkPair(opened.db, pair, options);
  } catch (error) {
    if (error instanceof Fault) return error;
    return new Fault(`unexpected: ${error instanceof Error ? error.stack : error}`);
  } finally {
    await dropSchemas(opened.db, pair);
  }
}

async function dropSchemas(db: Database, { from, to }: Pair): Promise<void> {
  for (const name of new Set([...from.schemas, ...to.schemas])) {
    await db.execute(`DROP SCHEMA IF EXISTS "${name}" CASCADE`);
  }
}

/** Faults of one kind begin with the same words. */
function kind(fault: Fault): string {
  return fault.message.replace(/"[^"]*"|'[^']*'|\d+/g, "").slice(0, 45);
}

async function report(
  target: Target,
  pair: Pair,
  fault: Fault,
  options: { readonly seed: number; readonly online: boolean },
): Promise<string> {
  const small = await shrinkPair(pair, async (candidate) => {
    const result = await tried(target, candidate, options);
    return result instanceof Fault && kind(result) === kind(fault);
  }, shrinkingTime);
  const result = await tried(target, small, options);
  const { message } = result instanceof Fault ? result : fault;
  return `seed ${options.seed}${options.online ? ", online" : ""}: ${message}\n` +
    pairText(small);
}

for (const target of targets) {
  Deno.test(`random changes of schemas lose nothing, there and back (${target.name})`, async () => {
    const faults: string[] = [];
    const counts: Record<Outcome, number> = { done: 0, refused: 0, "refused back": 0 };
    for (const seed of seeds(shortSeeds[target.name as Flavour])) {
      const pair = randomPair(new SchemaMaker(new Random(seed), target.name as Flavour));
      const options = { seed, online: target.name === "PostgreSQL" && seed % 4 === 0 };
      const result = await tried(target, pair, options);
      if (result instanceof Fault) faults.push(await report(target, pair, result, options));
      else counts[result]++;
      if (faults.length >= mostFaults) break;
    }
    assert.equal(faults.length, 0, `${JSON.stringify(counts)}\n${faults.join("\n\n")}`);
    assert.ok(counts.done > 0, JSON.stringify(counts));
    if (counts.done > shortSeeds.SQLite) console.log(target.name, JSON.stringify(counts));
  });
}
