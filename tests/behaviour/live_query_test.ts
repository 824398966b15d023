/** Live queries: what a query gives, now and after every transaction that changes it. */
import assert from "node:assert/strict";
import { onEveryDatabase } from "../targets/databases.ts";
import { caughtUp, comparable, watch } from "./live_support.ts";
import { Author, blog, Comment, fillBlog, Item, Post, Region, Town } from "./repository_models.ts";

onEveryDatabase(
  "db.live() gives the result, and again after each change",
  { models: blog },
  async ({ db }) => {
    const { ada } = await fillBlog(db);
    const board = db.live(Post, { where: { published: true } });
    assert.equal(board.value, undefined);
    const sizes: number[] = [];
    for await (const posts of board) {
      sizes.push(posts.length);
      assert.equal(board.value, posts);
      assert(posts.every((post) => post instanceof Post));
      if (sizes.length === 1) {
        await db.repository(Post).updateMany({ where: { title: "one" } }, { published: true });
      } else if (sizes.length === 2) {
        await db.repository(Post).create({ title: "new", authorId: ada, published: true });
      } else if (sizes.length === 3) {
        await db.repository(Post).deleteMany({ where: { title: "new" } });
      } else break;
    }
    assert.deepEqual(sizes, [3, 4, 5, 4]);
    assert.equal(board.value, undefined);
    assert.equal((await db.liveQueries()).stats().subscriptions, 0);
  },
);

onEveryDatabase(
  "a row enters, changes and leaves in memory; other rows are told of to nobody",
  { models: blog },
  async ({ db }) => {
    const { ada, bob } = await fillBlog(db);
    const { id: one } = await db.repository(Post).create({ title: "bare", authorId: ada });
    const live = db.live(Post, { where: { authorId: ada } });
    const watcher = await watch(live);
    assert.equal((await live.explain()).way, "index");
    assert.deepEqual((await live.explain()).columns, ["authorId"]);
    const posts = db.repository(Post);
    const { id } = await posts.create({ title: "five", authorId: ada });
    await caughtUp(db);
    await posts.update(one, { title: "uno" });
    await caughtUp(db);
    await posts.update(id, { authorId: bob });
    await posts.create({ title: "six", authorId: bob });
    await caughtUp(db);
    await posts.delete(one);
    await caughtUp(db);
    const told = watcher.seen().map((event) =>
      event.kind === "change" && [event.drop, event.put.map(({ key, row }) => [key, row.title])]
    );
    assert.deepEqual(told, [
      [[], [[`${id}`, "five"]]],
      [[], [[`${one}`, "uno"]]],
      [[`${id}`], []],
      [[`${one}`], []],
    ]);
    assert.equal((await db.liveQueries()).stats().queries, 0);
    assert.deepEqual(
      comparable(watcher.rows(), false),
      comparable(await posts.find({ where: { authorId: ada } }), false),
    );
    await watcher.end();
  },
);

onEveryDatabase(
  "a transaction is told whole, and what is rolled back never",
  { models: blog },
  async ({ db }) => {
    const { ada } = await fillBlog(db);
    await db.repository(Post).create({ title: "bare", authorId: ada });
    const watcher = await watch(db.live(Post, { select: ["id", "title"] }));
    await db.transaction(async (tx) => {
      const posts = tx.repository(Post);
      const { id } = await posts.create({ title: "a", authorId: ada });
      await posts.create({ title: "b", authorId: ada });
      await posts.update(id, { title: "c" });
      await tx.transaction(async (inner) => {
        await inner.repository(Post).create({ title: "undone", authorId: ada });
        throw new Error("undo this");
      }).catch(() => {});
      await posts.deleteMany({ where: { title: "bare" } });
    });
    await caughtUp(db);
    const [event, ...others] = watcher.seen();
    assert.deepEqual(others, []);
    assert(event?.kind === "change");
    assert.deepEqual(event.put.map(({ row }) => row.title).sort(), ["b", "c"]);
    assert.equal(event.drop.length, 1);
    await watcher.end();
  },
);

