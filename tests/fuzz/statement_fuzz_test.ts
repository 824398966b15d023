/**
 * Random typed queries: SQLite and PostgreSQL have to agree.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Database } from "../../src/database/database.ts";
import type { Case } from "./cases.ts";
import { canonical } from "./compare.ts";
import { loadData, randomData } from "./data.ts";
import { models } from "./models.ts";
import { Random } from "./random.ts";
import { mostFaults, seeds } from "../support/soak.ts";
import { openAll } from "./run.ts";
import { code, shrink } from "./shrink.ts";
import { StatementMaker } from "./statement_maker.ts";
import { build, type QuerySpec } from "./statements.ts";
import type { Data } from "./world.ts";

const shortSeeds = 6;
const casesPerSeed = 60;
const shrinkingTime = 20_000;

/** What PostgreSQL refuses for the sake of the values, while SQLite goes on: no fault of a query. */
const outOfRange = /out of range|overflow/;

function rounded(value: unknown): unknown {
  return typeof value === "number" ? Number(value.toPrecision(12)) : value;
}

/** Rows that tie in all their values are the same. */
function isTotal({ ordered, select }: QuerySpec): boolean {
  return ordered !== undefined && Object.keys(select).length > 0;
}

async function answer(db: Database, spec: QuerySpec): Promise<string> {
  try {
    const rows = await build(db, spec).execute();
    const texts = rows.map((row) =>
      canonical(Object.fromEntries(Object.entries(row).map(([key, each]) => [key, rounded(each)])))
    );
    return `[${(isTotal(spec) ? texts : texts.sort()).join(", ")}]`;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return `${error.name}: ${error.message}`;
  }
}

type Dbs = ReadonlyMap<string, Database>;

async function answers(dbs: Dbs, spec: QuerySpec): Promise<Record<string, string>> {
  const all: Record<string, string> = {};
  for (const [name, db] of dbs) all[name] = await answer(db, spec);
  return all;
}

/** Both give the same, or a value is beyond what one of them holds; both refusing is a fault too. */
function agree(all: Record<string, string>): boolean {
  const texts = Object.values(all);
  if (texts.some((each) => outOfRange.test(each))) return true;
  return new Set(texts).size === 1 && texts.every((each) => each.startsWith("["));
}

function faultOf(all: Record<string, string>): string {
  return Object.values(all).map((each) => /^\w+: .{0,30}/.exec(each)?.[0] ?? "rows").join();
}

async function report(dbs: Dbs, seed: string, data: Data, spec: QuerySpec): Promise<string> {
  const kind = faultOf(await answers(dbs, spec));
  let loaded = data;
  const first: Case = { model: "", method: "query", args: [spec] };
  const small = await shrink(data, first, async (candidate, { args }) => {
    if (candidate !== loaded) { for (const db of dbs.values()) await loadData(db, candidate); }
    loaded = candidate;
    const smaller = args[0] as QuerySpec;
    if (Object.keys(smaller.select ?? {}).length === 0) return false;
    const all = await answers(dbs, smaller);
    return !agree(all) && faultOf(all) === kind;
  }, shrinkingTime);
  for (const db of dbs.values()) await loadData(db, small.data);
  const smallest = small.each.args[0] as QuerySpec;
  const lines: string[] = [`// ${seed}`, `await loadData(db, ${code(small.data)});`];
  lines.push(`await build(db, ${code(smallest)}).execute();`);
  for (const [name, text] of Object.entries(await answers(dbs, smallest))) {
    lines.push(`// ${name}: ${text}`, `//   by ${sqlOf(dbs.get(name) as Database, smallest)}`);
  }
  for (const db of dbs.values()) await loadData(db, data);
  return lines.join("\n");
}

function sqlOf(db: Database, spec: QuerySpec): string {
  try {
    return build(db, spec).toSQL().sql;
  } catch (error) {
    return String(error);
  }
}

Deno.test("random typed queries give the same on every database", async () => {
  await using stack = new AsyncDisposableStack();
  const dbs = await openAll(stack, models);
  const faults: string[] = [];
  let cases = 0;
  for (const seed of seeds(shortSeeds)) {
    const data = randomData(new Random(seed));
    for (const db of dbs.values()) await loadData(db, data);
    for (let i = 0; i < casesPerSeed && faults.length < mostFaults; i++, cases++) {
      const spec = new StatementMaker(new Random(seed * 1000 + i)).query(2);
      if (agree(await answers(dbs, spec))) continue;
      faults.push(await report(dbs, `seed ${seed}, case ${i}`, data, spec));
    }
    if (faults.length >= mostFaults) break;
  }
  assert.equal(faults.length, 0, `${faults.length} of ${cases}:\n${faults.join("\n\n")}`);
  assert.ok(cases >= casesPerSeed);
});
