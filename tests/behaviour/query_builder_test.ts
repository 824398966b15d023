/**
 * The typed builders, the untyped one and the `sql` tag, on every database.
 *
 * @module
 */
import assert, { deepStrictEqual as equal } from "node:assert/strict";
import type { Database } from "../../src/database/database.ts";
import { NotFoundError, UniqueViolationError } from "../../src/base/errors.ts";
import {
  and,
  caseWhen,
  constant,
  cte,
  deleteFrom,
  exists,
  fn,
  fullText,
  insertInto,
  not,
  or,
  query,
  QueryBuilder,
  recursiveCte,
  scalar,
  sql,
  update,
} from "../../src/query/mod.ts";
import { Category, Order, Person } from "../support/shop.ts";
import { onEveryDatabase } from "../targets/databases.ts";

const models = [Person, Order, Category];
const day = (n: number): Date => new Date(Date.UTC(2024, 0, n));

/** Three people: one with three orders, one with one, one with none. */
async function fill(db: Database): Promise<void> {
  const people = await insertInto(db, Person).values([
    { name: "Ada", email: "ada@x", age: 36, taste: { tags: ["tea", "50%"], level: 3 } },
    { name: "Bob", email: "bob@x", age: 17, active: false },
    { name: "Cy", email: "cy@x", taste: { level: 10 } },
  ]).returning("id", "name").execute();
  const [ada, bob] = people.map(({ id }) => id);
  assert(ada !== undefined && bob !== undefined);
  await insertInto(db, Order).values([
    { personId: ada, total: "10.50", cents: 1050n, placedAt: day(1) },
    { personId: ada, total: "20.25", cents: 9007199254740993n, placedAt: day(2) },
    { personId: bob, total: "0.10", cents: 10n, placedAt: day(3) },
    { personId: ada, total: "5.00", cents: 500n, placedAt: day(4) },
  ]).execute();
}

/** Registers a test on every database, with the three people. */
function onShop(
  name: string,
  test: (db: Database) => Promise<void>,
  needs?: Parameters<typeof onEveryDatabase>[1]["needs"],
): void {
  onEveryDatabase(name, { models, ...(needs && { needs }) }, async ({ db }) => {
    await fill(db);
    await test(db);
  });
}

onShop("select() gives exactly the columns asked for, in JavaScript's types", async (db) => {
  equal(await query(db, Person).select("name", "email", "age", "active").orderBy("id").execute(), [
    { name: "Ada", email: "ada@x", age: 36, active: true },
    { name: "Bob", email: "bob@x", age: 17, active: false },
    { name: "Cy", email: "cy@x", age: null, active: true },
  ]);
  equal(
    await query(db, Order).where("cents", "=", 9007199254740993n).select(
      "total",
      "cents",
      "placedAt",
    ).execute(),
    [
      { total: "20.25", cents: 9007199254740993n, placedAt: day(2) },
    ],
  );
});

onShop("where() compares by the column's type", async (db) => {
  const names = async (builder: ReturnType<typeof query<Person>>) =>
    (await builder.select("name").orderBy("id").execute()).map(({ name }) => name).join();
  const people = query(db, Person);
  equal(await names(people.where("age", ">", 17)), "Ada");
  equal(await names(people.where("age", "is", null)), "Cy");
  equal(await names(people.where("active", "=", true)), "Ada,Cy");
  equal(await names(people.where("id", "in", [])), "");
  equal(await names(people.where((c) => c.name.notIn(["Ada", "Bob"]))), "Cy");
  equal(await names(people.where("name", "like", "a%")), "");
  equal(await names(people.where("name", "ilike", "a%")), "Ada");
  equal(
    await names(people.where((c) => or(c.name.startsWith("B"), c.email.endsWith("y@x")))),
    "Bob,Cy",
  );
  equal(await names(people.where((c) => c.name.contains("%"))), "");
  equal(await names(people.where((c) => not(c.active))), "Bob");
  equal(await names(people.where((c) => c.age.isSame(null))), "Cy");
  equal(await names(people.where((c) => c.age.between(10, 20))), "Bob");
  equal(await names(people.where((c) => sql<boolean>`${c.age} = ${36}`)), "Ada");
});

onShop("orderBy() puts NULLs last when ascending and first when descending", async (db) => {
  const ages = async (direction: "asc" | "desc", nulls?: "first") =>
    (await query(db, Person).select("age").orderBy("age", direction, nulls).execute())
      .map(({ age }) => age);
  equal(await ages("asc"), [17, 36, null]);
  equal(await ages("desc"), [null, 36, 17]);
  equal(await ages("asc", "first"), [null, 17, 36]);
});

