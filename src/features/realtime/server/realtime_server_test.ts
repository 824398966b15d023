import assert from "node:assert/strict";
import { openSocket } from "../../../../tests/support/web_socket.ts";
import { Client, type Guest, startRig, until } from "./testdata/rig.ts";

const sub = (id: number, where: object = {}, more: object = {}) => ({
  t: "sub",
  id,
  model: "Note",
  query: { where },
  ...more,
});
const note = (id: string, room = "a", text = "") => ({ id, room, text });

Deno.test("a client is greeted, gets the result and then one frame for each transaction", async () => {
  await using rig = startRig();
  rig.live.write("Note", { 1: note("1"), 2: note("2", "b") });
  await using client = await Client.connect(rig.port);
  assert.deepEqual(await client.next(), { t: "hello", protocol: "rex-sync.v1", heartbeat: 25_000 });
  client.send(sub(1, { room: "a" }));
  const { q, ...snap } = await client.nextOf("snap");
  assert.deepEqual(snap, { t: "snap", id: 1, at: "1", rows: [["1", note("1")]] });
  assert.equal(typeof q, "string");
  client.send(sub(2));
  assert.equal((await client.nextOf("snap")).rows.length, 2);
  rig.live.write("Note", { 3: note("3"), 2: undefined });
  assert.deepEqual(await client.next(), {
    t: "change",
    at: "2",
    c: [
      { id: 1, drop: ["2"], put: [["3", note("3")]] },
      { id: 2, drop: ["2"], put: [["3", note("3")]] },
    ],
  });
  client.send({ t: "unsub", id: 2 });
  client.send(sub(3, { room: "none" }));
  await client.nextOf("snap");
  rig.live.write("Note", { 4: note("4") });
  const { c } = await client.nextOf("change");
  assert.deepEqual(c.map(({ id }) => id), [1, 3]);
  assert.equal(rig.server.stats().subscriptions, 2);
});

Deno.test("a client that comes back with its position gets what it has missed", async () => {
  await using rig = startRig();
  rig.live.write("Note", { 1: note("1") });
  await using client = await Client.connect(rig.port);
  client.send(sub(1));
  const { at, q } = await client.nextOf("snap");
  await client[Symbol.asyncDispose]();
  rig.live.write("Note", { 2: note("2") });
  await using again = await Client.connect(rig.port);
  again.send(sub(1, {}, { since: at, q }));
  assert.equal((await again.nextOf("resumed")).id, 1);
  assert.deepEqual((await again.nextOf("change")).c, [{ id: 1, put: [["2", note("2")]] }]);
  again.send(sub(2, {}, { since: "999", q }));
  assert.equal((await again.nextOf("snap")).reset, "past");
});

Deno.test("a write is answered after its own change", async () => {
  await using rig = startRig();
  await using client = await Client.connect(rig.port);
  client.send(sub(1));
  await client.nextOf("snap");
  client.send({ t: "do", id: 7, op: "create", model: "Note", values: note("x") });
  assert.equal((await client.next()).t, "change");
  assert.deepEqual(await client.next(), {
    t: "done",
    id: 7,
    key: { id: "x" },
    row: note("x"),
  });
  client.send({ t: "do", id: 8, op: "delete", model: "Note", key: { id: "bad" } });
  const { code, message, id } = await client.nextOf("error");
  assert.deepEqual([id, code, message], [8, "internal", "The server failed"]);
});

Deno.test("what is no message of the protocol is answered bad_message and closed with 1007", async (t) => {
  await using rig = startRig();
  const frames: Record<string, string | Uint8Array<ArrayBuffer>> = {
    "no JSON": "{",
    "a list": "[]",
    "null": "null",
    "an unknown t": '{"t":"eval"}',
    "a name of Object's prototype as t": '{"t":"constructor"}',
    "an id that is no number": '{"t":"unsub","id":"1"}',
    "a query that is a list": '{"t":"sub","id":1,"model":"Note","query":[]}',
    "a write of no kind": '{"t":"do","id":1,"op":"drop","model":"Note"}',
    "bytes": new Uint8Array([1, 2, 3]),
  };
  for (const [name, frame] of Object.entries(frames)) {
    await t.step(name, async () => {
      const client = await Client.connect(rig.port);
      client.socket.send(frame);
      assert.equal((await client.nextOf("error")).code, "bad_message");
      assert.equal((await client.closed).code, 1007);
    });
  }
  await until(() => rig.server.stats().connections === 0);
  await until(() => rig.server.stats().closing === 0);
});

