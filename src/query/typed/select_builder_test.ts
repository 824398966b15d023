import { deepStrictEqual as equal, throws } from "node:assert/strict";
import { Category, Order, Person } from "../../../tests/support/shop.ts";
import { compileOnly as db } from "../../../tests/support/standard_compiler.ts";
import { columnType } from "../../schema/column_type.ts";
import { sql } from "../sql.ts";
import { cte, recursiveCte } from "./cte.ts";
import {
  and,
  caseWhen,
  cast,
  constant,
  exists,
  fn,
  fullText,
  not,
  notExists,
  or,
  scalar,
} from "./functions.ts";
import { query } from "./select_builder.ts";

const people = () => query(db, Person);
const orders = () => query(db, Order);
const from = (builder: { toSQL(): { sql: string } }): string =>
  builder.toSQL().sql.replace(/^SELECT .*? FROM /, "");

Deno.test("a query without a selection reads every column under its property's name", () => {
  equal(
    people().toSQL().sql,
    "SELECT people.id, people.name, people.e_mail AS email, people.age, people.active, people.taste FROM people",
  );
  equal(people().toNode().result?.map(({ name }) => name), [
    "id",
    "name",
    "email",
    "age",
    "active",
    "taste",
  ]);
});

Deno.test("where() takes a column, an operator and a value, or a condition", () => {
  equal(
    from(people().where("age", ">", 18).where("email", "like", "%@x").where("age", "is not", null)),
    "people WHERE people.age > $1 AND people.e_mail LIKE $2 AND people.age IS NOT NULL",
  );
  equal(
    from(people().where((c) => or(c.age.gte(18), and(c.name.eq("a"), false, not(c.active))))),
    "people WHERE people.age >= $1 OR people.name = $2 AND NOT people.active",
  );
  equal(from(people().where("id", "in", [])), "people WHERE FALSE");
  equal(from(people().where((c) => c.id.notIn([1, 2]))), "people WHERE people.id NOT IN ($1, $2)");
  equal(
    from(people().where("age", "between", [1, 2])),
    "people WHERE people.age BETWEEN $1 AND $2",
  );
  equal(from(people().where((c) => sql<boolean>`${c.age} > ${3}`)), "people WHERE people.age > $1");
});

Deno.test("every operator is written as SQL has it", () => {
  const { sql: text } = people().select((c) => ({
    ne: c.age.ne(null),
    same: c.age.isSame(null),
    plus: c.age.plus(1).times(2).minus(c.id),
    text: c.name.concat("!"),
    or0: c.age.orElse(0),
    starts: c.name.startsWith("A"),
    has: c.name.contains("b"),
    ilike: c.name.ilike("a%"),
    between: c.age.between(1, c.id),
    kind: caseWhen([[c.age.lt(18), constant("child")]], constant("adult")),
    big: cast<bigint>(c.id, columnType("bigint")),
    raw: sql<number>`1 + 1`,
  })).toSQL();
  equal(
    text,
    "SELECT people.age IS NOT NULL AS ne, people.age IS NOT DISTINCT FROM $1 AS same, (people.age + $2) * $3 - people.id AS plus, people.name || $4 AS text, COALESCE(people.age, $5) AS or0, people.name LIKE $6 ESCAPE '\\' AS starts, people.name LIKE $7 ESCAPE '\\' AS has, LOWER(people.name) LIKE LOWER($8) AS \"ilike\", people.age BETWEEN $9 AND people.id AS \"between\", CASE WHEN people.age < $10 THEN $11 ELSE $12 END AS kind, CAST(people.id AS BIGINT) AS big, 1 + 1 AS raw FROM people",
  );
});