onShop("joins widen the row, and an outer join gives NULL", async (db) => {
  equal(
    await query(db, Person)
      .leftJoin(Order, "o", (c) => and(c.o.personId.eq(c.id), c.o.total.gt("6")))
      .select((c) => ({ name: c.name, total: c.o.total }))
      .orderBy("name").orderBy((c) => c.o.total).execute(),
    [
      { name: "Ada", total: "10.50" },
      { name: "Ada", total: "20.25" },
      { name: "Bob", total: null },
      { name: "Cy", total: null },
    ],
  );
  const sums = query(db, Order).select("personId")
    .select((c) => ({ sum: fn.sum(c.total), n: fn.count() })).groupBy("personId");
  equal(
    await query(db, Person).innerJoin(sums, "s", (c) => c.s.personId.eq(c.id))
      .select((c) => ({ name: c.name, sum: c.s.sum, n: c.s.n })).orderBy("name").execute(),
    [{ name: "Ada", sum: "35.75", n: 3 }, { name: "Bob", sum: "0.10", n: 1 }],
  );
  equal(
    (await query(db, Person).crossJoin(Order, "o").select((c) => ({ id: c.o.id })).execute())
      .length,
    12,
  );
});

onShop("right and full joins keep the rows of the other side", async (db) => {
  equal(
    await query(db, Order).rightJoin(Person, "p", (c) => c.p.id.eq(c.personId))
      .where((c) => c.id.isNull()).select((c) => ({ id: c.id, name: c.p.name })).execute(),
    [{ id: null, name: "Cy" }],
  );
}, (capabilities) => capabilities.supportsFullJoin);

onShop("a lateral join reads for each row what its query gives", async (db) => {
  const rows = await query(db, Person).leftJoinLateral(
    (c) =>
      query(db, Order).where((o) => o.personId.eq(c.id)).orderBy("total", "desc")
        .select("total").limit(1),
    "best",
  ).select((c) => ({ name: c.name, best: c.best.total })).orderBy("name").execute();
  equal(rows.map(({ best }) => best), ["20.25", "0.10", null]);
}, (capabilities) => capabilities.supportsLateral);

onShop("aggregates have exact types, with NULL for no rows", async (db) => {
  const totals = query(db, Order).select((c) => ({
    n: fn.count(),
    people: fn.count(c.personId).distinct(),
    sum: fn.sum(c.total),
    cents: fn.sum(c.cents),
    ids: fn.sum(c.personId),
    avg: fn.avg(c.personId),
    first: fn.min(c.placedAt),
    big: fn.count().filter(c.total.gt("9")),
  }));
  const ids = await query(db, Order).select("personId").execute();
  const sumOfIds = ids.reduce((sum, { personId }) => sum + personId, 0);
  equal(await totals.firstOrThrow(), {
    n: 4,
    people: 2,
    sum: "35.85",
    cents: 9007199254742553n,
    ids: sumOfIds,
    avg: sumOfIds / 4,
    first: day(1),
    big: 2,
  });
  const none = await totals.where("id", "=", -1).firstOrThrow();
  equal([none.n, none.sum, none.cents, none.first], [0, null, null, null]);
});

onShop("group by, having and window functions", async (db) => {
  equal(
    await query(db, Order).select("personId").select(() => ({ n: fn.count() }))
      .groupBy("personId").having((c) => fn.count(c.id).gt(1)).execute()
      .then((rows) => rows.map(({ n }) => n)),
    [3],
  );
  const ranked = await query(db, Order).select((c) => ({
    total: c.total,
    rank: fn.rowNumber().over((w) => w.partitionBy(c.personId).orderBy(c.total, "desc")),
    before: fn.lag(c.total).over((w) => w.partitionBy(c.personId).orderBy(c.total)),
    all: fn.count().over(),
  })).orderBy("id").execute();
  equal(ranked, [
    { total: "10.50", rank: 2, before: "5.00", all: 4 },
    { total: "20.25", rank: 1, before: "10.50", all: 4 },
    { total: "0.10", rank: 1, before: null, all: 4 },
    { total: "5.00", rank: 3, before: null, all: 4 },
  ]);
});

