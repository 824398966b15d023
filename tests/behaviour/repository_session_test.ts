/** Repositories in transactions, of one's own making, and what followers of commits are told. */
import assert from "node:assert/strict";
import { ModelError, TransactionError, UniqueViolationError } from "../../src/base/errors.ts";
import type { Change } from "../../src/change/change.ts";
import type { Database } from "../../src/database/database.ts";
import type { Session } from "../../src/engine/session.ts";
import { Repository } from "../../src/repository/repository.ts";
import type { Loaded } from "../../src/repository/types.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import {
  Author,
  blog,
  Document,
  fillBlog,
  Item,
  Post,
  Region,
  Tag,
  Town,
} from "./repository_models.ts";
import { plain, untyped } from "./repository_support.ts";

class AuthorRepository extends Repository<Author> {
  constructor(session: Session) {
    super(session, Author);
  }

  adults(): Promise<Loaded<Author>[]> {
    return this.find({ where: { age: { gte: 30 } }, orderBy: { name: "asc" } });
  }

  async rename(id: number, name: string): Promise<Loaded<Author>> {
    return await this.update(id, { name });
  }
}

/** The form that the specification shows. */
class TagRepository extends Repository<Tag> {
  constructor(adapter: Database) {
    super(adapter, "tags", "name");
  }
}

onEveryDatabase(
  "a transaction is seen by nobody else before its commit",
  { models: [Item] },
  async ({ db }) => {
    const outside = db.repository(Item);
    await db.transaction(async (tx) => {
      const inside = tx.repository(Item);
      const { id } = await inside.create({ name: "a" });
      assert.equal((await inside.findById(id))?.name, "a");
      assert.equal(await inside.count(), 1);
      assert.equal(await outside.count(), 0);
      await inside.update(id, { name: "b" });
      assert.equal(await outside.exists({ where: { name: "b" } }), false);
    });
    assert.equal((await outside.findOne({}))?.name, "b");
  },
);

onEveryDatabase("what throws rolls back everything that repositories did", {
  models: [...blog, Item],
}, async ({ db }) => {
  await fillBlog(db);
  await assert.rejects(
    db.transaction(async (tx) => {
      await tx.repository(Author).create({ name: "new", posts: { create: { title: "p" } } });
      await tx.repository(Post).updateMany({}, { views: 0 });
      await tx.repository(Item).createMany(Array.from({ length: 300 }, () => ({ name: "x" })));
      await tx.repository(Tag).delete("idle");
      await tx.repository(Author).create({ name: "ada", email: "ada@x.org" });
    }),
    UniqueViolationError,
  );
  assert.equal(await db.repository(Author).count(), 3);
  assert.equal(await db.repository(Post).count({ where: { views: 0 } }), 0);
  assert.equal(await db.repository(Item).count(), 0);
  assert.equal(await db.repository(Tag).count(), 3);
});

onEveryDatabase("a nested transaction rolls back alone", { models: [Item] }, async ({ db }) => {
  await db.transaction(async (tx) => {
    await tx.repository(Item).create({ name: "outer" });
    await assert.rejects(
      tx.transaction(async (inner) => {
        await inner.repository(Item).create({ name: "inner" });
        throw new Error("no");
      }),
      /no/,
    );
    await tx.transaction(async (inner) => {
      await inner.repository(Item).create({ name: "second" });
    });
  });
  const found = await db.repository(Item).find({ orderBy: { id: "asc" } });
  assert.deepEqual(found.map((each) => each.name), ["outer", "second"]);
});

onEveryDatabase(
  "on() gives the same repository in a transaction",
  { models: blog },
  async ({ db }) => {
    await fillBlog(db);
    const authors = new AuthorRepository(db);
    assert.deepEqual((await authors.adults()).map((each) => each.name), ["ada"]);
    await assert.rejects(
      db.transaction(async (tx) => {
        const inside = authors.on(tx);
        assert.ok(inside instanceof AuthorRepository);
        const [ada] = await inside.adults();
        await inside.rename(ada!.id, "Ada");
        assert.deepEqual((await inside.adults()).map((each) => each.name), ["Ada"]);
        throw new Error("no");
      }),
      /no/,
    );
    assert.deepEqual((await authors.adults()).map((each) => each.name), ["ada"]);
  },
);

onEveryDatabase(
  "a repository of a table's name, as the specification has it",
  { models: blog },
  async ({ db }) => {
    const tags = new TagRepository(db);
    await tags.create({ name: "js", note: "n" });
    assert.deepEqual((await tags.findAll()).map(plain), [{ name: "js", note: "n" }]);
    assert.equal((await tags.findById("js"))?.note, "n");
    assert.equal((await tags.update("js", { note: "m" })).note, "m");
    assert.equal(await tags.delete("js"), true);
    assert.throws(() => new Repository(db, "no_such_table"), ModelError);
    assert.throws(() => new Repository(untyped({}), Tag), ModelError);
    assert.equal(db.repository(Tag), db.repository(Tag), "one object for each model");
  },
);

