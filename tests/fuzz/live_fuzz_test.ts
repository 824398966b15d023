/**
 * Random live queries during random writes by several writers at once: whenever all is told, what was told comes to
 * what `find` gives.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ForbiddenError, RexError } from "../../src/base/errors.ts";
import type { Database } from "../../src/database/database.ts";
import { entityOf } from "../../src/model/registry.ts";
import { restrict } from "../../src/repository/policy/mod.ts";
import { caughtUp, Mark, watch, type Watcher } from "../behaviour/live_support.ts";
import { mostFaults, seeds, soaking } from "../support/soak.ts";
import { targets } from "../targets/databases.ts";
import { arranged } from "./cases.ts";
import { canonical } from "./compare.ts";
import { loadData, randomData } from "./data.ts";
import { models } from "./models.ts";
import type { Part } from "./oracle.ts";
import { policiesOf, randomWorld } from "./policies.ts";
import { QueryMaker } from "./queries.ts";
import { Random } from "./random.ts";
import { code } from "./shrink.ts";
import { type Data, type ModelInfo, type Row, world } from "./world.ts";
import { randomWrite } from "./writes.ts";

const shortSeeds = 3;
const rounds = 6;
const queriesAtOnce = 10;
const writers = 3;
const writesOfEach = 4;

/** A live query with who follows it. */
interface Followed {
  readonly info: ModelInfo;
  readonly query: Part;
  readonly way: string;
  readonly watcher: Watcher<object>;
}

/** The sources that a database has. */
async function sourcesOf(db: Database): Promise<("process" | "log" | "replication")[]> {
  const support = await db.dialect.changeSupport?.();
  return [
    "process",
    ...support ? ["log" as const] : [],
    ...support?.replicationSource ? ["replication" as const] : [],
  ];
}

async function follow(db: Database, random: Random, data: Data): Promise<Followed> {
  const maker = new QueryMaker(random, data);
  const info = random.pick([...world.values()]);
  // Half of them simple, so that they are kept true in memory.
  const asked = random.chance(0.5) ? maker.query(info) : {
    ...random.chance(0.8) && { where: maker.where(info, random.int(0, 1)) },
    ...random.chance(0.5) && { orderBy: maker.orderBy(info, 0) },
    ...random.chance(0.3) && { select: Object.keys(visibleColumns(info)).slice(0, 3) },
  };
  const query = random.chance(0.4) ? underPolicies(info, asked, random, data) : asked;
  const live = db.live(info.model, query as never);
  const watcher = await watch(live) as Watcher<object>;
  return { info, query, way: (await live.explain()).way, watcher };
}

/** What somebody sees of a query by random policies; the query itself where they may not ask it. */
function underPolicies(info: ModelInfo, query: Part, random: Random, data: Data): Part {
  const seen = randomWorld(random, data);
  try {
    return restrict(policiesOf(seen), { seen }, entityOf(info.model), query);
  } catch (error) {
    if (error instanceof ForbiddenError) return query;
    throw error;
  }
}

function visibleColumns({ columns }: ModelInfo): Part {
  return Object.fromEntries(Object.entries(columns).filter(([, { hidden }]) => !hidden));
}

/** One writer: writes that succeed, are refused, are rolled back, and go around the repositories. */
async function write(db: Database, random: Random, data: Data): Promise<void> {
  const maker = new QueryMaker(random, data);
  for (let i = 0; i < writesOfEach; i++) {
    const info = random.pick([...world.values()]);
    const { method, args } = randomWrite(maker, info);
    const undone = random.chance(0.15);
    const raw = random.chance(0.1);
    try {
      await db.transaction(async (tx) => {
        const repository = tx.repository(info.model) as never as Record<
          string,
          (...args: readonly unknown[]) => Promise<unknown>
        >;
        await repository[method]!(...args);
        if (raw) await tx.execute("UPDATE posts SET views = views + 1 WHERE id % 2 = 0");
        if (undone) throw new RexError("undone");
      }, { retries: 10 });
    } catch (error) {
      if (!(error instanceof RexError)) throw error;
    }
  }
}

/** What differs between what was told and what is there. */
async function faultsOf(db: Database, followed: readonly Followed[]): Promise<string[]> {
  const faults: string[] = [];
  for (const { info, query, way, watcher } of followed) {
    const found = await db.repository(info.model).find(query as never) as Row[];
    const expected = canonical(arranged(info, query, found));
    const actual = canonical(arranged(info, query, watcher.rows() as Row[]));
    if (expected === actual) continue;
    faults.push(`${info.name} ${code(query)} (${way})\n// told:  ${actual}\n// there: ${expected}`);
  }
  return faults;
}

async function round(db: Database, random: Random, followed: Followed[]): Promise<string[]> {
  const data = randomData(random);
  for (const { watcher } of followed.splice(0, random.int(0, followed.length))) await watcher.end();
  const opening = async () => {
    while (followed.length < queriesAtOnce) followed.push(await follow(db, random, data));
  };
  const writing = Array.from({ length: writers }, () => {
    return write(db, new Random(random.int(1, 1e9)), data);
  });
  if (random.chance(0.2)) writing.push(loadData(db, data).catch(() => {}));
  await Promise.all([opening(), ...writing]);
  await caughtUp(db, true);
  return await faultsOf(db, followed);
}

for (const target of targets) {
  Deno.test(`random live queries stay true (${target.name})`, async () => {
    const faults: string[] = [];
    const sources = await target.open().then(async (opened) => {
      await using _opened = opened;
      return await sourcesOf(opened.db);
    });
    for (const source of sources) {
      await using opened = await target.open({ poolSize: 12 });
      const { db } = opened;
      await db.schema.create({ models: [...models, Mark] });
      const followed: Followed[] = [];
      if (source === "log") await followAll(db);
      await db.feed({ source });
      for (const seed of seeds(shortSeeds)) {
        const random = new Random(seed);
        await loadData(db, randomData(random));
        for (let i = 0; i < rounds && faults.length < mostFaults; i++) {
          const found = await round(db, random, followed);
          faults.push(...found.map((each) => `seed ${seed}, round ${i}, ${source}: ${each}`));
        }
      }
      for (const { watcher } of followed) await watcher.end();
      const stats = (await db.liveQueries()).stats();
      assert.equal(stats.subscriptions, 0);
      if (soaking) console.log(source, stats);
    }
    assert.equal(faults.length, 0, faults.join("\n\n"));
  });
}

async function followAll(db: Database): Promise<void> {
  const support = await db.dialect.changeSupport?.();
  const tables = [
    "authors follows profiles tags topics regions borders towns posts",
    "comments post_tags labellings marks",
  ].flatMap((names) => names.split(" ")).map((name) => ({ name }));
  await db.transaction((tx) => support!.log.create(tx, tables));
}
