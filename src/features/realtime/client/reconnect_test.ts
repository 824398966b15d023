import assert from "node:assert/strict";
import type { ClientMessage } from "../protocol/messages.ts";
import { clientOf, post, shows, until } from "./testdata/posts.ts";
import { SyncServer } from "./testdata/sync_server.ts";

function subscriptions(server: SyncServer): Extract<ClientMessage, { t: "sub" }>[] {
  return server.received.filter((each) => each.t === "sub");
}

Deno.test("after a loss it goes on where it was: what was missed comes, the rest keeps its identity", async () => {
  await using server = new SyncServer();
  server.commit("Post", (posts) => posts.set(1, post(1)).set(2, post(2)));
  using own = clientOf(server);
  const live = own.client.live("Post");
  const [first] = await live.ready;
  const states: string[] = [];
  live.subscribe((_, state) => states.push(state));
  server.drop();
  server.commit("Post", (posts) => posts.set(2, post(2, { title: "Missed" })));
  await shows(live, "Post 1", "Missed");
  assert.deepEqual(states, ["live", "offline", "live", "live"]);
  assert.equal(live.value[0], first);
  assert.equal(subscriptions(server)[1]?.since, "p1");
});

Deno.test("only positions that the result is certainly at are asked for", async () => {
  await using server = new SyncServer();
  server.commit("Post", (posts) => posts.set(1, post(1)));
  using own = clientOf(server);
  const a = own.client.live("Post", { where: { board: "a" } });
  const b = own.client.live("Post", { where: { board: "b" } });
  await Promise.all([a.ready, b.ready]);
  server.commit("Post", (posts) => posts.set(2, post(2)));
  await shows(a, "Post 1", "Post 2");
  server.commit("Post", (posts) => posts.set(3, post(3, { board: "b" })));
  await shows(b, "Post 3");
  server.drop();
  await server.until(() => subscriptions(server).length === 4);
  // `a` was told of p2, and goes along with p3; `b` was told of p3.
  assert.deepEqual(subscriptions(server).slice(2).map(({ since }) => since), ["p3", "p3"]);
  server.drop();
});

Deno.test("a subscription that waits for its answer does not go on with the others", async () => {
  await using server = new SyncServer();
  using own = clientOf(server);
  const a = own.client.live("Post", { where: { board: "a" } });
  const b = own.client.live("Post", { where: { board: "b" } });
  await Promise.all([a.ready, b.ready]);
  server.commit("Post", (posts) => posts.set(1, post(1)).set(2, post(2, { board: "b" })));
  await shows(b, "Post 2");
  server.drop();
  server.commit("Post", (posts) => posts.set(2, post(2, { board: "b", title: "Missed" })));
  server.admit = ({ query }) => {
    if (!JSON.stringify(query).includes('"b"')) return undefined;
    // `a` was answered and is told a change; the connection is lost before `b` is answered.
    server.admit = () => undefined;
    server.commit("Post", (posts) => posts.set(3, post(3)));
    server.drop();
    return undefined;
  };
  await shows(a, "Post 1", "Post 3");
  await shows(b, "Missed");
  assert.deepEqual(subscriptions(server).slice(4).map(({ since }) => since), ["p3", "p1"]);
});

for (const transport of ["websocket", "sse"] as const) {
  Deno.test(`what others are told after a loss is no position of one that was not yet: ${transport}`, async () => {
    await using server = new SyncServer();
    using own = clientOf(server, { transport });
    const a = own.client.live("Post", { where: { board: "a" } });
    const b = own.client.live("Post", { where: { board: "b" } });
    await Promise.all([a.ready, b.ready]);
    const add = (id: number) =>
      server.commit("Post", (posts) => {
        posts.set(id, post(id)).set(id + 1, post(id + 1, { board: "b" }));
      });
    add(1);
    await Promise.all([shows(a, "Post 1"), shows(b, "Post 2")]);
    const before = subscriptions(server).length;
    server.drop();
    add(3);
    // Again it is lost, when `a` was told what it missed, and `b` was not.
    server.admit = ({ query }) => {
      if ((query.where as { board?: string }).board !== "b") return;
      server.admit = () => undefined;
      server.drop();
    };
    await Promise.all([shows(a, "Post 1", "Post 3"), shows(b, "Post 2", "Post 4")]);
    await server.until(() => subscriptions(server).length === before + 4);
    assert.deepEqual(
      subscriptions(server).slice(before).map(({ since }) => since),
      ["p1", "p1", "p2", "p1"],
    );
  });
}

Deno.test("a position past retention is answered by a reset, in which unchanged records keep their identity", async () => {
  await using server = new SyncServer();
  server.commit("Post", (posts) => posts.set(1, post(1)).set(2, post(2)));
  using own = clientOf(server);
  const resets: unknown[] = [];
  own.client.on("reset", (event) => resets.push(event));
  const live = own.client.live("Post");
  const [first] = await live.ready;
  server.drop();
  server.commit("Post", (posts) => {
    posts.delete(2);
    posts.set(3, post(3));
  });
  server.forget();
  await shows(live, "Post 1", "Post 3");
  assert.equal(live.value[0], first);
  assert.deepEqual(resets, [{ model: "Post", reason: "expired" }]);
});

Deno.test("a server that says nothing for two heartbeats is left, and pings are answered", async () => {
  await using server = new SyncServer();
  server.heartbeat = 15;
  using own = clientOf(server);
  const live = own.client.live("Post");
  await live.ready;
  await server.until(() => subscriptions(server).length === 2);
  server.heartbeat = 60_000;
  await server.until(() => subscriptions(server).length >= 3);
  await until(live, ({ state }) => state === "live");
  server.send({ t: "ping" });
  await server.untilReceived("pong");
});