onEveryDatabase(
  "order is kept in memory, with NULLs where the database puts them",
  { models: blog },
  async ({ db }) => {
    const { ada, bob, cyd } = await fillBlog(db);
    const query = { orderBy: [{ age: "desc" }, { id: "asc" }], select: ["id", "age"] } as const;
    const live = db.live(Author, query);
    const watcher = await watch(live);
    assert.equal((await live.explain()).way, "scan");
    const authors = db.repository(Author);
    const same = async () => {
      await caughtUp(db);
      assert.deepEqual(
        comparable(watcher.rows(), true),
        comparable(await authors.find(query), true),
      );
      assert.deepEqual(live.value, await authors.find(query));
    };
    await same();
    await authors.update(cyd, { age: 99 });
    await same();
    await authors.update(ada, { age: null });
    await same();
    await authors.createMany([{ name: "dan", age: 50 }, { name: "eve", age: 1 }, { name: "fay" }]);
    await same();
    await authors.update(bob, { age: 50 });
    await same();
    watcher.seen();
    await authors.update(bob, { name: "rob" });
    await same();
    assert.deepEqual(watcher.seen(), []);
    assert.equal((await db.liveQueries()).stats().queries, 0);
    await watcher.end();
  },
);

onEveryDatabase(
  "includes, limits and conditions on relations are kept true by the query, and only differences are told",
  { models: blog },
  async ({ db }) => {
    const { ada, posts: [one] } = await fillBlog(db);
    const { id: two } = await db.repository(Post).create({
      title: "bare",
      authorId: ada,
      views: 15,
    });
    const queries = [
      { include: { comments: true, author: { select: ["name"] } } },
      { orderBy: { views: "desc" }, limit: 2 },
      { where: { comments: { some: { body: "lone" } } } },
      { where: { tags: { some: { name: "sql" } } }, orderBy: { id: "asc" } },
      {
        include: { _count: { comments: true } },
        orderBy: [{ comments: { _count: "desc" } }, { id: "asc" }],
      },
      { orderBy: { id: "asc" }, offset: 1, limit: 2 },
    ] as const;
    const posts = db.repository(Post);
    const watchers: {
      query: typeof queries[number];
      watcher: Awaited<ReturnType<typeof watch>>;
    }[] = [];
    for (const query of queries) {
      const live = db.live(Post, query as typeof queries[0]);
      watchers.push({ query, watcher: await watch(live) });
      assert.equal((await live.explain()).way, "query");
    }
    const same = async () => {
      await caughtUp(db);
      for (const { query, watcher } of watchers) {
        const ordered = "orderBy" in query;
        const expected = await posts.find(query as typeof queries[0]);
        assert.deepEqual(
          comparable(watcher.rows(), ordered),
          comparable(expected, ordered),
          JSON.stringify(query),
        );
      }
    };
    await same();
    await db.repository(Comment).create({ body: "lone", postId: one! });
    await same();
    await db.repository(Author).update(ada, { name: "lovelace" });
    await same();
    await posts.update(one!, { views: 100, tags: { disconnect: [{ name: "sql" }] } });
    await same();
    await db.repository(Comment).deleteMany({ where: { body: "lone" } });
    await same();
    await posts.delete(two);
    await same();
    await db.execute("UPDATE posts SET views = views + 1");
    await same();
    for (const { watcher } of watchers) await watcher.end();
    assert.equal((await db.liveQueries()).stats().subscriptions, 0);
  },
);

onEveryDatabase(
  "softly deleted records leave, and come back when they are restored",
  { models: blog },
  async ({ db }) => {
    const { posts: [one] } = await fillBlog(db);
    const comments = db.repository(Comment);
    const shown = await watch(db.live(Comment, { where: { postId: one! } }));
    const all = await watch(db.live(Comment, { where: { postId: one! }, withDeleted: true }));
    assert.equal(shown.rows().length, 2);
    await comments.deleteMany({ where: { body: "first" } });
    await caughtUp(db);
    assert.deepEqual([shown.rows().length, all.rows().length], [1, 2]);
    await comments.restore({ where: { body: "first" } });
    await caughtUp(db);
    assert.deepEqual([shown.rows().length, all.rows().length], [2, 2]);
    await comments.deleteMany({ where: { body: "first" } }, { hard: true });
    await caughtUp(db);
    assert.deepEqual([shown.rows().length, all.rows().length], [1, 1]);
    await shown.end();
    await all.end();
  },
);

