import assert from "node:assert/strict";
import { clientOf, post, shows, until } from "./testdata/posts.ts";
import { SyncServer } from "./testdata/sync_server.ts";

Deno.test("a stream of events carries all subscriptions, and requests the writes", async () => {
  await using server = new SyncServer();
  server.commit("Post", (posts) => posts.set(1, post(1)));
  using own = clientOf(server, { transport: "sse", token: "t" });
  server.gate = (token) => token === "t" ? undefined : 4401;
  const a = own.client.live("Post", { where: { board: "a" }, orderBy: { rank: "desc" } });
  const b = own.client.live("Post", { where: { board: "b" } });
  await Promise.all([a.ready, b.ready]);
  assert.equal(server.clients, 1);
  server.commit("Post", (posts) => posts.set(2, post(2)));
  await shows(a, "Post 2", "Post 1");
  const all = own.client.live("Post", {});
  await all.ready;
  const written = own.client.update("Post", 1, { title: "Mine" });
  assert.deepEqual(a.value.map(({ title }) => title), ["Post 2", "Mine"]);
  assert.equal((await written)?.title, "Mine");
  await until(all, ({ rows }) => rows[0]?.title === "Mine");
  server.judge = () => "forbidden";
  await assert.rejects(own.client.delete("Post", 1), { code: "forbidden" });
  await shows(all, "Mine", "Post 2");
  assert.equal(server.find("Post", {}).length, 2);
});

Deno.test("a stream that breaks goes on where it was", async () => {
  await using server = new SyncServer();
  server.commit("Post", (posts) => posts.set(1, post(1)));
  using own = clientOf(server, { transport: "sse" });
  const live = own.client.live("Post");
  const [first] = await live.ready;
  server.drop();
  server.commit("Post", (posts) => posts.set(2, post(2)));
  await shows(live, "Post 1", "Post 2");
  assert.equal(live.value[0], first);
  const last = server.received.filter((each) => each.t === "sub").at(-1);
  assert.equal(last?.since, "p1");
});

Deno.test("a write that is made after its answer was lost is told like those of others", async () => {
  await using server = new SyncServer();
  server.commit("Post", (posts) => posts.set(1, post(1)));
  using own = clientOf(server, { transport: "sse" });
  const live = own.client.live("Post");
  await live.ready;
  server.judge = () => "hold";
  const written = own.client.update("Post", 1, { title: "Late" });
  await server.until(() => server.held.length === 1);
  server.drop();
  await assert.rejects(written, { code: "unknown_outcome" });
  await shows(live, "Post 1");
  await until(live, ({ state }) => state === "live");
  server.held.pop()?.answer("done");
  await shows(live, "Late");
});

Deno.test("where WebSockets do not get through, a stream of events is tried", async () => {
  await using server = new SyncServer();
  server.blocksSockets = true;
  server.commit("Post", (posts) => posts.set(1, post(1)));
  using own = clientOf(server);
  const live = own.client.live("Post");
  await live.ready;
  await own.client.delete("Post", 1);
  await shows(live);
});

Deno.test("a refused stream stops like a refused WebSocket", async () => {
  await using server = new SyncServer();
  server.gate = () => 4401;
  using own = clientOf(server, { transport: "sse", token: "t" });
  await assert.rejects(own.client.live("Post").ready, { code: "unauthenticated" });
  assert.equal(own.client.state, "stopped");
});
