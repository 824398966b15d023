/** Deleting: for good, softly, with what depends on it. */
import assert from "node:assert/strict";
import {
  ForeignKeyViolationError,
  NotFoundError,
  StaleObjectError,
} from "../../src/base/errors.ts";
import {
  BaseModel,
  Column,
  DeletedAt,
  Entity,
  type Generated,
  ManyToOne,
  OneToMany,
  PrimaryKey,
} from "../../src/model/mod.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import {
  Author,
  blog,
  Comment,
  Document,
  fillBlog,
  Item,
  Post,
  Region,
  Town,
} from "./repository_models.ts";
import { sends, untyped } from "./repository_support.ts";

@Entity({ tableName: "folders" })
class Folder extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text" })
  name!: string;
  @OneToMany(() => Sheet, (sheet) => sheet.folder, { cascade: ["delete", "save"] })
  sheets!: Sheet[];
  @DeletedAt()
  deletedAt!: Date | null;
}

@Entity({ tableName: "sheets" })
class Sheet extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text" })
  name!: string;
  @ManyToOne(() => Folder, (folder) => folder.sheets)
  folder!: Folder;
  @DeletedAt()
  deletedAt!: Date | null;
}

onEveryDatabase(
  "delete() tells whether the record was there",
  { models: [Item, Region, Town] },
  async ({ db }) => {
    const items = db.repository(Item);
    const { id } = await items.create({ name: "a" });
    assert.equal(await sends(db, 1, () => items.delete(id)), true);
    assert.equal(await items.delete(id), false);
    const towns = db.repository(Town);
    await towns.createMany([{ country: "at", name: "a" }, { country: "at", name: "b" }]);
    assert.equal(await towns.delete({ country: "at", name: "a" }), true);
    assert.deepEqual((await towns.find()).map((each) => each.name), ["b"]);
  },
);

onEveryDatabase(
  "deleteMany() deletes what its filter says and counts",
  { models: blog },
  async ({ db }) => {
    await fillBlog(db);
    const tags = db.repository(Post);
    await db.repository(Comment).deleteMany({}, { hard: true });
    await db.execute("DELETE FROM posts_tags");
    await db.execute("DELETE FROM labellings");
    await db.execute("DELETE FROM comments");
    assert.equal(
      await sends(db, 1, () => tags.deleteMany({ where: { author: { name: "bob" } } })),
      1,
    );
    assert.equal(await tags.deleteMany({ where: { title: "none" } }), 0);
    await sends(db, 0, async () => {
      await assert.rejects(
        async () => await tags.deleteMany({ where: undefined }),
        /where is undefined/,
      );
      await assert.rejects(async () => await tags.deleteMany(untyped({ title: "one" })), /title/);
      await assert.rejects(async () => await tags.deleteMany(untyped(undefined)), /filter/);
    });
    assert.equal(await tags.deleteMany({}), 3);
  },
);

onEveryDatabase("a record that others point to stays", { models: blog }, async ({ db }) => {
  const { ada } = await fillBlog(db);
  await assert.rejects(db.repository(Author).delete(ada), ForeignKeyViolationError);
  assert.ok(await db.repository(Author).findById(ada));
});

onEveryDatabase("a softly deleted record is hidden everywhere and can be asked for", {
  models: [Folder, Sheet],
}, async ({ db }) => {
  const folders = db.repository(Folder);
  const { id } = await folders.create({ name: "a" });
  const kept = await folders.create({ name: "b" });
  const sheet = await db.repository(Sheet).create({
    name: "s",
    folder: { connect: { id: kept.id } },
  });
  await db.repository(Sheet).create({ name: "t", folder: { connect: { id: kept.id } } });
  assert.equal(await folders.delete(id), true);
  assert.equal(await folders.delete(id), false);
  assert.equal(await folders.findById(id), null);
  assert.equal(await folders.findOne({ where: { id } }), null);
  assert.equal(await folders.count(), 1);
  assert.equal(await folders.exists({ where: { name: "a" } }), false);
  assert.equal((await folders.findAll()).length, 1);
  assert.deepEqual((await folders.aggregate({ count: true })).count, 1);
  assert.equal((await folders.groupBy({ by: ["name"], count: true })).length, 1);
  assert.equal(await folders.updateMany({}, { name: "c" }), 1);
  await assert.rejects(folders.update(id, { name: "x" }), NotFoundError);
  assert.equal((await folders.findById(id, { withDeleted: true }))?.name, "a");
  assert.ok((await folders.findById(id, { withDeleted: true }))?.deletedAt instanceof Date);
  assert.equal(await folders.count({ withDeleted: true }), 2);
  // From the side that owns the key: a deleted folder is no folder.
  await db.execute("UPDATE folders SET deleted_at = '2020-01-01 00:00:00' WHERE id = $1", [
    kept.id,
  ]);
  const sheets = db.repository(Sheet);
  for (const strategy of ["join", "query"] as const) {
    const [found] = await sheets.find({
      where: { name: "s" },
      include: { folder: true },
      strategy,
    });
    assert.equal(found?.folder, null);
    const [all] = await sheets.find({ include: { folder: { withDeleted: true } }, strategy });
    assert.equal(all?.folder.name, "c");
  }
  assert.equal(await sheets.count({ where: { folder: { name: "c" } } }), 0);
  assert.equal(await sheets.count({ where: { folder: untyped(null) } }), 2);
  assert.equal(await sheets.count({ where: { folder: { isNot: untyped(null) } } }), 0);
  assert.equal(
    await folders.updateMany({ where: { id: kept.id }, withDeleted: true }, { deletedAt: null }),
    1,
  );
  assert.equal(await sheets.count({ where: { folder: { isNot: untyped(null) } } }), 2);
  assert.equal(await folders.delete(id, { hard: true }), true);
  assert.equal(await folders.count({ withDeleted: true }), 1);
  assert.equal(await sheets.deleteMany({ where: { id: sheet.id } }, { hard: true }), 1);
  assert.equal(await sheets.count({ withDeleted: true }), 1);
});