onEveryDatabase(
  "records with keys of several columns are followed, also when their key changes",
  { models: [Region, Town] },
  async ({ db }) => {
    const regions = db.repository(Region);
    await regions.createMany([{ country: "de", number: 1, name: "one" }]);
    const watcher = await watch(db.live(Region, { orderBy: { number: "asc" } }));
    await regions.create({ country: "de", number: 2, name: "two" });
    await regions.updateMany({ where: { number: 1 } }, { number: 3 });
    await regions.updateMany({ where: { number: 2 } }, { name: "zwei" });
    await caughtUp(db);
    assert.deepEqual(watcher.rows().map((each) => [each.number, each.name]), [[2, "zwei"], [
      3,
      "one",
    ]]);
    await watcher.end();
  },
);

onEveryDatabase(
  "values are those of find(), whatever their type",
  { models: [Item] },
  async ({ db }) => {
    const items = db.repository(Item);
    const watcher = await watch(db.live(Item, { where: { amount: { gte: 1 } } }));
    const values = {
      name: "Zoë",
      amount: 1,
      big: 2n ** 60n,
      price: "12345678901234567890.1234",
      ratio: 0.1,
      active: true,
      at: new Date("2024-05-06T07:08:09.123Z"),
      day: "2024-02-29",
      code: "00000000-0000-4000-8000-00000000000a",
      data: { colour: "red", sizes: [1, 2], inner: { deep: true } },
      notes: { list: [1] },
      level: "mid",
      bytes: new Uint8Array([0, 255]),
    } as const;
    await items.create({ ...values, data: { colour: "red", sizes: [1, 2] }, notes: { list: [1] } });
    await items.create({ amount: 2 });
    await items.updateMany({ where: { amount: 2 } }, { name: null, big: -1n, price: "0.5" });
    await caughtUp(db);
    const found = await items.find({ where: { amount: { gte: 1 } } });
    assert.deepEqual(comparable(watcher.rows(), false), comparable(found, false));
    const [row] = watcher.rows();
    assert(row instanceof Item);
    assert.deepEqual(Object.keys(row), Object.keys(found[0]!));
    await watcher.end();
  },
);

onEveryDatabase(
  "equal queries share one view, which stays for a while after the last subscriber",
  { models: blog, rewrite: false },
  async ({ db }) => {
    const { ada } = await fillBlog(db);
    const queries = await db.liveQueries();
    const one = await watch(db.live(Post, { where: { authorId: ada } }));
    const two = await watch(db.live(Post, { where: { authorId: ada } }));
    const other = await watch(db.live(Post, { where: { authorId: { in: [ada] } } }));
    assert.deepEqual([queries.stats().views, queries.stats().subscriptions], [2, 3]);
    assert.equal(one.rows()[0], two.rows()[0]);
    for (const each of [one, two, other]) await each.end();
    assert.deepEqual([queries.stats().views, queries.stats().subscriptions], [2, 0]);
    await db.repository(Post).updateMany({}, { title: "all" });
    await caughtUp(db);
    const again = await watch(db.live(Post, { where: { authorId: ada } }));
    assert(again.rows().every((row) => row.title === "all"));
    await again.end();
    await db.disconnect();
    assert.deepEqual([queries.stats().views, queries.stats().rows], [0, 0]);
    await db.connect();
  },
);

onEveryDatabase(
  "what cannot be followed fails with what is wrong",
  { models: blog, rewrite: false },
  async ({ db }) => {
    await fillBlog(db);
    const bad = { where: { nothing: 1 } } as never;
    await assert.rejects(db.live(Post, bad)[Symbol.asyncIterator]().next(), /Cannot use "nothing"/);
    await db.liveQueries().then((queries) => queries.close());
  },
);
