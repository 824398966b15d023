/**
 * The words and values of the untyped builder, the `sql` tag and SQL by hand.
 *
 * @module
 */
import type { TransactionScope } from "../../../src/database/scope.ts";
import { QueryBuilder, sql } from "../../../src/query/mod.ts";
import { columnType } from "../../../src/schema/column_type.ts";
import type { Position } from "../arena.ts";
import { digits, type Loose, loose, only, onlyKey, stored } from "./loose.ts";

const select = (): Loose => new QueryBuilder().select("name").from("hostile_notes");

async function rowsOf(query: Loose, tx: TransactionScope): Promise<object[]> {
  return (await query.execute(tx)).rows;
}

const words: readonly Position[] = [
  ...([
    [
      "operator of where()",
      "ConditionBuilder#where",
      "=",
      (text: string) => select().where("name", text, "x"),
    ],
    [
      "operator of orWhere()",
      "ConditionBuilder#orWhere",
      "=",
      (text: string) => select().where("id", "=", 1).orWhere("name", text, "x"),
    ],
    [
      "operator of having()",
      "QueryBuilder#having",
      "=",
      (text: string) => select().groupBy("name").having("name", text, "x"),
    ],
    [
      "operator of whereSubquery()",
      "ConditionBuilder#whereSubquery",
      "IN",
      (text: string) => select().whereSubquery("name", text, select()),
    ],
    [
      "direction of orderBy()",
      "QueryBuilder#orderBy",
      "DESC",
      (text: string) => select().orderBy("name", text),
    ],
    [
      "kind of join()",
      "QueryBuilder#join",
      "LEFT",
      (text: string) =>
        new QueryBuilder().select("n.id").from("hostile_notes n")
          .join("hostile_people p", "p.name = n.name", text as never),
    ],
    ["limit()", "QueryBuilder#limit", "5", (text: string) => select().limit(digits(text))],
    ["offset()", "QueryBuilder#offset", "5", (text: string) => select().offset(digits(text))],
  ] as const).map(([what, covered, benign, build]): Position => ({
    name: `builder: ${what}`,
    covers: [covered],
    expect: "word",
    benign,
    attack: (tx, text) => rowsOf(build(unless(text, what)), tx),
  })),
  {
    name: "builder: text in whereRaw()",
    covers: ["ConditionBuilder#whereRaw"],
    expect: "word",
    benign: "5",
    attack: (tx, text) => rowsOf(select().whereRaw(text === "5" ? sql`1 = ${1}` : text), tx),
  },
  {
    name: "sql called as a function",
    covers: ["sql"],
    expect: "word",
    benign: "5",
    attack: (tx, text) => loose(text === "5" ? sql`SELECT ${1}` : loose(sql)(text)).execute(tx),
  },
];

/** Other words that are known: they stand for none. */
function unless(text: string, what: string): string {
  const known: Readonly<Record<string, RegExp>> = {
    "operator of where()": /^\s*(like|ilike|in|is|=|<>|<|>)\s*$/i,
  };
  return known[what]?.test(text) && text !== "=" ? "no operator" : text;
}

function value(
  what: string,
  covered: readonly string[],
  attack: Position["attack"],
): Position {
  return { name: what, covers: covered, expect: "data", attack };
}

const escaped = (text: string): string => text.replace(/[\\%_]/g, "\\$&");

