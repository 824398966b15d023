import assert from "node:assert/strict";
import { abortable, alreadyAborted, anySignal, deadline, pause, settled } from "./abort.ts";

Deno.test("anySignal gives the one signal there is, or one that follows both", () => {
  const [a, b] = [new AbortController(), new AbortController()];
  assert.equal(anySignal(undefined, undefined), undefined);
  assert.equal(anySignal(a.signal, undefined), a.signal);
  const both = anySignal(a.signal, b.signal);
  b.abort("enough");
  assert.equal(both?.aborted, true);
  assert.equal(both?.reason, "enough");
});

Deno.test("deadline aborts with its reason when the time is up", async () => {
  using limit = deadline(undefined, 5, () => "late");
  await pause(20);
  assert.equal(limit.signal?.reason, "late");
});

Deno.test("deadline stops its clock when it is disposed of", async () => {
  const limit = deadline(undefined, 5, () => "late");
  limit[Symbol.dispose]();
  await pause(20);
  assert.equal(limit.signal?.aborted, false);
});

Deno.test("pause ends with the signal's reason", async () => {
  const controller = new AbortController();
  const waiting = pause(10_000, controller.signal);
  controller.abort(new Error("stop"));
  await assert.rejects(waiting, /stop/);
  await assert.rejects(pause(1, controller.signal), /stop/);
});

Deno.test("abortable rejects with the reason and lets go of the work", async () => {
  const controller = new AbortController();
  const work = pause(10).then(() => {
    throw new Error("too late to matter");
  });
  const raced = abortable(work, controller.signal);
  controller.abort("enough");
  await assert.rejects(raced, (reason) => reason === "enough");
  await pause(20);
  assert.equal(await abortable(Promise.resolve(7), new AbortController().signal), 7);
});

Deno.test("settled() lets work be until its signal is aborted, and then gives it up after a while", async () => {
  const never = () => assert.fail("it gave up");
  assert.equal(await settled(Promise.resolve(1), undefined, 0, never), 1);
  assert.equal(await settled(Promise.resolve(2), new AbortController().signal, 0, never), 2);
  assert.equal(await settled(Promise.resolve(3), alreadyAborted, 1_000, never), 3);
  const work = Promise.withResolvers<number>();
  const controller = new AbortController();
  const waiting = settled(work.promise, controller.signal, 5, () => work.resolve(4));
  controller.abort();
  assert.equal(await waiting, 4);
});
