/** `signal` and `timeout` of writes: every statement of a write keeps to them, and what is stopped leaves nothing. */
import assert from "node:assert/strict";
import { QueryTimeoutError } from "../../src/base/errors.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { Author, blog, Comment, fillBlog, Post, Tag } from "./repository_models.ts";

onEveryDatabase("an aborted signal stops every write", { models: blog }, async ({ db }) => {
  const { ada, posts: [post] } = await fillBlog(db);
  const authors = db.repository(Author);
  const reason = new Error("enough");
  const options = { signal: AbortSignal.abort(reason) };
  const fresh = { name: "new", email: "new@x.org" };
  const age = { age: 99 };
  const writes: readonly (() => Promise<unknown>)[] = [
    () => authors.create(fresh, options),
    () => authors.create({ ...fresh, posts: { create: { title: "x" } } }, options),
    () => authors.createMany([fresh], options),
    () =>
      authors.createMany(
        Array.from({ length: 2_000 }, (_, i) => ({
          name: "n",
          email: `n${i}@x.org`,
        })),
        options,
      ),
    () => authors.createManyReturning([fresh], options),
    () => authors.update(ada, age, options),
    () => authors.updateMany({}, age, options),
    () => authors.upsert({ where: { id: ada }, create: fresh, update: age }, options),
    () => authors.increment(ada, { age: 1 }, options),
    () => authors.incrementMany({}, { age: 1 }, options),
    () => authors.delete(ada, options),
    () => authors.deleteMany({}, options),
    () => db.repository(Comment).restore({}, options),
    () => db.repository(Post).update(post!, { tags: { connect: { name: "idle" } } }, options),
  ];
  const before = await authors.findAll();
  for (const [i, write] of writes.entries()) {
    await assert.rejects(write, (error) => error === reason, `write ${i}`);
  }
  assert.deepEqual(await authors.findAll(), before);
});

onEveryDatabase("a write of many statements is stopped between them", { models: blog }, async ({
  db,
}) => {
  const authors = db.repository(Author);
  const stop = new AbortController();
  const reason = new Error("enough");
  const end = db.onQuery(({ sql }) => {
    if (sql.startsWith("INSERT INTO authors")) stop.abort(reason);
  });
  const input = { name: "ada", email: "ada@x.org", posts: { create: [{ title: "a" }] } };
  await assert.rejects(
    authors.create(input, { signal: stop.signal }),
    (error) => error === reason,
  );
  end();
  assert.equal(await authors.count(), 0);
  assert.equal(await db.repository(Post).count(), 0);
});

onEveryDatabase("a write that waits for another ends in time", { models: blog }, async ({ db }) => {
  const tags = db.repository(Tag);
  await tags.createMany([{ name: "a" }, { name: "b" }]);
  const held = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  const holder = db.transaction(async (tx) => {
    await tx.repository(Tag).update("a", { note: "mine" });
    held.resolve();
    await done.promise;
  });
  await held.promise;
  await assert.rejects(tags.update("a", { note: "yours" }, { timeout: 50 }), QueryTimeoutError);
  await assert.rejects(tags.delete("a", { timeout: 50 }), QueryTimeoutError);
  done.resolve();
  await holder;
  assert.equal((await tags.findById("a"))?.note, "mine");
  assert.equal((await tags.update("a", { note: "yours" }, { timeout: 60_000 })).note, "yours");
});
