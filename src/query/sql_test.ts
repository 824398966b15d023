import { deepStrictEqual as equal, throws } from "node:assert/strict";
import { compileOnly, standardCompiler } from "../../tests/support/standard_compiler.ts";
import { columnType } from "../schema/column_type.ts";
import { QueryBuilder } from "./query_builder.ts";
import { type Interpolation, sql } from "./sql.ts";

Deno.test("sql binds every value in its place and writes names, lists and fragments", () => {
  const recent = sql`at > ${new Date(0)}`;
  const rows = new QueryBuilder().select("id").from("t").where("n", "=", 9);
  const statement = sql<{ id: number }>`select ${sql.id("u", "Select")} from users u where ${recent}
 and id in ${sql.list([1, sql`2`])} and x in ${rows} and n = ${null}`;
  equal(statement.compile(compileOnly), {
    sql: `select u."Select" from users u where at > $1
 and id in ($2, 2) and x in (SELECT id FROM t WHERE n = $3) and n = $4`,
    parameters: [new Date(0), 1, 9, null],
  });
});

Deno.test("sql.join() puts a separator between fragments", () => {
  equal(sql`${sql.join([sql`a`, sql`b`])}`.compile(compileOnly).sql, "a, b");
  equal(
    sql.join([sql`a`, sql`${1}`, sql`c`], sql` and `).compile(compileOnly).sql,
    "a and $1 and c",
  );
  equal(sql.join([]).compile(compileOnly).sql, "");
});

Deno.test("sql.value() converts by the type it is given", () => {
  const { bindings } = standardCompiler.compile(sql`${sql.value(1, columnType("date"))}`.toNode());
  equal(bindings.map(({ dump, value }) => dump?.(value)), ["date:1"]);
});

Deno.test("sql refuses arrays, undefined, functions, empty lists and being called with a string", () => {
  const wrong = (value: unknown) => () => sql`${value as Interpolation}`;
  throws(wrong([1]), { name: "QueryError", message: /sql\.list/ });
  throws(wrong(undefined), { name: "QueryError" });
  throws(wrong(() => 1), { name: "QueryError" });
  throws(() => sql.list([]), { name: "QueryError" });
  throws(() => sql(["drop table users"] as unknown as TemplateStringsArray), {
    name: "QueryError",
  });
});

Deno.test("a fragment is immutable and gives the same node to every statement", () => {
  const fragment = sql`a = ${1}`;
  const node = fragment.toNode();
  equal(fragment.as<{ a: number }>().toNode(), node);
  throws(() => (node.parts as string[]).push("; drop table users"), TypeError);
});