Deno.test("joins put their sources in scope under their aliases", () => {
  equal(
    from(
      people().as("me")
        .innerJoin(Order, "o", (c) => c.o.personId.eq(c.id))
        .leftJoin(Person, "other", (c) => and(c.other.name.eq(c.me.name), c.other.id.ne(c.id)))
        .crossJoin(Category, "k")
        .select((c) => ({ name: c.name, other: c.other.name, total: c.o.total })),
    ),
    "people me INNER JOIN orders o ON o.person_id = me.id LEFT JOIN people other ON other.name = me.name AND other.id <> me.id CROSS JOIN categories k",
  );
  equal(
    from(
      people().select("id")
        .rightJoin(
          orders().where("id", ">", 1).select("personId"),
          "o",
          (c) => c.o.personId.eq(c.id),
        )
        .fullJoin(Category, "k", (c) => c.k.id.eq(c.id)),
    ),
    'people RIGHT JOIN (SELECT orders.person_id AS "personId" FROM orders WHERE orders.id > $1) AS o ON o."personId" = people.id FULL JOIN categories k ON k.id = people.id',
  );
  equal(
    from(
      people().select("id").leftJoinLateral(
        (c) => orders().where((o) => o.personId.eq(c.id)).select("total").limit(1),
        "last",
      ),
    ),
    "people LEFT JOIN LATERAL (SELECT orders.total FROM orders WHERE orders.person_id = people.id LIMIT $1) AS last ON TRUE",
  );
});

Deno.test("groups, aggregates and windows", () => {
  const { sql: text } = orders().select("personId").select((c) => ({
    n: fn.count(),
    some: fn.count(c.total).distinct().filter(c.total.gt("1")),
    sum: fn.sum(c.cents),
    rank: fn.rank().over((w) => w.partitionBy(c.personId).orderBy(c.total, "desc").rows(-1, 1)),
  })).groupBy("personId").having((c) => fn.count(c.id).gt(1)).orderBy("n", "desc").toSQL();
  equal(
    text,
    'SELECT orders.person_id AS "personId", COUNT(*) AS n, COUNT(DISTINCT orders.total) FILTER (WHERE orders.total > $1) AS "some", SUM(orders.cents) AS sum, RANK() OVER (PARTITION BY orders.person_id ORDER BY orders.total DESC ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS "rank" FROM orders GROUP BY orders.person_id HAVING COUNT(orders.id) > $2 ORDER BY n DESC',
  );
});

Deno.test("results carry the types that their values are loaded by", () => {
  const { result } = orders().select((c) => ({
    total: c.total,
    n: fn.count(),
    sum: fn.sum(c.total),
    cents: fn.sum(c.cents),
    max: fn.max(c.placedAt),
    avg: fn.avg(c.cents),
    last: scalar(people().select((p) => ({ m: fn.max(p.age) }))),
  })).toNode();
  equal(result?.map(({ type, as }) => as ?? type?.name), [
    "numeric",
    "number",
    "numeric",
    "bigint",
    "timestamptz",
    "number",
    "integer",
  ]);
});

Deno.test("orderBy() says where NULLs go only for what may be NULL", () => {
  const nulls = (builder: ReturnType<typeof people>) =>
    builder.toNode().orderBy?.map((term) => term.nulls);
  equal(nulls(people().orderBy("age").orderBy("age", "desc").orderBy("name")), [
    "last",
    "first",
    undefined,
  ]);
  equal(nulls(people().orderBy("age", "asc", "first")), ["first"]);
  const joined = people().leftJoin(Order, "o", (c) => c.o.id.eq(c.id)).orderBy((c) => c.o.total);
  equal(joined.toNode().orderBy?.[0]?.nulls, "last");
});

Deno.test("sub-queries stand as values, lists and conditions", () => {
  const mine = orders().where((o) => o.total.gt("9")).select("personId");
  equal(
    from(
      people().where((c) =>
        and(
          c.id.in(mine),
          exists(orders().where((o) => o.personId.eq(c.id))),
          notExists(mine),
          c.age.eq(people().as("p").select((p) => ({ m: fn.max(p.age) }))),
        )
      ),
    ).replaceAll(/SELECT orders\..*? FROM orders/g, "SELECT … FROM orders"),
    "people WHERE people.id IN (SELECT … FROM orders WHERE orders.total > $1) AND EXISTS (SELECT … FROM orders WHERE orders.person_id = people.id) AND NOT EXISTS (SELECT … FROM orders WHERE orders.total > $2) AND people.age = (SELECT MAX(p.age) AS m FROM people p)",
  );
  throws(
    () => people().where((c) => c.id.in(orders().select("id", "personId") as never)).toNode(),
    {
      name: "QueryError",
    },
  );
});

