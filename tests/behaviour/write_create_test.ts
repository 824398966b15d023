/** New records: defaults, generated keys, many at once. */
import assert from "node:assert/strict";
import {
  CheckViolationError,
  ForeignKeyViolationError,
  NotNullViolationError,
  QueryError,
  UniqueViolationError,
  ValidationError,
} from "../../src/base/errors.ts";
import {
  BaseModel,
  Column,
  CreatedAt,
  Entity,
  type Generated,
  PrimaryKey,
} from "../../src/model/mod.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { Author, blog, Item, Tag, Topic } from "./repository_models.ts";
import { plain, sends, untyped, watched } from "./repository_support.ts";

let made = 0;

@Entity({ tableName: "notes", checks: [{ name: "ck_notes_stars", sql: "stars <= 5" }] })
class Note extends BaseModel {
  @PrimaryKey({ type: "bigint" })
  id!: Generated<bigint>;
  @Column({ type: "text" })
  text!: string;
  @Column({ type: "integer", default: () => ++made })
  serial!: Generated<number>;
  @Column({ type: "integer", defaultSql: "1 + 2" })
  stars!: Generated<number>;
  @Column({ type: "varchar", default: "draft" })
  state!: Generated<"draft" | "done">;
  @Column({ type: "jsonb", default: () => ({ tags: [] }) })
  data!: Generated<{ tags: string[] }>;
  @Column({ type: "text", nullable: true })
  remark!: string | null;
  @CreatedAt()
  createdAt!: Generated<Date>;
}

const models = [Note];

onEveryDatabase(
  "create() gives the stored record with all that was filled in",
  { models },
  async ({ db }) => {
    made = 0;
    const notes = db.repository(Note);
    const before = Date.now() - 1;
    const note = await sends(db, 1, () => notes.create({ text: "a" }));
    assert.ok(note instanceof Note);
    assert.equal(note.id, 1n);
    assert.equal(note.serial, 1);
    assert.equal(note.stars, 3);
    assert.equal(note.state, "draft");
    assert.deepEqual(note.data, { tags: [] });
    assert.equal(note.remark, null);
    assert.ok(note.createdAt.getTime() >= before && note.createdAt.getTime() <= Date.now() + 1);
    assert.deepEqual(plain(await notes.findById(note.id)), plain(note));
    const given = await notes.create({
      text: "b",
      serial: 9,
      stars: 1,
      state: "done",
      createdAt: new Date("2020-01-01T00:00:00Z"),
      remark: undefined,
    });
    assert.deepEqual(plain(given), {
      id: 2n,
      text: "b",
      serial: 9,
      stars: 1,
      state: "done",
      data: { tags: [] },
      remark: null,
      createdAt: new Date("2020-01-01T00:00:00Z"),
    });
  },
);

