/** Single records, counts and whole tables. */
import assert from "node:assert/strict";
import { NotFoundError, QueryError } from "../../src/base/errors.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { Author, blog, fillBlog, Post, Region, Tag, Topic, Town } from "./repository_models.ts";
import { sends, untyped, watched } from "./repository_support.ts";

onEveryDatabase(
  "findOne() gives the first record of the order, or null",
  { models: blog },
  async ({ db }) => {
    await fillBlog(db);
    const posts = db.repository(Post);
    const most = await sends(db, 1, () => posts.findOne({ orderBy: { views: "desc" } }));
    assert.equal(most?.title, "four");
    assert.ok(most instanceof Post);
    assert.equal(await posts.findOne({ where: { title: "none" } }), null);
    const part = await posts.findOne({ where: { title: "two" }, select: ["views"] });
    assert.deepEqual(part, { views: 20 });
  },
);

onEveryDatabase(
  "findOneOrThrow() throws where there is nothing",
  { models: blog },
  async ({ db }) => {
    const { ada } = await fillBlog(db);
    const authors = db.repository(Author);
    const found = await authors.findOneOrThrow({
      where: { name: "ada" },
      include: { posts: true },
    });
    assert.equal(found.id, ada);
    assert.equal(found.posts.length, 3);
    await assert.rejects(
      authors.findOneOrThrow({ where: { email: "secret@x.org" } }),
      (error: Error) =>
        error instanceof NotFoundError && /Cannot find Author/.test(error.message) &&
        !error.message.includes("secret"),
    );
  },
);

onEveryDatabase(
  "findById() takes keys of every kind",
  { models: [...blog, Region, Town] },
  async ({ db }) => {
    const { ada } = await fillBlog(db);
    const author = await sends(db, 1, () => db.repository(Author).findById(ada));
    assert.equal(author?.name, "ada");
    assert.ok(author instanceof Author);
    assert.equal((await db.repository(Author).findById({ id: ada }))?.name, "ada");
    assert.equal(await db.repository(Author).findById(ada + 1000), null);
    assert.equal((await db.repository(Tag).findById("sql"))?.note, "databases");
    const topic = await db.repository(Topic).findOneOrThrow({ where: { title: "art" } });
    assert.equal((await db.repository(Topic).findById(topic.id))?.title, "art");
    const towns = db.repository(Town);
    await towns.create({ country: "at", name: "wien" });
    assert.equal((await towns.findById({ country: "at", name: "wien" }))?.name, "wien");
    assert.equal(await towns.findById({ country: "ch", name: "wien" }), null);
    await assert.rejects(async () => await towns.findById({ country: "at" }), QueryError);
    await assert.rejects(async () => await towns.findById("at"), QueryError);
    await assert.rejects(async () => await towns.findById(untyped(undefined)), QueryError);
  },
);

onEveryDatabase(
  "findById() reads relations along and only some columns",
  { models: blog },
  async ({ db }) => {
    const { ada } = await fillBlog(db);
    const authors = db.repository(Author);
    const whole = await authors.findById(ada, { include: { profile: true, posts: { limit: 1 } } });
    assert.equal(whole?.profile?.bio, "counts");
    assert.equal(whole?.posts.length, 1);
    assert.deepEqual(await authors.findById(ada, { select: ["name"] }), { name: "ada" });
    const both = await authors.findById(ada, {
      select: ["name"],
      include: { profile: { select: ["bio"] } },
    });
    assert.deepEqual(both, { name: "ada", profile: { bio: "counts" } });
    assert.equal(await authors.findById(-1, { select: ["name"] }), null);
  },
);

onEveryDatabase(
  "findAll() is ordered by key and cut by limit and offset",
  { models: blog },
  async ({ db }) => {
    const { posts: ids } = await fillBlog(db);
    const posts = db.repository(Post);
    assert.deepEqual((await posts.findAll()).map((each) => each.id), ids);
    assert.deepEqual((await posts.findAll(2)).map((each) => each.id), ids.slice(0, 2));
    assert.deepEqual((await posts.findAll(2, 1)).map((each) => each.id), ids.slice(1, 3));
    assert.deepEqual((await posts.findAll(undefined, 3)).map((each) => each.id), ids.slice(3));
  },
);

onEveryDatabase(
  "count() and exists() count without reading rows",
  { models: blog },
  async ({ db }) => {
    await fillBlog(db);
    const posts = db.repository(Post);
    const { result, events } = await watched(db, async () => [
      await posts.count(),
      await posts.count({ where: { author: { name: "ada" } } }),
      await posts.count({ where: { views: { gt: 1000 } } }),
    ]);
    assert.deepEqual(result, [4, 3, 0]);
    for (const { sql, rows } of events) {
      assert.match(sql, /count\(\*\)/i);
      assert.equal(rows, 1);
    }
    assert.equal(await posts.exists(), true);
    assert.equal(await posts.exists({ where: { title: "one" } }), true);
    assert.equal(await posts.exists({ where: { title: "none" } }), false);
  },
);