onEveryDatabase(
  "a transaction that has ended takes nothing more",
  { models: [Item] },
  async ({ db }) => {
    const repository = await db.transaction((tx) => Promise.resolve(tx.repository(Item)));
    await assert.rejects(repository.find(), TransactionError);
    await assert.rejects(repository.create({}), TransactionError);
    assert.equal(await db.repository(Item).count(), 0);
  },
);

const shown = ({ table, model, kind, key, before, after }: Change) => ({
  table,
  model,
  kind,
  key: plain(key),
  before: before && (plain(before) as { title?: string }).title,
  after: after && (plain(after) as { title?: string }).title,
});

onEveryDatabase(
  "followers are told of every kind of write, in order",
  { models: [Document] },
  async ({ db }) => {
    const told: Change[] = [];
    const positions: number[] = [];
    const end = db.onCommit(({ changes, position }) => {
      told.push(...changes);
      positions.push(position);
    });
    const documents = db.repository(Document);
    const first = await documents.create({ title: "a" });
    const change = (kind: string, id: number, titles: object = {}) => ({
      table: "documents",
      model: "Document",
      kind,
      key: { id },
      before: undefined,
      after: undefined,
      ...titles,
    });
    await documents.update(first.id, { title: "b" });
    await documents.createMany([{ title: "c" }, { title: "d" }]);
    await documents.updateMany({ where: { title: { in: ["c", "d"] } } }, { title: "e" });
    await documents.increment(first.id, { reads: 1 });
    const instance = (await documents.findById(first.id))!;
    instance.title = "f";
    await instance.save(db);
    await documents.upsert({
      where: { id: first.id },
      create: { title: "g" },
      update: { title: "h" },
    });
    await documents.delete(first.id);
    await documents.deleteMany({});
    assert.deepEqual(told.map(shown), [
      change("insert", 1, { after: "a" }),
      change("update", 1, { after: "b" }),
      change("insert", 2, { after: "c" }),
      change("insert", 3, { after: "d" }),
      change("update", 2, { after: "e" }),
      change("update", 3, { after: "e" }),
      change("update", 1),
      change("update", 1, { before: "b", after: "f" }),
      change("update", 1, { after: "h" }),
      change("delete", 1),
      change("delete", 2),
      change("delete", 3),
    ]);
    assert.deepEqual(positions, positions.map((_, i) => positions[0]! + i));
    end();
    await documents.create({ title: "z" });
    assert.equal(told.length, 12);
  },
);

onEveryDatabase("followers are told after the commit only, of what was committed only", {
  models: [Item],
}, async ({ db }) => {
  const batches: string[][] = [];
  db.onCommit(({ changes }) => batches.push(changes.map((each) => String(each.after?.name))));
  await db.transaction(async (tx) => {
    const items = tx.repository(Item);
    await items.create({ name: "a" });
    await tx.transaction((inner) => inner.repository(Item).create({ name: "b" }));
    await tx.transaction(async (inner) => {
      await inner.repository(Item).create({ name: "dropped" });
      throw new Error("no");
    }).catch(() => {});
    await items.create({ name: "c" });
    assert.deepEqual(batches, []);
  });
  assert.deepEqual(batches, [["a", "b", "c"]]);
  await db.transaction(async (tx) => {
    await tx.repository(Item).create({ name: "lost" });
    throw new Error("no");
  }).catch(() => {});
  assert.equal(batches.length, 1);
  await assert.rejects(db.repository(Item).create(untyped({ name: 5 })));
  await db.repository(Item).createMany([]);
  await db.repository(Item).deleteMany({ where: { name: "none" } });
  assert.equal(batches.length, 1, "nothing changed, nothing told");
});

onEveryDatabase("nested writes and cascades are one batch", { models: blog }, async ({ db }) => {
  const batches: string[][] = [];
  db.onCommit(({ changes }) => batches.push(changes.map((each) => `${each.kind} ${each.table}`)));
  await db.repository(Author).create({ name: "a", posts: { create: { title: "p" } } });
  assert.deepEqual(batches, [["insert authors", "insert posts"]]);
});

onEveryDatabase(
  "changes tell composite keys by property",
  { models: [Region, Town] },
  async ({ db }) => {
    const keys: unknown[] = [];
    db.onCommit(({ changes }) => keys.push(...changes.map((each) => plain(each.key))));
    const towns = db.repository(Town);
    await towns.create({ country: "at", name: "a" });
    await towns.updateMany({}, { regionNumber: null });
    await towns.deleteMany({});
    assert.deepEqual(keys, Array.from({ length: 3 }, () => ({ country: "at", name: "a" })));
  },
);

onEveryDatabase("concurrent transactions on a few connections all end", {
  models: [Document],
  open: { poolSize: 2 },
}, async ({ db }) => {
  const { id } = await db.repository(Document).create({ title: "a" });
  await Promise.all(Array.from({ length: 12 }, () =>
    db.transaction(async (tx) => {
      await tx.repository(Document).increment(id, { reads: 1 });
      await tx.repository(Document).create({ title: "b" });
    })));
  assert.equal((await db.repository(Document).findById(id))?.reads, 12);
  assert.equal(await db.repository(Document).count(), 13);
});
