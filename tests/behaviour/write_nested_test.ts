/** Nested writes: related records made, linked and unlinked together with a record, all or nothing. */
import assert from "node:assert/strict";
import {
  ForeignKeyViolationError,
  NotFoundError,
  QueryError,
  UniqueViolationError,
  ValidationError,
} from "../../src/base/errors.ts";
import type { Database } from "../../src/database/database.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import {
  Author,
  blog,
  Comment,
  fillBlog,
  Labelling,
  Post,
  Profile,
  Region,
  Tag,
  Topic,
  Town,
} from "./repository_models.ts";
import { sends, untyped, watched } from "./repository_support.ts";

const tagsOf = async (db: Database, id: number): Promise<string[]> => {
  const post = await db.repository(Post).findById(id, {
    include: { tags: { orderBy: { name: "asc" } } },
  });
  return post!.tags.map((tag) => tag.name);
};

onEveryDatabase("a whole tree is made at once", { models: blog }, async ({ db }) => {
  const author = await db.repository(Author).create({
    name: "ada",
    profile: { create: { bio: "b" } },
    mentor: { create: { name: "bab" } },
    posts: {
      create: [
        {
          title: "one",
          comments: {
            create: [{ body: "c1" }, { body: "c2", writer: { create: { name: "wil" } } }],
          },
          tags: { create: [{ name: "x" }, { name: "y" }] },
          topics: { create: { title: "t" } },
        },
        {
          title: "two",
          tags: { connectOrCreate: { where: { name: "x" }, create: { name: "x" } } },
        },
      ],
    },
  });
  const found = await db.repository(Author).findById(author.id, {
    include: {
      profile: true,
      mentor: true,
      posts: {
        orderBy: { title: "asc" },
        include: { comments: { include: { writer: true } }, tags: true, topics: true },
      },
    },
  });
  assert.equal(found?.profile?.bio, "b");
  assert.equal(found?.mentor?.name, "bab");
  const [one, two] = found!.posts;
  assert.deepEqual(one?.comments.map((each) => [each.body, each.writer?.name ?? null]), [
    ["c1", null],
    ["c2", "wil"],
  ]);
  assert.deepEqual(one?.tags.map((tag) => tag.name).sort(), ["x", "y"]);
  assert.deepEqual(one?.topics.map((topic) => topic.title), ["t"]);
  assert.deepEqual(two?.tags.map((tag) => tag.name), ["x"]);
  assert.equal(await db.repository(Tag).count(), 2);
});

onEveryDatabase(
  "a failure anywhere in the tree leaves nothing",
  { models: blog },
  async ({ db }) => {
    const authors = db.repository(Author);
    const post = (tags: object) => ({ title: "p", comments: { create: { body: "c" } }, tags });
    const failing = [
      [{ create: [{ name: "x" }, { name: "x" }] }, UniqueViolationError],
      [{ connect: { name: "missing" } }, NotFoundError],
      [{ create: { name: 5 } }, ValidationError],
      [{ remove: { name: "x" } }, QueryError],
    ] as const;
    for (const [tags, error] of failing) {
      await assert.rejects(
        authors.create({ name: "a", posts: { create: untyped(post(tags)) } }),
        error,
      );
      for (const model of [Author, Post, Comment, Tag]) {
        assert.equal(await db.repository<object>(model).count(), 0, model.name);
      }
    }
    const { id } = await authors.create({ name: "a" });
    await assert.rejects(
      authors.update(id, {
        name: "b",
        posts: { create: untyped(post({ connect: { name: "no" } })) },
      }),
      NotFoundError,
    );
    assert.equal((await authors.findById(id))?.name, "a");
    assert.equal(await db.repository(Post).count(), 0);
  },
);