onShop("sub-queries are values, lists and conditions", async (db) => {
  const rich = query(db, Order).where("total", ">", "9").select("personId");
  const people = query(db, Person).select("name").orderBy("id");
  equal(await people.where((c) => c.id.in(rich)).execute(), [{ name: "Ada" }]);
  equal(
    await people.where((c) => not(exists(query(db, Order).where((o) => o.personId.eq(c.id)))))
      .execute(),
    [{ name: "Cy" }],
  );
  equal(
    await people.select((c) => ({
      best: scalar(
        query(db, Order).where((o) => o.personId.eq(c.id)).select((o) => ({ m: fn.max(o.total) })),
      ),
      kind: caseWhen([[c.age.lt(18), constant("child")]], constant("adult")),
    })).execute(),
    [
      { name: "Ada", best: "20.25", kind: "adult" },
      { name: "Bob", best: "0.10", kind: "child" },
      { name: "Cy", best: null, kind: "adult" },
    ],
  );
});

onShop("common table expressions, also recursive, and set operations", async (db) => {
  const adults = cte("adults", query(db, Person).where("age", ">", 18).select("id", "name"));
  equal(await query(db, adults).select("name").execute(), [{ name: "Ada" }]);
  const [root] = await insertInto(db, Category).values({ name: "all" }).returning("id").execute();
  const [child] = await insertInto(db, Category).values({ name: "food", parentId: root?.id ?? 0 })
    .returning("id").execute();
  await insertInto(db, Category).values({ name: "cheese", parentId: child?.id ?? 0 }).execute();
  const tree = recursiveCte(
    "tree",
    query(db, Category).where("parentId", "is", null).select("id", "name"),
    (tree) =>
      query(db, Category).innerJoin(tree, "t", (c) => c.parentId.eq(c.t.id)).select("id", "name"),
  );
  equal((await query(db, tree).select("name").orderBy("id").execute()).map(({ name }) => name), [
    "all",
    "food",
    "cheese",
  ]);
  const names = query(db, Person).select("name");
  equal(
    await names.union(query(db, Category).where("name", "=", "food").select("name"))
      .except(names.where("name", "=", "Bob")).orderBy("name").execute(),
    [{ name: "Ada" }, { name: "Cy" }, { name: "food" }],
  );
  equal((await names.unionAll(names).execute()).length, 6);
  equal(await names.intersect(names.where("name", "=", "Cy")).execute(), [{ name: "Cy" }]);
});

onShop("JSON values are read by path, compared and contained", async (db) => {
  const where = query(db, Person);
  const of = async (builder: typeof where) =>
    (await builder.select("name").orderBy("id").execute()).map(({ name }) => name).join();
  equal(await of(where.where((c) => c.taste.path("tags", 0).eq("tea"))), "Ada");
  equal(await of(where.where((c) => c.taste.path("level").asNumber().gt(5))), "Cy");
  equal(await of(where.where((c) => c.taste.path("tags", 1).asText().eq("50%"))), "Ada");
  equal(await of(where.where((c) => c.taste.contains({ level: 3 }))), "Ada");
  equal(
    await query(db, Person).select((c) => ({
      tags: c.taste.path("tags"),
      level: c.taste.path("level").asNumber(),
    })).orderBy("id").execute(),
    [{ tags: ["tea", "50%"], level: 3 }, { tags: null, level: null }, { tags: null, level: 10 }],
  );
});

onShop("distinctOn() keeps the first row of each group", async (db) => {
  const rows = await query(db, Order).distinctOn((c) => [c.personId]).select("total")
    .orderBy("personId").orderBy("total", "desc").execute();
  equal(rows, [{ total: "20.25" }, { total: "0.10" }]);
}, (capabilities) => capabilities.supportsDistinctOn);

onShop("forUpdate() locks rows, and another transaction skips them", async (db) => {
  await db.transaction(async (tx) => {
    await query(tx, Person).where("name", "=", "Ada").forUpdate().execute();
    const other = query(db, Person).select("name").orderBy("id");
    const free = await db.transaction((second) =>
      query(second, Person).select("name").orderBy("id").forUpdate({ skipLocked: true }).execute()
    );
    equal(free, [{ name: "Bob" }, { name: "Cy" }]);
    equal((await other.execute()).length, 3);
  });
}, (capabilities) => capabilities.supportsRowLocks);

onShop("fullText() finds rows with all of the words", async (db) => {
  const found = await query(db, Person).where((c) => fullText([c.name, c.email], "ada")).select(
    "name",
  ).execute();
  equal(found, [{ name: "Ada" }]);
}, (capabilities) => capabilities.supportsFullText);

