/**
 * The untyped builder, the `sql` tag and SQL by hand.
 *
 * @module
 */
import type { TransactionScope } from "../../../src/database/scope.ts";
import { QueryBuilder, sql } from "../../../src/query/mod.ts";
import { columnType } from "../../../src/schema/column_type.ts";
import type { Position } from "../arena.ts";
import { digits } from "./typed.ts";
import { type Loose, loose, only, onlyKey, stored } from "./loose.ts";

const select = (): Loose => new QueryBuilder().select("name").from("hostile_notes");

async function rowsOf(query: Loose, tx: TransactionScope): Promise<object[]> {
  return (await query.execute(tx)).rows;
}

/** A name, or one of a table: `a`, `a.b`. */
const name = "‹name›( \\. ‹name›)?";
/** An operand: a name, a path of three, a call of a known function. */
const operand = "(‹name›( \\. ‹name›){0,2}|[A-Z]+ \\( (DISTINCT )?(\\*|‹name›|‹value›|-|[\\d.]+|" +
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

const forms: readonly Position[] = [
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
export const untyped: readonly Position[] = [...forms, ...words, ...values];