Deno.test("a refused subscription leaves the connection open, and tells nothing of the inside", async () => {
  await using rig = startRig();
  await using client = await Client.connect(rig.port);
  client.send({ ...sub(1), model: "Secret" });
  assert.equal((await client.nextOf("error")).code, "bad_query");
  client.send({ t: "sub", id: 1, model: "Note", query: { sql: "DROP TABLE notes" } });
  assert.deepEqual((await client.nextOf("error")).id, 1);
  client.send(sub(1));
  await client.nextOf("snap");
  client.send(sub(1));
  assert.equal((await client.nextOf("error")).code, "bad_message");
});

Deno.test("limits: a long message closes with 1009, a flood with 4429", async () => {
  await using rig = startRig({
    limits: { messageSize: 1000, messages: { perSecond: 1, burst: 20 }, subscriptions: 3 },
  });
  const long = await Client.connect(rig.port);
  long.send(`"${"x".repeat(1000)}"`);
  assert.equal((await long.closed).code, 1009);
  const flood = await Client.connect(rig.port);
  for (let id = 0; id < 21; id++) flood.send(sub(id));
  const codes: string[] = [];
  for (let i = 0; i < 17 + 1; i++) codes.push((await flood.nextOf("error")).code);
  assert.deepEqual(new Set(codes), new Set(["limit"]));
  assert.equal((await flood.closed).code, 4429);
});

Deno.test("limits: writes beyond the rate are refused, and the connection stays", async () => {
  await using rig = startRig({ limits: { writes: { perSecond: 0.001, burst: 2 } } });
  await using client = await Client.connect(rig.port);
  for (let id = 0; id < 3; id++) {
    client.send({ t: "do", id, op: "create", model: "Note", values: note(String(id)) });
  }
  assert.equal((await client.nextOf("error")).code, "limit");
  client.send(sub(1));
  await client.nextOf("snap");
});

Deno.test("limits: connections in all, of an address and of a user", async () => {
  const user = (_: Request, token?: string) => token ? { context: {}, user: token } : null;
  await using rig = startRig({
    authenticate: user,
    limits: { connections: 4, perUser: 2, perAddress: 3 },
  });
  const first = await Client.connect(rig.port, "/?token=ada");
  await using _second = await Client.connect(rig.port, "/?token=ada");
  await until(() => rig.server.stats().connections === 2);
  const third = await Client.connect(rig.port, "/?token=ada");
  assert.equal((await third.closed).code, 4429);
  await using _other = await Client.connect(rig.port, "/?token=bob");
  const ask = () => fetch(`http://127.0.0.1:${rig.port}/?subscriptions=[]&token=eve`);
  const refused = await ask();
  assert.deepEqual([refused.status, await refused.text()], [429, "Too many connections"]);
  await first[Symbol.asyncDispose]();
  await until(() => rig.server.stats().connections === 2);
  await using again = await Client.connect(rig.port, "/?token=ada");
  assert.equal((await again.next()).t, "hello");
});

Deno.test("a result that is too large ends its subscription alone", async () => {
  await using rig = startRig({ limits: { resultSize: 200 } });
  rig.live.write("Note", { 1: note("1", "a", "x".repeat(300)), 2: note("2", "b") });
  await using client = await Client.connect(rig.port);
  client.send(sub(1));
  assert.deepEqual((await client.nextOf("error")).code, "limit");
  client.send(sub(1, { room: "b" }));
  await client.nextOf("snap");
});

Deno.test("pages of other origins are refused with 4403 unless they are allowed", async () => {
  await using rig = startRig({ origins: ["https://app.example.org"] });
  const connect = (origin: string) => {
    const socket = openSocket(`ws://127.0.0.1:${rig.port}`, {
      protocols: ["rex-sync.v1"],
      headers: { origin },
    });
    return new Promise<number>((resolve) => {
      socket.onmessage = () => socket.close(3000);
      socket.onclose = ({ code }) => resolve(code);
    });
  };
  assert.equal(await connect("https://evil.example.org"), 4403);
  assert.equal(await connect("null"), 4403);
  assert.notEqual(await connect("https://app.example.org"), 4403);
  assert.notEqual(await connect(`http://127.0.0.1:${rig.port}`), 4403);
  const headers = { origin: "https://evil.example.org" };
  const refused = await fetch(`http://127.0.0.1:${rig.port}/?subscriptions=[]`, { headers });
  assert.equal(refused.status, 403);
  await refused.body?.cancel();
});

