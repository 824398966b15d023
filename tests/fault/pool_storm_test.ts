/**
 * More callers than connections, of whom some give up: the rest are served in order, and the pool is whole after.
 */
import assert from "node:assert/strict";
import { PoolExhaustedError } from "../../src/base/errors.ts";
import { expectWhole, finishes, note, notes, onPostgres, pause, until } from "./support.ts";

const poolSize = 3;

onPostgres(
  "callers who give up leave no hole in the queue, and the others are served in their order",
  { poolSize: 1, acquireTimeout: 60_000 },
  async ({ db, watcher }) => {
    const gate = Promise.withResolvers<void>();
    const holder = db.transaction(() => gate.promise);
    await until(() => db.stats().pool.inUse === 1);
    const reason = new Error("gave up");
    const served: number[] = [];
    const callers = Array.from({ length: 60 }, (_, i) => {
      const leaves = new AbortController();
      if (i % 3 === 1) setTimeout(() => leaves.abort(reason), i);
      return db.transaction(async (tx) => {
        served.push(i);
        await note(tx, i);
      }, { signal: leaves.signal }).then(() => undefined, (error) => error);
    });
    await pause(100);
    gate.resolve();
    const outcomes = await finishes(Promise.all([...callers, holder]));
    const stayed = Array.from({ length: 60 }, (_, i) => i).filter((i) => i % 3 !== 1);
    outcomes.slice(0, 60).forEach((outcome, i) =>
      assert.equal(outcome, i % 3 === 1 ? reason : undefined)
    );
    assert.deepEqual(await notes(watcher), stayed);
    assert.deepEqual(served, stayed);
    await expectWhole(db, watcher);
  },
);

onPostgres(
  "a pool that is exhausted says what holds it up, and recovers",
  { poolSize, acquireTimeout: 100 },
  async ({ db, watcher }) => {
    const gate = Promise.withResolvers<void>();
    const holders = Array.from({ length: poolSize }, () => db.transaction(() => gate.promise));
    await until(() => db.stats().pool.inUse === poolSize);
    const errors = await finishes(Promise.all(
      Array.from({ length: 40 }, (_, i) => note(db, i).then(() => undefined, (error) => error)),
    ));
    for (const error of errors) {
      assert.ok(error instanceof PoolExhaustedError, `${error}`);
      assert.match(error.message, /none became free in 100 ms \(3 of 3 in use\)/);
      assert.match(error.hint ?? "", /raise poolSize or acquireTimeout/);
    }
    gate.resolve();
    await Promise.all(holders);
    assert.deepEqual(await notes(watcher), []);
    await expectWhole(db, watcher);
  },
);
