/**
 * Random writes of a client and of others, verdicts and losses: in the end a client shows what the server has, and
 * nothing of what was laid over it is left.
 */
import assert from "node:assert/strict";
import { clientOf, post, until } from "./testdata/posts.ts";
import { SyncServer, type Verdict } from "./testdata/sync_server.ts";

/** Numbers from a seed (mulberry32). */
function randomOf(seed: number): (below: number) => number {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * below);
  };
}

const queries = [
  {},
  { where: { board: "a" } },
  { where: { board: { in: ["b", "c"] } } },
  { orderBy: { rank: "desc" } },
  { where: { board: "b" }, orderBy: { rank: "asc" } },
  { orderBy: { rank: "asc" }, limit: 4 },
  { where: { note: null }, orderBy: { rank: "desc" }, limit: 3 },
] as const;

const verdicts: readonly Verdict[] = [
  "done",
  "done",
  "done",
  "hold",
  "hold",
  "invalid",
  "conflict",
];

async function run(seed: number, transport: "websocket" | "sse", steps: number): Promise<void> {
  const random = randomOf(seed);
  const any = <T>(list: readonly T[]): T => list[random(list.length)] as T;
  await using server = new SyncServer();
  server.judge = () => any(verdicts);
  using own = clientOf(server, { transport, reconnect: { min: 1, max: 5 } });
  const { client } = own;
  const lives = queries.map((query) => client.live("Post", query));
  await Promise.all(lives.map(({ ready }) => ready));
  for (const live of lives) {
    live.subscribe((rows) => {
      const keys = rows.map(({ id }) => id);
      assert.equal(new Set(keys).size, keys.length, "a record is shown twice");
    });
  }
  const values = () => ({
    title: `t${random(4)}`,
    board: any(["a", "b", "c"]),
    rank: random(6),
    note: any([null, "x"]),
  });
  let next = 100;
  const writes: Promise<unknown>[] = [];
  const write = (promise: Promise<unknown>) => void writes.push(promise.catch(() => {}));
  const ids = () => server.find("Post", {}).map(({ id }) => id as number);
  for (let step = 0; step < steps; step++) {
    const id = any([...ids(), random(20)]);
    const kind = random(12);
    if (kind < 3) server.commit("Post", (posts) => void posts.set(id, post(id, values())));
    else if (kind < 4) server.commit("Post", (posts) => void posts.delete(id));
    else if (kind < 6) write(client.update("Post", id, any([values(), { rank: random(6) }])));
    else if (kind < 7) write(client.delete("Post", id));
    else if (kind < 9) {
      const own = ++next;
      write(client.create("Post", { id: own, ...values() }));
    } else if (kind < 11) {
      server.held.splice(random(server.held.length), 1)[0]?.answer(any(["done", "invalid"]));
    } else if (random(6) === 0) {
      if (random(3) === 0) server.forget();
      server.drop(any([1011, 1001]));
    }
    if (random(3) === 0) await new Promise((resolve) => setTimeout(resolve));
  }
  server.judge = () => "done";
  const answered = Promise.all(writes);
  let over = false;
  answered.then(() => over = true);
  while (!over) {
    for (const { answer } of server.held.splice(0)) answer("done");
    await new Promise((resolve) => setTimeout(resolve));
  }
  // A write whose answer was lost may be made only now: what is wanted is what the server has when it is looked at.
  const isTrue = (i: number) => {
    const { rows, state } = (lives[i] as typeof lives[number]).snapshot();
    const wanted = byId(server.find("Post", { ...queries[i] }), i);
    return state === "live" && JSON.stringify(byId(rows, i)) === JSON.stringify(wanted) &&
      !rows.some((row) => client.isPending(row));
  };
  while (!lives.every((_, i) => isTrue(i))) {
    for (const [i, live] of lives.entries()) await until(live, () => isTrue(i));
  }
}

/** A result without an order comes in any. */
function byId(rows: readonly object[], i: number): object[] {
  const plain = rows.map((row) => Object.fromEntries(Object.entries(row).sort()));
  return "orderBy" in (queries[i] as object)
    ? plain
    : plain.sort((a, b) => Number(a.id) - Number(b.id));
}

for (const seed of [1, 2, 3, 4, 5, 6]) {
  Deno.test(`random writes, verdicts and losses leave what the server has: seed ${seed}`, () => {
    return run(seed, "websocket", 400);
  });
}

for (const seed of [7, 8]) {
  Deno.test(`the same by streams of events: seed ${seed}`, () => run(seed, "sse", 150));
}