onEveryDatabase(
  "keys are numbered, made or natural",
  { models: [...blog, Note] },
  async ({ db }) => {
    const topic = await db.repository(Topic).create({ title: "x" });
    assert.match(topic.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const own = "00000000-0000-4000-8000-000000000001";
    assert.equal((await db.repository(Topic).create({ id: own, title: "y" })).id, own);
    assert.equal((await db.repository(Tag).create({ name: "js" })).name, "js");
    const notes = db.repository(Note);
    assert.equal(
      (await notes.create({ id: 9007199254740993n, text: "big" })).id,
      9007199254740993n,
    );
    assert.equal((await notes.findById(9007199254740993n))?.text, "big");
  },
);

onEveryDatabase(
  "create() with nothing to say inserts the defaults",
  { models: [Item] },
  async ({ db }) => {
    const items = db.repository(Item);
    const first = await items.create({});
    const second = await items.create({});
    assert.equal(second.id, first.id + 1);
    assert.equal(await items.createMany([{}, {}, {}]), 3);
    assert.equal(await items.count(), 5);
  },
);

onEveryDatabase("createMany() takes none, one and a thousand", { models }, async ({ db }) => {
  const notes = db.repository(Note);
  assert.equal(await sends(db, 0, () => notes.createMany([])), 0);
  assert.deepEqual(await sends(db, 0, () => notes.createManyReturning([])), []);
  assert.equal(await sends(db, 1, () => notes.createMany([{ text: "one" }])), 1);
  const many = Array.from({ length: 1000 }, (_, i) => ({ text: `n${i}`, serial: i }));
  const { result, events } = await watched(db, () => notes.createMany(many));
  assert.equal(result, 1000);
  assert.ok(events.length <= 10, `${events.length} statements`);
  assert.equal(await notes.count(), 1001);
  const { sum, min, max } = await notes.aggregate({
    sum: ["serial"],
    min: ["serial"],
    max: ["serial"],
    where: { text: { startsWith: "n" }, state: "draft", stars: 3 },
  });
  assert.deepEqual([sum.serial, min.serial, max.serial], [499500, 0, 999]);
});

onEveryDatabase("createMany() keeps under the limit of parameters", {
  models: [Item],
  rewrite: false,
}, async ({ db, target }) => {
  const items = db.repository(Item);
  const rows = Array.from({ length: 12_000 }, (_, i) => ({
    name: `n${i}`,
    amount: i,
    big: BigInt(i),
    price: `${i}.5`,
    ratio: i / 2,
    active: i % 2 === 0,
    at: new Date(i),
    day: "2020-01-01",
  }));
  const { events } = await watched(db, () => items.createMany(rows));
  for (const { parameters } of events) {
    assert.ok(parameters.length <= target.capabilities.maxParameters);
  }
  assert.equal(await items.count(), 12_000);
  const last = await items.findOneOrThrow({ where: { amount: 11_999 } });
  assert.deepEqual(plain(last), { ...plain(await items.findById(last.id)) as object });
  assert.equal(last.price, "11999.5000");
  assert.deepEqual(last.at, new Date(11_999));
});

onEveryDatabase(
  "createManyReturning() keeps the order, also where columns differ",
  { models },
  async ({ db }) => {
    const notes = db.repository(Note);
    const inputs = Array.from({ length: 700 }, (_, i) => ({
      text: `n${i}`,
      ...i % 2 === 0 && { stars: i % 5 },
      ...i % 3 === 0 && { remark: null },
      ...i % 5 === 0 && { remark: `r${i}` },
    }));
    const stored = await notes.createManyReturning(inputs);
    assert.deepEqual(stored.map((each) => each.text), inputs.map((each) => each.text));
    assert.deepEqual(stored.map((each) => each.stars), inputs.map((each) => each.stars ?? 3));
    assert.deepEqual(stored.map((each) => each.remark), inputs.map((each) => each.remark ?? null));
    assert.equal(new Set(stored.map((each) => each.id)).size, 700);
    assert.ok(stored[0] instanceof Note);
    const read = await notes.findById(stored[699]!.id);
    assert.deepEqual(plain(read), plain(stored[699]));
  },
);

onEveryDatabase(
  "one bad row, and nothing of createMany() is stored",
  { models },
  async ({ db }) => {
    const notes = db.repository(Note);
    const rows = (bad: object) => [
      ...Array.from({ length: 600 }, (_, i) => ({ text: `n${i}` })),
      { text: "bad", ...bad },
    ];
    await assert.rejects(notes.createMany(rows({ stars: 6 })), CheckViolationError);
    await assert.rejects(notes.createManyReturning(rows({ stars: 6 })), CheckViolationError);
    await sends(
      db,
      0,
      () => assert.rejects(notes.createMany(untyped(rows({ text: 5 }))), ValidationError),
    );
    assert.equal(await notes.count(), 0);
  },
);

onEveryDatabase(
  "a broken constraint is an error of its own, without the value",
  { models: blog },
  async ({ db }) => {
    const authors = db.repository(Author);
    await authors.create({ name: "ada", email: "hidden@x.org" });
    await assert.rejects(authors.create({ name: "eve", email: "hidden@x.org" }), (error: Error) => {
      assert.ok(error instanceof UniqueViolationError);
      assert.deepEqual(error.columns, ["email"]);
      assert.equal(error.table, "authors");
      assert.ok(!error.message.includes("hidden"));
      assert.match(error.query ?? "", /INSERT INTO/i);
      return true;
    });
    await assert.rejects(
      db.repository(Author).create({ name: "x", mentor: { connect: { id: 999 } } }),
      ForeignKeyViolationError,
    );
    await assert.rejects(
      db.execute("INSERT INTO authors (email) VALUES ('x')"),
      NotNullViolationError,
    );
  },
);

onEveryDatabase(
  "a value for what the model does not have is refused",
  { models },
  async ({ db }) => {
    const notes = db.repository(Note);
    await sends(db, 0, async () => {
      await assert.rejects(
        notes.create(untyped({ text: "a", nope: 1 })),
        (error: Error) => error instanceof QueryError && /"nope"/.test(error.message),
      );
      await assert.rejects(notes.createMany(untyped([{ text: "a", nope: 1 }])), QueryError);
      await assert.rejects(notes.create(untyped(null)), QueryError);
      await assert.rejects(notes.create(untyped({})), ValidationError);
    });
  },
);

onEveryDatabase("createMany() stores what its list held when it was called", { models }, async ({
  db,
}) => {
  const notes = db.repository(Note);
  const rows = Array.from({ length: 1_500 }, (_, i) => ({ text: `t${i}`, stars: i % 5 }));
  const writing = notes.createMany(rows);
  rows.length = 0;
  assert.equal(await writing, 1_500);
  const stored = await notes.find({ select: ["text", "stars"], orderBy: { id: "asc" } });
  assert.deepEqual(
    stored,
    Array.from({ length: 1_500 }, (_, i) => ({ text: `t${i}`, stars: i % 5 })),
  );
});

onEveryDatabase(
  "rows whose keys come in other orders are told apart",
  { models },
  async ({ db }) => {
    const notes = db.repository(Note);
    const inherited = Object.create({ state: "done" }, {
      text: { value: "d", enumerable: true },
    });
    await notes.createMany([
      { text: "a", stars: 1 },
      { stars: 2, text: "b" },
      { text: "c", stars: undefined },
      inherited,
      { text: "e", stars: 3, remark: "r" },
    ]);
    const stored = await notes.find({
      select: ["text", "stars", "state", "remark"],
      orderBy: { text: "asc" },
    });
    assert.deepEqual(stored.map(Object.values), [
      ["a", 1, "draft", null],
      ["b", 2, "draft", null],
      ["c", 3, "draft", null],
      ["d", 3, "draft", null],
      ["e", 3, "draft", "r"],
    ]);
  },
);
