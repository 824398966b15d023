import assert from "node:assert/strict";
import { startRig, until } from "./testdata/rig.ts";

interface Event {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: { readonly [name: string]: unknown };
}

/** Reads a stream of events; comments are left out. */
async function* eventsOf(response: Response): AsyncGenerator<Event> {
  let text = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const fields = new Map(
        block.split("\n").map((line) => {
          const colon = line.indexOf(":");
          return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
        }),
      );
      if (!fields.has("event")) continue;
      yield {
        event: fields.get("event") as string,
        id: fields.get("id"),
        data: JSON.parse(fields.get("data") ?? ""),
      };
    }
  }
}

const two = encodeURIComponent(JSON.stringify([
  { id: 1, model: "Note", query: { where: { room: "a" } } },
  { id: 2, model: "Note", query: { where: { room: "b" } } },
]));
const note = (id: string, room = "a") => ({ id, room, text: "" });

Deno.test("a stream of events serves several subscriptions, and goes on after its last id", async () => {
  await using rig = startRig();
  rig.live.write("Note", { 1: note("1") });
  const url = `http://127.0.0.1:${rig.port}/live?subscriptions=${two}`;
  const response = await fetch(url);
  assert.equal(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
  assert.equal(response.headers.get("x-accel-buffering"), "no");
  assert.match(response.headers.get("cache-control") ?? "", /no-store/);
  const events = eventsOf(response);
  const next = async () => (await events.next()).value as Event;
  assert.equal((await next()).event, "hello");
  assert.deepEqual((await next()).data.rows, [["1", note("1")]]);
  assert.match((await next()).id ?? "", /^1=1=\w+;2=1=\w+$/);
  rig.live.write("Note", { 2: note("2", "b") });
  const change = await next();
  assert.equal(change.event, "change");
  await events.return(undefined);
  await until(() => rig.server.stats().connections === 0);
  rig.live.write("Note", { 3: note("3") });
  const again = eventsOf(await fetch(url, { headers: { "last-event-id": change.id as string } }));
  const seen: Event[] = [];
  for await (const event of again) {
    seen.push(event);
    if (event.event === "change" && JSON.stringify(event.data).includes('"3"')) break;
  }
  assert.deepEqual(seen.map(({ event }) => event), ["hello", "resumed", "change"]);
  await until(() => rig.server.stats().subscriptions === 0);
});

Deno.test("an id that is none of ours begins anew", async () => {
  await using rig = startRig();
  const url = `http://127.0.0.1:${rig.port}/?subscriptions=${two}`;
  const events = eventsOf(await fetch(url, { headers: { "last-event-id": "%;1=" } }));
  await events.next();
  assert.equal(((await events.next()).value as Event).event, "snap");
  await events.return(undefined);
});

Deno.test("a write is posted, and its change is in the stream before the answer", async () => {
  await using rig = startRig();
  const url = `http://127.0.0.1:${rig.port}/?subscriptions=${two}`;
  const events = eventsOf(await fetch(url));
  for (let i = 0; i < 3; i++) await events.next();
  const post = (body: unknown, type = "application/json") =>
    fetch(url, { method: "POST", headers: { "content-type": type }, body: JSON.stringify(body) });
  const write = { t: "do", id: 1, op: "create", model: "Note", values: note("x") };
  const response = await post(write);
  assert.deepEqual(await response.json(), { t: "done", id: 1, key: { id: "x" }, row: note("x") });
  assert.equal(((await events.next()).value as Event).event, "change");
  await events.return(undefined);
  const refused = [
    [{ ...write, key: { id: "bad" }, op: "delete" }, "application/json", 500],
    [write, "text/plain", 400],
    [{ t: "sub" }, "application/json", 400],
    [{ ...write, values: { x: "x".repeat(70_000) } }, "application/json", 413],
  ] as const;
  for (const [body, type, status] of refused) {
    const answer = await post(body, type);
    assert.equal(answer.status, status);
    assert.equal((await answer.json()).t, "error");
  }
});

Deno.test("a stream is refused without a token, and for subscriptions that are none", async () => {
  await using rig = startRig({
    authenticate: (_, token) => token === "ada" ? { context: {} } : null,
  });
  const ask = async (query: string, headers = {}) => {
    const response = await fetch(`http://127.0.0.1:${rig.port}/?${query}`, { headers });
    await response.body?.cancel();
    return response.status;
  };
  assert.equal(await ask("subscriptions=[]"), 401);
  const authorization = "Bearer ada";
  assert.equal(await ask("subscriptions=[]", { authorization }), 200);
  for (const wrong of ["{", "1", "[1]", "[null]", '[{"model":1}]', '[{"model":"Note","id":-1}]']) {
    assert.equal(await ask(`subscriptions=${wrong}`, { authorization }), 400, wrong);
  }
  assert.equal(await ask("", { authorization }), 400);
});

Deno.test("pages of allowed origins may read the answers, others may not", async () => {
  const origin = "https://app.example.org";
  await using rig = startRig({ origins: [origin] });
  const url = `http://127.0.0.1:${rig.port}/?subscriptions=[]`;
  const response = await fetch(url, { method: "OPTIONS", headers: { origin } });
  assert.equal(response.status, 204);
  assert.equal(response.headers.get("access-control-allow-origin"), origin);
  const stream = await fetch(url, { headers: { origin } });
  assert.equal(stream.headers.get("access-control-allow-origin"), origin);
  assert.equal(stream.headers.get("vary"), "origin");
  await stream.body?.cancel();
});

Deno.test("a stream that nobody reads holds no more than its queue, and is ended", async () => {
  await using rig = startRig({ limits: { queue: 200_000 }, slowTimeout: 200 });
  const connection = await Deno.connect({ port: rig.port, hostname: "127.0.0.1" });
  await connection.write(new TextEncoder().encode(
    `GET /?subscriptions=${two} HTTP/1.1\r\nHost: 127.0.0.1:${rig.port}\r\n\r\n`,
  ));
  await until(() => rig.server.stats().subscriptions === 2);
  const text = "x".repeat(20_000);
  let most = 0;
  for (let i = 0; rig.server.stats().connections === 1; i++) {
    rig.live.write("Note", { [i % 50]: { ...note(String(i % 50)), text: text + i } });
    most = Math.max(most, rig.server.stats().waiting);
    await new Promise((resolve) => setTimeout(resolve));
  }
  assert.ok(most < 3 * 200_000, String(most));
  connection.close();
});

Deno.test("a stream stays open though its client never says anything, and gets comments as signs of life", async () => {
  await using rig = startRig({ heartbeat: 30 });
  const response = await fetch(`http://127.0.0.1:${rig.port}/?subscriptions=${two}`);
  let text = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.split(": ping\n\n").length > 12) break;
  }
});

Deno.test("writes by requests are limited for each user", async () => {
  await using rig = startRig({
    authenticate: (_, token) => token === undefined ? null : { context: {}, user: token },
    limits: { writes: { perSecond: 0.001, burst: 2 } },
  });
  const post = async (token: string) => {
    const response = await fetch(`http://127.0.0.1:${rig.port}/?token=${token}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ t: "do", id: 1, op: "create", model: "Note", values: note("x") }),
    });
    await response.body?.cancel();
    return response.status;
  };
  assert.deepEqual([await post("ada"), await post("ada"), await post("ada")], [200, 200, 429]);
  assert.equal(await post("bob"), 200);
});
