import assert from "node:assert/strict";
import { clientOf, post, shows, until } from "./testdata/posts.ts";
import { SyncServer } from "./testdata/sync_server.ts";

async function started(ids: readonly number[], options = {}) {
  const server = new SyncServer();
  server.commit("Post", (posts) => {
    for (const id of ids) posts.set(id, post(id));
  });
  const own = clientOf(server, options);
  const live = own.client.live("Post");
  await live.ready;
  return {
    server,
    client: own.client,
    live,
    titles: () => live.value.map(({ title }) => title).join(),
    async [Symbol.asyncDispose]() {
      own.client.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

Deno.test("an update shows at once, stays until the server has answered, and then is the server's", async () => {
  await using test = await started([1, 2]);
  const { server, client, live } = test;
  const [, second] = live.value;
  server.judge = () => "hold";
  const written = client.update("Post", 1, { title: "Mine" });
  assert.equal(test.titles(), "Mine,Post 2");
  assert.equal(live.value[1], second);
  assert.ok(client.isPending(live.value[0]!));
  await server.until(() => server.held.length === 1);
  // Somebody else changes the same record meanwhile: what was written stays over it.
  server.commit("Post", (posts) => posts.set(1, post(1, { title: "Theirs", rank: 7 })));
  await until(live, ({ rows }) => rows[0]?.rank === 7);
  assert.equal(test.titles(), "Mine,Post 2");
  server.held[0]?.answer("done");
  assert.deepEqual(await written, post(1, { title: "Mine", rank: 7 }));
  assert.equal(test.titles(), "Mine,Post 2");
  assert.ok(!client.isPending(live.value[0]!));
});

Deno.test("a refused write is taken back, and says why", async () => {
  await using test = await started([1]);
  const { server, client, live } = test;
  const [before] = live.value;
  server.judge = () => "invalid";
  const shown: string[] = [];
  live.subscribe(() => shown.push(test.titles()));
  await assert.rejects(client.update("Post", { id: 1 }, { title: "" }), {
    code: "invalid",
    issues: [{ path: "title", message: "is bad" }],
  });
  await assert.rejects(client.delete("Post", 1), { code: "invalid" });
  await assert.rejects(
    client.create("Post", { title: "New", board: "a", rank: 1 }, {
      preview: { id: 5, note: null },
    }),
    { code: "invalid" },
  );
  assert.deepEqual(shown, ["Post 1", "", "Post 1", "", "Post 1", "Post 1,New", "Post 1"]);
  assert.equal(live.value[0], before);
});

Deno.test("writes of one record lie over one another, and go one by one", async () => {
  await using test = await started([1]);
  const { server, client } = test;
  server.judge = () => "hold";
  const one = client.update("Post", 1, { title: "One", rank: 5 });
  const two = client.update("Post", 1, { title: "Two" });
  const three = client.delete("Post", 1);
  assert.equal(test.titles(), "");
  await server.until(() => server.held.length === 3);
  server.held[2]?.answer("forbidden");
  await assert.rejects(three, { code: "forbidden" });
  assert.equal(test.titles(), "Two");
  server.held[1]?.answer("conflict");
  await assert.rejects(two, { code: "conflict" });
  assert.equal(test.titles(), "One");
  assert.equal(test.live.value[0]?.rank, 5);
  server.held[0]?.answer("forbidden");
  await assert.rejects(one, { code: "forbidden" });
  assert.deepEqual(test.live.value, [post(1)]);
});

Deno.test("a new record shows once: first as it was written, then as the server has it", async () => {
  await using test = await started([1]);
  const { server, client, live } = test;
  const counts = new Set<number>();
  live.subscribe((rows) => counts.add(rows.length));
  server.judge = () => "hold";
  const values = { title: "New", board: "a", rank: 2 };
  const written = client.create("Post", values, { preview: { id: -1, note: null } });
  assert.equal(test.titles(), "Post 1,New");
  assert.ok(client.isPending(live.value[1]!));
  await server.until(() => server.held.length === 1);
  server.held[0]?.answer("done");
  const row = await written;
  assert.equal(test.titles(), "Post 1,New");
  assert.equal(live.value[1]?.id, row?.id);
  assert.notEqual(row?.id, -1);
  assert.deepEqual([...counts], [1, 2]);
});

Deno.test("a new record that is not whole is shown when the server has it", async () => {
  await using test = await started([1]);
  const { client, live } = test;
  const written = client.create("Post", { title: "New", board: "a", rank: 2, note: "n" });
  assert.equal(live.value.length, 1);
  await written;
  assert.equal(test.titles(), "Post 1,New");
});

Deno.test("a write whose answer is lost is not sent again, and what it did shows if it was made", async () => {
  await using test = await started([1, 2]);
  const { server, client } = test;
  server.judge = () => "hold";
  const made = client.update("Post", 1, { title: "Made" });
  const lost = client.update("Post", 2, { title: "Lost" });
  await server.until(() => server.held.length === 2);
  server.drop();
  // The answer goes nowhere.
  server.held[0]?.answer("done");
  for (const each of [made, lost]) await assert.rejects(each, { code: "unknown_outcome" });
  await shows(test.live, "Made", "Post 2");
  assert.equal(server.received.filter(({ t }) => t === "do").length, 2);
});

Deno.test("without a connection writes show, wait in order, and are sent when it is back", async () => {
  await using test = await started([1], { queueLimit: 2, reconnect: { min: 1e8, max: 1e9 } });
  const { server, client, live } = test;
  globalThis.dispatchEvent(new Event("offline"));
  const writes = [
    client.update("Post", 1, { title: "One" }),
    client.update("Post", 1, { title: "Two" }),
  ];
  await assert.rejects(client.delete("Post", 1), { code: "queue_full" });
  await assert.rejects(client.delete("Post", 1, { offline: "fail" }), { code: "offline" });
  assert.equal(test.titles(), "Two");
  assert.equal(live.state, "offline");
  globalThis.dispatchEvent(new Event("online"));
  await Promise.all(writes);
  assert.deepEqual(server.find("Post", {}), [post(1, { title: "Two" })]);
});

Deno.test("a write connects a client that has nothing to read", async () => {
  await using server = new SyncServer();
  using own = clientOf(server, { offline: "fail" });
  const row = await own.client.create("Post", { title: "New", board: "a", rank: 2 });
  assert.equal(row?.title, "New");
});

Deno.test("close() fails what waits, and says so of what was sent", async () => {
  await using server = new SyncServer();
  using own = clientOf(server);
  server.judge = () => "hold";
  const waiting = own.client.delete("Post", 1);
  own.client.close();
  await assert.rejects(waiting, { code: "closed" });
  using other = clientOf(server);
  const sent = other.client.delete("Post", 1);
  await server.until(() => server.held.length === 1);
  other.client.close();
  await assert.rejects(sent, { code: "unknown_outcome" });
});