Deno.test("a client waits for a server that is not there yet", async () => {
  let port: number;
  {
    await using server = new SyncServer();
    port = server.port;
  }
  using own = clientOf({ url: `http://127.0.0.1:${port}/live` } as SyncServer);
  const live = own.client.live("Post");
  await until(live, ({ state }) => state === "offline");
  await using server = new SyncServer(port);
  await live.ready;
  assert.equal(server.clients, 1);
});

Deno.test("a server that goes away is come back to, and one that refuses for load later", async () => {
  await using server = new SyncServer();
  using own = clientOf(server);
  const live = own.client.live("Post");
  await live.ready;
  for (const code of [1001, 4429, 4509, 1011]) {
    server.drop(code);
    await until(live, ({ state }) => state === "offline");
    await until(live, ({ state }) => state === "live");
  }
});

Deno.test("an expired token is asked for again; a refused one is not shown twice", async () => {
  await using server = new SyncServer();
  let good = "one";
  server.gate = (token) => token === good ? undefined : 4401;
  let token = "one";
  let asked = 0;
  using own = clientOf(server, {
    token: () => {
      asked++;
      return Promise.resolve(token);
    },
  });
  const live = own.client.live("Post");
  await live.ready;
  // It has expired: the next one lets us in. It may be somebody else's, so nothing is resumed.
  good = token = "two";
  server.drop(4401);
  await until(live, ({ state }) => state === "offline");
  await until(live, ({ state }) => state === "live");
  assert.ok(asked >= 2);
  assert.equal(subscriptions(server).at(-1)?.since, undefined);
  // It has expired again, and there is no other.
  const stopped = Promise.withResolvers<string>();
  own.client.on("error", ({ code }) => stopped.resolve(code));
  good = "three";
  server.drop(4401);
  assert.equal(await stopped.promise, "unauthenticated");
  await until(live, ({ state }) => state === "failed");
  assert.equal(own.client.state, "stopped");
  await assert.rejects(own.client.live("Post", { limit: 1 }).ready, { code: "unauthenticated" });
  await assert.rejects(own.client.delete("Post", 1), { code: "unauthenticated" });
  own.client.authenticate("three");
  await until(live, ({ state }) => state === "live");
});

Deno.test("where the server names queries, another token goes on as long as the query is the same", async () => {
  await using server = new SyncServer();
  server.nameOf = (token) => token === "guest" ? "public" : "all";
  server.commit("Post", (posts) => posts.set(1, post(1)));
  let number = 0;
  using own = clientOf(server, { token: () => `token ${++number}` });
  const live = own.client.live("Post");
  await live.ready;
  const resets: string[] = [];
  own.client.on("reset", ({ reason }) => resets.push(reason));
  server.drop();
  server.commit("Post", (posts) => posts.set(2, post(2)));
  await shows(live, "Post 1", "Post 2");
  const { since, q } = subscriptions(server).at(-1)!;
  assert.deepEqual([since, q, resets], ["p1", "all", []]);
  server.drop();
  own.client.authenticate("guest");
  await until(live, ({ state }) => state === "live");
  await until(live, () => resets.length === 1);
});

Deno.test("a token is shown again when the server asks for it", async () => {
  await using server = new SyncServer();
  let number = 0;
  using own = clientOf(server, { token: () => `token ${++number}` });
  await own.client.live("Post").ready;
  server.send({ t: "error", code: "unauthenticated", message: "It expires soon" });
  await server.untilReceived("auth", 2);
  assert.deepEqual(
    server.received.filter(({ t }) => t === "auth").map((each) => "token" in each && each.token),
    ["token 1", "token 2"],
  );
});

Deno.test("a token that cannot be had is tried again", async () => {
  await using server = new SyncServer();
  let faults = 2;
  using own = clientOf(server, {
    token: () => faults-- > 0 ? Promise.reject(new Error("no network")) : Promise.resolve("t"),
  });
  const errors: string[] = [];
  own.client.on("error", ({ message }) => errors.push(message));
  await own.client.live("Post").ready;
  assert.deepEqual(errors, ["No token: no network", "No token: no network"]);
});

Deno.test("who may not connect does not come back", async () => {
  await using server = new SyncServer();
  using own = clientOf(server);
  const live = own.client.live("Post");
  await live.ready;
  server.drop(4403);
  await until(live, ({ state }) => state === "failed");
  assert.equal((live.error as { code?: string }).code, "forbidden");
  assert.equal(own.client.state, "stopped");
});

Deno.test("when the network is back, nobody waits for a timer", async () => {
  await using server = new SyncServer();
  using own = clientOf(server, { reconnect: { min: 1e8, max: 1e9 } });
  const live = own.client.live("Post");
  await live.ready;
  globalThis.dispatchEvent(new Event("offline"));
  assert.equal(live.state, "offline");
  globalThis.dispatchEvent(new Event("online"));
  await until(live, ({ state }) => state === "live");
  server.drop();
  await until(live, ({ state }) => state === "offline");
  globalThis.dispatchEvent(new Event("online"));
  await until(live, ({ state }) => state === "live");
});

Deno.test("a server that speaks nonsense is left and tried again", async () => {
  await using server = new SyncServer();
  using own = clientOf(server);
  const live = own.client.live("Post");
  await live.ready;
  const at = "p9";
  server.send({ t: "change", at, c: [{ id: 1, put: [["1", { title: { $what: 1 } }]] }] });
  await until(live, ({ state }) => state === "offline");
  await until(live, ({ state }) => state === "live");
  assert.deepEqual(live.value, []);
});
