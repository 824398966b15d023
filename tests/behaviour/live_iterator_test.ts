/** How a program follows a live query: loops, changes, subscriptions, and how each of them ends. */
import assert from "node:assert/strict";
import { onEveryDatabase } from "../targets/databases.ts";
import { caughtUp } from "./live_support.ts";
import { Author, blog } from "./repository_models.ts";

const once = { models: blog, rewrite: false } as const;

onEveryDatabase("a slow loop is given the latest result, not each", once, async ({ db }) => {
  const authors = db.repository(Author);
  const live = db.live(Author, { orderBy: { id: "asc" } });
  const loop = live[Symbol.asyncIterator]();
  assert.deepEqual((await loop.next()).value, []);
  for (const name of ["a", "b", "c"]) {
    await authors.create({ name });
    await caughtUp(db);
  }
  assert.deepEqual((await loop.next()).value?.map((each) => each.name), ["a", "b", "c"]);
  const waiting = loop.next();
  await authors.create({ name: "d" });
  assert.equal((await waiting).value?.length, 4);
  await loop.return?.();
  assert.deepEqual(await loop.next(), { value: undefined, done: true });
});

onEveryDatabase("a slow reader of changes is given the whole result", once, async ({ db }) => {
  const authors = db.repository(Author);
  const changes = db.live(Author, {}).changes({ buffer: 2 });
  assert.equal((await changes.next()).value?.kind, "snapshot");
  for (const name of ["a", "b", "c"]) {
    await authors.create({ name });
    await caughtUp(db);
  }
  const event = (await changes.next()).value;
  assert(event?.kind === "snapshot");
  assert.deepEqual([event.rows.length, event.reset], [3, "the reader was too slow"]);
  await authors.create({ name: "d" });
  const next = (await changes.next()).value;
  assert(next?.kind === "change");
  assert.deepEqual(next.put.map(({ row }) => row.name), ["d"]);
  await changes.return?.();
});

onEveryDatabase(
  "close(), a signal and disconnect() end loops without an error",
  once,
  async ({ db }) => {
    const closed = db.live(Author);
    const end = new AbortController();
    const aborted = db.live(Author, {}, { signal: end.signal });
    const left = db.live(Author, { where: { age: 1 } });
    const loops = [closed, aborted, left].map((live) => live[Symbol.asyncIterator]());
    for (const loop of loops) assert.deepEqual((await loop.next()).value, []);
    const waiting = loops.map((loop) => loop.next());
    closed.close();
    end.abort();
    await db.disconnect();
    for (const each of waiting) assert.equal((await each).done, true);
    assert.equal((await closed[Symbol.asyncIterator]().next()).done, true);
    await db.connect();
    const again = left[Symbol.asyncIterator]();
    assert.deepEqual((await again.next()).value, []);
    await again.return?.();
  },
);

onEveryDatabase(
  "subscribers are called with each result until they leave",
  once,
  async ({ db }) => {
    const authors = db.repository(Author);
    await using live = db.live(Author, { select: ["name"], orderBy: { id: "asc" } });
    const told: string[][] = [];
    let next = Promise.withResolvers<void>();
    const leave = live.subscribe((rows) => {
      told.push(rows.map((each) => each.name));
      next.resolve();
    });
    await next.promise;
    const value = live.value;
    assert.equal(value, live.value);
    next = Promise.withResolvers();
    await authors.create({ name: "a" });
    await next.promise;
    assert.notEqual(value, live.value);
    // One that comes later is told at once what there is.
    const late = Promise.withResolvers<number>();
    const leaveToo = live.subscribe((rows) => late.resolve(rows.length));
    assert.equal(await late.promise, 1);
    leave();
    leaveToo();
    await authors.create({ name: "b" });
    await caughtUp(db);
    assert.deepEqual(told, [[], ["a"]]);
    assert.equal((await db.liveQueries()).stats().subscriptions, 0);
    const failed = Promise.withResolvers<unknown>();
    db.live(Author, { where: { age: "old" as never } }).subscribe(() => {}, failed.resolve);
    assert(await failed.promise instanceof Error);
  },
);

onEveryDatabase(
  "records are those of the class, with what it loads of its own, and can be saved",
  once,
  async ({ db }) => {
    const authors = db.repository(Author);
    await authors.create({ name: "ada" });
    const loop = db.live(Author, { where: { active: true } })[Symbol.asyncIterator]();
    assert.equal((await loop.next()).value?.[0]?.shout(), "ADA");
    await authors.updateMany({}, { name: "bob" });
    const [record] = (await loop.next()).value ?? [];
    assert(record instanceof Author);
    assert.equal(record.shout(), "BOB");
    // It is known to be stored: saving it changes the row, and makes no other.
    record.age = 5;
    await record.save(db);
    assert.deepEqual((await loop.next()).value?.map(({ name, age }) => [name, age]), [["bob", 5]]);
    assert.equal(await authors.count(), 1);
    await loop.return?.();
  },
);
