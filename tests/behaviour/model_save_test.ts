/** Instances: save(), delete(), what they send, and what a rollback leaves. */
import assert from "node:assert/strict";
import { ModelError, NotFoundError, QueryError, StaleObjectError } from "../../src/base/errors.ts";
import {
  BaseModel,
  Column,
  Entity,
  type Generated,
  ManyToOne,
  OneToMany,
  OneToOne,
  PrimaryKey,
} from "../../src/model/mod.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { Author, blog, Document, fillBlog, Item, Post, Tag } from "./repository_models.ts";
import { plain, sends, untyped, watched } from "./repository_support.ts";

@Entity({ tableName: "orders" })
class Order extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "text" })
  customer!: string;
  @OneToMany(() => Line, (line) => line.order, { cascade: true })
  lines!: Line[];
  @OneToOne(() => Invoice, (invoice) => invoice.order, { cascade: ["save", "delete"] })
  invoice!: Invoice | null;
}

@Entity({ tableName: "lines" })
class Line extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "varchar", length: 5 })
  what!: string;
  @ManyToOne(() => Order, (order) => order.lines, { cascade: ["save"] })
  order!: Order;
}

@Entity({ tableName: "invoices" })
class Invoice extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "integer" })
  orderId!: number;
  @OneToOne(() => Order, (order) => order.invoice)
  order!: Order;
}

const shop = [Order, Line, Invoice];

onEveryDatabase(
  "save() inserts, then updates only what changed",
  { models: [Document] },
  async ({ db }) => {
    const document = Document.from({ title: "a", body: { words: ["x"] } });
    const inserted = await watched(db, () => document.save(db));
    assert.equal(inserted.events.length, 1);
    assert.match(inserted.events[0]!.sql, /^INSERT INTO/);
    assert.equal(document.id, 1);
    assert.equal(document.version, 1);
    assert.ok(document.createdAt instanceof Date);
    await sends(db, 0, () => document.save(db));
    document.title = "b";
    const { events } = await watched(db, () => document.save(db));
    assert.equal(events.length, 1);
    assert.match(
      events[0]!.sql,
      /^UPDATE "?documents"? SET "?title"? = [^,]*, "?updated_at"? = [^,]*, "?version"? = /,
    );
    assert.ok(
      !/SET.*(body|created_at|due|reads)/.test(
        events[0]!.sql.split("RETURNING")[0]!.split("WHERE")[0]!,
      ),
    );
    assert.equal(document.version, 2);
    document.title = "b";
    await sends(db, 0, () => document.save(db));
    const stored = await db.repository(Document).findById(document.id);
    assert.deepEqual(plain(stored), plain(document));
  },
);

onEveryDatabase(
  "values changed in place are noticed",
  { models: [Document, Item] },
  async ({ db }) => {
    const documents = db.repository(Document);
    const created = await documents.create({
      title: "a",
      body: { words: ["x"] },
      due: new Date(1000),
    });
    const found = await documents.findById(created.id);
    for (const document of [created, found!]) {
      await sends(db, 0, () => document.save(db));
    }
    const document = found!;
    document.body!.words.push("y");
    document.due!.setTime(2000);
    const { events } = await watched(db, () => document.save(db));
    assert.match(events[0]!.sql, /body/);
    assert.match(events[0]!.sql, /due/);
    const again = await documents.findById(created.id);
    assert.deepEqual(again?.body, { words: ["x", "y"] });
    assert.deepEqual(again?.due, new Date(2000));
    const items = db.repository(Item);
    const item = await items.create({ bytes: new Uint8Array([1, 2]) });
    item.bytes![0] = 9;
    await item.save(db);
    assert.deepEqual((await items.findById(item.id))?.bytes, new Uint8Array([9, 2]));
  },
);

onEveryDatabase("natural keys: save() inserts what is not stored, and a key may change", {
  models: blog,
}, async ({ db }) => {
  const tag = Tag.from({ name: "js" });
  await tag.save(db);
  tag.note = "n";
  await tag.save(db);
  tag.name = "ts";
  await tag.save(db);
  assert.deepEqual((await db.repository(Tag).find()).map(plain), [{ name: "ts", note: "n" }]);
});