onEveryDatabase("saving what was read with a hidden relation does not unlink it", {
  models: [Folder, Sheet],
}, async ({ db }) => {
  const folder = await db.repository(Folder).create({ name: "a" });
  const sheets = db.repository(Sheet);
  const { id } = await sheets.create({ name: "s", folder: { connect: { id: folder.id } } });
  await db.execute("UPDATE folders SET deleted_at = '2020-01-01 00:00:00'");
  for (const strategy of ["join", "query"] as const) {
    const sheet = await sheets.findById(id, { include: { folder: true }, strategy });
    assert.equal(sheet?.folder, null);
    sheet!.name = strategy;
    await sheet!.save(db);
  }
  const found = await sheets.findById(id, { include: { folder: { withDeleted: true } } });
  assert.equal(found?.folder?.name, "a");
  assert.equal(found?.name, "query");
});

onEveryDatabase("cascade: delete goes down to the related records, all or none", {
  models: [Folder, Sheet],
}, async ({ db }) => {
  const folders = db.repository(Folder);
  const sheets = db.repository(Sheet);
  const { id } = await folders.create({
    name: "a",
    sheets: { create: [{ name: "s" }, { name: "t" }] },
  });
  const other = await folders.create({ name: "b", sheets: { create: [{ name: "u" }] } });
  assert.equal(await folders.delete(id), true);
  assert.deepEqual((await sheets.find()).map((each) => each.name), ["u"]);
  assert.equal(await sheets.count({ withDeleted: true }), 3);
  await assert.rejects(
    db.transaction(async (tx) => {
      await tx.repository(Folder).delete(other.id);
      throw new Error("no");
    }),
    /no/,
  );
  assert.equal(await sheets.count(), 1);
  const found = await folders.findById(other.id);
  await found!.delete(db);
  assert.equal(await sheets.count(), 0);
});

onEveryDatabase("cascade: delete for good takes softly deleted children along", {
  models: [Folder, Sheet],
}, async ({ db }) => {
  const folders = db.repository(Folder);
  const { id } = await folders.create({
    name: "a",
    sheets: { create: [{ name: "s" }, { name: "t" }] },
  });
  await db.repository(Sheet).deleteMany({ where: { name: "s" } });
  assert.equal(await folders.delete(id, { hard: true }), true);
  assert.equal(await db.repository(Sheet).count({ withDeleted: true }), 0);
});

onEveryDatabase(
  "delete() of an instance minds its version",
  { models: [Document] },
  async ({ db }) => {
    const documents = db.repository(Document);
    const document = await documents.create({ title: "a" });
    const stale = await documents.findById(document.id);
    await documents.update(document.id, { title: "b" });
    await assert.rejects(stale!.delete(db), StaleObjectError);
    const fresh = await documents.findById(document.id);
    await fresh!.delete(db);
    await assert.rejects(stale!.delete(db), NotFoundError);
    assert.equal(await documents.count(), 0);
  },
);

onEveryDatabase(
  "restore() brings softly deleted records back",
  { models: [Folder, Sheet] },
  async ({ db }) => {
    const folders = db.repository(Folder);
    await folders.createMany([{ name: "a" }, { name: "b" }, { name: "c" }]);
    await folders.deleteMany({ where: { name: { in: ["a", "b"] } } });
    assert.equal(await folders.restore({ where: { name: { in: ["a", "c"] } } }), 1);
    assert.deepEqual((await folders.findAll()).map((each) => each.name), ["a", "c"]);
    await assert.rejects(
      async () => await folders.restore({ where: undefined }),
      /where is undefined/,
    );
    assert.equal(await folders.restore({}), 1);
    assert.equal(await folders.count(), 3);
  },
);
