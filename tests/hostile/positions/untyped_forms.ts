/**
 * The strings of known forms that the untyped builder reads.
 *
 * @module
 */
import { QueryBuilder, sql } from "../../../src/query/mod.ts";
import type { Position } from "../arena.ts";
import { type Loose, loose } from "./loose.ts";

const select = (): Loose => new QueryBuilder().select("name").from("hostile_notes");

/** A name, or one of a table: `a`, `a.b`. */
const name = "‹name›( \\. ‹name›)?";
/** An operand: a name, a path of three, a call of a known function. */
const operand =
  "(‹name›( \\. ‹name›){0,2}|([A-Z]+|‹name›) \\( (DISTINCT )?(\\*|‹name›|‹value›|-|[\\d.]+|" +
  "\\(|\\)|,|\\.|[A-Z]+| )+ \\))";
const table = `${name}( ‹name›)?`;

function form(
  position: string,
  covered: string,
  shape: string,
  build: (text: string) => Loose,
  benign = "benign_word",
): Position {
  return {
    name: position,
    covers: [covered],
    expect: "form",
    benign,
    shape: new RegExp(`^${shape}$`),
    attack: (tx, text) => build(text).toSQL(tx).sql,
  };
}

/** All of them. */
export const untypedForms: readonly Position[] = [
  form(
    "builder: select()",
    "QueryBuilder#select",
    `SELECT (\\*|‹name› \\. \\*|${operand}( AS ‹name›)?) FROM fixed`,
    (text) => new QueryBuilder().select(text).from("fixed"),
  ),
  form(
    "builder: select() of a list",
    "QueryBuilder#select",
    `SELECT first , (\\*|‹name› \\. \\*|${operand}( AS ‹name›)?) FROM fixed`,
    (text) => new QueryBuilder().select(["first", text]).from("fixed"),
  ),
  form(
    "builder: from()",
    "QueryBuilder#from",
    `SELECT \\* FROM ${table}`,
    (text) => new QueryBuilder().select("*").from(text),
  ),
  form(
    "builder: alias of a query in from()",
    "QueryBuilder#from",
    "SELECT \\* FROM \\( SELECT 1 \\) AS ‹name›",
    (text) => new QueryBuilder().select("*").from({ query: sql`SELECT 1`, as: text }),
  ),
  form(
    "builder: table of join()",
    "QueryBuilder#join",
    `SELECT \\* FROM fixed INNER JOIN ${table} ON fixed \\. first = other \\. second`,
    (text) => new QueryBuilder().select("*").from("fixed").join(text, "fixed.first = other.second"),
  ),
  form(
    "builder: condition of join()",
    "QueryBuilder#join",
    `SELECT \\* FROM fixed INNER JOIN other ON (${operand}|-|[\\d.]+|TRUE|FALSE|IS|NOT|NULL|AND|OR|` +
      "\\(|\\)|=|<>|<|<=|>|>=| )+",
    (text) => new QueryBuilder().select("*").from("fixed").join("other", text),
    "benign_word = other.second",
  ),
  ...(["where", "andWhere", "orWhere"] as const).map((method) =>
    form(
      `builder: column of ${method}()`,
      `ConditionBuilder#${method}`,
      `SELECT \\* FROM fixed WHERE ${operand} = ‹value›`,
      (text) => loose(new QueryBuilder().select("*").from("fixed"))[method](text, "=", 1),
    )
  ),
  form(
    "builder: column of where() in a group",
    "ConditionBuilder#where",
    `SELECT \\* FROM fixed WHERE ${operand} = ‹value›`,
    (text) =>
      new QueryBuilder().select("*").from("fixed").where((group) => group.where(text, "=", 1)),
  ),
  ...([
    ["whereIn", "(IN \\(.*\\)|= ANY \\( .* \\))", [[1]]],
    ["whereNotIn", "(NOT IN \\(.*\\)|<> ALL \\( .* \\))", [[1]]],
    ["whereNull", "IS NULL", []],
    ["whereNotNull", "IS NOT NULL", []],
    ["whereBetween", "BETWEEN ‹value› AND ‹value›", [1, 2]],
  ] as const).map(([method, rest, args]) =>
    form(
      `builder: column of ${method}()`,
      `ConditionBuilder#${method}`,
      `SELECT \\* FROM fixed WHERE ${operand} ${rest}`,
      (text) => loose(new QueryBuilder().select("*").from("fixed"))[method](text, ...args),
    )
  ),
  form(
    "builder: column of whereSubquery()",
    "ConditionBuilder#whereSubquery",
    `SELECT \\* FROM fixed WHERE ${operand} = \\( SELECT name FROM hostile_notes \\)`,
    (text) => new QueryBuilder().select("*").from("fixed").whereSubquery(text, "=", select()),
  ),
  form(
    "builder: groupBy()",
    "QueryBuilder#groupBy",
    `SELECT \\* FROM fixed GROUP BY ${operand}`,
    (text) => new QueryBuilder().select("*").from("fixed").groupBy(text),
  ),
  form(
    "builder: column of having()",
    "QueryBuilder#having",
    `SELECT \\* FROM fixed HAVING ${operand} > ‹value›`,
    (text) => new QueryBuilder().select("*").from("fixed").having(text, ">", 1),
  ),
  form(
    "builder: column of orderBy()",
    "QueryBuilder#orderBy",
    `SELECT \\* FROM fixed ORDER BY ${operand}`,
    (text) => new QueryBuilder().select("*").from("fixed").orderBy(text),
  ),
  form(
    "builder: name of with()",
    "QueryBuilder#with",
    "WITH ‹name› AS \\( SELECT 1 \\) SELECT \\* FROM fixed",
    (text) => new QueryBuilder().with(text, sql`SELECT 1`).select("*").from("fixed"),
  ),
  form(
    "builder: column of with()",
    "QueryBuilder#with",
    "WITH w \\( ‹name› \\) AS \\( SELECT 1 \\) SELECT \\* FROM fixed",
    (text) =>
      new QueryBuilder().with("w", sql`SELECT 1`, { columns: [text] }).select("*").from("fixed"),
  ),
  form(
    "builder: table of insert()",
    "QueryBuilder#insert",
    `INSERT INTO ${name}( AS ‹name›)? \\( first \\) VALUES \\( ‹value› \\)`,
    (text) => new QueryBuilder().insert(text, { first: 1 }),
  ),
  form(
    "builder: column of insert()",
    "QueryBuilder#insert",
    "INSERT INTO fixed \\( ‹name› \\) VALUES \\( ‹value› \\)",
    (text) => new QueryBuilder().insert("fixed", Object.fromEntries([[text, 1]])),
  ),
  form(
    "builder: table of update()",
    "QueryBuilder#update",
    `UPDATE ${name}( AS ‹name›)? SET first = ‹value›`,
    (text) => new QueryBuilder().update(text, { first: 1 }),
  ),
  form(
    "builder: column of update()",
    "QueryBuilder#update",
    "UPDATE fixed SET ‹name› = ‹value›",
    (text) => new QueryBuilder().update("fixed", Object.fromEntries([[text, 1]])),
  ),
  form(
    "builder: table of delete()",
    "QueryBuilder#delete",
    `DELETE FROM ${name}( AS ‹name›)?`,
    (text) => new QueryBuilder().delete(text),
  ),
  form(
    "builder: column of onConflict()",
    "QueryBuilder#onConflict",
    "INSERT INTO fixed \\( first \\) VALUES \\( ‹value› \\) ON CONFLICT \\( ‹name› \\) DO NOTHING",
    (text) => new QueryBuilder().insert("fixed", { first: 1 }).onConflict(text).doNothing(),
  ),
  form(
    "builder: column of doUpdate()",
    "QueryBuilder#onConflict",
    "INSERT INTO fixed \\( first \\) VALUES \\( ‹value› \\) ON CONFLICT \\( first \\) DO UPDATE SET " +
      "‹name› = excluded \\. ‹name›",
    (text) => new QueryBuilder().insert("fixed", { first: 1 }).onConflict("first").doUpdate([text]),
  ),
  form(
    "builder: returning()",
    "QueryBuilder#returning",
    `DELETE FROM fixed RETURNING (\\*|‹name› \\. \\*|${operand}( AS ‹name›)?)`,
    (text) => new QueryBuilder().delete("fixed").returning(text),
  ),
];
