/**
 * Random policies and random queries: what comes of a restricted query has to be what the query gives of a database that
 * holds only what may be seen, on every database, whether the query comes from the program or from a client.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ForbiddenError } from "../../src/base/errors.ts";
import { clientQuery } from "../../src/features/realtime/policy/client_query.ts";
import { encode } from "../../src/features/realtime/protocol/wire.ts";
import { entityOf } from "../../src/model/registry.ts";
import { restrict } from "../../src/repository/policy/mod.ts";
import { mostFaults, seeds } from "../support/soak.ts";
import { actual } from "./cases.ts";
import { canonical } from "./compare.ts";
import { loadData, randomData } from "./data.ts";
import { models } from "./models.ts";
import { Oracle, type Part } from "./oracle.ts";
import {
  isForbidden,
  policiesOf,
  randomWorld,
  selecting,
  visibleData,
  type World,
} from "./policies.ts";
import { QueryMaker } from "./queries.ts";
import { Random } from "./random.ts";
import { openAll } from "./run.ts";
import { type Data, type ModelInfo, world } from "./world.ts";

const shortSeeds = 10;
const worldsPerSeed = 3;
const casesPerWorld = 40;
const generous = { relations: 1000, nodes: 100_000, depth: 100, maxLimit: 1e9 };

function expected(data: Data, info: ModelInfo, query: Part, seen: World): string {
  if (isForbidden(info, query, seen)) return "forbidden";
  return canonical(new Oracle(visibleData(data, seen)).find(info, selecting(info, query, seen)));
}

/** The restricted query, or that there is none. */
function restricted(info: ModelInfo, query: Part, seen: World, sent: boolean): Part | undefined {
  const [policies, context] = [policiesOf(seen), { seen }];
  const entity = entityOf(info.model);
  try {
    if (!sent) return restrict(policies, context, entity, query);
    const wire = JSON.parse(JSON.stringify(encode(query)));
    return clientQuery({ entity, wire, policies, context, limits: generous }) as Part;
  } catch (error) {
    if (error instanceof ForbiddenError) return undefined;
    throw error;
  }
}

/** What a client may say of a query: no cursor, and nothing of how relations are read. */
function sayable(query: Part): Part {
  const { cursor: _cursor, strategy: _strategy, ...rest } = query;
  if (rest.include === undefined) return rest;
  const include = Object.fromEntries(
    Object.entries(rest.include as Part).map(([name, options]) => [
      name,
      name === "_count" || typeof options === "boolean" ? options : sayable(options as Part),
    ]),
  );
  return { ...rest, include };
}

Deno.test("a restricted query gives what it gives of a database without what may not be seen", async () => {
  await using stack = new AsyncDisposableStack();
  const dbs = await openAll(stack, models);
  const faults: string[] = [];
  const outcomes = { forbidden: 0, empty: 0, found: 0 };
  for (const seed of seeds(shortSeeds)) {
    const data = randomData(new Random(seed));
    for (const db of dbs.values()) await loadData(db, data);
    for (let n = 0; n < worldsPerSeed; n++) {
      const seen = randomWorld(new Random(seed * 100 + n), data);
      for (let i = 0; i < casesPerWorld && faults.length < mostFaults; i++) {
        const random = new Random(seed * 100_000 + n * 1000 + i);
        const info = random.pick([...world.values()].filter((each) => seen.has(each.name)));
        const sent = random.chance(0.5);
        const maker = new QueryMaker(random, data);
        let query: Part;
        do query = sent ? sayable(maker.query(info)) : maker.query(info); while (
          isForbidden(info, query, seen) && random.chance(0.7)
        );
        const wanted = expected(data, info, query, seen);
        outcomes[wanted === "forbidden" ? wanted : wanted === "[]" ? "empty" : "found"]++;
        const asked = restricted(info, query, seen, sent);
        for (const [name, db] of dbs) {
          const given = asked === undefined
            ? "forbidden"
            : await actual(db, { model: info.name, method: "find", args: [asked] });
          if (given === wanted) continue;
          faults.push(
            `seed ${seed}, policies ${n}, case ${i}, ${info.name} on ${name}\nquery: ${
              canonical(query)
            }\n` +
              `policies: ${canonical(Object.fromEntries(seen))}\nasked: ${canonical(asked)}\n` +
              `wanted: ${wanted}\ngiven:  ${given}`,
          );
        }
      }
    }
    if (faults.length >= mostFaults) break;
  }
  assert.equal(faults.length, 0, faults.join("\n\n"));
  // Policies that hide all, or nothing, would prove little.
  const { forbidden, empty, found } = outcomes;
  assert.ok(found > (forbidden + empty) / 6, JSON.stringify(outcomes));
  assert.ok(forbidden > found / 20, JSON.stringify(outcomes));
});