onShop("an upsert updates the row that is there, or leaves it", async (db) => {
  const again = insertInto(db, Person).values({ name: "Ada II", email: "ada@x", age: 1 });
  await assert.rejects(again.execute(), UniqueViolationError);
  equal(await again.onConflict(["email"]).doNothing().execute(), 0);
  equal(
    await again.onConflict(["email"])
      .doUpdateSet((excluded, stored) => ({ name: excluded.name, age: stored.age.plus(1) }))
      .returning("name", "age").execute(),
    [{ name: "Ada II", age: 37 }],
  );
});

onShop("an insert takes its rows from a query", async (db) => {
  const copies = query(db, Person).select((c) => ({
    name: c.name,
    email: c.email.concat(".copy"),
    age: c.age,
  }));
  equal(await insertInto(db, Person).fromSelect(copies).execute(), 3);
  equal(
    (await query(db, Person).where("email", "like", "%.copy").select("name").execute()).length,
    3,
  );
});

onShop("update and delete change what their conditions find, and say how many", async (db) => {
  equal(
    await update(db, Person).set((c) => ({ age: c.age.plus(1) })).where("name", "=", "Ada")
      .returning("age").execute(),
    [{ age: 37 }],
  );
  equal(await update(db, Person).set({ active: false }).allRows().execute(), 3);
  equal(await deleteFrom(db, Order).where("total", "<", "1").execute(), 1);
  equal(
    (await deleteFrom(db, Order).where("cents", "=", 500n).returningAll().execute())[0]?.total,
    "5.00",
  );
});

onShop("an update joins the rows it takes its values from", async (db) => {
  const changed = await update(db, Person).from(Order, "o").set((c) => ({ name: c.o.total }))
    .where((c) => and(c.o.personId.eq(c.id), c.o.total.eq("0.10"))).execute();
  equal(changed, 1);
  equal(await query(db, Person).where("email", "=", "bob@x").select("name").first(), {
    name: "0.10",
  });
}, (capabilities) => capabilities.supportsUpdateFrom);

onShop("stream() gives rows as they come and ends early", async (db) => {
  const seen: string[] = [];
  for await (
    const { name } of query(db, Person).select("name").orderBy("id").stream({ chunkSize: 1 })
  ) {
    seen.push(name);
    if (seen.length === 2) break;
  }
  equal(seen, ["Ada", "Bob"]);
  equal((await query(db, Person).execute()).length, 3);
});

onShop("first(), firstOrThrow() and explain()", async (db) => {
  const people = query(db, Person).select("name").orderBy("id", "desc");
  equal(await people.first(), { name: "Cy" });
  equal(await people.where("id", "=", -1).first(), null);
  await assert.rejects(people.where("id", "=", -1).firstOrThrow(), NotFoundError);
  assert((await people.explain()).length > 0);
});

onShop("the untyped builder runs what it builds", async (db) => {
  const adults = new QueryBuilder().select("id").from("people").where("age", ">", 18);
  const { rows, rowCount } = await new QueryBuilder().select([
    "COUNT(id) AS total",
    "MAX(total) AS best",
  ])
    .from("orders").whereSubquery("person_id", "IN", adults).execute<{ total: number }>(db);
  equal([rowCount, rows[0]?.total], [1, 3]);
  const joined = await new QueryBuilder().select(["p.name AS personName", "o.cents"]).from(
    "people p",
  )
    .join("orders o", "p.id = o.person_id", "LEFT").where("p.name", "!=", "Ada").orderBy("p.name")
    .execute(db);
  equal(joined.rows, [{ personName: "Bob", cents: 10 }, { personName: "Cy", cents: null }]);
  const empty = await new QueryBuilder().select("*").from("people").whereIn("id", []).execute(db);
  equal(empty.rows, []);
  const names: unknown[] = [];
  for await (
    const row of new QueryBuilder().select("name").from("people").orderBy("name").stream(db)
  ) {
    names.push(row["name"]);
    break;
  }
  equal(names, ["Ada"]);
  const upsert = await new QueryBuilder().insert("people", {
    name: "X",
    e_mail: "ada@x",
    active: true,
  })
    .onConflict("e_mail").doUpdate(["name"]).returning("name").execute(db);
  equal(upsert.rows, [{ name: "X" }]);
});

onShop("the sql tag runs with its values bound", async (db) => {
  const names = ["Ada", "'; drop table people; --"];
  const { rows } = await sql<{ name: string }>`
    select name from ${sql.id("people")} where name in ${sql.list(names)} and age > ${18}`.execute(
    db,
  );
  equal(rows, [{ name: "Ada" }]);
});
