/**
 * Rows R3, R5, R6, R14 and M1 to M7 of the specification: the model layer.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  BaseModel,
  Column,
  type CommitBatch,
  Entity,
  type Generated,
  ModelError,
  ModelRegistry,
  PrimaryKey,
  ValidationError,
} from "@rex/orm";
import { onEveryDatabase } from "../targets/databases.ts";
import { Category, models, Post, Profile, Tag, User } from "./blog_models.ts";

onEveryDatabase(
  "R3: records are created, read, updated and deleted",
  { models },
  async ({ db }) => {
    const user = User.from({ name: "Ada", email: "ada@example.org" });
    await user.save(db);
    assert.equal(typeof user.id, "number");
    const users = db.repository(User);
    assert.equal((await users.findById(user.id))?.name, "Ada");
    await users.update(user.id, { name: "Ada L." });
    assert.equal((await users.findById(user.id))?.name, "Ada L.");
    assert.equal(await users.delete(user.id), true);
    assert.equal(await users.findById(user.id), null);
  },
);

onEveryDatabase("R5: tables are created from the models", {}, async ({ db }) => {
  await db.schema.create({ models });
  await db.execute("SELECT id, name, email, age FROM users");
  await db.execute("SELECT id, title, user_id FROM posts");
  await db.schema.drop({ models });
  await assert.rejects(db.execute("SELECT id FROM users"), { code: "REX_SYNTAX" });
});

onEveryDatabase("R6: relations of all four kinds load, eagerly and on request", {
  models,
}, async ({ db }) => {
  const ada = await db.repository(User).create({
    name: "Ada",
    email: "ada@example.org",
    profile: { create: { bio: "Countess" } },
    posts: { create: [{ title: "One", tags: { create: [{ name: "maths" }] } }] },
  });
  const users = db.repository(User);
  const eager = await users.findById(ada.id, {
    include: { profile: true, posts: { include: { tags: true, user: true } } },
  });
  assert.equal(eager?.profile?.bio, "Countess");
  assert.deepEqual(eager?.posts.map((post) => post.tags.map((tag) => tag.name)), [["maths"]]);
  assert.equal(eager?.posts[0]?.user.name, "Ada");
  const [lazy] = await users.load(await users.findAll(), { posts: true });
  assert.equal(lazy?.posts[0]?.title, "One");
  const root = await db.repository(Category).create({
    name: "root",
    children: { create: [{ name: "a" }, { name: "b" }] },
  });
  const tree = await db.repository(Category).findById(root.id, {
    include: { children: { orderBy: { name: "asc" } } },
  });
  assert.deepEqual(tree?.children.map((child) => child.name), ["a", "b"]);
});

Deno.test("R14: validation rules on properties report every failure together", () => {
  const user = User.from({ name: "", email: "not an address" });
  assert.throws(() => user.validate(), (error) => {
    assert(error instanceof ValidationError);
    assert.deepEqual(error.issues.map((issue) => issue.message), [
      "Name cannot be empty",
      "Invalid email format",
      "Email cannot have spaces",
    ]);
    assert.deepEqual(error.issues[1]?.path, ["email"]);
    return true;
  });
});

Deno.test("M1: @Entity maps a class to a table and registers it", () => {
  assert.equal(ModelRegistry.getModelMetadata(User).tableName, "users");
  assert(ModelRegistry.getAllModels().includes(User));
});

@Entity({ tableName: "settings" })
class Setting extends BaseModel {
  @PrimaryKey({ type: "varchar", length: 40, generated: false })
  key!: string;

  @Column({ type: "varchar", length: 20, unique: true, nullable: true })
  label!: string | null;

  @Column({ type: "integer", default: 7 })
  weight!: Generated<number>;

  @Column({ type: "boolean", default: true })
  active!: Generated<boolean>;
}

onEveryDatabase("M2: @Column has type, length, unique, nullable and default", {
  models: [Setting],
}, async ({ db }) => {
  const stored = await db.repository(Setting).create({ key: "a", label: "x" });
  assert.deepEqual({ ...stored }, { key: "a", label: "x", weight: 7, active: true });
  await assert.rejects(db.repository(Setting).create({ key: "b", label: "x" }), {
    code: "REX_UNIQUE_VIOLATION",
  });
  await assert.rejects(db.repository(Setting).create({ key: "c", label: "y".repeat(21) }), {
    code: "REX_VALIDATION",
  });
  await db.repository(Setting).create({ key: "d", label: null });
});

@Entity({ tableName: "seats" })
class Seat extends BaseModel {
  @PrimaryKey({ type: "integer", generated: false })
  row!: number;

  @PrimaryKey({ type: "integer", generated: false })
  place!: number;

  @Column({ type: "varchar", nullable: true })
  guest!: string | null;
}

onEveryDatabase("M3: keys are generated, natural or composite", {
  models: [...models, Seat],
}, async ({ db }) => {
  const first = await db.repository(User).create({ name: "A", email: "a@b.c" });
  const second = await db.repository(User).create({ name: "B", email: "b@b.c" });
  assert(second.id > first.id);
  await db.repository(Tag).create({ name: "natural" });
  assert.equal((await db.repository(Tag).findById("natural"))?.name, "natural");
  const seats = db.repository(Seat);
  await seats.createMany([{ row: 1, place: 1 }, { row: 1, place: 2 }]);
  await seats.update({ row: 1, place: 2 }, { guest: "Grace" });
  assert.equal((await seats.findById({ row: 1, place: 2 }))?.guest, "Grace");
  assert.equal((await seats.findById({ row: 1, place: 1 }))?.guest, null);
});

onEveryDatabase("M4: both directions of a relation load, write and cascade", {
  models,
}, async ({ db }) => {
  const ada = await db.repository(User).create({ name: "Ada", email: "a@b.c" });
  const post = await db.repository(Post).create({
    title: "T",
    user: { connect: { id: ada.id } },
    tags: { create: [{ name: "x" }, { name: "y" }] },
  });
  const tag = await db.repository(Tag).findById("x", {
    include: { posts: { include: { user: true } } },
  });
  assert.equal(tag?.posts[0]?.user.name, "Ada");
  await db.repository(Profile).create({ bio: "b", user: { connect: { id: ada.id } } });
  assert.equal(await db.repository(User).count({ where: { profile: { bio: "b" } } }), 1);
  await db.repository(Profile).deleteMany({});
  await db.repository(Post).update(post.id, { tags: { set: [] } });
  await db.repository(User).delete(ada.id);
  assert.equal(await db.repository(Post).count(), 0);
});

onEveryDatabase("M5: rules run on save() and on every repository write", {
  models,
}, async ({ db }) => {
  const users = db.repository(User);
  const invalid = { code: "REX_VALIDATION" };
  await assert.rejects(User.from({ name: "", email: "x" }).save(db), invalid);
  await assert.rejects(users.create({ name: "", email: "a@b.c" }), invalid);
  await assert.rejects(users.createMany([{ name: "x", email: "nope" }]), invalid);
  const good = await users.create({ name: "Ada", email: "a@b.c" });
  await assert.rejects(users.update(good.id, { email: "nope" }), invalid);
  await assert.rejects(users.updateMany({}, { name: "" }), invalid);
  assert.equal(await users.count(), 1);
});

Deno.test("M6: the registry knows every model and refuses strangers", () => {
  class Stranger {}
  assert.throws(
    () => ModelRegistry.getModelMetadata(Stranger),
    (error) => error instanceof ModelError && /Stranger/.test(error.message),
  );
  const { columns, primaryKey, relations } = ModelRegistry.getModelMetadata(User);
  assert.equal([...columns].length, 4);
  assert(primaryKey !== undefined);
  assert.deepEqual([...relations.keys()].sort(), ["posts", "profile"]);
});

onEveryDatabase("M7: save() inserts, updates what changed, and tells after the commit", {
  models,
}, async ({ db }) => {
  const told: CommitBatch[] = [];
  db.onCommit((batch) => told.push(batch));
  const sent: string[] = [];
  db.onQuery((event) => sent.push(event.sql));
  const user = User.from({ name: "Ada", email: "a@b.c" });
  await user.save(db);
  assert.equal(typeof user.id, "number");
  user.name = "Ada L.";
  await user.save(db);
  const update = sent.at(-1) ?? "";
  assert.match(update, /^UPDATE users SET name = \$1 WHERE/);
  const before = sent.length;
  await user.save(db);
  assert.equal(sent.length, before);
  assert.deepEqual(told.map((batch) => batch.changes.map((change) => change.kind)), [
    ["insert"],
    ["update"],
  ]);
  await assert.rejects(db.transaction(async (tx) => {
    await User.from({ name: "B", email: "b@b.c" }).save(tx);
    throw new Error("no");
  }));
  assert.equal(told.length, 2);
  await user.delete(db);
  assert.equal(told.at(-1)?.changes[0]?.kind, "delete");
});
