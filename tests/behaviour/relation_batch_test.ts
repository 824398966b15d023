/** Levels of a nested read that come for all their parents at once. */
import assert from "node:assert/strict";
import type { LoadStrategy } from "../../src/schema/entity.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { Author, blog, Comment, fillBlog, Post, Region, Town } from "./repository_models.ts";
import { plain, sends } from "./repository_support.ts";

const strategies: readonly LoadStrategy[] = ["join", "query"];

onEveryDatabase(
  "lists below lists, below relations to one and below many-to-many, whatever each is read by",
  { models: blog },
  async ({ db }) => {
    await fillBlog(db);
    const posts = db.repository(Post);
    const found: unknown[] = [];
    for (const author of strategies) {
      for (const written of strategies) {
        for (const tags of strategies) {
          found.push(plain(
            await posts.find({
              orderBy: { id: "asc" },
              include: {
                author: {
                  strategy: author,
                  include: {
                    posts: {
                      strategy: written,
                      select: ["title"],
                      orderBy: { views: "desc" },
                      limit: 2,
                      include: { comments: true, _count: { tags: true } },
                    },
                  },
                },
                tags: { strategy: tags, include: { posts: { include: { author: true } } } },
              },
            }),
          ));
        }
      }
    }
    const [first, ...others] = found;
    for (const other of others) assert.deepEqual(other, first);
    const [post] = first as { author: { posts: unknown[] }; tags: { posts: unknown[] }[] }[];
    assert.equal(post?.author.posts.length, 2);
    assert.ok((post?.tags[0]?.posts.length ?? 0) > 0);
  },
);

onEveryDatabase(
  "a page of parents, some without children, has the children of that page alone",
  { models: blog },
  async ({ db }) => {
    const authors = db.repository(Author);
    const include = { posts: { include: { comments: true } } } as const;
    for (const strategy of strategies) {
      assert.deepEqual(await authors.find({ include, strategy }), []);
    }
    const names = ["a", "b", "c", "d"];
    await authors.createMany(names.map((name) => ({ name })));
    for (const strategy of strategies) {
      const found = await authors.find({ include, strategy, limit: 2, offset: 1 });
      assert.deepEqual(found.map(({ name, posts }) => [name, posts]), [["b", []], ["c", []]]);
    }
    const [, b, , d] = await authors.find({ orderBy: { name: "asc" } });
    assert.ok(b && d);
    const { id } = await db.repository(Post).create({ title: "of b", authorId: b.id });
    await db.repository(Post).create({ title: "of d", authorId: d.id });
    await db.repository(Comment).create({ body: "on b", postId: id });
    for (const strategy of strategies) {
      const found = await authors.find({
        include,
        strategy,
        orderBy: { name: "desc" },
        limit: 3,
      });
      assert.deepEqual(
        found.map(({ posts }) => posts.map((post) => [post.title, post.comments.length])),
        [[["of d", 0]], [], [["of b", 1]]],
      );
    }
  },
);

onEveryDatabase(
  "a list of composite keys below another list",
  { models: [Region, Town] },
  async ({ db }) => {
    const regions = [["at", 1], ["at", 2], ["de", 1]] as const;
    await db.repository(Region).createMany(
      regions.map(([country, number]) => ({ country, number, name: country + number })),
    );
    await db.repository(Town).createMany([
      { country: "at", name: "e", regionNumber: 1 },
      { country: "at", name: "f", regionNumber: 1 },
      { country: "de", name: "g", regionNumber: 1 },
      { country: "de", name: "h" },
    ]);
    for (const strategy of strategies) {
      const found = await db.repository(Town).find({
        orderBy: { name: "asc" },
        include: { region: { include: { towns: { include: { region: true } } } } },
        strategy,
      });
      assert.deepEqual(
        found.map(({ region }) => region?.towns.map((town) => [town.name, town.region?.name])),
        [[["e", "at1"], ["f", "at1"]], [["e", "at1"], ["f", "at1"]], [["g", "de1"]], undefined],
      );
      const below = await db.repository(Region).find({
        orderBy: { country: "asc", number: "asc" },
        include: { towns: { orderBy: { name: "desc" }, limit: 1 } },
        strategy,
      });
      assert.deepEqual(below.map(({ towns }) => towns.map(({ name }) => name)), [["f"], [], ["g"]]);
    }
  },
);

onEveryDatabase("relations beside each other are read at the same time", {
  models: blog,
  rewrite: false,
  needs: (has) => has.supportsBatchedJoin,
  open: { poolSize: 5 },
}, async ({ db }) => {
  await fillBlog(db);
  const name = "application_name = current_setting('application_name')";
  const connections = async () => {
    const { rows } = await db.execute<{ n: number }>(
      `SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND ${name}`,
    );
    return Number(rows[0]?.n);
  };
  assert.equal(await connections(), 1);
  const found = await sends(db, 4, () =>
    db.repository(Author).find({
      include: { posts: true, edited: true, pupils: true },
      strategy: "query",
    }));
  assert.ok(found.length > 0);
  // A statement takes a connection of its own while others are under way.
  assert.equal(await connections(), 3);
});
