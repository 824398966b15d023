/** load(): relations of records that are there already, for all of them at once. */
import assert from "node:assert/strict";
import { QueryError } from "../../src/base/errors.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { Author, blog, fillBlog, Post, Region, Town } from "./repository_models.ts";
import { plain, sends, untyped } from "./repository_support.ts";

onEveryDatabase(
  "load() sends one statement for each relation",
  { models: blog },
  async ({ db }) => {
    await fillBlog(db);
    const posts = db.repository(Post);
    const found = await posts.find({ orderBy: { id: "asc" } });
    const loaded = await sends(
      db,
      3,
      () => posts.load(found, { author: true, editor: true, tags: true }),
    );
    assert.equal(loaded[0], found[0], "the records themselves are filled in");
    assert.deepEqual(
      loaded.map((post) => post.author.name),
      ["ada", "ada", "bob", "ada"],
    );
    assert.deepEqual(loaded.map((post) => post.editor?.name ?? null), ["bob", null, "ada", "bob"]);
    assert.deepEqual(loaded.map((post) => post.tags.length), [2, 1, 0, 1]);
    assert.ok(loaded[0]?.author instanceof Author);
  },
);

onEveryDatabase("load() gives what include gives", { models: blog }, async ({ db, target }) => {
  await fillBlog(db);
  const authors = db.repository(Author);
  const include = {
    posts: {
      where: { views: { gt: 15 } },
      orderBy: { views: "desc" },
      limit: 2,
      include: { comments: true, tags: { orderBy: { name: "asc" } } },
    },
    profile: true,
  } as const;
  const wanted = await authors.find({ orderBy: { id: "asc" }, include });
  const found = await authors.find({ orderBy: { id: "asc" } });
  // Only the first level has statements of its own, where the database reads the rest along.
  const statements = target.capabilities.loadStrategy === "join" ? 2 : 4;
  const loaded = await sends(db, statements, () => authors.load(found, include));
  assert.deepEqual(plain(loaded), plain(wanted));
});

onEveryDatabase(
  "load() takes selected rows that have the key",
  { models: blog },
  async ({ db }) => {
    await fillBlog(db);
    const posts = db.repository(Post);
    const rows = await posts.find({ select: ["id", "title"], orderBy: { id: "asc" } });
    const loaded = await posts.load(rows, { tags: { select: ["name"], orderBy: { name: "asc" } } });
    assert.deepEqual(loaded.map((row) => row.tags.map((tag) => tag.name)), [
      ["js", "sql"],
      ["sql"],
      [],
      ["js"],
    ]);
    await assert.rejects(
      () => posts.load(rows, { author: true }),
      (error: Error) =>
        error instanceof QueryError && /Cannot load author: .*authorId/.test(error.message) &&
        /select authorId/.test(error.message),
    );
  },
);

onEveryDatabase("load() takes one record, none, and composite keys", {
  models: [...blog, Region, Town],
}, async ({ db }) => {
  const { ada } = await fillBlog(db);
  const authors = db.repository(Author);
  assert.deepEqual(await sends(db, 0, () => authors.load([], { posts: true })), []);
  const author = await authors.findById(ada);
  const [loaded] = await authors.load([author!], { posts: { limit: 1 } });
  assert.equal(loaded?.posts.length, 1);
  await db.repository(Region).create({ country: "at", number: 1, name: "b" });
  const towns = db.repository(Town);
  await towns.createMany([{ country: "at", name: "e", regionNumber: 1 }, {
    country: "at",
    name: "x",
  }]);
  const found = await towns.find({ orderBy: { name: "asc" } });
  const both = await sends(db, 1, () => towns.load(found, { region: true }));
  assert.deepEqual(both.map((town) => town.region?.name ?? null), ["b", null]);
});

onEveryDatabase("load() refuses what is no relation", { models: blog }, async ({ db }) => {
  await fillBlog(db);
  const authors = db.repository(Author);
  const found = await authors.find();
  const refused = (include: unknown, message: RegExp) =>
    assert.rejects(async () => await authors.load(found, untyped(include)), (error: Error) => {
      assert.ok(error instanceof QueryError);
      assert.match(error.message, message);
      return true;
    });
  await refused({ poste: true }, /"poste" in load\.include/);
  await refused({ posts: { where: { titel: "x" } } }, /"titel" in load\.include\.posts\.where/);
  await refused({ _count: { posts: true } }, /_count/);
});
