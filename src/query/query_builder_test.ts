import { deepStrictEqual as equal, ok, rejects, throws } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { compileOnly } from "../../tests/support/standard_compiler.ts";
import { QueryBuilder } from "./query_builder.ts";
import { sql } from "./sql.ts";

const query = (): QueryBuilder => new QueryBuilder();
const users = (): QueryBuilder => query().select("*").from("users");
const text = (builder: QueryBuilder): string => builder.toSQL(compileOnly).sql;
const where = (builder: QueryBuilder): string => text(builder).split(" WHERE ")[1] ?? "";
const params = (builder: QueryBuilder): readonly unknown[] => builder.toSQL(compileOnly).parameters;
const refused = { name: "QueryError" };

Deno.test("build() gives the query and params of the specification's examples", async () => {
  const select = query().select(["id", "name"]).from("users").where("age", ">", 18)
    .orderBy("name").limit(10);
  equal(await select.build(compileOnly), {
    query: "SELECT id, name FROM users WHERE age > $1 ORDER BY name LIMIT 10",
    params: [18],
  });
  const insert = query().insert("users", { name: "John", email: "j@example.com" });
  equal(await insert.build(compileOnly), {
    query: "INSERT INTO users (name, email) VALUES ($1, $2)",
    params: ["John", "j@example.com"],
  });
  const update = query().update("users", { name: "Jane" }).where("id", "=", 1);
  equal(await update.build(compileOnly), {
    query: "UPDATE users SET name = $1 WHERE id = $2",
    params: ["Jane", 1],
  });
  equal(await query().delete("users").where("id", "=", 1).build(compileOnly), {
    query: "DELETE FROM users WHERE id = $1",
    params: [1],
  });
});

Deno.test("aliases, joins and aggregates are read from strings", () => {
  equal(
    text(
      query().select(["u.name AS userName", "p.title AS postTitle"]).from("users u")
        .join("posts p", "u.id = p.user_id", "LEFT"),
    ),
    'SELECT u.name AS "userName", p.title AS "postTitle" FROM users u LEFT JOIN posts p ON u.id = p.user_id',
  );
  equal(
    text(query().select(["COUNT(id) AS total_posts"]).from("posts").where("user_id", "=", 1)),
    "SELECT COUNT(id) AS total_posts FROM posts WHERE user_id = $1",
  );
  equal(
    text(
      query().select(["u.*", "count(DISTINCT p.id) as n", "ROUND(AVG(p.score), 2)"])
        .from("shop.users AS u").groupBy(["u.id"]).having("COUNT(*)", ">=", 2)
        .orderBy("COUNT(*)", "DESC NULLS LAST").orderBy("u.id").offset(5),
    ),
    "SELECT u.*, COUNT(DISTINCT p.id) AS n, ROUND(AVG(p.score), 2) FROM shop.users u GROUP BY u.id HAVING COUNT(*) >= $1 ORDER BY COUNT(*) DESC NULLS LAST, u.id OFFSET 5",
  );
});

Deno.test("join() takes every kind of join, and a query in place of a table", () => {
  const newest = query().select("title").from("posts").limit(1);
  equal(
    text(
      users().join("a", "a.id = users.id AND (a.n > 1 OR a.n IS NULL)").join("b", null, "CROSS")
        .join({ query: newest, as: "p" }, null, "LEFT LATERAL")
        .join("c", sql`c.id = ${7}`, "full"),
    ),
    "SELECT * FROM users INNER JOIN a ON a.id = users.id AND (a.n > 1 OR a.n IS NULL) CROSS JOIN b LEFT JOIN LATERAL (SELECT title FROM posts LIMIT 1) AS p ON TRUE FULL JOIN c ON c.id = $1",
  );
});

Deno.test("conditions are joined as SQL joins them, groups stand in parentheses", () => {
  equal(where(users().where("a", "=", 1).where("b", "=", 2)), "a = $1 AND b = $2");
  equal(
    where(users().where("a", "=", 1).orWhere("b", "=", 2).andWhere("c", "=", 3)),
    "a = $1 OR b = $2 AND c = $3",
  );
  equal(
    where(users().where("a", "=", 1).where((q) => q.where("b", "=", 2).orWhere("c", "=", 3))),
    "a = $1 AND (b = $2 OR c = $3)",
  );
});

