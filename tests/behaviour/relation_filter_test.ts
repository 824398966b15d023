/** Conditions on related records, over every kind of relation. */
import assert from "node:assert/strict";
import type { Database } from "../../src/database/database.ts";
import type { OrderBy, Where } from "../../src/repository/types.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import {
  Author,
  blog,
  Comment,
  fillBlog,
  Post,
  Profile,
  Region,
  Tag,
  Topic,
  Town,
} from "./repository_models.ts";
import { sends } from "./repository_support.ts";

async function titles(db: Database, where: Where<Post>): Promise<string> {
  const found = await sends(
    db,
    1,
    () => db.repository(Post).find({ where, orderBy: { id: "asc" } }),
  );
  assert.equal(await db.repository(Post).count({ where }), found.length);
  return found.map((each) => each.title).join(" ");
}

async function authors(db: Database, where: Where<Author>): Promise<string> {
  const found = await sends(
    db,
    1,
    () => db.repository(Author).find({ where, orderBy: { id: "asc" } }),
  );
  return found.map((each) => each.name).join(" ");
}

onEveryDatabase(
  "many-to-one: is, isNot, null and the short form",
  { models: blog },
  async ({ db }) => {
    const { ada } = await fillBlog(db);
    assert.equal(await titles(db, { author: { name: "ada" } }), "one two four");
    assert.equal(await titles(db, { author: { is: { name: "ada" } } }), "one two four");
    assert.equal(await titles(db, { author: { isNot: { name: "ada" } } }), "three");
    assert.equal(await titles(db, { author: { id: ada } }), "one two four");
    assert.equal(await titles(db, { editor: null }), "two");
    assert.equal(await titles(db, { editor: { is: null } }), "two");
    assert.equal(await titles(db, { editor: { isNot: null } }), "one three four");
    assert.equal(await titles(db, { editor: { name: "bob" } }), "one four");
    assert.equal(await titles(db, { editor: { isNot: { name: "bob" } } }), "two three");
    assert.equal(
      await titles(db, { editor: { is: { name: "bob" }, isNot: { age: 1 } } }),
      "one four",
    );
    assert.equal(await titles(db, { author: { age: { gt: 30 }, active: true } }), "one two four");
    assert.equal(await titles(db, { NOT: { author: { name: "ada" } } }), "three");
  },
);

onEveryDatabase("one-to-many: some, every, none and _count", { models: blog }, async ({ db }) => {
  await fillBlog(db);
  assert.equal(await authors(db, { posts: { some: {} } }), "ada bob");
  assert.equal(await authors(db, { posts: { none: {} } }), "cyd");
  assert.equal(await authors(db, { posts: { some: { views: { gt: 35 } } } }), "ada");
  assert.equal(await authors(db, { posts: { every: { published: true } } }), "bob cyd");
  assert.equal(await authors(db, { posts: { every: { views: { gt: 5 } } } }), "ada bob cyd");
  assert.equal(await authors(db, { posts: { none: { title: "three" } } }), "ada cyd");
  assert.equal(
    await authors(db, { posts: { some: { published: true }, none: { views: 30 } } }),
    "ada",
  );
  assert.equal(await authors(db, { posts: { _count: 0 } }), "cyd");
  assert.equal(await authors(db, { posts: { _count: { gte: 1, lt: 3 } } }), "bob");
  assert.equal(await authors(db, { posts: { _count: { in: [0, 3] } } }), "ada cyd");
  // A comparison with NULL is not true, so a record without a price is not one that matches.
  assert.equal(await authors(db, { posts: { every: { price: { gt: "1" } } } }), "cyd");
});

onEveryDatabase("one-to-one: from both sides", { models: blog }, async ({ db }) => {
  await fillBlog(db);
  assert.equal(await authors(db, { profile: { bio: "counts" } }), "ada");
  assert.equal(await authors(db, { profile: null }), "bob cyd");
  assert.equal(await authors(db, { profile: { isNot: null } }), "ada");
  assert.equal(await authors(db, { profile: { isNot: { bio: "counts" } } }), "bob cyd");
  const profiles = await db.repository(Profile).find({ where: { author: { name: "ada" } } });
  assert.deepEqual(profiles.map((each) => each.bio), ["counts"]);
});

onEveryDatabase("many-to-many: some, every, none and _count", { models: blog }, async ({ db }) => {
  await fillBlog(db);
  assert.equal(await titles(db, { tags: { some: { name: "sql" } } }), "one two");
  assert.equal(await titles(db, { tags: { some: { note: "databases" } } }), "one two");
  assert.equal(await titles(db, { tags: { none: {} } }), "three");
  assert.equal(await titles(db, { tags: { every: { name: "sql" } } }), "two three");
  assert.equal(await titles(db, { tags: { _count: 2 } }), "one");
  assert.equal(await titles(db, { tags: { _count: { gt: 0 } } }), "one two four");
  assert.equal(await titles(db, { topics: { some: { title: "maths" } } }), "one two");
  const idle = await db.repository(Tag).find({ where: { posts: { none: {} } } });
  assert.deepEqual(idle.map((each) => each.name), ["idle"]);
  const topics = await db.repository(Topic).find({
    where: { posts: { some: { title: "two" } } },
  });
  assert.deepEqual(topics.map((each) => each.title), ["maths"]);
});

