import assert from "node:assert/strict";
import { clientOf, post, shows, until } from "./testdata/posts.ts";
import { SyncServer } from "./testdata/sync_server.ts";

Deno.test("a result comes, and then its changes; what did not change keeps its identity", async () => {
  await using server = new SyncServer();
  server.commit("Post", (posts) => {
    for (const id of [1, 2, 3]) posts.set(id, post(id));
  });
  using own = clientOf(server);
  const live = own.client.live("Post", { orderBy: { rank: "asc" } });
  assert.deepEqual([live.value, live.state], [[], "connecting"]);
  const first = await live.ready;
  assert.equal(live.state, "live");
  assert.deepEqual(first, [1, 2, 3].map((id) => post(id)));
  assert.equal(live.value, first);
  assert.equal(live.snapshot(), live.snapshot());
  server.commit("Post", (posts) => {
    posts.set(2, post(2, { rank: 9 }));
    posts.set(4, post(4, { rank: 0 }));
  });
  await shows(live, "Post 4", "Post 1", "Post 3", "Post 2");
  assert.equal(live.value[1], first[0]);
  assert.equal(live.value[2], first[2]);
  assert.ok(Object.isFrozen(live.value) && Object.isFrozen(live.value[0]));
  server.commit("Post", (posts) => posts.delete(1));
  await shows(live, "Post 4", "Post 3", "Post 2");
});

Deno.test("equal queries share a subscription, which ends with the last of them", async () => {
  await using server = new SyncServer();
  server.commit("Post", (posts) => posts.set(1, post(1)));
  using own = clientOf(server);
  const query = () => own.client.live("Post", { where: { board: "a" } });
  const [one, two, other] = [query(), query(), own.client.live("Post")];
  await Promise.all([one.ready, two.ready, other.ready]);
  assert.equal(one.value, two.value);
  assert.equal(server.received.filter(({ t }) => t === "sub").length, 2);
  one.close();
  assert.deepEqual([one.state, one.value.length], ["closed", 1]);
  server.commit("Post", (posts) => posts.set(2, post(2)));
  await shows(two, "Post 1", "Post 2");
  assert.equal(one.value.length, 1);
  assert.ok(!server.received.some(({ t }) => t === "unsub"));
  two.close();
  two.close();
  await server.untilReceived("unsub");
  assert.equal(server.received.filter(({ t }) => t === "unsub").length, 1);
});

Deno.test("one change of several results is told when all of them have it", async () => {
  await using server = new SyncServer();
  server.commit("Post", (posts) => posts.set(1, post(1)));
  using own = clientOf(server);
  const [a, b] = ["a", "b"].map((board) => own.client.live("Post", { where: { board } }));
  await Promise.all([a?.ready, b?.ready]);
  const seen: number[] = [];
  for (const each of [a, b]) {
    each?.subscribe(() => void seen.push((a?.value.length ?? 0) + (b?.value.length ?? 0)));
  }
  server.commit("Post", (posts) => posts.set(1, post(1, { board: "b" })));
  await until(b!, ({ rows }) => rows.length === 1);
  assert.deepEqual(seen, [1, 1, 1, 1]);
});

Deno.test("an iterator gives the newest result to who is slow, and ends with the query", async () => {
  await using server = new SyncServer();
  using own = clientOf(server);
  const live = own.client.live("Post");
  const rows = live[Symbol.asyncIterator]();
  assert.deepEqual((await rows.next()).value, []);
  for (const id of [1, 2, 3]) server.commit("Post", (posts) => posts.set(id, post(id)));
  await shows(live, "Post 1", "Post 2", "Post 3");
  assert.equal((await rows.next()).value?.length, 3);
  const next = rows.next();
  live.close();
  assert.deepEqual(await next, { value: undefined, done: true });
  const other = own.client.live("Post", { limit: 1 });
  const first = assert.rejects(other.ready, { code: "closed" });
  other.close();
  await first;
});

Deno.test("a store is subscribed to only while somebody looks at it", async () => {
  await using server = new SyncServer();
  server.commit("Post", (posts) => posts.set(1, post(1)));
  using own = clientOf(server, { linger: 5 });
  const store = own.client.store("Post");
  assert.deepEqual(store.snapshot(), { rows: [], state: "connecting" });
  assert.equal(store.snapshot(), store.snapshot());
  assert.equal(own.client.state, "idle");
  const off = store.subscribe(() => {});
  await shows(store, "Post 1");
  off();
  // Who comes back at once finds it as it was.
  assert.equal(store.snapshot().rows.length, 1);
  const again = store.subscribe(() => {});
  assert.equal(server.received.filter(({ t }) => t === "sub").length, 1);
  again();
  again();
  await server.untilReceived("unsub");
  assert.equal(store.snapshot().state, "connecting");
});

Deno.test("a query that is refused fails; the others go on, and it can be asked again", async () => {
  await using server = new SyncServer();
  using own = clientOf(server);
  const told: string[] = [];
  own.client.on("error", ({ code }) => told.push(code));
  server.admit = ({ query }) => query.limit === undefined ? undefined : "forbidden";
  const [good, bad] = [own.client.live("Post"), own.client.live("Post", { limit: 1 })];
  await assert.rejects(bad.ready, { name: "SyncError", code: "forbidden" });
  assert.equal(bad.state, "failed");
  assert.match(String(bad.error), /refused/);
  await assert.rejects(async () => {
    for await (const _ of bad);
  }, { code: "forbidden" });
  await good.ready;
  assert.deepEqual(told, ["forbidden"]);
  server.admit = () => undefined;
  await own.client.live("Post", { limit: 1 }).ready;
  assert.equal(bad.state, "live");
});

Deno.test("a query that fails by a fault of the server is asked again", async () => {
  await using server = new SyncServer();
  using own = clientOf(server);
  let faults = 1;
  server.admit = () => faults-- > 0 ? "internal" : undefined;
  const live = own.client.live("Post");
  await live.ready;
  assert.equal(live.state, "live");
});

Deno.test("a listener that throws disturbs no other", async () => {
  await using server = new SyncServer();
  using own = clientOf(server);
  const live = own.client.live("Post");
  await live.ready;
  const thrown = Promise.withResolvers<unknown>();
  const caught = (event: ErrorEvent) => {
    event.preventDefault();
    thrown.resolve(event.error);
  };
  globalThis.addEventListener("error", caught, { once: true });
  let calls = 0;
  const off = live.subscribe(() => {
    if (calls++ > 0) throw new Error("mine");
  });
  server.commit("Post", (posts) => posts.set(1, post(1)));
  await shows(live, "Post 1");
  assert.match(String(await thrown.promise), /mine/);
  off();
});

Deno.test("a connection is made when it is needed, and close() ends all", async () => {
  await using server = new SyncServer();
  using own = clientOf(server);
  assert.equal(own.client.state, "idle");
  const states: string[] = [];
  own.client.on("state", (state) => states.push(state));
  const live = own.client.live("Post");
  await live.ready;
  own.client.close();
  assert.deepEqual(states, ["connecting", "live", "closed"]);
  assert.equal(live.state, "closed");
  assert.throws(() => own.client.live("Post"), { code: "closed" });
  await assert.rejects(own.client.delete("Post", 1), { code: "closed" });
  await server.until(() => server.clients === 0);
});