Deno.test("null, lists and ranges become what SQL wants for them", () => {
  equal(where(users().where("a", "=", null).where("b", "!=", null)), "a IS NULL AND b IS NOT NULL");
  equal(
    where(users().where("a", "in", [1, 2]).whereNotIn("b", [3])),
    "a IN ($1, $2) AND b NOT IN ($3)",
  );
  equal(where(users().whereIn("a", []).orWhere("b", "NOT IN", [])), "FALSE OR TRUE");
  equal(where(users().whereBetween("a", 1, 2).whereNull("b")), "a BETWEEN $1 AND $2 AND b IS NULL");
  equal(where(users().where("a", "not like", "x%")), "a NOT LIKE $1");
  equal(where(users().where("LOWER(a)", "<>", "x")), "LOWER(a) <> $1");
  throws(() => users().where("a", "<", null), refused);
  throws(() => users().where("a", "=", [1]), refused);
  throws(() => users().where("a", "=", undefined), refused);
  throws(() => users().whereIn("a", [1, null]), refused);
  throws(() => users().where("a", "BETWEEN", [1]), refused);
});

Deno.test("sub-queries keep their parameters in the order of their places", () => {
  const adults = query().select("id").from("users").where("age", ">", 18);
  const builder = query().select("*").from("posts").where("kind", "=", "a")
    .whereSubquery("user_id", "IN", adults).where("n", ">", 5).whereRaw(sql`x = ${6}`);
  equal(
    text(builder).split(" FROM posts WHERE ")[1],
    "kind = $1 AND user_id IN (SELECT id FROM users WHERE age > $2) AND n > $3 AND (x = $4)",
  );
  equal(params(builder), ["a", 18, 5, 6]);
  equal(
    where(users().whereSubquery("age", ">", query().select("AVG(age)").from("users"))),
    "age > (SELECT AVG(age) FROM users)",
  );
});

Deno.test("insert() takes several rows, an upsert, and gives columns back", () => {
  const rows = [{ id: 1, name: "a" }, { name: "b", id: 2 }];
  const insert = () => query().insert("users", rows);
  equal(
    text(insert().onConflict("id").doUpdate(["name"]).returning(["id", "name AS n"])),
    "INSERT INTO users (id, name) VALUES ($1, $2), ($3, $4) ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING id, name AS n",
  );
  equal(params(insert()), [1, "a", 2, "b"]);
  equal(
    text(insert().onConflict(["id"]).doUpdate({ name: "x", n: sql`n + 1` })).split("DO ")[1],
    "UPDATE SET name = $5, n = n + 1",
  );
  ok(text(insert().onConflict().doNothing()).endsWith(" ON CONFLICT DO NOTHING"));
  equal(text(query().insert("users", {})), "INSERT INTO users DEFAULT VALUES");
  throws(() => query().insert("users", [{ a: 1 }, { b: 1 }]), refused);
  throws(() => query().insert("users", []), refused);
  throws(() => query().insert("users", { a: undefined }), refused);
  throws(() => query().update("users", {}), refused);
});

Deno.test("with(), set operations, distinct() and raw parts find their places", () => {
  const one = query().select("id").from("a");
  equal(
    text(
      query().with("w", one, { columns: ["n"] }).distinct().selectRaw("n + 1 AS m").from("w")
        .union(one).except(one),
    ),
    "WITH w (n) AS (SELECT id FROM a) SELECT DISTINCT n + 1 AS m FROM w UNION SELECT id FROM a EXCEPT SELECT id FROM a",
  );
  equal(text(query().from({ query: one, as: "d" })), "SELECT * FROM (SELECT id FROM a) AS d");
});

Deno.test("a builder can be built again, continued, copied and used for the next statement", async () => {
  const builder = users().where("a", "=", 1);
  const copy = builder.clone();
  equal(await builder.build(compileOnly), await builder.build(compileOnly));
  builder.where("b", "=", 2);
  equal(where(builder), "a = $1 AND b = $2");
  equal(where(copy), "a = $1");
  await builder.build(compileOnly);
  equal(text(builder.select("id").from("posts")), "SELECT id FROM posts");
  equal(text(builder.reset().delete("users")), "DELETE FROM users");
});

Deno.test("a clause that the statement does not take is refused, and so is half a statement", async () => {
  throws(
    () => query().insert("users", { a: 1 }).where("a", "=", 1).toNode(),
    /INSERT takes no where/,
  );
  throws(() => query().delete("users").limit(1).toNode(), /DELETE takes no limit/);
  throws(() => users().insert("users", { a: 1 }), refused);
  throws(() => query().toNode(), refused);
  throws(() => users().limit(-1), refused);
  throws(() => users().offset(1.5), refused);
  await rejects(query().build(compileOnly), refused);
});

