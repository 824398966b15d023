/**
 * Row Q8 of the specification, beyond `query_builder_test.ts`: the statement's text and its rows, through the
 * untyped builder, the typed one and the `sql` tag.
 */
import assert, { deepStrictEqual as equal } from "node:assert/strict";
import type { Database } from "../../src/database/database.ts";
import { UnsupportedError } from "../../src/base/errors.ts";
import {
  and,
  caseWhen,
  cast,
  constant,
  cte,
  exists,
  fn,
  fullText,
  QueryBuilder,
  recursiveCte,
  scalar,
  sql,
} from "../../src/query/mod.ts";
import { columnType } from "../../src/schema/column_type.ts";
import { Category, Order, Person } from "../support/shop.ts";
import { onEveryDatabase, type Target } from "../targets/databases.ts";
import { isSqlite } from "./error_support.ts";

const models = [Person, Order, Category];
const day = (n: number): Date => new Date(Date.UTC(2024, 0, n));

/** Ada (1) with orders 1, 2 and 4, Bob (2) with order 3, Cy (3) with none. */
async function fill(db: Database): Promise<void> {
  await db.insertInto(Person).values([
    { name: "Ada", email: "ada@x", age: 36, taste: { tags: ["tea", "cake"], level: 3 } },
    { name: "Bob", email: "bob@x", age: 17, active: false },
    { name: "Cy", email: "cy@x", taste: { level: 10, tags: [] } },
  ]).execute();
  await db.insertInto(Order).values([
    { personId: 1, total: "10.50", cents: 1050n, placedAt: day(1) },
    { personId: 1, total: "20.25", cents: 2025n, placedAt: day(2) },
    { personId: 2, total: "0.10", cents: 10n, placedAt: day(3) },
    { personId: 1, total: "5.00", cents: 500n, placedAt: day(4) },
  ]).execute();
}

/** Registers a test with the shop's rows. */
function onShop(
  name: string,
  test: (db: Database, target: Target) => Promise<void>,
  needs?: Parameters<typeof onEveryDatabase>[1]["needs"],
): void {
  onEveryDatabase(name, { models, ...needs && { needs } }, async ({ db, target }) => {
    await fill(db);
    await test(db, target);
  });
}

/** A builder of orders. */
function orders(...columns: readonly string[]): QueryBuilder {
  return new QueryBuilder().select(columns).from("orders");
}

onShop("window functions: frames, ranks and neighbours", async (db) => {
  const built = db.query(Order).select((c) => ({
    id: c.id,
    rank: fn.rank().over((w) => w.orderBy(c.personId)),
    dense: fn.denseRank().over((w) => w.orderBy(c.personId)),
    sum: fn.sum(c.cents).over((w) => w.orderBy(c.id).rows("unbounded preceding", "current row")),
    last: fn.lead(c.id).over((w) => w.partitionBy(c.personId).orderBy(c.id)),
  })).orderBy("id");
  const { sql: text } = built.toSQL();
  assert.match(text, /RANK\(\) OVER \(ORDER BY (orders\.)?person_id\) AS "rank"/i);
  assert.match(text, /ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW/);
  assert.match(text, /PARTITION BY (orders\.)?person_id ORDER BY (orders\.)?id/);
  equal(await built.execute(), [
    { id: 1, rank: 1, dense: 1, sum: 1050n, last: 2 },
    { id: 2, rank: 1, dense: 1, sum: 3075n, last: 4 },
    { id: 3, rank: 4, dense: 2, sum: 3085n, last: null },
    { id: 4, rank: 1, dense: 1, sum: 3585n, last: null },
  ]);
});

onShop("window functions in the untyped builder are raw parts", async (db) => {
  const built = new QueryBuilder().select("id")
    .selectRaw(sql`row_number() OVER (PARTITION BY person_id ORDER BY id) AS n`).from("orders")
    .orderBy("id");
  equal(built.toSQL(db), {
    sql:
      "SELECT id, row_number() OVER (PARTITION BY person_id ORDER BY id) AS n FROM orders ORDER BY id",
    parameters: [],
  });
  equal((await built.execute(db)).rows.map(({ n }) => n), [1, 2, 1, 3]);
});

