/** What a process commits itself, as its change feed tells it. */
import assert from "node:assert/strict";
import type { ChangeBatch, RowChange } from "../../src/change/source.ts";
import type { Database } from "../../src/database/database.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import {
  BaseModel,
  Column,
  Entity,
  type Generated,
  ManyToOne,
  PrimaryKey,
} from "../../src/model/mod.ts";
import { Author, blog, Post, Tag } from "./repository_models.ts";

/** Runs `work` and gives what the feed told of it. */
async function told(db: Database, work: () => Promise<unknown>): Promise<ChangeBatch[]> {
  const feed = await db.feed();
  const batches: ChangeBatch[] = [];
  const end = feed.subscribe({
    batch: (batch) => void batches.push(batch),
    reset: (reason) => assert.fail(reason),
  });
  await work();
  const mark = (await feed.source.markOf(db))();
  assert.equal(await feed.delivered(mark), true);
  end();
  return batches;
}

function keys(changes: readonly RowChange[]): unknown[] {
  return changes.map(({ table, kind, before, after }) => [table, kind, (after ?? before)?.id]);
}

onEveryDatabase(
  "repositories and models tell the keys they write",
  { models: blog },
  async ({ db }) => {
    const batches = await told(db, async () => {
      const ada = await db.repository(Author).create({ name: "ada" });
      await db.transaction(async (tx) => {
        const posts = tx.repository(Post);
        const { id } = await posts.create({ title: "One", authorId: ada.id });
        await posts.update(id, { title: "Two" });
        await tx.transaction(async (inner) => {
          await inner.repository(Post).create({ title: "Three", authorId: ada.id });
          throw new Error("undo this");
        }).catch(() => {});
      });
      await db.repository(Author).updateMany({ where: { name: "ada" } }, { name: "bab" });
    });
    assert.deepEqual(batches.map(({ changes }) => keys(changes)), [
      [["authors", "insert", 1]],
      [["posts", "insert", 1], ["posts", "update", 1]],
      [["authors", "update", 1]],
    ]);
    assert.deepEqual(batches.map(({ unseen }) => unseen), [undefined, undefined, undefined]);
  },
);

onEveryDatabase(
  "tables that are written in other ways are named",
  { models: blog },
  async ({ db }) => {
    const { id } = await db.repository(Author).create({ name: "ada" });
    const post = await db.repository(Post).create({ title: "One", authorId: id });
    const batches = await told(db, async () => {
      await db.insertInto(Tag).values({ name: "sql" }).execute();
      await db.transaction(async (tx) => {
        await tx.deleteFrom(Tag).where((t) => t.name.eq("none")).execute();
        await tx.update(Author).set({ name: "bab" }).where((t) => t.id.eq(id)).execute();
      });
      await db.repository(Post).update(post.id, { tags: { connect: [{ name: "sql" }] } });
      await db.execute("UPDATE authors SET name = 'cid'");
      await db.execute("SELECT 1");
      await db.query(Tag).select((t) => ({ name: t.name })).execute();
    });
    assert.deepEqual(batches.map(({ unseen }) => unseen), [
      ["tags"],
      ["tags", "authors"],
      ["posts_tags"],
      "all",
    ]);
  },
);

@Entity({ tableName: "shelves" })
class Shelf extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
}

@Entity({ tableName: "books" })
class Book extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "integer" })
  shelfId!: number;
  @ManyToOne(() => Shelf, undefined, { onDelete: "cascade" })
  shelf!: Shelf;
}

onEveryDatabase(
  "tables that cascades reach are named",
  { models: [Shelf, Book] },
  async ({ db }) => {
    const { id } = await db.repository(Shelf).create({});
    await db.repository(Book).create({ shelfId: id });
    const batches = await told(db, () => db.repository(Shelf).delete(id));
    assert.deepEqual(keys(batches[0]!.changes), [["shelves", "delete", id]]);
    assert.deepEqual(batches[0]!.unseen, ["books"]);
  },
);

onEveryDatabase(
  "what is rolled back is not told",
  { models: blog, rewrite: false },
  async ({ db }) => {
    const batches = await told(db, async () => {
      await db.transaction(async (tx) => {
        await tx.repository(Author).create({ name: "ada" });
        await tx.execute("UPDATE authors SET name = 'cid'");
        throw new Error("undo this");
      }).catch(() => {});
    });
    assert.deepEqual(batches, []);
  },
);

onEveryDatabase(
  "a feed is set up once, and ends with its database",
  { rewrite: false },
  async ({ db }) => {
    const feed = await db.feed({ source: "process" });
    assert.equal(await db.feed(), feed);
    await assert.rejects(db.feed({ source: "log" }), /it is open already/);
    await db.disconnect();
    assert.equal(feed.stats().running, false);
    await db.connect();
    assert.notEqual(await db.feed(), feed);
  },
);
