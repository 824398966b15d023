/** Relations that are read along: what is in them, in which order, by how many statements. */
import assert from "node:assert/strict";
import type { Database } from "../../src/database/database.ts";
import type { LoadStrategy } from "../../src/schema/entity.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import {
  Author,
  blog,
  Comment,
  fillBlog,
  Genre,
  Post,
  Profile,
  Region,
  Tag,
  Topic,
  Town,
  wide,
} from "./repository_models.ts";
import { plain, sends, watched } from "./repository_support.ts";

const strategies: readonly LoadStrategy[] = ["join", "query"];

/** Runs a read under both strategies, expects equal results and gives them. */
async function both<T>(
  db: Database,
  statements: number,
  read: (strategy: LoadStrategy) => Promise<T>,
): Promise<T> {
  const joined = await sends(db, 1, () => read("join"));
  const queried = await sends(db, statements, () => read("query"));
  assert.deepEqual(queried, joined);
  return queried;
}

onEveryDatabase(
  "every kind of relation, the same under both strategies",
  { models: blog },
  async ({ db }) => {
    await fillBlog(db);
    const found = await both(db, 8, (strategy) =>
      db.repository(Author).find({
        include: {
          posts: true,
          edited: true,
          profile: true,
          mentor: true,
          pupils: true,
          follows: true,
          followers: true,
          _count: { posts: true, followers: true },
        },
        orderBy: { id: "asc" },
        strategy,
      }));
    const [ada, bob, cyd] = found;
    assert.ok(ada && bob && cyd);
    assert.ok(
      ada instanceof Author && ada.posts[0] instanceof Post && ada.profile instanceof Profile,
    );
    assert.deepEqual(ada.posts.map((each) => each.title), ["one", "two", "four"]);
    assert.deepEqual(ada.edited.map((each) => each.title), ["three"]);
    assert.equal(ada.profile.bio, "counts");
    assert.equal(ada.mentor, null);
    assert.deepEqual(ada.pupils.map((each) => each.name), ["bob", "cyd"]);
    assert.deepEqual(ada.follows, []);
    assert.deepEqual(ada.followers.map((each) => each.name), ["bob", "cyd"]);
    assert.deepEqual(ada._count, { posts: 3, followers: 2 });
    assert.equal(bob.profile, null);
    assert.equal(bob.mentor?.name, "ada");
    assert.equal(bob.mentor?.shout(), "ADA");
    assert.deepEqual(bob.follows.map((each) => each.name), ["ada", "cyd"]);
    assert.deepEqual(bob._count, { posts: 1, followers: 0 });
    assert.deepEqual(cyd.posts, []);
    assert.deepEqual(cyd.follows.map((each) => each.name), ["ada"]);
  },
);

onEveryDatabase("three levels deep, and back again", { models: blog }, async ({ db }) => {
  await fillBlog(db);
  const found = await both(db, 6, (strategy) =>
    db.repository(Author).find({
      where: { name: "ada" },
      include: {
        posts: {
          orderBy: { title: "asc" },
          include: {
            comments: { orderBy: { body: "desc" }, include: { writer: true } },
            tags: { orderBy: { name: "asc" } },
            author: { select: ["name"] },
          },
        },
      },
      strategy,
    }));
  assert.deepEqual(
    found[0]?.posts.map((post) => [
      post.title,
      post.author,
      post.tags.map((tag) => tag.name),
      post.comments.map((comment) => [comment.body, comment.writer?.name ?? null]),
    ]),
    [
      ["four", { name: "ada" }, ["js"], []],
      ["one", { name: "ada" }, ["js", "sql"], [["second", null], ["first", "bob"]]],
      ["two", { name: "ada" }, ["sql"], [["lone", null]]],
    ],
  );
});

