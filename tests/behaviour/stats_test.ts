/**
 * The figures of a database.
 *
 * @module
 */
import assert from "node:assert/strict";
import { onEveryDatabase } from "../targets/databases.ts";
import { Author, Comment, Labelling, Post, Profile, Tag, Topic } from "./repository_models.ts";

const models = [Author, Profile, Post, Comment, Tag, Topic, Labelling];
const setUp = { models, rewrite: false, open: { poolSize: 2 } };

onEveryDatabase("stats() counts statements, failures and plans", setUp, async ({ db }) => {
  const before = db.stats();
  const tags = db.repository(Tag);
  await tags.find();
  await tags.find();
  await assert.rejects(db.execute("SELECT nothing FROM nowhere"));
  const after = db.stats();
  assert.equal(after.statements - before.statements, 3);
  assert.equal(after.errors - before.errors, 1);
  assert.equal(after.cacheMisses - before.cacheMisses, 1);
  assert.equal(after.cacheHits - before.cacheHits, 1);
});

onEveryDatabase("stats() tells found from newly prepared statements", setUp, async ({ db }) => {
  const before = db.stats().pool;
  for (let i = 0; i < 3; i++) await db.execute("SELECT $1 + 41", [i]);
  const { preparedHits, preparedMisses } = db.stats().pool;
  assert.equal(preparedMisses - before.preparedMisses, 1);
  assert.equal(preparedHits - before.preparedHits, 2);
});

onEveryDatabase("stats() counts how transactions end", setUp, async ({ db }) => {
  const before = db.stats();
  await db.transaction(() => Promise.resolve());
  await db.transaction(() => Promise.reject(new Error("no"))).catch(() => {});
  const after = db.stats();
  assert.equal(after.commits - before.commits, 1);
  assert.equal(after.rollbacks - before.rollbacks, 1);
  assert.equal(after.retries, before.retries);
});

onEveryDatabase("stats() shows who holds connections and who waits", setUp, async ({ db }) => {
  const { max, open, idle } = db.stats().pool;
  assert.equal(max, 2);
  assert.ok(open > 0 && idle === open, `${idle} of ${open}`);
  const gate = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<void>();
  const held = db.transaction(async () => {
    entered.resolve();
    await gate.promise;
  });
  await entered.promise;
  const waiting = Array.from({ length: 4 }, () => db.transaction(() => Promise.resolve()));
  await new Promise((resolve) => setTimeout(resolve, 20));
  const busy = db.stats().pool;
  assert.ok(busy.inUse >= 1);
  assert.ok(busy.idle < busy.open);
  gate.resolve();
  await Promise.all([held, ...waiting]);
  const after = db.stats().pool;
  assert.equal(after.inUse, 0);
  assert.equal(after.waiting, 0);
  assert.equal(after.idle, after.open);
  assert.ok(after.mostWaiting >= 2, String(after.mostWaiting));
  assert.ok(after.longestWait > 0);
});

onEveryDatabase(
  "stats() is frozen and is not changed by what comes later",
  setUp,
  async ({ db }) => {
    const stats = db.stats();
    assert.ok(Object.isFrozen(stats) && Object.isFrozen(stats.pool));
    const { statements } = stats;
    await db.execute("SELECT 1");
    assert.equal(stats.statements, statements);
  },
);

onEveryDatabase("stats() tells nothing open after the end", setUp, async ({ db }) => {
  await db.disconnect();
  const { open, idle, inUse, waiting } = db.stats().pool;
  assert.deepEqual({ open, idle, inUse, waiting }, { open: 0, idle: 0, inUse: 0, waiting: 0 });
});
