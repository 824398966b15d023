/** Changes of one record and of many, increments, versions and times. */
import assert from "node:assert/strict";
import { NotFoundError, QueryError, StaleObjectError } from "../../src/base/errors.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { Author, blog, Document, fillBlog, Item, Post } from "./repository_models.ts";
import { plain, sends, untyped, watched } from "./repository_support.ts";

onEveryDatabase(
  "update() changes what is given and gives the stored record",
  { models: blog },
  async ({ db }) => {
    const { ada } = await fillBlog(db);
    const authors = db.repository(Author);
    const { result, events } = await watched(
      db,
      () => authors.update(ada, { name: "Ada", age: null }),
    );
    assert.equal(events.length, 1);
    assert.match(events[0]?.sql ?? "", /^UPDATE "?authors"? SET "?name"? = .*, "?age"? = /i);
    assert.ok(result instanceof Author);
    assert.equal(result.name, "Ada");
    assert.equal(result.age, null);
    assert.equal(result.email, "ada@x.org");
    assert.deepEqual(plain(await authors.findById(ada)), plain(result));
    const same = await authors.update(ada, { name: undefined });
    assert.deepEqual(plain(same), plain(result));
    const nothing = await authors.update(ada, {});
    assert.deepEqual(plain(nothing), plain(result));
  },
);

onEveryDatabase("update() of what is not there throws", { models: blog }, async ({ db }) => {
  const authors = db.repository(Author);
  await assert.rejects(authors.update(404, { name: "x" }), NotFoundError);
  await assert.rejects(authors.update(404, {}), NotFoundError);
  await assert.rejects(async () => await authors.update(untyped(null), {}), QueryError);
  await assert.rejects(authors.update(1, untyped({ nope: 1 })), /"nope"/);
});

onEveryDatabase(
  "updateMany() changes what its filter says and counts",
  { models: blog },
  async ({ db }) => {
    await fillBlog(db);
    const posts = db.repository(Post);
    const changed = await sends(
      db,
      1,
      () =>
        posts.updateMany({ where: { author: { name: "ada" }, views: { gte: 20 } } }, {
          title: "new",
          price: "1.5",
        }),
    );
    assert.equal(changed, 2);
    assert.equal(await posts.count({ where: { title: "new", price: "1.50" } }), 2);
    assert.equal(await posts.updateMany({ where: { title: "none" } }, { views: 1 }), 0);
    assert.equal(await posts.updateMany({}, { views: 7 }), 4);
    await assert.rejects(async () => await posts.updateMany({}, {}), QueryError);
    await sends(
      db,
      0,
      () =>
        assert.rejects(
          async () => await posts.updateMany({ where: undefined }, { views: 1 }),
          /where is undefined/,
        ),
    );
    await assert.rejects(
      async () => await posts.updateMany(untyped({ title: "x" }), { views: 1 }),
      QueryError,
    );
  },
);

onEveryDatabase(
  "increment() adds in the database",
  { models: [...blog, Document] },
  async ({ db }) => {
    const { posts: [one] } = await fillBlog(db);
    const posts = db.repository(Post);
    const grown = await posts.increment(one!, { views: 5, bytes: 9007199254740993n });
    assert.equal(grown.views, 15);
    assert.equal(grown.bytes, 9007199254740993n);
    assert.equal((await posts.increment(one!, { views: -20 })).views, -5);
    assert.equal(await posts.incrementMany({ where: { views: { gt: 0 } } }, { views: 1 }), 3);
    await assert.rejects(posts.increment(404, { views: 1 }), NotFoundError);
    await assert.rejects(posts.increment(one!, {}), QueryError);
    await assert.rejects(
      posts.increment(one!, untyped({ title: 1 })),
      /Cannot increment Post.title/,
    );
    await assert.rejects(posts.increment(one!, untyped({ views: "1" })), /must be a number/);
    const documents = db.repository(Document);
    const { id, version, updatedAt } = await documents.create({ title: "a" });
    await new Promise((done) => setTimeout(done, 5));
    const read = await documents.increment(id, { reads: 1 });
    assert.equal(read.reads, 1);
    assert.equal(read.version, version + 1);
    assert.ok(read.updatedAt > updatedAt);
  },
);