onEveryDatabase("a model's relations to itself", { models: blog }, async ({ db }) => {
  await fillBlog(db);
  assert.equal(await authors(db, { mentor: { name: "ada" } }), "bob cyd");
  assert.equal(await authors(db, { mentor: null }), "ada");
  assert.equal(await authors(db, { pupils: { some: { name: "bob" } } }), "ada");
  assert.equal(await authors(db, { pupils: { _count: 2 } }), "ada");
  assert.equal(await authors(db, { follows: { some: { name: "ada" } } }), "bob cyd");
  assert.equal(await authors(db, { followers: { _count: { gt: 0 } } }), "ada cyd");
  assert.equal(await authors(db, { followers: { some: { followers: { some: {} } } } }), "ada");
  assert.equal(await authors(db, { mentor: { pupils: { some: { name: "cyd" } } } }), "bob cyd");
});

onEveryDatabase("conditions go through several relations", { models: blog }, async ({ db }) => {
  await fillBlog(db);
  assert.equal(
    await authors(db, { posts: { some: { comments: { some: { writer: { name: "bob" } } } } } }),
    "ada",
  );
  assert.equal(
    await authors(db, {
      OR: [{ posts: { some: { tags: { some: { name: "js" } } } } }, { profile: null, age: 20 }],
    }),
    "ada cyd",
  );
  const tags = await db.repository(Tag).find({
    where: { posts: { some: { author: { profile: { bio: "counts" } } } } },
    orderBy: { name: "asc" },
  });
  assert.deepEqual(tags.map((each) => each.name), ["js", "sql"]);
});

onEveryDatabase(
  "composite keys: relations of every kind",
  { models: [Region, Town] },
  async ({ db }) => {
    const regions = db.repository(Region);
    await regions.createMany([
      { country: "at", number: 1, name: "burgenland" },
      { country: "at", number: 2, name: "kärnten" },
      { country: "ch", number: 1, name: "zürich" },
    ]);
    await db.repository(Town).createMany([
      { country: "at", name: "eisenstadt", regionNumber: 1 },
      { country: "ch", name: "winterthur", regionNumber: 1 },
      { country: "ch", name: "nowhere" },
    ]);
    await regions.update({ country: "at", number: 1 }, {
      touches: { connect: [{ country: "at", number: 2 }, { country: "ch", number: 1 }] },
    });
    const towns = async (where: Where<Town>) =>
      (await db.repository(Town).find({ where, orderBy: { name: "asc" } })).map((each) =>
        each.name
      );
    assert.deepEqual(await towns({ region: { name: "zürich" } }), ["winterthur"]);
    assert.deepEqual(await towns({ region: null }), ["nowhere"]);
    assert.deepEqual(await towns({ region: { isNot: null } }), ["eisenstadt", "winterthur"]);
    assert.deepEqual(await towns({ region: { isNot: { name: "zürich" } } }), [
      "eisenstadt",
      "nowhere",
    ]);
    const found = async (where: Where<Region>) =>
      (await regions.find({ where, orderBy: { name: "asc" } })).map((each) => each.name);
    assert.deepEqual(await found({ towns: { none: {} } }), ["kärnten"]);
    assert.deepEqual(await found({ towns: { some: { name: "eisenstadt" } } }), ["burgenland"]);
    assert.deepEqual(await found({ touches: { some: { country: "ch" } } }), ["burgenland"]);
    assert.deepEqual(await found({ touchedBy: { _count: 1 } }), ["kärnten", "zürich"]);
  },
);

onEveryDatabase(
  "softly deleted records do not count in conditions",
  { models: blog },
  async ({ db }) => {
    await fillBlog(db);
    assert.equal(await titles(db, { comments: { some: {} } }), "one two");
    assert.equal(await titles(db, { comments: { none: {} } }), "three four");
    assert.equal(await titles(db, { comments: { _count: 0 } }), "three four");
    assert.equal(await titles(db, { comments: { some: { body: "gone" } } }), "");
    assert.equal(await db.repository(Comment).count(), 3);
    assert.equal(await db.repository(Comment).count({ withDeleted: true }), 4);
  },
);

onEveryDatabase(
  "results are ordered by related columns and counts",
  { models: blog },
  async ({ db }) => {
    await fillBlog(db);
    const names = async (orderBy: OrderBy<Author>) =>
      (await db.repository(Author).find({ orderBy })).map((each) => each.name).join(" ");
    assert.equal(await names({ posts: { _count: "desc" } }), "ada bob cyd");
    assert.equal(await names({ posts: { _count: "asc" } }), "cyd bob ada");
    assert.equal(await names({ followers: { _count: "desc" }, name: "asc" }), "ada cyd bob");
    const posts = await db.repository(Post).find({
      orderBy: [{ author: { name: "desc" } }, { title: "asc" }],
    });
    assert.deepEqual(posts.map((each) => each.title), ["three", "four", "one", "two"]);
    const edited = await db.repository(Post).find({
      orderBy: { editor: { name: "asc" }, id: "asc" },
    });
    assert.deepEqual(edited.map((each) => each.title), ["three", "one", "four", "two"]);
    const unedited = await db.repository(Post).find({
      orderBy: { editor: { name: { nulls: "first" } }, id: "asc" },
    });
    assert.deepEqual(unedited.map((each) => each.title), ["two", "three", "one", "four"]);
  },
);
