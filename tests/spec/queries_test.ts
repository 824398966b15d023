/**
 * Rows R4 and Q1 to Q8 of the specification: the query builders. `tests/behaviour` has more of Q8.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  BaseModel,
  Column,
  cte,
  Entity,
  fn,
  fullText,
  type Generated,
  PrimaryKey,
  QueryBuilder,
  QueryError,
  recursiveCte,
  UnsupportedError,
} from "@rex/orm";
import { onEveryDatabase } from "../targets/databases.ts";
import { models, User } from "./blog_models.ts";

async function withPeople(db: Parameters<Parameters<typeof onEveryDatabase>[2]>[0]["db"]) {
  await db.repository(User).createMany([
    { name: "Ada", email: "ada@x.org", age: 36 },
    { name: "Bob", email: "bob@x.org", age: 17 },
    { name: "Cy", email: "cy@x.org", age: 40 },
  ]);
  await db.execute("INSERT INTO posts (title, user_id) SELECT 'Post of ' || name, id FROM users");
}

onEveryDatabase(
  "R4: the builder is fluent, chainable and parameterised",
  { models },
  async ({ db }) => {
    await withPeople(db);
    const { rows } = await new QueryBuilder()
      .select(["name"]).from("users").where("age", ">", 18).orderBy("name", "DESC").execute(db);
    assert.deepEqual(rows, [{ name: "Cy" }, { name: "Ada" }]);
  },
);

onEveryDatabase("Q1: select compiles to the specification's text", { models }, async ({ db }) => {
  const built = await new QueryBuilder()
    .select(["id", "name"]).from("users").where("age", ">", 18).orderBy("name").limit(10).build(db);
  assert.deepEqual(built, {
    query: "SELECT id, name FROM users WHERE age > $1 ORDER BY name LIMIT 10",
    params: [18],
  });
  const twice = await new QueryBuilder()
    .select("id").from("users").where("age", ">", 18).where("name", "=", "Ada").orWhere(
      "id",
      "=",
      1,
    )
    .groupBy("id").having("COUNT(id)", ">", 0).offset(1).limit(2).build(db);
  assert.match(twice.query, /WHERE \(?age > \$1 AND name = \$2\)? OR id = \$3 GROUP BY id HAVING/);
});

onEveryDatabase("Q2: insert, update and delete compile and run", { models }, async ({ db }) => {
  const insert = new QueryBuilder().insert("users", {
    name: "John Doe",
    email: "john@example.com",
  });
  assert.deepEqual(await insert.clone().build(db), {
    query: "INSERT INTO users (name, email) VALUES ($1, $2)",
    params: ["John Doe", "john@example.com"],
  });
  assert.equal((await insert.execute(db)).rowCount, 1);
  const update = new QueryBuilder().update("users", { name: "Jane Doe" }).where("id", "=", 1);
  assert.deepEqual(await update.clone().build(db), {
    query: "UPDATE users SET name = $1 WHERE id = $2",
    params: ["Jane Doe", 1],
  });
  assert.equal((await update.execute(db)).rowCount, 1);
  const remove = new QueryBuilder().delete("users").where("id", "=", 1);
  assert.deepEqual(await remove.clone().build(db), {
    query: "DELETE FROM users WHERE id = $1",
    params: [1],
  });
  assert.equal((await remove.execute(db)).rowCount, 1);
  const many = await new QueryBuilder()
    .insert("users", [{ name: "A", email: "a@x.org" }, { name: "B", email: "b@x.org" }])
    .returning(["name"]).execute(db);
  assert.deepEqual(many.rows, [{ name: "A" }, { name: "B" }]);
});

onEveryDatabase("Q3: joins take aliases and a condition", { models }, async ({ db }) => {
  await withPeople(db);
  const { rows } = await new QueryBuilder()
    .select(["u.name AS userName", "p.title AS postTitle"])
    .from("users u").join("posts p", "u.id = p.user_id", "LEFT").orderBy("u.name").limit(1)
    .execute(db);
  assert.deepEqual(rows, [{ userName: "Ada", postTitle: "Post of Ada" }]);
});

onEveryDatabase("Q4: nested queries keep their parameters in order, an empty list is false", {
  models,
}, async ({ db }) => {
  await withPeople(db);
  const adults = new QueryBuilder();
  adults.select("id").from("users").where("age", ">", 18);
  const main = new QueryBuilder().select("*").from("posts")
    .where("title", "LIKE", "Post%").whereSubquery("user_id", "IN", adults)
    .where("id", "<", 100);
  const built = await main.clone().build(db);
  assert.deepEqual(built.params, ["Post%", 18, 100]);
  assert.equal((await main.execute(db)).rows.length, 2);
  const none = await new QueryBuilder().select("id").from("users").whereIn("id", []).execute(db);
  assert.deepEqual(none.rows, []);
});

onEveryDatabase("Q5: aggregates and aliases", { models }, async ({ db }) => {
  await withPeople(db);
  const { rows } = await new QueryBuilder()
    .select(["COUNT(id) AS total_posts"]).from("posts").where("user_id", "=", 1).execute(db);
  assert.deepEqual(rows, [{ total_posts: 1 }]);
});

onEveryDatabase("Q6: raw parts are explicit, build does not run, a builder can be reused", {
  models,
}, async ({ db }) => {
  await withPeople(db);
  const builder = new QueryBuilder().selectRaw("UPPER(name) AS loud").from("users").orderBy("id");
  assert.equal((await builder.build(db)).params.length, 0);
  const { rows } = await builder.reset().selectRaw("COUNT(*) AS n").from("users").execute(db);
  assert.deepEqual(rows, [{ n: 3 }]);
});

onEveryDatabase("Q7: no string that a caller passes can change the statement", {
  models,
}, async ({ db }) => {
  await withPeople(db);
  const hostile = "id; DROP TABLE users; --";
  const select = () => new QueryBuilder().select("id").from("users");
  const attempts: (() => unknown)[] = [
    () => new QueryBuilder().select(hostile).from("users").toSQL(db),
    () => new QueryBuilder().select("id").from(hostile).toSQL(db),
    () => select().where(hostile, "=", 1).toSQL(db),
    () => select().where("id", "= 1 OR 1 =" as "=", 1).toSQL(db),
    () => select().orderBy("id", "ASC; DROP TABLE users" as "ASC").toSQL(db),
    () => select().groupBy(hostile).toSQL(db),
    () => select().join("posts", "1 = 1; DROP TABLE users").toSQL(db),
    () => select().limit("1; DROP TABLE users" as unknown as number).toSQL(db),
    () => new QueryBuilder().insert("users", { [hostile]: 1 }).toSQL(db),
  ];
  for (const attempt of attempts) assert.throws(attempt, QueryError);
  const bound = await select().where("name", "=", hostile).execute(db);
  assert.deepEqual(bound.rows, []);
  const quoted = await new QueryBuilder().select(["id AS order"]).from("users").build(db);
  assert.match(quoted.query, /AS "order"/);
});

@Entity({ tableName: "notes" })
class Note extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;

  @Column({ type: "text" })
  body!: string;

  @Column({ type: "varchar", length: 20 })
  topic!: string;

  @Column({ type: "jsonb" })
  meta!: { stars: number };

  @Column({ type: "integer", nullable: true })
  parentId!: number | null;
}

async function withNotes(db: Parameters<Parameters<typeof onEveryDatabase>[2]>[0]["db"]) {
  await db.repository(Note).createMany([
    { body: "rain and wind", topic: "weather", meta: { stars: 3 }, parentId: null },
    { body: "wind alone", topic: "weather", meta: { stars: 5 }, parentId: 1 },
    { body: "a quiet sea", topic: "sea", meta: { stars: 4 }, parentId: 2 },
  ]);
}

onEveryDatabase("Q8: window functions, CTEs, set operations, JSON and streaming", {
  models: [Note],
}, async ({ db }) => {
  await withNotes(db);
  const ranked = await db.query(Note).select((c) => ({
    id: c.id,
    rank: fn.rowNumber().over((w) => w.partitionBy(c.topic).orderBy(c.id, "desc")),
  })).orderBy("id").execute();
  assert.deepEqual(ranked, [{ id: 1, rank: 2 }, { id: 2, rank: 1 }, { id: 3, rank: 1 }]);
  const topics = cte("topics", db.query(Note).select("topic").distinct());
  assert.deepEqual(await db.query(topics).orderBy("topic").execute(), [
    { topic: "sea" },
    { topic: "weather" },
  ]);
  const thread = recursiveCte(
    "thread",
    db.query(Note).where("id", "=", 1).select("id"),
    (above) => db.query(Note).innerJoin(above, "a", (c) => c.parentId.eq(c.a.id)).select("id"),
  );
  assert.deepEqual(await db.query(thread).orderBy("id").execute(), [{ id: 1 }, { id: 2 }, {
    id: 3,
  }]);
  const both = db.query(Note).where("id", "=", 1).select("topic")
    .union(db.query(Note).where("id", "<", 3).select("topic"));
  assert.deepEqual(await both.execute(), [{ topic: "weather" }]);
  const starred = db.query(Note).where((c) => c.meta.path("stars").asNumber().gte(4)).select("id");
  assert.deepEqual(await starred.orderBy("id").execute(), [{ id: 2 }, { id: 3 }]);
  const seen: number[] = [];
  for await (const { id } of db.query(Note).select("id").orderBy("id").stream({ chunkSize: 1 })) {
    seen.push(id);
    if (seen.length === 2) break;
  }
  assert.deepEqual(seen, [1, 2]);
  assert.equal(db.stats().pool.inUse, 0);
});

onEveryDatabase("Q8: full-text search, row locks and distinct on, where the database has them", {
  models: [Note],
}, async ({ db, target }) => {
  await withNotes(db);
  const found = () =>
    db.query(Note).where((c) => fullText([c.body], "wind")).select("id").orderBy("id");
  const first = () =>
    db.query(Note).distinctOn((c) => [c.topic]).select("id").orderBy("topic").orderBy("id", "desc");
  const locked = () =>
    db.query(Note).where("id", "=", 1).select("id").forUpdate({ skipLocked: true });
  const { supportsFullText, supportsDistinctOn, supportsRowLocks } = target.capabilities;
  const cases = [
    { has: supportsFullText, query: found, rows: [{ id: 1 }, { id: 2 }] },
    { has: supportsDistinctOn, query: first, rows: [{ id: 3 }, { id: 2 }] },
    { has: supportsRowLocks, query: locked, rows: [{ id: 1 }] },
  ];
  for (const { has, query, rows } of cases) {
    if (has) assert.deepEqual(await query().execute(), rows);
    else await assert.rejects(query().execute(), UnsupportedError);
  }
});