const values: readonly Position[] = [
  ...([
    ["=", (q: Loose, text: string) => q.where("name", "=", text)],
    ["IS", (q: Loose, text: string) => q.where("name", "IS", text)],
    ["LIKE", (q: Loose, text: string) => q.where("name", "LIKE", escaped(text))],
    ["ILIKE", (q: Loose, text: string) => q.where("name", "ILIKE", escaped(text))],
    ["IN", (q: Loose, text: string) => q.where("name", "IN", [text])],
    ["BETWEEN", (q: Loose, text: string) => q.where("name", "BETWEEN", [text, text])],
    ["whereIn()", (q: Loose, text: string) => q.whereIn("name", [text, "nobody"])],
    ["whereBetween()", (q: Loose, text: string) => q.whereBetween("name", text, text)],
    [
      "orWhere()",
      (q: Loose, text: string) => q.where("name", "=", "nobody").orWhere("name", "=", text),
    ],
    [
      "andWhere()",
      (q: Loose, text: string) => q.where("name", "<>", "nobody").andWhere("name", "=", text),
    ],
    ["whereRaw()", (q: Loose, text: string) => q.whereRaw(sql`name = ${text}`)],
    ["having()", (q: Loose, text: string) => q.groupBy("name").having("name", "=", text)],
  ] as const).map(([what, build]) =>
    value(
      `builder: value, ${what}`,
      ["ConditionBuilder#where", "QueryBuilder#execute"],
      async (tx, text) => {
        await stored(tx, text);
        return only(await rowsOf(build(select(), text), tx));
      },
    )
  ),
  value("builder: whereNotIn()", ["ConditionBuilder#whereNotIn"], async (tx, text) => {
    await stored(tx, text);
    const rows = await rowsOf(select().whereNotIn("name", [text]).orderBy("id"), tx);
    return rows.length === 2 ? text : rows;
  }),
  value("builder: value of insert()", ["QueryBuilder#insert"], async (tx, text) =>
    only(
      await rowsOf(
        new QueryBuilder().insert("hostile_notes", { name: text }).returning("name"),
        tx,
      ),
    )),
  value("builder: value of update()", ["QueryBuilder#update"], async (tx, text) =>
    only(
      await rowsOf(
        new QueryBuilder().update("hostile_notes", { mark: text })
          .where("name", "=", "decoy one").returning("mark"),
        tx,
      ),
    )),
  value("builder: value of doUpdate()", ["QueryBuilder#onConflict"], async (tx, text) =>
    only(
      await rowsOf(
        new QueryBuilder().insert("hostile_notes", { name: "decoy one" }).onConflict("name")
          .doUpdate({ mark: text }).returning("mark"),
        tx,
      ),
    )),
  {
    name: "builder: quoted argument of a call",
    covers: ["QueryBuilder#select"],
    expect: "data",
    // It escapes on some databases.
    refuses: (text) => text.includes("\\"),
    attack: async (tx, text) =>
      only(
        await rowsOf(
          new QueryBuilder().select(`COALESCE(mark, '${text.replaceAll("'", "''")}') AS one`)
            .from("hostile_notes").where("name", "=", "decoy two"),
          tx,
        ),
      ),
  },
  value("sql: value", ["sql", "SqlFragment#execute"], async (tx, text) => {
    await stored(tx, text);
    const { rows } = await sql`SELECT name FROM hostile_notes WHERE name = ${text}`.execute(tx);
    return only(rows);
  }),
  value("sql: typed value", ["sql.value"], async (tx, text) => {
    await stored(tx, text);
    const typed = sql.value(text, columnType("text"));
    return only((await sql`SELECT name FROM hostile_notes WHERE name = ${typed}`.execute(tx)).rows);
  }),
  value("sql: list()", ["sql.list"], async (tx, text) => {
    await stored(tx, text);
    const list = sql.list([text, "nobody"]);
    return only((await sql`SELECT name FROM hostile_notes WHERE name IN ${list}`.execute(tx)).rows);
  }),
  value("sql: array()", ["sql.array"], async (tx, text) => {
    await stored(tx, text);
    const array = sql.array([text, "a"], columnType("text"));
    const query = tx.dialect.capabilities.supportsArrays
      ? sql`SELECT name FROM hostile_notes WHERE name = ANY(${array})`
      : sql`SELECT name FROM hostile_notes WHERE name IN (SELECT value FROM json_each(${array}))`;
    return only((await query.execute(tx)).rows);
  }),
  value("sql: join()", ["sql.join"], async (tx, text) => {
    await stored(tx, text);
    const parts = sql.join([sql`name = ${text}`, sql`name <> ${"nobody"}`], sql` AND `);
    return only((await sql`SELECT name FROM hostile_notes WHERE ${parts}`.execute(tx)).rows);
  }),
  {
    name: "sql: id()",
    covers: ["sql.id"],
    expect: "name",
    attack: async (tx, text) => {
      const query = sql`SELECT name AS ${sql.id(text)} FROM hostile_notes ORDER BY id`;
      return onlyKey((await query.execute(tx)).rows);
    },
  },
  {
    name: "sql: id() with a path",
    covers: ["sql.id"],
    expect: "name",
    attack: async (tx, text) => {
      const [alias, column] = [sql.id(text), sql.id(text, "name")];
      const query = sql`SELECT ${column} AS ${alias} FROM hostile_notes AS ${alias}`;
      return onlyKey((await query.execute(tx)).rows);
    },
  },
  value("execute(): parameter", ["Scope#execute"], async (tx, text) => {
    await stored(tx, text);
    const { rows } = await tx.execute("SELECT name FROM hostile_notes WHERE name = $1", [text]);
    return only(rows);
  }),
  value("execute(): parameters in a row", ["Scope#execute"], async (tx, text) => {
    const { rows } = await tx.execute(
      "INSERT INTO hostile_notes (name, mark) VALUES ($2, $1) RETURNING mark",
      [text, "x"],
    );
    return only(rows);
  }),
  value("stream(): value", ["Scope#stream", "QueryBuilder#stream"], async (tx, text) => {
    await stored(tx, text);
    const rows: object[] = [];
    for await (const row of select().where("name", "=", text).stream(tx)) rows.push(row);
    return only(rows);
  }),
];

/** All of them. */
export const untypedValues: readonly Position[] = [...words, ...values];