onEveryDatabase(
  "the owner of a key: create, connect, connectOrCreate, disconnect, a record, null",
  { models: blog },
  async ({ db }) => {
    const authors = db.repository(Author);
    const posts = db.repository(Post);
    const ada = await authors.create({ name: "ada", email: "ada@x" });
    const made = await posts.create({ title: "a", author: { create: { name: "new" } } });
    assert.equal((await authors.findById(made.authorId))?.name, "new");
    const byKey = await watched(
      db,
      () => posts.create({ title: "b", author: { connect: { id: ada.id } } }),
    );
    assert.equal(byKey.result.authorId, ada.id);
    assert.equal(byKey.events.length, 1, "a key is taken as it is");
    const byUnique = await posts.create({ title: "c", author: { connect: { email: "ada@x" } } });
    assert.equal(byUnique.authorId, ada.id);
    const byRecord = await posts.create({ title: "d", author: ada });
    assert.equal(byRecord.authorId, ada.id);
    const either = { where: { email: "eve@x" }, create: { name: "eve", email: "eve@x" } };
    const first = await posts.create({ title: "e", author: { connectOrCreate: either } });
    const second = await posts.create({ title: "f", author: { connectOrCreate: either } });
    assert.equal(first.authorId, second.authorId);
    const { id } = await posts.create({ title: "g", author: ada, editor: ada });
    const editor = async () =>
      (await posts.findById(id, { include: { editor: true } }))?.editor?.name;
    assert.equal(await editor(), "ada");
    await posts.update(id, { editor: { disconnect: true } });
    assert.equal(await editor(), undefined);
    await posts.update(id, { editor: { connect: { email: "eve@x" } } });
    assert.equal(await editor(), "eve");
    await posts.update(id, { editor: null });
    assert.equal(await editor(), undefined);
    await posts.update(id, { editor: { create: { name: "zoe" } } });
    assert.equal(await editor(), "zoe");
    await posts.update(id, { editor: ada });
    assert.equal(await editor(), "ada");
    await assert.rejects(posts.update(id, { author: { disconnect: true } }), ValidationError);
    await assert.rejects(posts.create(untyped({ title: "h", author: null })), ValidationError);
    await assert.rejects(
      posts.create({ title: "i", author: { connect: { id: 999 } } }),
      ForeignKeyViolationError,
    );
    await assert.rejects(
      posts.create({ title: "j", author: { connect: { name: "nobody" } } }),
      NotFoundError,
    );
    await authors.create({ name: "ada" });
    await assert.rejects(
      posts.create({ title: "k", author: { connect: { name: "ada" } } }),
      /matches more than one/,
    );
    await assert.rejects(
      posts.create({ title: "l", author: untyped({ connect: { id: 1 }, create: { name: "x" } }) }),
      /exactly one/,
    );
  },
);

onEveryDatabase("one-to-many: create, connect, connectOrCreate, disconnect and set", {
  models: blog,
}, async ({ db }) => {
  const { ada, bob, posts: [one, two, three] } = await fillBlog(db);
  const authors = db.repository(Author);
  const edited = async (id: number) => {
    const found = await authors.findById(id, { include: { edited: { orderBy: { id: "asc" } } } });
    return found!.edited.map((post) => post.title).join(" ");
  };
  assert.equal(await edited(bob), "one four");
  await authors.update(bob, { edited: { connect: [{ id: two }, { title: "three" }] } });
  assert.equal(await edited(bob), "one two three four");
  assert.equal(await edited(ada), "", "the post was taken from its other editor");
  await authors.update(bob, { edited: { disconnect: [{ id: two }] } });
  assert.equal(await edited(bob), "one three four");
  await authors.update(bob, { edited: { disconnect: { views: { gte: 30 } } } });
  assert.equal(await edited(bob), "one");
  await authors.update(bob, { edited: { set: [{ id: one }, { id: three }] } });
  assert.equal(await edited(bob), "one three");
  await authors.update(bob, { edited: { set: [] } });
  assert.equal(await edited(bob), "");
  await authors.update(bob, {
    edited: {
      create: { title: "made", authorId: ada },
      connectOrCreate: [
        { where: { title: "one" }, create: { title: "no", author: { connect: { id: ada } } } },
        { where: { title: "new" }, create: { title: "new", author: { connect: { id: ada } } } },
      ],
    },
  });
  assert.equal(await edited(bob), "one made new");
  assert.equal(await db.repository(Post).count({ where: { title: "no" } }), 0);
});

onEveryDatabase("a required key cannot be unlinked, but what stays linked may be set", {
  models: blog,
}, async ({ db }) => {
  const { ada, bob, posts: [one, two, three, four] } = await fillBlog(db);
  const authors = db.repository(Author);
  await assert.rejects(
    authors.update(ada, { posts: { disconnect: { id: one } } }),
    (error: Error) =>
      error instanceof QueryError &&
      /Cannot unlink posts: Post.authorId must have a value/.test(error.message),
  );
  await assert.rejects(authors.update(ada, { posts: { set: [] } }), QueryError);
  assert.equal(await db.repository(Post).count({ where: { authorId: ada } }), 3);
  await authors.update(ada, {
    posts: { set: [{ id: one }, { id: two }, { id: three }, { id: four }] },
  });
  assert.equal(await db.repository(Post).count({ where: { authorId: ada } }), 4);
  assert.equal(await db.repository(Post).count({ where: { authorId: bob } }), 0);
});