onEveryDatabase(
  "condition, order, limit and offset hold for each parent",
  { models: blog },
  async ({ db }) => {
    const { ada, bob } = await fillBlog(db);
    await db.repository(Post).createMany(
      [5, 6, 7, 8].flatMap((views) =>
        [ada, bob].map((authorId) => ({ title: `p${views}`, views, authorId }))
      ),
    );
    const views = async (options: { limit?: number; offset?: number; least?: number }) => {
      const { limit, offset, least = 0 } = options;
      const found = await both(db, 2, (strategy) =>
        db.repository(Author).find({
          orderBy: { id: "asc" },
          include: {
            posts: { where: { views: { gte: least } }, orderBy: { views: "desc" }, limit, offset },
          },
          strategy,
        }));
      return found.map((author) => author.posts.map((post) => post.views));
    };
    assert.deepEqual(await views({ limit: 2 }), [[40, 20], [30, 8], []]);
    assert.deepEqual(await views({ limit: 2, offset: 1 }), [[20, 10], [8, 7], []]);
    assert.deepEqual(await views({ offset: 4 }), [[7, 6, 5], [5], []]);
    assert.deepEqual(await views({ least: 8 }), [[40, 20, 10, 8], [30, 8], []]);
    assert.deepEqual(await views({ least: 8, limit: 1, offset: 1 }), [[20], [8], []]);
    assert.deepEqual(await views({ limit: 0 }), [[], [], []]);
  },
);

onEveryDatabase(
  "limits hold for each parent of a many-to-many relation",
  { models: blog },
  async ({ db }) => {
    await fillBlog(db);
    const found = await both(db, 2, (strategy) =>
      db.repository(Post).find({
        orderBy: { id: "asc" },
        include: { tags: { orderBy: { name: "desc" }, limit: 1 } },
        strategy,
      }));
    assert.deepEqual(found.map((post) => post.tags.map((tag) => tag.name)), [["sql"], ["sql"], [], [
      "js",
    ]]);
  },
);

onEveryDatabase(
  "a limit of a level holds for each parent of the level above",
  { models: blog },
  async ({ db }) => {
    await fillBlog(db);
    const found = await both(db, 3, (strategy) =>
      db.repository(Author).find({
        orderBy: { id: "asc" },
        include: {
          posts: {
            orderBy: { id: "asc" },
            limit: 1,
            include: { comments: { orderBy: { id: "desc" }, limit: 1 } },
          },
        },
        strategy,
      }));
    assert.deepEqual(
      found.map((author) => author.posts.map((post) => post.comments.map((each) => each.body))),
      [[["second"]], [[]], []],
    );
  },
);

onEveryDatabase("select inside include gives plain data without the keys it needed", {
  models: blog,
}, async ({ db }) => {
  await fillBlog(db);
  const found = await both(db, 3, (strategy) =>
    db.repository(Author).find({
      where: { name: "bob" },
      select: ["name"],
      include: { posts: { select: ["title"], include: { editor: { select: ["name"] } } } },
      strategy,
    }));
  assert.deepEqual(found, [{ name: "bob", posts: [{ title: "three", editor: { name: "ada" } }] }]);
});

onEveryDatabase("a condition on a relation to one hides it", { models: blog }, async ({ db }) => {
  await fillBlog(db);
  const found = await both(db, 2, (strategy) =>
    db.repository(Post).find({
      orderBy: { id: "asc" },
      include: { editor: { where: { name: "bob" } } },
      strategy,
    }));
  assert.deepEqual(found.map((post) => post.editor?.name ?? null), ["bob", null, null, "bob"]);
});

onEveryDatabase(
  "each relation may have a strategy of its own",
  { models: blog },
  async ({ db }) => {
    await fillBlog(db);
    const posts = db.repository(Post);
    const read = (comments: LoadStrategy, writer: LoadStrategy, author: LoadStrategy) =>
      posts.find({
        orderBy: { id: "asc" },
        include: {
          author: { strategy: author },
          comments: { strategy: comments, include: { writer: { strategy: writer } } },
        },
      });
    const wanted = plain(await read("join", "join", "join"));
    for (const comments of strategies) {
      for (const writer of strategies) {
        for (const author of strategies) {
          const apart = [comments, writer, author].filter((each) => each === "query").length;
          const found = await sends(db, 1 + apart, () => read(comments, writer, author));
          assert.deepEqual(plain(found), wanted, `${comments} ${writer} ${author}`);
        }
      }
    }
  },
);