Deno.test("without a subprotocol, and by another method, a request is refused", async () => {
  await using rig = startRig();
  const socket = new WebSocket(`ws://127.0.0.1:${rig.port}`);
  socket.onerror = (event) => event.preventDefault();
  await new Promise((resolve) => socket.onclose = resolve);
  const response = await fetch(`http://127.0.0.1:${rig.port}/`, { method: "DELETE" });
  assert.equal(response.status, 405);
  await response.body?.cancel();
});

Deno.test("close() tells clients to come back soon, and refuses new ones", async () => {
  await using rig = startRig();
  const client = await Client.connect(rig.port);
  client.send(sub(1));
  await client.nextOf("snap");
  await rig.server.close();
  assert.equal((await client.closed).code, 1001);
  assert.equal(rig.server.stats().subscriptions, 0);
  const response = await fetch(`http://127.0.0.1:${rig.port}/?subscriptions=[]`);
  assert.equal(response.status, 503);
  await response.body?.cancel();
});

Deno.test("heartbeats: silence is broken by pings, and a client that never answers is closed with 4408", async () => {
  await using rig = startRig({ heartbeat: 40 });
  await using client = await Client.connect(rig.port);
  let pings = 0;
  client.socket.addEventListener("message", ({ data }) => {
    if (data === '{"t":"ping"}') pings++;
  });
  const { code } = await client.closed;
  assert.equal(code, 4408);
  assert.ok(pings >= 2);
});

Deno.test("heartbeats: a client that answers stays", async () => {
  await using rig = startRig({ heartbeat: 40 });
  await using client = await Client.connect(rig.port);
  let pings = 0;
  client.socket.addEventListener("message", ({ data }) => {
    if (data !== '{"t":"ping"}') return;
    pings++;
    client.send({ t: "pong" });
  });
  await until(() => pings >= 12);
  assert.equal(client.socket.readyState, WebSocket.OPEN);
});

const rooms: Record<string, Guest> = { ada: { room: "a" }, bob: { room: "b" } };

function known(token: string | undefined, more: object = {}) {
  const context = rooms[token ?? ""];
  return context ? { context, user: token as string, ...more } : null;
}

Deno.test("authentication: without a token nothing is answered; an auth message opens the door", async () => {
  await using rig = startRig({ authenticate: (_, token) => known(token) });
  rig.live.write("Note", { 1: note("1", "a"), 2: note("2", "b") });
  await using client = await Client.connect(rig.port);
  assert.equal((await client.nextOf("error")).code, "unauthenticated");
  client.send(sub(1));
  assert.deepEqual((await client.nextOf("error")).id, 1);
  client.send({ t: "do", id: 2, op: "create", model: "Note", values: note("x") });
  assert.deepEqual((await client.nextOf("error")).id, 2);
  client.send({ t: "auth", token: "ada" });
  client.send(sub(1));
  assert.deepEqual((await client.nextOf("snap")).rows, [["1", note("1", "a")]]);
});

Deno.test("authentication: another user's token opens the subscriptions anew under their rules", async () => {
  await using rig = startRig({ authenticate: async (_, token) => await known(token) });
  rig.live.write("Note", { 1: note("1", "a"), 2: note("2", "b") });
  await using client = await Client.connect(rig.port, "/?token=ada");
  client.send(sub(1));
  assert.deepEqual((await client.nextOf("snap")).rows, [["1", note("1", "a")]]);
  client.send({ t: "auth", token: "ada" });
  client.send(sub(2));
  assert.equal((await client.nextOf("snap")).id, 2);
  client.send({ t: "auth", token: "bob" });
  for (const id of [1, 2]) {
    const snap = await client.nextOf("snap");
    assert.deepEqual([snap.id, snap.reset, snap.rows], [id, "access", [["2", note("2", "b")]]]);
  }
  client.send({ t: "auth", token: "mallory" });
  assert.equal((await client.closed).code, 4401);
});