onEveryDatabase("one-to-one: from the side without the key", { models: blog }, async ({ db }) => {
  const authors = db.repository(Author);
  const profiles = db.repository(Profile);
  const ada = await authors.create({ name: "ada", profile: { create: { bio: "a" } } });
  const bob = await authors.create({ name: "bob" });
  const bio = async (id: number) =>
    (await authors.findById(id, { include: { profile: true } }))?.profile?.bio ?? null;
  assert.equal(await bio(ada.id), "a");
  await authors.update(bob.id, { profile: { connect: { bio: "a" } } });
  assert.deepEqual([await bio(ada.id), await bio(bob.id)], [null, "a"]);
  await assert.rejects(authors.update(bob.id, { profile: { create: { bio: "b" } } }), QueryError);
  await assert.rejects(authors.update(bob.id, { profile: null }), QueryError);
  assert.equal(await profiles.count(), 1);
  await authors.update(ada.id, {
    profile: { connectOrCreate: { where: { bio: "z" }, create: { bio: "z" } } },
  });
  assert.equal(await bio(ada.id), "z");
});

onEveryDatabase("many-to-many: create, connect, connectOrCreate, disconnect and set", {
  models: blog,
}, async ({ db }) => {
  const { posts: [one] } = await fillBlog(db);
  const id = one!;
  const posts = db.repository(Post);
  assert.deepEqual(await tagsOf(db, id), ["js", "sql"]);
  await posts.update(id, { tags: { connect: [{ name: "idle" }, { name: "js" }] } });
  assert.deepEqual(await tagsOf(db, id), ["idle", "js", "sql"], "linked once, however often asked");
  await posts.update(id, { tags: { disconnect: { name: "js" } } });
  assert.deepEqual(await tagsOf(db, id), ["idle", "sql"]);
  await posts.update(id, { tags: { set: [{ name: "js" }, { name: "idle" }] } });
  assert.deepEqual(await tagsOf(db, id), ["idle", "js"]);
  await posts.update(id, { tags: { create: [{ name: "new" }] } });
  await posts.update(id, {
    tags: {
      connectOrCreate: [
        { where: { name: "sql" }, create: { name: "sql" } },
        { where: { name: "rust" }, create: { name: "rust" } },
      ],
    },
  });
  assert.deepEqual(await tagsOf(db, id), ["idle", "js", "new", "rust", "sql"]);
  await posts.update(id, { tags: { set: [] } });
  assert.deepEqual(await tagsOf(db, id), []);
  assert.equal(await db.repository(Tag).count(), 5);
  await db.repository(Tag).update("js", { posts: { connect: { id } } });
  assert.deepEqual(await tagsOf(db, id), ["js"]);
});

onEveryDatabase(
  "many are linked by as many statements as one",
  { models: blog },
  async ({ db }) => {
    const { posts: [one] } = await fillBlog(db);
    const id = one!;
    const posts = db.repository(Post);
    const names = Array.from({ length: 16 }, (_, i) => `t${i}`);
    await db.repository(Tag).createMany(names.slice(0, 8).map((name) => ({ name })));
    const links = names.slice(0, 8).map((name) => ({ name }));
    // The record, the tags, their links.
    await sends(db, 3, () => posts.update(id, { tags: { connect: links } }));
    const either = names.slice(4).map((name) => ({ where: { name }, create: { name } }));
    // Those that are there and their links, the new ones and theirs.
    await sends(db, 5, () => posts.update(id, { tags: { connectOrCreate: either } }));
    assert.deepEqual(await tagsOf(db, id), ["js", "sql", ...names].sort());
    await sends(db, 3, () => posts.update(id, { tags: { disconnect: links } }));
    assert.deepEqual(await tagsOf(db, id), ["js", "sql", ...names.slice(8)].sort());
    await assert.rejects(
      posts.update(id, { tags: { connect: [{ name: "js" }, { name: "no" }, { name: "sql" }] } }),
      NotFoundError,
    );
    const twice = { where: { name: "twice" }, create: { name: "twice" } };
    await posts.update(id, { tags: { connectOrCreate: [twice, twice] } });
    assert.ok((await tagsOf(db, id)).includes("twice"));
  },
);

onEveryDatabase(
  "a mapped join table gets its defaults, and set keeps what stays",
  { models: blog },
  async ({ db }) => {
    const { posts: [one] } = await fillBlog(db);
    const labellings = db.repository(Labelling);
    const links = await labellings.find({ where: { postId: one! }, include: { topic: true } });
    assert.deepEqual(links.map((each) => each.weight), [7, 7]);
    assert.ok(links[0]?.createdAt instanceof Date);
    await labellings.updateMany({ where: { topic: { title: "maths" } } }, { weight: 99 });
    await db.repository(Post).update(one!, {
      topics: { set: [{ title: "maths" }] },
    });
    const kept = await labellings.find({ where: { postId: one! } });
    assert.deepEqual(kept.map((each) => each.weight), [99]);
    await db.repository(Post).update(one!, { topics: { disconnect: { title: "maths" } } });
    assert.equal(await labellings.count({ where: { postId: one! } }), 0);
    assert.equal(await db.repository(Topic).count(), 2);
    const both = [{ title: "maths" }, { title: "maths" }, { OR: [{ title: "maths" }] }];
    await db.repository(Post).update(one!, { topics: { connect: both } });
    const again = await labellings.find({ where: { postId: one! } });
    assert.deepEqual(again.map((each) => each.weight), [7], "linked once");
  },
);