onEveryDatabase("what a relation does not have is an empty list or null, without a statement", {
  models: blog,
}, async ({ db }) => {
  await fillBlog(db);
  const posts = db.repository(Post);
  const { result, events } = await watched(db, () =>
    posts.find({
      where: { title: "two" },
      include: { editor: { include: { posts: true } }, topics: { limit: 5 } },
      strategy: "query",
    }));
  assert.equal(result[0]?.editor, null);
  assert.deepEqual(result[0]?.topics.map((each) => each.title), ["maths"]);
  assert.equal(events.length, 2, "nothing is asked about an editor that is not there");
  const none = await sends(
    db,
    1,
    () => posts.find({ where: { title: "zz" }, include: { author: true }, strategy: "query" }),
  );
  assert.deepEqual(none, []);
});

onEveryDatabase("false and undefined leave a relation out", { models: blog }, async ({ db }) => {
  await fillBlog(db);
  const found = await sends(
    db,
    1,
    () =>
      db.repository(Post).find({ include: { author: false, tags: undefined }, strategy: "query" }),
  );
  assert.equal("author" in (found[0] ?? {}), false);
  assert.equal("tags" in (found[0] ?? {}), false);
});

onEveryDatabase(
  "keys are asked for once, however many parents share them",
  { models: blog },
  async ({ db }) => {
    await fillBlog(db);
    const { result, events } = await watched(db, () =>
      db.repository(Post).find({
        orderBy: { id: "asc" },
        include: { author: true },
        strategy: "query",
      }));
    assert.deepEqual(
      result.map((post) => post.author.name),
      ["ada", "ada", "bob", "ada"],
    );
    const [keys] = events[1]?.parameters ?? [];
    assert.equal(typeof keys === "string" ? keys.split(",").length : (keys as unknown[]).length, 2);
  },
);

onEveryDatabase(
  "join tables with columns of their own, and to themselves",
  { models: blog },
  async ({ db }) => {
    await fillBlog(db);
    const posts = await both(db, 3, (strategy) =>
      db.repository(Post).find({
        where: { title: { in: ["one", "two"] } },
        orderBy: { id: "asc" },
        include: {
          topics: { orderBy: { title: "asc" }, include: { posts: { orderBy: { id: "asc" } } } },
        },
        strategy,
      }));
    assert.deepEqual(
      posts.map((post) => post.topics.map((topic) => [topic.title, topic.posts.length])),
      [[["art", 1], ["maths", 2]], [["maths", 2]]],
    );
    const topics = await db.repository(Topic).find({
      orderBy: { title: "asc" },
      include: { _count: { posts: true } },
    });
    assert.deepEqual(topics.map((topic) => topic._count.posts), [1, 2]);
  },
);

onEveryDatabase("composite keys on both ends", { models: [Region, Town] }, async ({ db }) => {
  const regions = db.repository(Region);
  await regions.createMany([
    { country: "at", number: 1, name: "b" },
    { country: "at", number: 2, name: "k" },
    { country: "ch", number: 1, name: "z" },
  ]);
  await db.repository(Town).createMany([
    { country: "at", name: "e", regionNumber: 1 },
    { country: "at", name: "f", regionNumber: 1 },
    { country: "ch", name: "w", regionNumber: 1 },
    { country: "ch", name: "x" },
  ]);
  await regions.update({ country: "at", number: 1 }, {
    touches: { connect: [{ country: "at", number: 2 }, { country: "ch", number: 1 }] },
  });
  const found = await both(db, 4, (strategy) =>
    regions.find({
      orderBy: [{ country: "asc" }, { number: "asc" }],
      include: {
        towns: { orderBy: { name: "desc" }, limit: 1 },
        touches: true,
        touchedBy: { select: ["name"] },
      },
      strategy,
    }));
  assert.deepEqual(
    found.map((each) => [
      each.name,
      each.towns.map((town) => town.name),
      each.touches.map((region) => region.name),
      each.touchedBy,
    ]),
    [["b", ["f"], ["k", "z"], []], ["k", [], [], [{ name: "b" }]], ["z", ["w"], [], [{
      name: "b",
    }]]],
  );
  const towns = await both(
    db,
    2,
    (strategy) =>
      db.repository(Town).find({ orderBy: { name: "asc" }, include: { region: true }, strategy }),
  );
  assert.deepEqual(towns.map((town) => town.region?.name ?? null), ["b", "b", "z", null]);
});