Deno.test("authentication: before a token expires the client is asked, and then closed with 4401", async () => {
  let lifetime = 300;
  await using rig = startRig({
    grace: 200,
    authenticate: (_, token) => known(token, { expiresAt: Date.now() + lifetime }),
  });
  const client = await Client.connect(rig.port, "/?token=ada");
  assert.equal((await client.nextOf("error")).code, "unauthenticated");
  assert.equal((await client.closed).code, 4401);
  const second = await Client.connect(rig.port, "/?token=ada");
  await second.nextOf("error");
  lifetime = 1e6;
  second.send({ t: "auth", token: "ada" });
  second.send(sub(1));
  await second.nextOf("snap");
  await second[Symbol.asyncDispose]();
  lifetime = -1;
  const third = await Client.connect(rig.port, "/?token=ada");
  assert.equal((await third.nextOf("error")).code, "unauthenticated");
  assert.equal((await third.closed).code, 4401);
});

Deno.test("authentication: recheck closes a client whose token was revoked, with the headers it came with", async () => {
  let valid = true;
  const seen = new Set<string | null>();
  await using rig = startRig({
    recheck: 20,
    authenticate: (request, token) => {
      seen.add(request.headers.get("cookie"));
      return valid ? known(token) : null;
    },
  });
  const client = openSocket(`ws://127.0.0.1:${rig.port}/?token=ada`, {
    protocols: ["rex-sync.v1"],
    headers: { cookie: "session=1" },
  });
  const closed = new Promise<number>((resolve) => client.onclose = ({ code }) => resolve(code));
  await new Promise((resolve) => client.onmessage = resolve);
  valid = false;
  assert.equal(await closed, 4401);
  assert.deepEqual([...seen], ["session=1"]);
});

Deno.test("authentication: a hook that fails closes with 1011", async () => {
  let fails = false;
  await using rig = startRig({
    authenticate: (_, token) => {
      if (fails) throw new Error("the user database is down");
      return known(token);
    },
  });
  const client = await Client.connect(rig.port, "/?token=ada");
  fails = true;
  client.send({ t: "auth", token: "ada" });
  assert.equal((await client.closed).code, 1011);
});

Deno.test("authentication: a hook that fails at first is answered 500, and nothing stays behind", async () => {
  await using rig = startRig({
    authenticate: () => Promise.reject(new Error("the user database is down")),
    limits: { perAddress: 1 },
  });
  for (let i = 0; i < 3; i++) {
    const response = await fetch(`http://127.0.0.1:${rig.port}/?subscriptions=[]`);
    assert.equal(response.status, 500);
    await response.body?.cancel();
  }
});

Deno.test("limits: clients that are still being asked who they are count too", async () => {
  let answer = () => {};
  const asked = new Promise<void>((resolve) => answer = resolve);
  let asking = 0;
  await using rig = startRig({
    authenticate: async () => {
      asking++;
      await asked;
      return { context: {} };
    },
    limits: { connections: 2 },
  });
  const clients = [Client.connect(rig.port), Client.connect(rig.port)];
  await until(() => asking === 2);
  const response = await fetch(`http://127.0.0.1:${rig.port}/?subscriptions=[]`);
  assert.equal(response.status, 503);
  await response.body?.cancel();
  answer();
  for (const client of await Promise.all(clients)) await client[Symbol.asyncDispose]();
});

Deno.test("close() lets a write that was begun be answered", async () => {
  let settle = () => {};
  await using rig = startRig();
  rig.live.settled = () => new Promise<void>((resolve) => settle = resolve);
  const client = await Client.connect(rig.port);
  client.send({ t: "do", id: 1, op: "create", model: "Note", values: note("x") });
  await until(() => rig.live.stats().batches === 1);
  const closing = rig.server.close();
  settle();
  assert.equal((await client.nextOf("done")).id, 1);
  await closing;
  assert.equal((await client.closed).code, 1001);
});

Deno.test("a client that comes back under other rules gets the whole result, whatever position it has", async () => {
  let room = "a";
  await using rig = startRig({ authenticate: () => ({ context: { room } }) });
  rig.live.write("Note", { 1: note("1", "a"), 2: note("2", "b") });
  const client = await Client.connect(rig.port);
  client.send(sub(1));
  const { at, q } = await client.nextOf("snap");
  await client[Symbol.asyncDispose]();
  room = "b";
  await using again = await Client.connect(rig.port);
  for (const [id, more] of [{ since: at, q }, { since: at }].entries()) {
    again.send(sub(id, {}, more));
    assert.deepEqual((await again.nextOf("snap")).rows, [["2", note("2", "b")]]);
  }
});