onEveryDatabase("relations to itself, in both directions", { models: blog }, async ({ db }) => {
  const authors = db.repository(Author);
  const root = await authors.create({
    name: "root",
    pupils: { create: [{ name: "a", pupils: { create: { name: "aa" } } }, { name: "b" }] },
  });
  const tree = await authors.findById(root.id, {
    include: { pupils: { orderBy: { name: "asc" }, include: { pupils: true, mentor: true } } },
  });
  assert.deepEqual(
    tree?.pupils.map((each) => [each.name, each.mentor?.name, each.pupils.map((one) => one.name)]),
    [["a", "root", ["aa"]], ["b", "root", []]],
  );
  const a = await authors.findOneOrThrow({ where: { name: "a" } });
  await authors.update(root.id, {
    follows: { connect: [{ name: "a" }, { name: "b" }] },
    followers: { connect: { name: "aa" } },
  });
  const found = await authors.findById(root.id, { include: { follows: true, followers: true } });
  assert.deepEqual(found?.follows.map((each) => each.name), ["a", "b"]);
  assert.deepEqual(found?.followers.map((each) => each.name), ["aa"]);
  await authors.update(a.id, { followers: { set: [] } });
  assert.equal(
    (await authors.findById(root.id, { include: { follows: true } }))?.follows.length,
    1,
  );
});

onEveryDatabase("composite keys: the part that is the record's own stays", {
  models: [Region, Town],
}, async ({ db }) => {
  const regions = db.repository(Region);
  const towns = db.repository(Town);
  const key = { country: "at", number: 1 };
  // The key's part that comes from the region may be left out, but its type does not tell so.
  const country = "at";
  await regions.create({
    ...key,
    name: "b",
    towns: { create: [{ country, name: "e" }, untyped({ name: "f" })] },
  });
  const names = async () =>
    (await regions.findById(key, { include: { towns: { orderBy: { name: "asc" } } } }))
      ?.towns.map((town) => town.name).join("");
  assert.equal(await names(), "ef");
  await regions.update(key, { towns: { disconnect: { name: "e" } } });
  assert.equal(await names(), "f");
  assert.deepEqual((await towns.findById({ country: "at", name: "e" }))?.regionNumber, null);
  await towns.update({ country: "at", name: "e" }, { region: { connect: key } });
  assert.equal(await names(), "ef");
  await towns.update({ country: "at", name: "f" }, { region: { disconnect: true } });
  assert.equal(await names(), "e");
  await towns.update({ country: "at", name: "f" }, { region: null });
  const town = await towns.findById({ country: "at", name: "e" }, { include: { region: true } });
  town!.region = null;
  await town!.save(db);
  assert.equal(await names(), "");
  await regions.update(key, { towns: { set: [{ name: "e" }, { name: "f" }] } });
  assert.equal(await names(), "ef");
});

onEveryDatabase("nested writes are one transaction, and none when there is no need", {
  models: blog,
}, async ({ db }) => {
  const seen: string[] = [];
  const end = db.onQuery(({ sql }) => void seen.push(sql.split(" ")[0]!.toUpperCase()));
  await db.repository(Author).create({ name: "a", posts: { create: { title: "p" } } });
  end();
  const begins = seen.filter((each) => each === "BEGIN").length;
  const commits = seen.filter((each) => each === "COMMIT").length;
  assert.ok(begins === commits && begins <= 1, seen.join(" "));
  assert.equal(seen.filter((each) => each === "INSERT").length, 2);
});

onEveryDatabase(
  "what is no nested write is refused with its place",
  { models: blog },
  async ({ db }) => {
    const authors = db.repository(Author);
    const { id } = await authors.create({ name: "a" });
    const refused = (posts: unknown, message: RegExp) =>
      assert.rejects(async () => await authors.update(id, untyped({ posts })), (error: Error) => {
        assert.ok(error instanceof QueryError, String(error));
        assert.match(error.message, message);
        return true;
      });
    await refused([{ title: "x" }], /Cannot write posts as a list/);
    await refused("x", /Cannot write posts/);
    await refused(null, /Cannot write posts/);
    await refused({ upsert: {} }, /Cannot write posts/);
    await refused({ connect: { nope: 1 } }, /"nope"/);
    await refused({ create: { nope: 1 } }, /"nope"/);
    await refused({ connectOrCreate: { where: { nope: 1 }, create: {} } }, /"nope"/);
    await assert.rejects(
      authors.create({ name: "b", posts: untyped({ disconnect: { id: 1 } }) }),
      /Cannot disconnect posts in a new record/,
    );
  },
);
