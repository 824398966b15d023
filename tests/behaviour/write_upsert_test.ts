/** upsert(): one statement that inserts or changes. */
import assert from "node:assert/strict";
import { QueryError, ValidationError } from "../../src/base/errors.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { Author, blog, Comment, Document, fillBlog, Region, Tag } from "./repository_models.ts";
import { sends, untyped } from "./repository_support.ts";

onEveryDatabase(
  "upsert() inserts, then changes, in one statement",
  { models: blog },
  async ({ db }) => {
    const authors = db.repository(Author);
    const query = {
      where: { email: "ada@x.org" },
      create: { name: "ada", age: 1 },
      update: { age: 2 },
    };
    const first = await sends(db, 1, () => authors.upsert(query));
    assert.ok(first instanceof Author);
    assert.deepEqual([first.name, first.email, first.age, first.active], [
      "ada",
      "ada@x.org",
      1,
      true,
    ]);
    const second = await sends(db, 1, () => authors.upsert(query));
    assert.equal(second.id, first.id);
    assert.equal(second.age, 2);
    assert.equal(second.name, "ada");
    assert.equal(await authors.count(), 1);
  },
);

onEveryDatabase("upsert() with nothing to change gives what is there", {
  models: [...blog, Document],
}, async ({ db }) => {
  const tags = db.repository(Tag);
  const first = await tags.upsert({
    where: { name: "js" },
    create: { name: "js", note: "n" },
    update: {},
  });
  const again = await tags.upsert({
    where: { name: "js" },
    create: { name: "js", note: "m" },
    update: {},
  });
  assert.deepEqual([first.note, again.note], ["n", "n"]);
});

onEveryDatabase(
  "upsert() by a generated or composite key",
  { models: [Document, Region] },
  async ({ db }) => {
    const documents = db.repository(Document);
    const { id } = await documents.create({ title: "a" });
    const changed = await documents.upsert({
      where: { id },
      create: { title: "b" },
      update: { title: "c" },
    });
    assert.deepEqual([changed.id, changed.title, changed.version], [id, "c", 2]);
    const fresh = await documents.upsert({
      where: { id: id + 50 },
      create: { title: "b" },
      update: { title: "c" },
    });
    assert.deepEqual([fresh.id, fresh.title, fresh.version], [id + 50, "b", 1]);
    const regions = db.repository(Region);
    const where = { country: "at", number: 1 };
    for (const name of ["x", "y"]) {
      await regions.upsert({ where, create: { ...where, name }, update: { name } });
    }
    assert.deepEqual((await regions.find()).map((each) => each.name), ["y"]);
  },
);

onEveryDatabase(
  "two that upsert the same at once make one record",
  { models: blog },
  async ({ db }) => {
    const authors = db.repository(Author);
    const results = await Promise.all(
      ["a", "b", "c", "d"].map((name) =>
        authors.upsert({ where: { email: "same@x.org" }, create: { name }, update: { name } })
      ),
    );
    assert.equal(new Set(results.map((each) => each.id)).size, 1);
    assert.equal(await authors.count(), 1);
  },
);

onEveryDatabase("upsert() refuses what names no unique key", { models: blog }, async ({ db }) => {
  const authors = db.repository(Author);
  const refused = (where: unknown, message: RegExp) =>
    assert.rejects(
      authors.upsert({ where: untyped(where), create: { name: "a" }, update: {} }),
      (error: Error) => error instanceof QueryError && message.test(error.message),
    );
  await sends(db, 0, async () => {
    await refused({ name: "a" }, /unique key.*\(id\) or \(email\)/);
    await refused({}, /unique key/);
    await refused({ email: null }, /unique key/);
    await refused({ email: { eq: "a" } }, /email must be a plain value/);
    await refused({ email: "a", age: 1 }, /unique key/);
    await assert.rejects(
      authors.upsert({
        where: { email: "a" },
        create: { name: "a", mentor: { connect: { id: 1 } } },
        update: {},
      }),
      QueryError,
    );
    await assert.rejects(
      authors.upsert({ where: { email: "a" }, create: untyped({}), update: {} }),
      ValidationError,
    );
  });
});

onEveryDatabase(
  "upsert() brings back what was deleted softly",
  { models: blog },
  async ({ db }) => {
    const { posts: [postId] } = await fillBlog(db);
    const comments = db.repository(Comment);
    const { id } = await comments.create({ body: "first", postId: postId! });
    const upsert = (update: { body?: string }) =>
      comments.upsert({ where: { id }, create: { body: "new", postId: postId! }, update });
    for (const update of [{ body: "second" }, {}]) {
      assert.ok(await comments.delete(id));
      const record = await upsert(update);
      assert.equal(record.deletedAt, null);
      assert.equal((await comments.findById(id))?.body, "second");
    }
  },
);

onEveryDatabase(
  "upsert() tells whether it inserted or changed",
  { models: blog },
  async ({ db }) => {
    const told: unknown[] = [];
    const end = db.onCommit(({ changes }) =>
      told.push(...changes.map(({ kind, key, after }) => [kind, key.name, after?.note]))
    );
    for (const note of ["a", "b"]) {
      await db.repository(Tag).upsert({
        where: { name: "js" },
        create: { name: "js", note },
        update: { note },
      });
    }
    end();
    assert.deepEqual(told, [["insert", "js", "a"], ["update", "js", "b"]]);
  },
);