onEveryDatabase(
  "what repositories give can be saved and deleted",
  { models: blog },
  async ({ db }) => {
    const { posts: [one] } = await fillBlog(db);
    const posts = db.repository(Post);
    const post = (await posts.findById(one!, { include: { editor: true, author: true } }))!;
    post.title = "new";
    post.author.name = "Ada";
    await sends(db, 1, () => post.save(db));
    assert.equal((await posts.findById(one!))?.title, "new");
    assert.equal((await posts.findById(one!, { include: { editor: true } }))?.editor?.name, "bob");
    assert.equal((await db.repository(Author).findById(post.authorId))?.name, "ada", "no cascade");
    post.editor = null;
    await post.save(db);
    assert.equal((await posts.findById(one!, { include: { editor: true } }))?.editor, null);
    const other = await db.repository(Author).findOneOrThrow({ where: { name: "cyd" } });
    post.author = untyped(other);
    await post.save(db);
    assert.equal(post.authorId, other.id);
    post.authorId = post.editor === null
      ? (await db.repository(Author).findOneOrThrow({ where: { name: "bob" } })).id
      : 0;
    await post.save(db);
    const stored = await posts.findById(one!, { include: { author: true } });
    assert.equal(stored?.author.name, "bob", "the key that was set by hand counts");
  },
);

onEveryDatabase(
  "delete() deletes, and then the instance is new again",
  { models: [Item] },
  async ({ db }) => {
    const item = Item.from({ name: "a" });
    await assert.rejects(() => item.delete(db), QueryError);
    await item.save(db);
    const twin = await db.repository(Item).findById(item.id);
    await sends(db, 1, () => item.delete(db));
    assert.equal(await db.repository(Item).count(), 0);
    await assert.rejects(() => item.delete(db), QueryError);
    await assert.rejects(() => twin!.delete(db), NotFoundError);
    twin!.name = "b";
    await assert.rejects(() => twin!.save(db), NotFoundError);
    await item.save(db);
    assert.equal(await db.repository(Item).count(), 1);
  },
);

onEveryDatabase(
  "a rollback takes back what save() and delete() noted",
  { models: [Document] },
  async ({ db }) => {
    const fresh = Document.from({ title: "a" });
    const stored = await db.repository(Document).create({ title: "s" });
    const gone = await db.repository(Document).create({ title: "g" });
    await assert.rejects(
      db.transaction(async (tx) => {
        await fresh.save(tx);
        fresh.title = "b";
        await fresh.save(tx);
        stored.title = "t";
        await stored.save(tx);
        assert.equal(stored.version, 2);
        await gone.delete(tx);
        throw new Error("no");
      }),
      /no/,
    );
    assert.equal(fresh.id, undefined);
    assert.equal(stored.version, 1);
    assert.equal(stored.title, "t", "what the caller wrote stays");
    await fresh.save(db);
    await stored.save(db);
    await gone.delete(db);
    const titles = (await db.repository(Document).find({ orderBy: { title: "asc" } })).map((each) =>
      each.title
    );
    assert.deepEqual(titles, ["b", "t"]);
    assert.equal(stored.version, 2);
  },
);

onEveryDatabase(
  "a savepoint's rollback takes back only its own",
  { models: [Document] },
  async ({ db }) => {
    const outer = Document.from({ title: "outer" });
    const inner = Document.from({ title: "inner" });
    await db.transaction(async (tx) => {
      await outer.save(tx);
      await tx.transaction(async (nested) => {
        await inner.save(nested);
        outer.title = "changed";
        await outer.save(nested);
        throw new Error("no");
      }).catch(() => {});
      assert.equal(inner.id, undefined);
      assert.equal(outer.version, 1);
      await outer.save(tx);
    });
    assert.deepEqual((await db.repository(Document).find()).map((each) => each.title), ["changed"]);
    await inner.save(db);
    assert.equal(await db.repository(Document).count(), 2);
  },
);