Deno.test("common table expressions declare themselves, recursive ones too", () => {
  const adults = cte("adults", people().where("age", ">=", 18).select("id", "email"));
  equal(
    query(db, adults).innerJoin(adults, "b", (c) => c.b.id.eq(c.id)).select("email").toSQL().sql,
    "WITH adults AS (SELECT people.id, people.e_mail AS email FROM people WHERE people.age >= $1) SELECT adults.email FROM adults INNER JOIN adults b ON b.id = adults.id",
  );
  const tree = recursiveCte(
    "tree",
    query(db, Category).where("parentId", "is", null).select("id", "name"),
    (tree) =>
      query(db, Category).innerJoin(tree, "t", (c) => c.parentId.eq(c.t.id)).select("name", "id"),
  );
  equal(
    query(db, tree).toSQL().sql,
    "WITH RECURSIVE tree AS (SELECT categories.id, categories.name FROM categories WHERE categories.parent_id IS NULL UNION ALL SELECT categories.id, categories.name FROM categories INNER JOIN tree t ON categories.parent_id = t.id) SELECT tree.id, tree.name FROM tree",
  );
});

Deno.test("set operations put the columns of both sides in the same order", () => {
  equal(
    people().select("id", "name").union(query(db, Category).select("name", "id"))
      .except(query(db, Category).select("id", "name")).orderBy("name").limit(3).toSQL().sql,
    "SELECT people.id, people.name FROM people UNION SELECT categories.id, categories.name FROM categories EXCEPT SELECT categories.id, categories.name FROM categories ORDER BY name LIMIT $1",
  );
});

Deno.test("distinct, distinct on, locks and derived tables", () => {
  equal(people().select("name").distinct().toSQL().sql, "SELECT DISTINCT people.name FROM people");
  equal(
    people().distinctOn((c) => [c.age]).select("name").orderBy("age").toSQL().sql,
    "SELECT DISTINCT ON (people.age) people.name FROM people ORDER BY people.age",
  );
  equal(
    from(people().as("p").select("id").forUpdate({ skipLocked: true, of: ["p"] })),
    "people p FOR UPDATE OF p SKIP LOCKED",
  );
  equal(
    query(db, people().select("id"), "x").where("id", "=", 1).toSQL().sql,
    "SELECT x.id FROM (SELECT people.id FROM people) AS x WHERE x.id = $1",
  );
});

Deno.test("JSON paths, containment and full-text search become their own nodes", () => {
  const { where } = people().where((c) => c.taste.contains({ level: 1 }))
    .where((c) => c.taste.path("tags", 0).eq("x"))
    .where((c) => c.taste.path("level").asNumber().gt(2))
    .where((c) => fullText([c.name, c.email], "some words", "english")).toNode();
  equal(where?.kind === "Logical" && where.operands.map(({ kind }) => kind), [
    "JsonContains",
    "Binary",
    "Binary",
    "FullText",
  ]);
});

Deno.test("a builder is never changed by its methods", () => {
  const start = people();
  const before = start.toSQL();
  start.where("age", ">", 1).select("id").orderBy("id").limit(1).distinct();
  equal(start.toSQL(), before);
});

Deno.test("what only the run can see is refused with a reason", () => {
  const refused = { name: "QueryError" };
  throws(() => people().where("nope" as "name", "=", "x"), /people has no column nope/);
  throws(() => people().innerJoin(Order, "people", (c) => c.people.id.eq(1)), /called people/);
  throws(() => people().orderBy("age", "sideways" as "asc"), refused);
  throws(() => people().limit(-1), refused);
  throws(() => people().where((c) => c.id.in([null as never])), refused);
  throws(() => people().where((c) => c.id.eq(undefined as never)), refused);
  throws(() => people().forUpdate({ skipLocked: true, noWait: true }), refused);
  throws(() => query(db, people()), refused);
});