/** Every position of a string that a caller may pass, with a statement that takes it. */
const positions: Readonly<Record<string, (text: string) => QueryBuilder>> = {
  "select()": (s) => query().select([s]).from("t"),
  "a select() alias": (s) => query().select([`a AS ${s}`]).from("t"),
  "a function's argument": (s) => query().select([`COUNT(${s})`]).from("t"),
  "from()": (s) => query().select("a").from(s),
  "a from() alias": (s) => query().select("a").from(`t ${s}`),
  "where() column": (s) => users().where(s, "=", 1),
  "where() operator": (s) => users().where("a", s as "=", 1),
  "join() table": (s) => users().join(s, "a.id = b.id"),
  "join() condition": (s) => users().join("b", `a.id = ${s}`),
  "join() type": (s) => users().join("b", "a.id = b.id", s as "LEFT"),
  "orderBy() column": (s) => users().orderBy(s),
  "orderBy() direction": (s) => users().orderBy("a", s as "ASC"),
  "groupBy()": (s) => users().groupBy(s),
  "having() column": (s) => users().having(s, ">", 1),
  "insert() table": (s) => query().insert(s, { a: 1 }),
  "insert() column": (s) => query().insert("t", Object.fromEntries([[s, 1]])),
  "update() table": (s) => query().update(s, { a: 1 }),
  "update() column": (s) => query().update("t", Object.fromEntries([[s, 1]])),
  "delete() table": (s) => query().delete(s),
  "returning()": (s) => query().delete("t").returning(s),
  "onConflict()": (s) => query().insert("t", { a: 1 }).onConflict(s).doNothing(),
  "doUpdate()": (s) => query().insert("t", { a: 1 }).onConflict("a").doUpdate([s]),
  "with() name": (s) => users().with(s, users()),
  "a sub-query's alias": (s) => query().from({ query: users(), as: s }),
};

/** What a hostile string may consist of to be a known form: names, dots, stars, an alias, numbers as arguments. */
const knownForm = /^[A-Za-z0-9_\s.,*-]*$/;

/** The words and signs of a statement that are neither names nor constants nor what separates those. */
function shape(sqlText: string): string {
  return sqlText.replace(
    /"(?:[^"]|"")*"|[A-Za-z_][A-Za-z0-9_]*|-?\d+(?:\.\d+)?|[.,*\s]/g,
    (part) => /^[A-Z]{2,}$/.test(part) && !/^(AS|TRUE|FALSE)$/.test(part) ? part : "",
  );
}

const folder = new URL("../../../shared/data/bad-inputs/", import.meta.url);

function hostileStrings(): string[] | undefined {
  try {
    const naughty: string[] = JSON.parse(
      readFileSync(new URL("naughty-strings.json", folder), "utf8"),
    );
    const injections = readFileSync(new URL("sql-injection.txt", folder), "utf8").split(/\r?\n/);
    return [...naughty, ...injections];
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

const hostile = hostileStrings();
for (const [position, build] of Object.entries(positions)) {
  Deno.test({
    name: `no hostile string in ${position} changes the statement`,
    ignore: hostile === undefined, // the strings lie beside the repository, not in it
    fn() {
      let refusals = 0;
      for (const string of hostile ?? []) {
        try {
          const made = shape(text(build(string)));
          const quoted = /^\s*'((?:[^'\\]|'')*)'\s*$/.exec(string)?.[1];
          if (quoted !== undefined && position === "a function's argument") { // a text: bound
            equal(params(build(string)), [quoted.replaceAll("''", "'")]);
            continue;
          }
          ok(knownForm.test(string), `${JSON.stringify(string)} was taken`);
          equal(made, shape(text(build("abc"))), JSON.stringify(string));
        } catch (error) {
          ok(
            error instanceof Error && error.name === "QueryError",
            `${JSON.stringify(string)}: ${error}`,
          );
          ok(
            string.length < 8 || !error.message.includes(string),
            "the message repeats the string",
          );
          refusals++;
        }
      }
      ok(refusals > 400, `only ${refusals} refused`);
    },
  });
}

Deno.test({
  name: "a hostile string as a value is bound, and the statement is that of any other value",
  ignore: hostile === undefined,
  fn() {
    const builders: ((s: string) => QueryBuilder)[] = [
      (s) => users().where("a", "=", s).orWhere("b", "LIKE", s).whereIn("c", [s, s]),
      (s) => query().insert("t", { a: s }),
      (s) => query().update("t", { a: s }).whereBetween("b", s, s),
      (s) => users().whereRaw(sql`a = ${s} or b in ${sql.list([s])}`),
    ];
    for (const build of builders) {
      for (const string of hostile ?? []) {
        equal(text(build(string)), text(build("abc")));
        ok(params(build(string)).every((value) => value === string));
      }
    }
  },
});