onEveryDatabase("softly deleted records are neither read along nor counted, unless asked for", {
  models: blog,
}, async ({ db }) => {
  await fillBlog(db);
  const posts = db.repository(Post);
  const hidden = await both(db, 2, (strategy) =>
    posts.find({
      orderBy: { id: "asc" },
      include: { comments: true, _count: { comments: true } },
      strategy,
    }));
  assert.deepEqual(hidden.map((post) => post.comments.length), [2, 1, 0, 0]);
  assert.deepEqual(hidden.map((post) => post._count.comments), [2, 1, 0, 0]);
  const all = await both(
    db,
    2,
    (strategy) =>
      posts.find({
        orderBy: { id: "asc" },
        include: { comments: { withDeleted: true } },
        strategy,
      }),
  );
  assert.deepEqual(all.map((post) => post.comments.length), [2, 1, 1, 0]);
  const comments = db.repository(Comment);
  assert.equal((await comments.find()).length, 3);
  assert.equal((await comments.find({ withDeleted: true })).length, 4);
});

onEveryDatabase(
  "one shape is compiled once, with relations too",
  { models: blog },
  async ({ db }) => {
    await fillBlog(db);
    const authors = db.repository(Author);
    for (const strategy of strategies) {
      const read = (title: string, limit: number) =>
        authors.find({
          where: { posts: { some: { title } } },
          include: { posts: { where: { title }, limit } },
          strategy,
        });
      const first = await watched(db, () => read("one", 1));
      const second = await watched(db, () => read("three", 1));
      assert.deepEqual(second.events.map((each) => each.sql), first.events.map((each) => each.sql));
      assert.equal(second.result[0]?.posts[0]?.title, "three");
    }
  },
);

onEveryDatabase("a tag's own key is text", { models: blog }, async ({ db }) => {
  await fillBlog(db);
  const tags = await both(db, 3, (strategy) =>
    db.repository(Tag).find({
      orderBy: { name: "asc" },
      include: { posts: { orderBy: { id: "asc" }, include: { author: { select: ["name"] } } } },
      strategy,
    }));
  assert.deepEqual(
    tags.map((tag) => [tag.name, tag.posts.map((post) => `${post.title} ${post.author.name}`)]),
    [["idle", []], ["js", ["one ada", "four ada"]], ["sql", ["one ada", "two ada"]]],
  );
});

onEveryDatabase("a bigint key in a join table is exact where no bigint column is selected", {
  models: wide,
}, async ({ db }) => {
  const id = 2n ** 53n + 1n;
  await db.repository(Genre).create({ id, name: "noir", films: { create: { title: "M" } } });
  const genres = await both(
    db,
    2,
    (strategy) =>
      db.repository(Genre).find({ include: { films: { select: ["title"] } }, strategy }),
  );
  assert.deepEqual(genres.map((each) => [each.id, each.films]), [[id, [{ title: "M" }]]]);
});

onEveryDatabase(
  "counts that are switched off leave an empty _count",
  { models: blog },
  async ({ db }) => {
    await fillBlog(db);
    const authors = db.repository(Author);
    const query = { include: { _count: { posts: false } }, limit: 1 } as const;
    for (const strategy of strategies) {
      const [author] = await authors.find({ ...query, strategy });
      assert.deepEqual(author?._count, {});
      // @ts-expect-error the count of posts was not asked for
      assert.equal(author?._count.posts, undefined);
    }
  },
);
