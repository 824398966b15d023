import assert from "node:assert/strict";
import type { LiveChange, LiveSnapshot } from "../live/live.ts";
import type { ServerMessage } from "../protocol/messages.ts";
import type { Channel } from "./channel.ts";
import { Outbox, type OutboxSubscription } from "./outbox.ts";

/** A channel whose reader reads when it is told to. */
class Pipe implements Channel {
  readonly texts: string[] = [];
  buffered = 0;

  send(text: string): void {
    this.buffered += text.length;
    this.texts.push(text);
  }

  read(): ServerMessage[] {
    this.buffered = 0;
    return this.texts.splice(0).map((text) => JSON.parse(text));
  }

  close(): void {}
  terminate(): void {}
}

interface Rig {
  readonly pipe: Pipe;
  readonly outbox: Outbox<OutboxSubscription>;
  readonly told: string[];
}

function rigOf(limit: number): Rig {
  const pipe = new Pipe();
  const told: string[] = [];
  const outbox = new Outbox<OutboxSubscription>(pipe, limit, {
    pause: ({ id }) => told.push(`pause ${id}`),
    reopen: ({ id }) => told.push(`reopen ${id}`),
    filled: () => told.push("filled"),
    overflowed: () => told.push("overflowed"),
  });
  return { pipe, outbox, told };
}

const plain = { id: 1, q: "q", ordered: false };
const ordered = { id: 2, q: "q", ordered: true };
const put = (key: string, text: string): LiveChange => ({
  drop: [],
  put: [{ key, row: { text } }],
});
const snapshot = (...keys: string[]): LiveSnapshot => ({
  entries: keys.map((key) => ({ key, row: {} })),
  position: "s",
});

/** Sends until the outbox is full; gives the number of changes that went through. */
function fill({ outbox }: Rig): number {
  let sent = 0;
  for (; !outbox.full; sent++) outbox.changes([[plain, put(`fill${sent}`, "x")]], `f${sent}`);
  return sent - 1;
}

Deno.test("an outbox that is full merges changes by record, and the last one wins", () => {
  const rig = rigOf(2_000);
  const { outbox, pipe, told } = rig;
  const sent = fill(rig);
  assert.deepEqual(told, ["filled"]);
  for (let i = 0; i < 1000; i++) outbox.changes([[plain, put("k", String(i))]], `p${i}`);
  outbox.changes([[plain, { drop: ["gone", "k2"], put: [] }]], "q");
  outbox.changes([[plain, put("k2", "back")]], "last");
  outbox.message('{"t":"done","id":9}');
  outbox.drain();
  assert.equal(pipe.read().length, sent, "nothing is sent before the reader has read");
  outbox.drain();
  const [merged, done] = pipe.read();
  assert.deepEqual(merged, {
    t: "change",
    at: "last",
    c: [{
      id: 1,
      drop: ["gone"],
      put: [[`fill${sent}`, { text: "x" }], ["k", { text: "999" }], ["k2", { text: "back" }]],
    }],
  });
  assert.equal(done?.t, "done");
  assert.equal(outbox.full, false);
});

Deno.test("what an outbox keeps is bounded: too many records become a new result", () => {
  const rig = rigOf(2_000);
  const { outbox, pipe, told } = rig;
  fill(rig);
  for (let i = 0; i < 10_000; i++) outbox.changes([[plain, put(`k${i}`, "some text")]], `p${i}`);
  assert.ok(outbox.waiting < 3 * 2_000, String(outbox.waiting));
  assert.deepEqual(told, ["filled", "pause 1"]);
  outbox.message('{"t":"done","id":9}');
  pipe.read();
  outbox.drain();
  assert.deepEqual(told.slice(2), ["reopen 1"]);
  assert.deepEqual(pipe.read(), [], "done waits for the result");
  outbox.snapshot(plain, snapshot("a"));
  const [snap, done] = pipe.read();
  assert.deepEqual(snap, { t: "snap", id: 1, at: "s", rows: [["a", {}]], q: "q", reset: "slow" });
  assert.equal(done?.t, "done");
});

Deno.test("changes of places are not merged, but read anew", () => {
  const rig = rigOf(2_000);
  const { outbox, told } = rig;
  fill(rig);
  outbox.changes([[ordered, { drop: [], put: [{ key: "k", row: {}, at: 0 }] }]], "p");
  assert.deepEqual(told, ["filled", "pause 2"]);
  outbox.changes([[{ id: 3, q: "q", ordered: false }, {
    drop: [],
    put: [{ key: "k", row: {}, at: 0 }],
  }]], "p");
  assert.deepEqual(told, ["filled", "pause 2", "pause 3"]);
});

Deno.test("stale subscriptions are opened one after the other, and those that end are left out", () => {
  const rig = rigOf(2_000);
  const { outbox, pipe, told } = rig;
  fill(rig);
  const all = [1, 2, 3, 4].map((id) => ({ id, q: "q", ordered: true }));
  for (const each of all) outbox.snapshot(each, snapshot());
  outbox.message('{"t":"done","id":9}');
  pipe.read();
  outbox.drain();
  assert.deepEqual(told.slice(5), ["reopen 1"]);
  outbox.forget(all[1]!);
  outbox.snapshot(all[0]!, snapshot());
  assert.deepEqual(told.slice(5), ["reopen 1", "reopen 3"]);
  outbox.forget(all[2]!);
  outbox.resumed(all[3]!, "p");
  const kinds = pipe.read().map(({ t }) => t);
  assert.deepEqual(kinds.slice(1), ["snap", "resumed", "done"]);
});

Deno.test("messages that cannot be merged are bounded too", () => {
  const rig = rigOf(2_000);
  const { outbox, told } = rig;
  fill(rig);
  for (let i = 0; i < 200 && !told.includes("overflowed"); i++) outbox.message(`{"t":"done"}`);
  assert.ok(told.includes("overflowed"));
});

Deno.test("a subscription under another query is sent anew, without what waited for it", () => {
  const rig = rigOf(2_000);
  const { outbox, pipe, told } = rig;
  fill(rig);
  outbox.changes([[plain, put("secret", "x")]], "p");
  outbox.renew(plain, "access");
  pipe.read();
  outbox.drain();
  assert.deepEqual(pipe.read(), []);
  assert.equal(told.at(-1), "reopen 1");
  outbox.snapshot(plain, snapshot("mine"));
  assert.equal((pipe.read()[0] as { reset?: string }).reset, "access");
});

Deno.test("while a subscription is behind, the client is told no position that it has not reached", () => {
  const rig = rigOf(2_000);
  const { outbox, pipe } = rig;
  const sent = fill(rig);
  outbox.changes([[ordered, put("k", "")]], "later");
  pipe.read();
  outbox.drain();
  pipe.read();
  outbox.changes([[plain, put("k", "")]], "later still");
  assert.equal((pipe.read()[0] as { at: string }).at, `f${sent - 1}`);
  outbox.snapshot(ordered, snapshot());
  outbox.changes([[plain, put("k", "")]], "now");
  assert.equal((pipe.read().at(-1) as { at: string }).at, "now");
});
