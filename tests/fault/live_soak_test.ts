/**
 * Live data under faults: several processes write at random, some of them outside of Rex-ORM, while the server, the
 * database's backends, the network and the writers are killed, paused and cut. Whenever the writers rest, every
 * subscription of every client comes to what its query gives afresh, and no client was ever sent what its policy hides.
 *
 * `REX_SOAK=1` runs it for long, `REX_SOAK_SEED` from a seed on.
 *
 * @module
 */
import assert from "node:assert/strict";
import { entityOf } from "../../src/model/registry.ts";
import { restrict } from "../../src/repository/policy/mod.ts";
import { Random } from "../fuzz/random.ts";
import { seeds, soaking } from "../support/soak.ts";
import { startEmbeddedPostgres } from "../targets/embedded_postgres.ts";
import { freshPostgresDatabase } from "../targets/mod.ts";
import { models, policies, subscriptions } from "./live_soak/models.ts";
import { classes } from "./live_soak/viewer.ts";
import { open } from "./live_soak/writers.ts";
import { World, type WorldOptions } from "./live_soak/world.ts";

const shortCycles = 4;
const writes = soaking ? 30 : 12;

async function soak(options: WorldOptions): Promise<void> {
  await using world = await World.start(options);
  const faults: string[] = [];
  let cycles = 0;
  for (const seed of seeds(shortCycles)) {
    const found = await world.cycle(new Random(seed), writes);
    cycles++;
    if (found.length === 0) continue;
    faults.push(
      `seed ${seed}, cycle ${cycles}, after ${world.events.join(", ")}\n${found.join("\n")}`,
    );
    if (soaking) console.error(faults.at(-1));
    // A view that is wrong stays so.
    break;
  }
  const { records, kinds, resets } = world.recorder;
  if (soaking) console.log({ cycles, records, kinds, resets, faults: world.made });
  assert.equal(faults.length, 0, faults.join("\n\n"));
  assert.ok(records > 0 && kinds.change! > 0);
}

Deno.test("the subscriptions of the soak are kept true in every way there is", async () => {
  await using db = open({ path: ":memory:" });
  await db.schema.create({ models });
  const live = await db.liveQueries();
  const ways = subscriptions.map(({ model, query }) => {
    const entity = entityOf(classes[model]);
    return live.explain({ entity, query: restrict(policies, { tenant: 1 }, entity, query) }).way;
  });
  assert.deepEqual([...new Set(ways)].sort(), ["index", "query", "scan"]);
});

Deno.test("live data under faults: SQLite with its log", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rex-orm-" });
  try {
    await soak({ place: { path: `${folder}/soak.db` }, source: "log" });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("live data under faults: changes of the server's own process", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rex-orm-" });
  try {
    await soak({ place: { path: `${folder}/soak.db` }, source: "process" });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function onPostgres(options: Omit<WorldOptions, "place" | "cluster">): Promise<void> {
  await using stack = new AsyncDisposableStack();
  // Only a server of its own may be restarted.
  const cluster = soaking ? stack.use(await startEmbeddedPostgres()) : undefined;
  const { url } = cluster ?? stack.use(await freshPostgresDatabase());
  await soak({ ...options, place: { url }, ...cluster && { cluster } });
}

Deno.test("live data under faults: PostgreSQL with its log", async () => {
  await onPostgres({ source: "log" });
});

Deno.test("live data under faults: a durable replication slot", async () => {
  const slot = `soak_${crypto.randomUUID().replaceAll("-", "")}`;
  await onPostgres({ source: "replication", slot });
});

Deno.test("live data under faults: a slot that ends with its connection", async () => {
  await onPostgres({ source: "replication" });
});