onEveryDatabase("concurrent increments lose nothing", { models: [Document] }, async ({ db }) => {
  const documents = db.repository(Document);
  const { id } = await documents.create({ title: "a" });
  await Promise.all(Array.from({ length: 20 }, () => documents.increment(id, { reads: 1 })));
  assert.equal((await documents.findById(id))?.reads, 20);
});

onEveryDatabase(
  "a version counts writes and refuses stale ones",
  { models: [Document] },
  async ({ db }) => {
    const documents = db.repository(Document);
    const first = await documents.create({ title: "a" });
    assert.equal(first.version, 1);
    const second = await documents.update(first.id, { title: "b" });
    assert.equal(second.version, 2);
    const third = await documents.update(first.id, { title: "c", version: 2 });
    assert.equal(third.version, 3);
    await assert.rejects(documents.update(first.id, { title: "d", version: 2 }), StaleObjectError);
    await assert.rejects(documents.update(404, { title: "d", version: 2 }), NotFoundError);
    assert.equal((await documents.findById(first.id))?.title, "c");
    await documents.updateMany({}, { title: "all" });
    assert.equal((await documents.findById(first.id))?.version, 4);
  },
);

onEveryDatabase(
  "of concurrent saves of one version one wins",
  { models: [Document] },
  async ({ db }) => {
    const documents = db.repository(Document);
    const { id } = await documents.create({ title: "a" });
    const copies = await Promise.all(Array.from({ length: 5 }, () => documents.findById(id)));
    const outcomes = await Promise.allSettled(copies.map((copy, i) => {
      copy!.title = `t${i}`;
      return copy!.save(db);
    }));
    assert.equal(outcomes.filter((each) => each.status === "fulfilled").length, 1);
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") assert.ok(outcome.reason instanceof StaleObjectError);
    }
    const stored = await documents.findById(id);
    const winner = outcomes.findIndex((each) => each.status === "fulfilled");
    assert.equal(stored?.title, `t${winner}`);
    assert.equal(stored?.version, 2);
  },
);

onEveryDatabase("createdAt stays and updatedAt moves", { models: [Document] }, async ({ db }) => {
  const documents = db.repository(Document);
  const document = await documents.create({ title: "a" });
  assert.ok(Math.abs(document.createdAt.getTime() - Date.now()) < 5000);
  assert.deepEqual(document.updatedAt, document.createdAt);
  await new Promise((done) => setTimeout(done, 5));
  const updated = await documents.update(document.id, { title: "b" });
  assert.deepEqual(updated.createdAt, document.createdAt);
  assert.ok(updated.updatedAt > document.updatedAt);
  await new Promise((done) => setTimeout(done, 5));
  await documents.updateMany({ where: { id: document.id } }, { title: "c" });
  const again = await documents.findById(document.id);
  assert.ok(again!.updatedAt > updated.updatedAt);
  const forced = await documents.update(document.id, { updatedAt: new Date(0) });
  assert.deepEqual(forced.updatedAt, new Date(0));
});

onEveryDatabase(
  "every type can be changed, to NULL and back",
  { models: [Item] },
  async ({ db }) => {
    const items = db.repository(Item);
    const { id } = await items.create({});
    const full = {
      name: "a'b\"c\\d%_ 🎉",
      amount: -5,
      big: -9223372036854775808n,
      price: "-12345678901234567890.1234",
      ratio: 0.1,
      active: false,
      at: new Date("1969-12-31T23:59:59.999Z"),
      day: "2020-02-29",
      code: "00000000-0000-4000-8000-00000000000a",
      data: { colour: 'it\'s "quoted"', sizes: [] },
      notes: { list: [1] },
      level: "top",
      bytes: new Uint8Array([0, 255, 39]),
    } as const;
    const written = await items.update(id, untyped(full));
    assert.deepEqual(plain(written), { id, ...full });
    assert.deepEqual(plain(await items.findById(id)), { id, ...full });
    const nothing = Object.fromEntries(Object.keys(full).map((key) => [key, null]));
    assert.deepEqual(plain(await items.update(id, untyped(nothing))), { id, ...nothing });
  },
);