onShop("WITH names a query, and keeps the parameters in the order of the text", async (db) => {
  const rich = orders("person_id", "total").where("id", ">", 1);
  const built = new QueryBuilder().with("rich", rich).select(["name", "r.total"]).from("people p")
    .join("rich r", "r.person_id = p.id").where("name", "=", "Ada").orderBy("r.total");
  equal(built.toSQL(db), {
    sql: "WITH rich AS (SELECT person_id, total FROM orders WHERE id > $1) " +
      "SELECT name, r.total FROM people p INNER JOIN rich r ON r.person_id = p.id " +
      "WHERE name = $2 ORDER BY r.total",
    parameters: [1, "Ada"],
  });
  equal((await built.execute(db)).rowCount, 2);
  const named = cte("rich", db.query(Order).where("id", ">", 1), { materialized: true });
  const typed = db.query(Person).innerJoin(named, "r", (c) => c.r.personId.eq(c.id))
    .where("name", "=", "Ada").select((c) => ({ total: c.r.total, at: c.r.placedAt }))
    .orderBy((c) => c.r.id);
  assert.match(typed.toSQL().sql, /^WITH rich AS MATERIALIZED \(SELECT/);
  equal(typed.toSQL().parameters, [1, "Ada"]);
  equal(await typed.execute(), [{ total: "20.25", at: day(2) }, { total: "5.00", at: day(4) }]);
});

onShop("a recursive WITH walks a tree, in every builder", async (db) => {
  const tree = [["all", null], ["food", 1], ["cheese", 2], ["wine", 1]] as const;
  for (const [name, parentId] of tree) {
    await db.insertInto(Category).values({ name, parentId }).execute();
  }
  const walked = recursiveCte(
    "tree",
    db.query(Category).where("name", "=", "food").select("id", "name"),
    (self) =>
      db.query(Category).innerJoin(self, "t", (c) => c.parentId.eq(c.t.id)).select("id", "name"),
  );
  const typed = db.query(walked).orderBy("id");
  assert.match(typed.toSQL().sql, /^WITH RECURSIVE tree .*UNION ALL/);
  equal(await typed.execute(), [{ id: 2, name: "food" }, { id: 3, name: "cheese" }]);

  const step = new QueryBuilder().select(["c.id", "c.name"]).from("categories c")
    .join("tree t", "c.parent_id = t.id");
  const start = new QueryBuilder().select(["id", "name"]).from("categories")
    .where("name", "=", "food").unionAll(step);
  const untyped = new QueryBuilder().with("tree", start, { recursive: true })
    .select(["id", "name"]).from("tree").orderBy("id");
  equal((await untyped.execute(db)).rows, await typed.execute());

  const numbers = sql<{ n: number }>`
    WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < ${3})
    SELECT n FROM counted`;
  equal((await numbers.execute(db)).rows, [{ n: 1 }, { n: 2 }, { n: 3 }]);
});

onShop("union, intersect and except, one after the other and with limits", async (db) => {
  const of = (id: number) => orders("person_id").where("id", "=", id);
  const ids = async (builder: QueryBuilder) =>
    (await builder.orderBy("person_id").execute(db)).rows.map((row) => row.person_id);
  equal(await ids(of(1).union(of(2)).union(of(3))), [1, 2]);
  equal(await ids(of(1).unionAll(of(2)).unionAll(of(3))), [1, 1, 2]);
  equal(await ids(orders("person_id").intersect(of(3))), [2]);
  equal(await ids(orders("person_id").except(of(3))), [1]);
  const page = of(1).unionAll(of(3)).orderBy("person_id", "DESC").limit(1);
  equal(page.toSQL(db).parameters, [1, 3]);
  equal((await page.execute(db)).rows, [{ person_id: 2 }]);
  const typed = db.query(Person).select("name").where("id", "=", 1)
    .union(db.query(Category).select("name")).except(
      db.query(Person).select("name").where("id", "=", 9),
    );
  equal(typed.toSQL().parameters, [1, 9]);
  equal(await typed.execute(), [{ name: "Ada" }]);
});

onShop("JSON is read by path, compared, contained and grouped by", async (db, target) => {
  const level = db.query(Person).select((c) => ({
    name: c.name,
    level: c.taste.path("level").asNumber(),
    first: c.taste.path("tags", 0).asText(),
    none: c.taste.path("no", "such").asText(),
    tags: c.taste.path("tags"),
  })).where((c) => c.taste.isNotNull()).orderBy("id");
  equal(await level.execute(), [
    { name: "Ada", level: 3, first: "tea", none: null, tags: ["tea", "cake"] },
    { name: "Cy", level: 10, first: null, none: null, tags: [] },
  ]);
  assert.match(
    level.toSQL().sql,
    isSqlite(target) ? /->|json_extract/ : /taste -> 'tags' ->> 0/,
  );
  const byLevel = db.query(Person).select("name")
    .orderBy((c) => c.taste.path("level").asNumber(), "desc", "last");
  equal((await byLevel.execute()).map(({ name }) => name), ["Cy", "Ada", "Bob"]);
  equal(
    await db.query(Person).where((c) => c.taste.contains({ tags: ["cake"] })).select("id")
      .execute(),
    [{ id: 1 }],
  );
  const hostile = db.query(Person).where((c) => c.taste.path("a'b\"c$.[0]").asText().eq("x"));
  equal(await hostile.execute(), []);
});

onShop("full-text search finds words, phrases and exclusions", async (db) => {
  await db.update(Person).set({ name: "The quick brown fox" }).where("id", "=", 1).execute();
  await db.update(Person).set({ name: "A brown, quick dog" }).where("id", "=", 2).execute();
  const found = async (words: string) =>
    (await db.query(Person).where((c) => fullText([c.name], words, "english")).select("id")
      .orderBy("id").execute()).map(({ id }) => id);
  equal(await found("quick brown"), [1, 2]);
  equal(await found('"quick brown"'), [1]);
  equal(await found("quick -fox"), [2]);
  equal(await found("foxes"), [1]);
  equal(await found("'); DROP TABLE people; --"), []);
}, (has) => has.supportsFullText);

onShop(
  "skip locked leaves out what another transaction holds, and a work queue shares it",
  async (db) => {
    const take = db.query(Order).select("id").orderBy("id").limit(1).forUpdate({
      skipLocked: true,
    });
    assert.match(take.toSQL().sql, / LIMIT \$1 FOR UPDATE SKIP LOCKED$/);
    const taken: number[] = [];
    const worker = () =>
      db.transaction(async (tx) => {
        const [job] = await tx.query(Order).select("id").orderBy("id").limit(1)
          .forUpdate({ skipLocked: true }).execute();
        if (!job) return;
        taken.push(job.id);
        await new Promise((resolve) => setTimeout(resolve, 20));
        await tx.deleteFrom(Order).where("id", "=", job.id).execute();
      });
    await Promise.all([worker(), worker(), worker(), worker()]);
    equal(taken.toSorted((a, b) => a - b), [1, 2, 3, 4]);
    equal(await db.query(Order).execute(), []);
  },
  (has) => has.supportsRowLocks,
);

onShop("no wait fails at once where another transaction holds a row", async (db) => {
  await db.transaction(async (tx) => {
    await tx.query(Person).where("id", "=", 1).forUpdate().execute();
    await assert.rejects(
      db.transaction((other) =>
        other.query(Person).where("id", "=", 1).forShare({ noWait: true }).execute()
      ),
      { code: "REX_LOCK_TIMEOUT" },
    );
    const joined = await db.transaction((other) =>
      other.query(Order).innerJoin(Person, "p", (c) => c.p.id.eq(c.personId))
        .where("id", "=", 1).select("id").forUpdate({ noWait: true, of: ["orders"] }).execute()
    );
    equal(joined, [{ id: 1 }]);
  });
}, (has) => has.supportsRowLocks);

onShop("distinct on keeps the first of each group in the order asked for", async (db) => {
  const latest = db.query(Order).distinctOn((c) => [c.personId]).select("personId", "placedAt")
    .orderBy("personId").orderBy("placedAt", "desc");
  assert.match(latest.toSQL().sql, /^SELECT DISTINCT ON \(orders\.person_id\) /);
  equal(await latest.execute(), [{ personId: 1, placedAt: day(4) }, {
    personId: 2,
    placedAt: day(3),
  }]);
}, (has) => has.supportsDistinctOn);

onShop(
  "an upsert takes from the excluded row and the stored one, and returns what it wrote",
  async (db) => {
    const rows = [
      { name: "Ada II", email: "ada@x", age: 1 },
      { name: "Dee", email: "dee@x", age: 4 },
    ];
    const typed = db.insertInto(Person).values(rows).onConflict(["email"])
      .doUpdateSet((excluded, stored) => ({
        name: excluded.name,
        age: stored.age.plus(excluded.age),
      }))
      .returning("name", "age");
    assert.match(
      typed.toSQL().sql,
      /ON CONFLICT \(e_mail\) DO UPDATE SET name = excluded\.name, age = people\.age \+ excluded\.age RETURNING/,
    );
    equal((await typed.execute()).toSorted((a, b) => a.name < b.name ? -1 : 1), [
      { name: "Ada II", age: 37 },
      { name: "Dee", age: 4 },
    ]);
    const untyped = new QueryBuilder().insert("people", {
      name: "Bo",
      e_mail: "bob@x",
      active: true,
    })
      .onConflict("e_mail").doUpdate({ name: "Bobby", age: 18 }).returning(["name", "age"]);
    equal(untyped.toSQL(db), {
      sql: "INSERT INTO people (name, e_mail, active) VALUES ($1, $2, $3) " +
        "ON CONFLICT (e_mail) DO UPDATE SET name = $4, age = $5 RETURNING name, age",
      parameters: ["Bo", "bob@x", true, "Bobby", 18],
    });
    equal((await untyped.execute(db)).rows, [{ name: "Bobby", age: 18 }]);
    const nothing = new QueryBuilder().insert("people", {
      name: "Bo",
      e_mail: "bob@x",
      active: true,
    })
      .onConflict().doNothing();
    equal((await nothing.execute(db)).rowCount, 0);
  },
);

onShop("insert from select copies rows by the names of its results", async (db) => {
  const source = db.query(Order).where("total", ">", "5.00").select((c) => ({
    personId: c.personId,
    total: c.total.plus("1.00"),
    cents: c.cents,
    placedAt: c.placedAt,
  }));
  const insert = db.insertInto(Order).fromSelect(source).returning("total", "cents");
  assert.match(
    insert.toSQL().sql,
    /^INSERT INTO orders \(person_id, total, cents, placed_at\) SELECT /,
  );
  equal((await insert.execute()).toSorted((a, b) => Number(a.cents - b.cents)), [
    { total: "11.50", cents: 1050n },
    { total: "21.25", cents: 2025n },
  ]);
});

onShop("update from takes values of another table, with the parameters in order", async (db) => {
  const changed = db.update(Person).from(Order, "o").set((c) => ({ name: c.o.total, age: 99 }))
    .where((c) => and(c.o.personId.eq(c.id), c.o.cents.lt(100n))).returning("name", "age");
  const { sql: text, parameters } = changed.toSQL();
  assert.match(text, /^UPDATE people SET name = .*, age = \$1 FROM orders (AS )?o WHERE /);
  equal(parameters, [99, 100n]);
  equal(await changed.execute(), [{ name: "0.10", age: 99 }]);
  const best = db.query(Order).where((o) => o.personId.eq(1)).select((o) => ({
    n: fn.count(o.id),
  }));
  equal(
    await db.update(Person).set({ age: scalar(best) }).where("id", "=", 1).returning("age")
      .execute(),
    [{ age: 3 }],
  );
}, (has) => has.supportsUpdateFrom);

onShop(
  "delete using looks at another table, and a sub-query does where there is no USING",
  async (db, target) => {
    const young = db.deleteFrom(Order).using(Person, "p")
      .where((c) => and(c.p.id.eq(c.personId), c.p.age.lt(18)));
    if (target.capabilities.supportsDeleteUsing) {
      assert.match(young.toSQL().sql, /^DELETE FROM orders USING people (AS )?p WHERE /);
      equal(await young.execute(), 1);
    } else {
      assert.throws(() => young.toSQL(), UnsupportedError);
      const inner = db.query(Person).where("age", "<", 18).select("id");
      equal(await db.deleteFrom(Order).where((c) => c.personId.in(inner)).execute(), 1);
    }
    equal((await db.query(Order).execute()).length, 3);
  },
);

onShop("a lateral join reads for each row what its query gives", async (db) => {
  const best = db.query(Person).innerJoinLateral(
    (c) =>
      db.query(Order).where((o) => o.personId.eq(c.id)).orderBy("total", "desc").limit(2)
        .select("total", "cents"),
    "best",
  ).where((c) => c.best.cents.gt(5n)).select((c) => ({ name: c.name, total: c.best.total }))
    .orderBy("name").orderBy((c) => c.best.total, "desc");
  equal(best.toSQL().parameters, [2n, 5n]);
  equal(await best.execute(), [
    { name: "Ada", total: "20.25" },
    { name: "Ada", total: "10.50" },
    { name: "Bob", total: "0.10" },
  ]);
  const inner = orders("total").where("person_id", "=", sql`p.id`).where("cents", ">", 10)
    .orderBy("total").limit(1);
  const untyped = new QueryBuilder().select(["p.name", "b.total"]).from("people p")
    .join({ query: inner, as: "b" }, null, "LEFT LATERAL").orderBy("p.id");
  equal((await untyped.execute(db)).rows.map(({ total }) => total), ["5.00", null, null]);
}, (has) => has.supportsLateral);

onShop("sub-queries at every place keep their parameters in the order of the text", async (db) => {
  const cheap = orders("person_id").where("cents", "<", 100);
  const built = new QueryBuilder().select("name").from("people").where("age", ">", 1)
    .whereSubquery("id", "IN", cheap).where("name", "!=", "Zed")
    .groupBy("name").having("COUNT(id)", ">", 0).orderBy("name");
  equal(built.toSQL(db).parameters, [1, 100, "Zed", 0]);
  equal((await built.execute(db)).rows, [{ name: "Bob" }]);

  const typed = db.query(Person).where("age", ">", 1).select((c) => ({
    name: c.name,
    orders: scalar(
      db.query(Order).where((o) => and(o.personId.eq(c.id), o.cents.gt(1n)))
        .select((o) => ({ n: fn.count(o.id) })),
    ),
  })).where((c) => exists(db.query(Order).where((o) => and(o.personId.eq(c.id), o.id.gt(2)))))
    .orderBy("name").limit(5);
  equal(typed.toSQL().parameters, [1n, 1, 2, 5n]);
  equal(await typed.execute(), [{ name: "Ada", orders: 3 }, { name: "Bob", orders: 1 }]);

  const derived = new QueryBuilder().select(["s.person_id", "s.n"])
    .from({
      query: new QueryBuilder().select(["person_id", "COUNT(id) AS n"]).from("orders")
        .where("cents", ">", 1).groupBy("person_id"),
      as: "s",
    }).where("s.n", ">", 1);
  equal(derived.toSQL(db).parameters, [1, 1]);
  equal((await derived.execute(db)).rows, [{ person_id: 1, n: 3 }]);
});

onShop("the sql tag nests fragments, identifiers, lists and builders in order", async (db) => {
  const column = sql.id("orders", "cents");
  const condition = sql.join(
    [sql`${column} > ${1}`, sql`id IN ${sql.list([1, 2, 3])}`],
    sql` AND `,
  );
  const inner = db.query(Person).where("age", ">", 18).select("id");
  const statement = sql<{ id: number }>`
    SELECT id FROM ${sql.id("orders")} WHERE ${condition} AND person_id IN ${inner} ORDER BY id`;
  const { sql: text, parameters } = db.compile(statement.toNode());
  equal(parameters, [1, 1, 2, 3, 18]);
  assert.match(text, /\$1.*\$2, \$3, \$4.*\$5/s);
  equal((await statement.execute(db)).rows, [{ id: 1 }, { id: 2 }]);
  const typed = sql`SELECT id FROM orders WHERE total = ${
    sql.value("20.25", columnType("numeric", { precision: 12, scale: 2 }))
  }`;
  equal((await typed.execute(db)).rows, [{ id: 2 }]);
});

onShop("a stream that is left early gives its connection back, by every builder", async (db) => {
  const many = Array.from({ length: 2_000 }, (_, i) => ({
    personId: 1,
    total: `${i}.00`,
    cents: BigInt(i),
    placedAt: day(1),
  }));
  await db.insertInto(Order).values(many).execute();
  const all = db.query(Order).orderBy("id");
  const streams: (() => AsyncIterable<unknown>)[] = [
    () => all.stream({ chunkSize: 50 }),
    () => orders("id").stream(db, { chunkSize: 50 }),
    () => db.stream(sql`SELECT id FROM orders`.toNode() as never, { chunkSize: 50 }),
  ];
  for (const open of streams) {
    let seen = 0;
    for await (const _ of open()) {
      assert.equal(db.stats().pool.inUse, 1);
      if (++seen === 60) break;
    }
    assert.equal(seen, 60);
    assert.equal(db.stats().pool.inUse, 0, "after leaving early");
    await assert.rejects(async () => {
      for await (const _ of open()) throw new Error("the reader failed");
    }, /the reader failed/);
    assert.equal(db.stats().pool.inUse, 0, "after the reader failed");
    let whole = 0;
    for await (const _ of open()) whole++;
    assert.equal(whole, 2_004);
    assert.equal(db.stats().pool.inUse, 0, "after the end");
  }
  const first: unknown[] = [];
  for await (const row of all.limit(1).stream()) first.push(row);
  equal(first, await all.limit(1).execute());
});

onShop(
  "explain() tells the plan and does not run the statement unless asked to",
  async (db, target) => {
    const remove = db.deleteFrom(Order).where("id", "=", 1);
    const plan = JSON.stringify(await remove.explain());
    assert.match(plan, /orders/i);
    equal((await db.query(Order).execute()).length, 4);
    const built = orders("id").where("person_id", "=", 1);
    assert.match(JSON.stringify(await built.explain(db)), /orders/i);
    if (isSqlite(target)) return;
    assert.match(JSON.stringify(await built.explain(db, { analyze: true })), /actual time/i);
  },
);

onShop(
  "a builder's statement is the same each time, and its copies do not touch it",
  async (db) => {
    const start = db.query(Person).where("age", ">", 1);
    const before = start.toSQL();
    start.where("name", "=", "x").orderBy("name").limit(1).toSQL();
    equal(start.toSQL(), before);
    equal(await start.execute(), await start.execute());
  },
);

onShop(
  "an order by a result means the result where a source has a column of that name",
  async (db) => {
    const rows = await db.query(Order)
      .innerJoin(
        db.query(Order).select((c) => ({ paid: c.cents })),
        "o",
        (c) => c.o.paid.eq(c.cents),
      )
      .select((c) => ({ paid: c.total.times("-1") }))
      .orderBy("paid")
      .execute();
    equal(
      rows.map((row) => Number(row.paid)),
      [-20.25, -10.5, -5, -0.1],
    );
  },
);

onShop("NULLs of any query of a union are ordered as everywhere", async (db) => {
  const ages = (direction: "asc" | "desc") =>
    db.query(Person).where("name", "=", "Bob").select((c) => ({
      age: c.age.orElse(0) as typeof c.age,
    }))
      .unionAll(db.query(Person).select("age")).orderBy("age", direction).execute()
      .then((rows) => rows.map((row) => row.age));
  equal(await ages("asc"), [17, 17, 36, null]);
  equal(await ages("desc"), [null, 36, 17, 17]);
});

onShop("what is computed with an optional value is optional in an order", async (db) => {
  const rows = await db.query(Person)
    .select((c) => ({ next: c.id.plus(c.age), greeting: c.name.concat(c.email) }))
    .orderBy("next").execute();
  equal(rows.map((row) => row.next), [19, 37, null]);
});

onShop("decimals are exact in abs(), CASE, lists and sub-queries", async (db) => {
  const wide = constant("-90071992547409931.25", columnType("numeric"));
  const [first] = await db.query(Order).select(() => ({ size: fn.abs(wide) })).limit(1).execute();
  equal(first?.size, "90071992547409931.25");
  const found = db.query(Order).orderBy("id").select("id");
  const ids = async (query: typeof found) => (await query.execute()).map((row) => row.id);
  equal(
    await ids(
      found.where((c) =>
        caseWhen([[c.id.gt(2), cast<string>(c.total, columnType("numeric"))]], c.total)
          .between("0.1", "5")
      ),
    ),
    [3, 4],
  );
  equal(await ids(found.where((c) => c.total.plus("0.50").in(["11.00", "5.50"]))), [1, 4]);
  const doubled = db.query(Order).select((c) => ({ sum: c.total.plus(c.total) }));
  equal(await ids(found.where((c) => c.total.times("2").in(doubled))), [1, 2, 3, 4]);
});

onShop("a sum of bigints divided by a bigint has no fraction either", async (db) => {
  const sums = db.query(Order).select((c) => ({ sum: fn.sum(c.cents) }));
  equal(
    await db.query(sums, "s").select((c) => ({
      half: c.sum.dividedBy(4n),
      again: c.sum.dividedBy(4n).dividedBy(2n),
      none: c.sum.dividedBy(-4n),
    })).execute(),
    [{ half: 896n, again: 448n, none: -896n }],
  );
  equal(
    await db.query(Order).select((c) => ({ half: fn.sum(c.cents).dividedBy(4n) })).execute(),
    [{ half: 896n }],
  );
});

onShop("an average of decimals is a number among numbers", async (db) => {
  const one = db.query(Person).select(() => ({ n: constant(100, columnType("double")) }))
    .where("id", "=", 1);
  const average = db.query(Order).select((c) => ({ n: fn.avg(c.total) }));
  equal(await one.unionAll(average as never).orderBy("n").execute(), [{ n: 8.9625 }, { n: 100 }]);
});

onShop("equal decimals are equal wherever a query gives them, computed or not", async (db) => {
  const computed = db.query(Order).select((c) => ({ total: c.total.plus("0.00") }));
  const plain = db.query(Order).select("total");
  const sorted = (rows: readonly { readonly total: string }[]) =>
    rows.map(({ total }) => total).sort();
  const totals = ["0.10", "10.50", "20.25", "5.00"];
  equal(sorted(await plain.union(computed).execute()), totals);
  equal(sorted(await plain.intersect(computed).execute()), totals);
  equal(await plain.except(computed).execute(), []);
  equal(
    await db.query(computed, "a").innerJoin(plain, "b", (c) => c.b.total.eq(c.total))
      .select((c) => ({ n: fn.count(c.b.total).distinct() })).execute(),
    [{ n: 4 }],
  );
  equal(await db.query(computed, "a").where("total", "=", "5").select("total").execute(), [
    { total: "5.00" },
  ]);
  equal(
    await db.query(Order).select((c) => ({
      total: caseWhen([[c.cents.gt(0n), c.total.minus(c.total)]], c.total),
    })).distinct().execute(),
    [{ total: "0.00" }],
  );
});