onEveryDatabase("a version protects save()", { models: [Document] }, async ({ db }) => {
  const documents = db.repository(Document);
  const first = await documents.create({ title: "a" });
  const second = (await documents.findById(first.id))!;
  first.title = "b";
  await first.save(db);
  second.title = "c";
  await assert.rejects(() => second.save(db), StaleObjectError);
  assert.equal(second.version, 1);
  assert.equal((await documents.findById(first.id))?.title, "b");
});

onEveryDatabase(
  "cascade: save goes to children, parents and back, all or none",
  { models: shop },
  async ({ db }) => {
    const order = Order.from({
      customer: "c",
      lines: [Line.from({ what: "x" }), Line.from({ what: "y" })],
      invoice: new Invoice(),
    });
    await order.save(db);
    assert.deepEqual(order.lines.map((line) => line.id), [1, 2]);
    assert.equal(order.invoice?.orderId, order.id);
    const stored =
      (await db.repository(Order).findById(order.id, { include: { lines: true, invoice: true } }))!;
    assert.deepEqual(stored.lines.map((line) => line.what), ["x", "y"]);
    stored.lines[0]!.what = "z";
    stored.lines.push(untyped(Line.from({ what: "new" })));
    const { events } = await watched(db, () => stored.save(db));
    assert.deepEqual(events.map((each) => each.sql.split(" ")[0]), ["UPDATE", "INSERT"]);
    const line = Line.from({ what: "up", order: Order.from({ customer: "d" }) });
    await line.save(db);
    const found = await db.repository(Line).findById(line.id, { include: { order: true } });
    assert.equal(found?.order.customer, "d");
    const bad = Order.from({
      customer: "e",
      lines: [Line.from({ what: "ok" }), Line.from({ what: "too long" })],
    });
    await assert.rejects(() => bad.save(db), /at most 5/);
    assert.equal(await db.repository(Order).count(), 2);
    assert.equal(bad.id, undefined);
    assert.equal(bad.lines[0]?.id, undefined);
  },
);

onEveryDatabase(
  "records that point to each other are saved once",
  { models: shop },
  async ({ db }) => {
    const order = Order.from({ customer: "c" });
    const line = Line.from({ what: "x", order });
    order.lines = [line];
    await order.save(db);
    assert.equal(await db.repository(Line).count(), 1);
    assert.equal(await db.repository(Order).count(), 1);
  },
);

onEveryDatabase("cascade: delete takes children along", { models: shop }, async ({ db }) => {
  const order = Order.from({
    customer: "c",
    lines: [Line.from({ what: "x" })],
    invoice: new Invoice(),
  });
  const other = Order.from({ customer: "d", lines: [Line.from({ what: "y" })] });
  await order.save(db);
  await other.save(db);
  await order.delete(db);
  assert.deepEqual((await db.repository(Line).find()).map((line) => line.what), ["y"]);
  assert.equal(await db.repository(Invoice).count(), 0);
});

onEveryDatabase(
  "a relation to what is not saved is an error without cascade",
  { models: blog },
  async ({ db }) => {
    const post = Post.from({ title: "a", author: Author.from({ name: "new" }) });
    await sends(
      db,
      0,
      () =>
        assert.rejects(
          () => post.save(db),
          (error: Error) =>
            error instanceof QueryError && /author is not saved yet/.test(error.message),
        ),
    );
    await post.author.save(db);
    await post.save(db);
    assert.equal(post.authorId, post.author.id);
  },
);

onEveryDatabase("save() takes a database or a transaction", { models: [Item] }, async ({ db }) => {
  const item = Item.from({ name: "a" });
  await assert.rejects(() => item.save(untyped({})), ModelError);
  await assert.rejects(() => item.save(untyped(undefined)), ModelError);
  await using tx = await db.beginTransaction();
  await item.save(tx);
  await tx.commit();
  assert.equal(await db.repository(Item).count(), 1);
});
