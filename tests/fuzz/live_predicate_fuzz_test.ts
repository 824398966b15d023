/**
 * Random conditions and orders told without a database: they have to agree with what the database finds.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Database } from "../../src/database/database.ts";
import type { Semantics } from "../../src/dialect/semantics.ts";
import { orderingOf } from "../../src/features/realtime/live/ordering.ts";
import {
  type Predicate,
  predicateOf,
  withoutDeleted,
} from "../../src/features/realtime/live/predicate.ts";
import { ViewIndex } from "../../src/features/realtime/live/view_index.ts";
import { entityOf } from "../../src/model/mod.ts";
import type { EntitySchema, PropertySchema } from "../../src/schema/entity.ts";
import { mostFaults, seeds } from "../support/soak.ts";
import { canonical } from "./compare.ts";
import { loadData, randomData } from "./data.ts";
import { models } from "./models.ts";
import type { Part } from "./oracle.ts";
import { QueryMaker } from "./queries.ts";
import { Random } from "./random.ts";
import { openAll } from "./run.ts";
import { type Data, type ModelInfo, type Row, world } from "./world.ts";

const shortSeeds = 6;
const casesPerSeed = 60;

interface Case {
  readonly info: ModelInfo;
  readonly where: Part;
  readonly orderBy: readonly Part[];
  readonly withDeleted: boolean;
}

/** How often each thing happened: a fuzzer that never finds a row proves nothing. */
interface Tally {
  exact: number;
  looked: number;
  ordered: number;
  matched: number;
  told: number;
}

function randomCase(random: Random, data: Data): Case {
  const maker = new QueryMaker(random, data);
  const info = random.pick([...world.values()]);
  const orderBy = [maker.orderBy(info, 1)].flat();
  // Total, so that there is one answer.
  const key = info.key.map((name) => ({ [name]: random.pick(["asc", "desc"]) }));
  return {
    info,
    where: maker.where(info, random.pick([0, 1, 2])),
    orderBy: [...orderBy, ...key],
    withDeleted: random.chance(0.2),
  };
}

/** The rows as the database gives them, hidden foreign keys from what was put into it. */
async function stored(db: Database, data: Data, info: ModelInfo): Promise<Row[]> {
  const rows = await db.repository(info.model).find({ withDeleted: true } as never) as Row[];
  const known = new Map((data[info.name] ?? []).map((row) => [keyOf(info, row), row]));
  return rows.map((row) => ({ ...known.get(keyOf(info, row)), ...row }));
}

function keyOf(info: ModelInfo, row: Row): string {
  return canonical(info.key.map((name) => row[name]));
}

function readerOf(row: Row): (property: PropertySchema) => unknown {
  return ({ name, hidden }) =>
    row[hidden ? name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()) : name];
}

/** What is wrong with a case, in a sentence. */
async function faultOf(
  db: Database,
  semantics: Semantics,
  data: Data,
  each: Case,
  tally: Tally,
): Promise<string | undefined> {
  const { info, where, withDeleted, orderBy } = each;
  const entity = entityOf(info.model as never);
  const rows = await stored(db, data, info);
  const query = { where, withDeleted, orderBy };
  const found = await db.repository(info.model).find(query as never) as Row[];
  const keys = found.map((row) => keyOf(info, row));
  const predicate = predicateOf(entity, withoutDeleted(entity, where, withDeleted), semantics);
  const members = new Set(keys);
  tally.exact += predicate.exact ? 1 : 0;
  tally.looked += predicate.lookup ? 1 : 0;
  tally.matched += members.size > 0 ? 1 : 0;
  for (const row of rows) {
    const is = members.has(keyOf(info, row));
    const fault = rowFault(predicate, row, is);
    if (fault) return `${fault} ${canonical(row)}`;
    tally.told += predicate.test(readerOf(row)) === undefined ? 0 : 1;
    const blind = predicate.test(() => undefined);
    if (blind !== undefined && blind !== is) return `blindly says ${blind} of ${canonical(row)}`;
  }
  return orderFault(entity, info, rows, keys, each, semantics, tally);
}

function rowFault(predicate: Predicate, row: Row, is: boolean): string | undefined {
  const told = predicate.test(readerOf(row));
  if (told === undefined ? predicate.exact : told !== is) {
    return `says ${told} (exact: ${predicate.exact}) of a row that ${is ? "matches" : "does not"}:`;
  }
  const index = new ViewIndex<Predicate>();
  index.add(predicate, predicate);
  let candidate = false;
  index.candidates(readerOf(row), () => candidate = true);
  return is && !candidate ? "does not look up" : undefined;
}

function orderFault(
  entity: EntitySchema,
  info: ModelInfo,
  rows: readonly Row[],
  keys: readonly string[],
  each: Case,
  semantics: Semantics,
  tally: Tally,
): string | undefined {
  const ordering = orderingOf(entity, each.orderBy, semantics);
  if (!ordering.exact) return undefined;
  tally.ordered++;
  const members = new Set(keys);
  const sorted = rows.filter((row) => members.has(keyOf(info, row)))
    .sort((a, b) => ordering.compare(readerOf(a), readerOf(b)))
    .map((row) => keyOf(info, row));
  return canonical(sorted) === canonical(keys) ? undefined : `sorts as ${canonical(sorted)}`;
}

Deno.test("random conditions and orders are told as the databases do", async () => {
  await using stack = new AsyncDisposableStack();
  const dbs = await openAll(stack, models);
  const faults: string[] = [];
  const tally: Tally = { exact: 0, looked: 0, ordered: 0, matched: 0, told: 0 };
  let cases = 0;
  for (const seed of seeds(shortSeeds)) {
    const data = randomData(new Random(seed));
    for (const [name, db] of dbs) {
      await loadData(db, data);
      const general = db.dialect.semantics;
      const own = await db.dialect.readSemantics?.(db) ?? general;
      for (let i = 0; i < casesPerSeed && faults.length < mostFaults; i++, cases++) {
        const each = randomCase(new Random(seed * 1000 + i), data);
        for (const semantics of new Set([own, general])) {
          const fault = await faultOf(db, semantics, data, each, tally);
          if (!fault) continue;
          const { info, ...query } = each;
          faults.push(
            `seed ${seed}, case ${i}, ${name}: ${info.name} ${canonical(query)} ${fault}`,
          );
        }
      }
    }
    if (faults.length >= mostFaults) break;
  }
  assert.equal(faults.length, 0, `${faults.length} of ${cases}:\n${faults.join("\n\n")}`);
  assert.ok(cases >= casesPerSeed);
  for (const [what, count] of Object.entries(tally)) {
    assert.ok(count > cases / 8, `${what}: ${count}`);
  }
});
