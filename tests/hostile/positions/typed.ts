/**
 * The typed builders and their expressions.
 *
 * @module
 */
import type { TransactionScope } from "../../../src/database/scope.ts";
import {
  and,
  caseWhen,
  cast,
  constant,
  cte,
  deleteFrom,
  fn,
  fullText,
  insertInto,
  not,
  or,
  query,
  recursiveCte,
  scalar,
  update,
} from "../../../src/query/mod.ts";
import { columnType } from "../../../src/schema/column_type.ts";
import { Label, Note, Person, type Position } from "../arena.ts";
import { type Loose, loose, notes, only, onlyKey, rowsOf, stored } from "./loose.ts";

const decoys = (tx: TransactionScope, alias?: string): Loose =>
  notes(tx, alias).where("name", "=", "decoy one");

/** Names that a caller gives in a query. */
const names: readonly Position[] = [
  {
    name: "alias of db.query()",
    covers: ["Scope#query", "query"],
    expect: "name",
    attack: async (tx, text) => {
      await rowsOf(loose(query(tx, Note, text)).select("name"));
      return text;
    },
  },
  {
    name: "as()",
    covers: ["SelectBuilder#as"],
    expect: "name",
    attack: async (tx, text) => {
      const found = await rowsOf(notes(tx).as(text).where("name", "=", "decoy one").select("name"));
      return found.length === 1 ? text : found;
    },
  },
  {
    name: "name of a result",
    covers: ["SelectBuilder#select", "SelectBuilder#execute"],
    expect: "name",
    attack: async (tx, text) =>
      onlyKey(await rowsOf(notes(tx).select((c: Loose) => ({ [text]: c.name })))),
  },
  {
    name: "name of a computed result, also in an order",
    covers: ["SelectBuilder#orderBy"],
    expect: "name",
    attack: async (tx, text) =>
      onlyKey(
        await rowsOf(
          notes(tx).select((c: Loose) => ({ [text]: fn.lower(c.name) })).orderBy(text, "desc"),
        ),
      ),
  },
  ...(["innerJoin", "leftJoin", "crossJoin"] as const).map((method): Position => ({
    name: `alias of ${method}()`,
    covers: [`SelectBuilder#${method}`],
    expect: "name",
    attack: async (tx, text) => {
      const on = (c: Loose) => c[text].name.eq(c.mark);
      const joined = method === "crossJoin"
        ? notes(tx)[method](Person, text)
        : notes(tx)[method](Person, text, on);
      await rowsOf(joined.select((c: Loose) => ({ one: c[text].name })));
      return text;
    },
  })),
  ...(["rightJoin", "fullJoin"] as const).map((method): Position => ({
    name: `alias of ${method}()`,
    covers: [`SelectBuilder#${method}`],
    expect: "name",
    needs: (capabilities) => capabilities.supportsFullJoin,
    attack: async (tx, text) => {
      await rowsOf(
        notes(tx)[method](Person, text, (c: Loose) => c[text].name.eq(c.mark))
          .select((c: Loose) => ({ one: c[text].name })),
      );
      return text;
    },
  })),
  ...(["innerJoinLateral", "leftJoinLateral"] as const).map((method): Position => ({
    name: `alias of ${method}()`,
    covers: [`SelectBuilder#${method}`],
    expect: "name",
    needs: (capabilities) => capabilities.supportsLateral,
    attack: async (tx, text) => {
      await rowsOf(
        notes(tx)[method](() => tx.query(Person).select("name"), text)
          .select((c: Loose) => ({ one: c[text].name })),
      );
      return text;
    },
  })),
  {
    name: "alias of a sub-query, and names of its results",
    covers: ["SelectBuilder#toNode"],
    expect: "name",
    attack: async (tx, text) => {
      // SQLite names such results by their place.
      if (/^(true|false)$/i.test(text)) return text;
      const inner = decoys(tx).select((c: Loose) => ({ [text]: c.name }));
      return onlyKey(await rowsOf(loose(tx.query(inner, text)).select(text)));
    },
  },
  {
    name: "cte()",
    covers: ["cte"],
    expect: "name",
    attack: async (tx, text) => {
      const named = cte(text, decoys(tx).select("name"));
      return await rowsOf(loose(tx.query(named)).selectAll()).then((rows) =>
        rows.length === 1 ? text : rows
      );
    },
  },
  {
    name: "recursiveCte()",
    covers: ["recursiveCte"],
    expect: "name",
    attack: async (tx, text) => {
      const named = recursiveCte(
        text,
        decoys(tx).select("name"),
        (self) => loose(tx.query(self, "s")).where("name", "=", "").select("name"),
      );
      const rows = await rowsOf(loose(tx.query(named)).selectAll());
      return rows.length === 1 ? text : rows;
    },
  },
  {
    name: "locked source of forUpdate()",
    covers: ["SelectBuilder#forUpdate"],
    expect: "name",
    needs: (capabilities) => capabilities.supportsRowLocks,
    attack: async (tx, text) => {
      await rowsOf(notes(tx).as(text).select("name").forUpdate({ of: [text] }));
      return text;
    },
  },
  {
    name: "locked source of forShare()",
    covers: ["SelectBuilder#forShare"],
    expect: "name",
    needs: (capabilities) => capabilities.supportsRowLocks,
    attack: async (tx, text) => {
      await rowsOf(notes(tx).as(text).select("name").forShare({ of: [text] }));
      return text;
    },
  },
  {
    name: "alias of update()",
    covers: ["Scope#update", "update", "UpdateBuilder#set", "UpdateBuilder#returning"],
    expect: "name",
    attack: async (tx, text) => {
      const changed = loose(update(tx, Note, text)).set({ mark: "x" })
        .where("name", "=", "decoy one").returning((c: Loose) => ({ [text]: c.mark }));
      return onlyKey(await rowsOf(changed));
    },
  },
  {
    name: "alias of UpdateBuilder.from()",
    covers: ["UpdateBuilder#from"],
    expect: "name",
    needs: (capabilities) => capabilities.supportsUpdateFrom,
    attack: async (tx, text) => {
      await loose(tx.update(Note)).from(Person, text).set((c: Loose) => ({ mark: c[text].name }))
        .where((c: Loose) => c[text].name.eq("nobody")).execute();
      return text;
    },
  },
  {
    name: "alias of deleteFrom()",
    covers: ["Scope#deleteFrom", "deleteFrom", "DeleteBuilder#returning"],
    expect: "name",
    attack: async (tx, text) => {
      const gone = loose(deleteFrom(tx, Note, text)).where("name", "=", "decoy one")
        .returning((c: Loose) => ({ [text]: c.name }));
      return onlyKey(await rowsOf(gone));
    },
  },
  {
    name: "alias of DeleteBuilder.using()",
    covers: ["DeleteBuilder#using"],
    expect: "name",
    needs: (capabilities) => capabilities.supportsDeleteUsing,
    attack: async (tx, text) => {
      await loose(tx.deleteFrom(Note)).using(Person, text)
        .where((c: Loose) => c[text].name.eq("nobody")).execute();
      return text;
    },
  },
  {
    name: "name of a returned value",
    covers: ["InsertBuilder#returning"],
    expect: "name",
    attack: async (tx, text) =>
      onlyKey(
        await rowsOf(
          loose(tx.insertInto(Note)).values({ name: "x" })
            .returning((c: Loose) => ({ [text]: c.name })),
        ),
      ),
  },
];

/** Words that a caller chooses from, and names that must be known. */
const words: readonly Position[] = [
  ...([
    ["select() column", "select", (q: Loose, text: string) => q.select(text)],
    ["groupBy() column", "groupBy", (q: Loose, text: string) => q.groupBy(text).select("name")],
    ["orderBy() column", "orderBy", (q: Loose, text: string) => q.select("name").orderBy(text)],
    ["where() column", "where", (q: Loose, text: string) => q.where(text, "=", "x").select("name")],
    [
      "column of an expression",
      "select",
      (q: Loose, text: string) => q.select((c: Loose) => ({ one: c[text] })),
    ],
    [
      "column of a joined source",
      "select",
      (q: Loose, text: string) =>
        q.innerJoin(Person, "p", (c: Loose) => c.p[text].eq("x")).select("name"),
    ],
  ] as const).map(([name, method, build]): Position => ({
    name,
    covers: [`SelectBuilder#${method}`],
    expect: "word",
    benign: "name",
    attack: (tx, text) => rowsOf(build(notes(tx), text)),
  })),
  ...([
    [
      "direction of orderBy()",
      "SelectBuilder#orderBy",
      "desc",
      (q: Loose, text: string) => q.select("name").orderBy("name", text),
    ],
    [
      "NULLs of orderBy()",
      "SelectBuilder#orderBy",
      "last",
      (q: Loose, text: string) => q.select("mark").orderBy("mark", "asc", text),
    ],
    [
      "operator of where()",
      "SelectBuilder#where",
      "=",
      (q: Loose, text: string) => q.where("name", text, "x").select("name"),
    ],
    [
      "direction of a window",
      "WindowBuilder#orderBy",
      "desc",
      (q: Loose, text: string) =>
        q.select((c: Loose) => ({
          n: fn.rowNumber().over((w: Loose) => w.orderBy(c.name, text)),
        })),
    ],
    [
      "NULLs of a window",
      "WindowBuilder#orderBy",
      "first",
      (q: Loose, text: string) =>
        q.select((c: Loose) => ({
          n: fn.rowNumber().over((w: Loose) => w.partitionBy(c.mark).orderBy(c.mark, "asc", text)),
        })),
    ],
    [
      "start of a frame of rows",
      "WindowBuilder#rows",
      "unbounded preceding",
      (q: Loose, text: string) =>
        q.select((c: Loose) => ({
          n: fn.count().over((w: Loose) => w.orderBy(c.name).rows(text)),
        })),
    ],
    [
      "end of a frame of rows",
      "WindowBuilder#rows",
      "unbounded following",
      (q: Loose, text: string) =>
        q.select((c: Loose) => ({
          n: fn.count().over((w: Loose) => w.orderBy(c.name).rows("current row", text)),
        })),
    ],
    [
      "start of a frame of a range",
      "WindowBuilder#range",
      "unbounded preceding",
      (q: Loose, text: string) =>
        q.select((c: Loose) => ({
          n: fn.count().over((w: Loose) => w.orderBy(c.name).range(text)),
        })),
    ],
    [
      "type of cast()",
      "cast",
      "text",
      (q: Loose, text: string) =>
        q.select((c: Loose) => ({ n: cast(c.name, columnType(text as never)) })),
    ],
    [
      "type of constant()",
      "constant",
      "text",
      (q: Loose, text: string) => q.select(() => ({ n: constant("x", columnType(text as never)) })),
    ],
    ["length of a type", "columnType", "5", (q: Loose, text: string) =>
      q.select((c: Loose) => ({
        n: cast(c.name, columnType("varchar", { length: digits(text) as never })),
      }))],
    ["scale of a type", "columnType", "5", (q: Loose, text: string) =>
      q.select((c: Loose) => ({
        n: cast(
          c.amount,
          columnType("numeric", { precision: 10, scale: digits(text) as never }),
        ),
      }))],
    ["precision of a type", "columnType", "5", (q: Loose, text: string) =>
      q.select(() => ({
        n: cast(
          constant("2020-01-01 10:00:00"),
          columnType("timestamp", { precision: digits(text) as never }),
        ),
      }))],
    [
      "limit()",
      "SelectBuilder#limit",
      "5",
      (q: Loose, text: string) => q.select("name").limit(digits(text)),
    ],
    [
      "offset()",
      "SelectBuilder#offset",
      "5",
      (q: Loose, text: string) => q.select("name").offset(digits(text)),
    ],
  ] as const).map(([name, covered, benign, build]): Position => ({
    name,
    covers: [covered],
    expect: "word",
    benign,
    attack: (tx, text) => rowsOf(build(notes(tx), text)),
  })),
  {
    name: "name of fn.call()",
    covers: ["fn.call"],
    expect: "form",
    benign: "lower",
    shape: /^SELECT ‹name›( \. ‹name›)? \( hostile_notes \. name \) AS n FROM hostile_notes$/,
    attack: (tx, text) =>
      notes(tx).select((c: Loose) => ({ n: fn.call(text, [c.name]) })).toSQL().sql,
  },
  {
    name: "language of fullText()",
    covers: ["fullText"],
    expect: "form",
    benign: "english",
    needs: (capabilities) => capabilities.supportsFullText,
    shape: /^SELECT hostile_notes \. name FROM hostile_notes WHERE to_tsvector \( ‹text› , /,
    attack: (tx, text) =>
      notes(tx).where((c: Loose) => fullText([c.name], "x", text)).select("name").toSQL().sql,
  },
  ...([
    [
      "insert column",
      "InsertBuilder#values",
      (tx: TransactionScope, text: string) => loose(insertInto(tx, Note)).values({ [text]: "x" }),
    ],
    [
      "result of fromSelect()",
      "InsertBuilder#fromSelect",
      (tx: TransactionScope, text: string) =>
        loose(tx.insertInto(Note)).fromSelect(
          loose(tx.query(Person)).select(() => ({ [text]: constant("x") })),
        ),
    ],
    [
      "column of onConflict()",
      "InsertBuilder#onConflict",
      (tx: TransactionScope, text: string) =>
        loose(tx.insertInto(Note)).values({ name: "x" }).onConflict([text]).doNothing(),
    ],
    [
      "column of doUpdate()",
      "InsertBuilder#onConflict",
      (tx: TransactionScope, text: string) =>
        loose(tx.insertInto(Note)).values({ name: "x" }).onConflict(["name"]).doUpdateSet([text]),
    ],
    [
      "returned column of an insert",
      "InsertBuilder#returning",
      (tx: TransactionScope, text: string) =>
        loose(tx.insertInto(Note)).values({ name: "x" }).returning(text),
    ],
    [
      "column that is set",
      "UpdateBuilder#set",
      (tx: TransactionScope, text: string) =>
        loose(tx.update(Note)).set({ [text]: "x" }).where("id", "=", -1),
    ],
    [
      "where() column of an update",
      "UpdateBuilder#where",
      (tx: TransactionScope, text: string) =>
        loose(tx.update(Note)).set({ mark: "x" }).where(text, "=", "nothing"),
    ],
    [
      "returned column of an update",
      "UpdateBuilder#returning",
      (tx: TransactionScope, text: string) =>
        loose(tx.update(Note)).set({ mark: "x" }).where("id", "=", -1).returning(text),
    ],
    [
      "where() column of a delete",
      "DeleteBuilder#where",
      (tx: TransactionScope, text: string) =>
        loose(tx.deleteFrom(Note)).where(text, "=", "nothing"),
    ],
    [
      "returned column of a delete",
      "DeleteBuilder#returning",
      (tx: TransactionScope, text: string) =>
        loose(tx.deleteFrom(Note)).where("id", "=", -1).returning(text),
    ],
  ] as const).map(([name, covered, build]): Position => ({
    name,
    covers: [covered],
    expect: "word",
    benign: "name",
    attack: (tx, text) => build(tx, text).execute(),
  })),
  ...([
    [
      "operator of an update",
      "UpdateBuilder#where",
      (tx: TransactionScope, text: string) =>
        loose(tx.update(Note)).set({ mark: "x" }).where("name", text, "nothing"),
    ],
    [
      "operator of a delete",
      "DeleteBuilder#where",
      (tx: TransactionScope, text: string) =>
        loose(tx.deleteFrom(Note)).where("name", text, "nothing"),
    ],
  ] as const).map(([name, covered, build]): Position => ({
    name,
    covers: [covered],
    expect: "word",
    benign: "=",
    attack: (tx, text) => build(tx, text).execute(),
  })),
];

/** What has to be a number, as it is computed with. */
const operands: readonly Position[] = (["plus", "minus", "times", "dividedBy"] as const).map((
  method,
): Position => ({
  name: `operand of ${method}()`,
  covers: [`Expr#${method}`],
  expect: "word",
  benign: "5",
  attack: (tx, text) =>
    rowsOf(notes(tx).select((c: Loose) => ({ n: c.count[method](digits(text)) }))),
}));

/** The text `"5"` as the number that it is; every other text stays one. */
export function digits(text: string): unknown {
  return text === "5" ? 5 : text;
}

/** A condition that finds the stored text and nothing else. */
function finding(
  name: string,
  covered: readonly string[],
  condition: (column: Loose, text: string) => unknown,
): Position {
  return {
    name,
    covers: covered,
    expect: "data",
    attack: async (tx, text) => {
      await stored(tx, text);
      return only(
        await rowsOf(notes(tx).where((c: Loose) => condition(c.name, text)).select("name")),
      );
    },
  };
}

/** An expression that gives the text back. */
function giving(
  name: string,
  covered: readonly string[],
  expression: (columns: Loose, text: string) => unknown,
): Position {
  return {
    name,
    covers: covered,
    expect: "data",
    attack: async (tx, text) =>
      only(await rowsOf(decoys(tx).select((c: Loose) => ({ one: expression(c, text) })))),
  };
}

/** Values. */
const values: readonly Position[] = [
  ...["=", "like", "ilike"].map((operator): Position => ({
    name: `value of where(), ${operator}`,
    covers: ["SelectBuilder#where"],
    expect: "data",
    attack: async (tx, text) => {
      await stored(tx, text);
      const pattern = operator === "=" ? text : text.replace(/[\\%_]/g, "\\$&");
      return only(await rowsOf(notes(tx).where("name", operator, pattern).select("name")));
    },
  })),
  {
    name: "values of where(), in",
    covers: ["SelectBuilder#where"],
    expect: "data",
    attack: async (tx, text) => {
      await stored(tx, text);
      return only(await rowsOf(notes(tx).where("name", "in", [text, "nobody"]).select("name")));
    },
  },
  finding("eq()", ["Expr#eq"], (column, text) => column.eq(text)),
  finding("isSame()", ["Expr#isSame"], (column, text) => column.isSame(text)),
  finding("between()", ["Expr#between"], (column, text) => column.between(text, text)),
  finding("in()", ["Expr#in"], (column, text) => column.in([text])),
  finding(
    "notIn()",
    ["Expr#notIn", "not"],
    (column, text) => not(column.notIn([text])),
  ),
  finding("ne()", ["Expr#ne"], (column, text) => loose(column.ne(text)).eq(false)),
  finding(
    "gte() and lte()",
    ["Expr#gte", "Expr#lte", "and"],
    (column, text) => and(column.gte(text), column.lte(text)),
  ),
  finding(
    "gt() and lt()",
    ["Expr#gt", "Expr#lt", "or", "not"],
    (column, text) => not(or(column.gt(text), column.lt(text))),
  ),
  finding(
    "startsWith()",
    ["Expr#startsWith"],
    (column, text) => caseWhen([[column.startsWith(text), column]] as never).eq(text as never),
  ),
  finding(
    "endsWith()",
    ["Expr#endsWith"],
    (column, text) => caseWhen([[column.endsWith(text), column]] as never).eq(text as never),
  ),
  finding(
    "contains()",
    ["Expr#contains"],
    (column, text) => caseWhen([[column.contains(text), column]] as never).eq(text as never),
  ),
  finding("like()", ["Expr#like"], (column, text) => column.like(text.replace(/[\\%_]/g, "\\$&"))),
  finding(
    "ilike()",
    ["Expr#ilike"],
    (column, text) => column.ilike(text.replace(/[\\%_]/g, "\\$&")),
  ),
  giving("constant()", ["constant"], (_c, text) => constant(text)),
  giving("typed constant()", ["constant"], (_c, text) => constant(text, columnType("text"))),
  giving("caseWhen()", ["caseWhen"], (c, text) => caseWhen([[c.name.ne("x"), constant(text)]])),
  giving("concat()", ["Expr#concat"], (_c, text) => constant("", columnType("text")).concat(text)),
  giving(
    "orElse()",
    ["Expr#orElse"],
    (c, text) => caseWhen([[c.name.eq("x"), c.name]]).orElse(text),
  ),
  giving(
    "argument of fn.call()",
    ["fn.call"],
    (_c, text) => fn.call("coalesce", [constant(text, columnType("text")), ""]),
  ),
  giving("min() and scalar()", ["fn.min", "scalar"], (_c, text) => constant(text)),
  {
    name: "value of values()",
    covers: ["InsertBuilder#values", "InsertBuilder#returning", "Scope#insertInto", "insertInto"],
    expect: "data",
    attack: async (tx, text) =>
      only(
        await rowsOf(
          loose(insertInto(tx, Note)).values([{ name: text }]).returning("name"),
        ),
      ),
  },
  {
    name: "value of doUpdate()",
    covers: ["InsertBuilder#onConflict"],
    expect: "data",
    attack: async (tx, text) =>
      only(
        await rowsOf(
          loose(tx.insertInto(Note)).values({ name: "decoy one" }).onConflict(["name"])
            .doUpdateSet({ mark: text }).returning("mark"),
        ),
      ),
  },
  {
    name: "value of set()",
    covers: ["UpdateBuilder#set", "UpdateBuilder#returning"],
    expect: "data",
    attack: async (tx, text) =>
      only(
        await rowsOf(
          loose(tx.update(Note)).set({ mark: text }).where("name", "=", "decoy one")
            .returning("mark"),
        ),
      ),
  },
  {
    name: "value of where() of an update",
    covers: ["UpdateBuilder#where"],
    expect: "data",
    attack: async (tx, text) => {
      await stored(tx, text);
      return only(
        await rowsOf(
          loose(tx.update(Note)).set({ mark: "x" }).where("name", "=", text).returning("name"),
        ),
      );
    },
  },
  {
    name: "value of where() of a delete",
    covers: ["DeleteBuilder#where", "DeleteBuilder#returning"],
    expect: "data",
    attack: async (tx, text) => {
      await stored(tx, text);
      return only(
        await rowsOf(loose(tx.deleteFrom(Note)).where("name", "=", text).returning("name")),
      );
    },
  },
  {
    name: "words of fullText()",
    covers: ["fullText"],
    expect: "data",
    needs: (capabilities) => capabilities.supportsFullText,
    attack: async (tx, text) => {
      await rowsOf(notes(tx).where((c: Loose) => fullText([c.name], text)).select("name"));
      return text;
    },
  },
  ...([
    ["key in path()", "Expr#path", (c: Loose, text: string) => c.data.path(text).asText()],
    [
      "inner key in path()",
      "JsonExpr#asText",
      (c: Loose, text: string) => c.data.path("inner", text, 0).asText(),
    ],
    ["key in path(), as JSON", "Expr#path", (c: Loose, text: string) => c.data.path(text)],
  ] as const).map(([name, covered, path]): Position => ({
    name,
    covers: [covered],
    expect: "data",
    attack: async (tx, text) => {
      const data = Object.fromEntries([
        [text, text],
        ...text === "inner" ? [] : [["inner", Object.fromEntries([[text, [text]]])]],
      ]);
      if (text === "inner") return text;
      await tx.insertInto(Note).values({ name: "x", data }).execute();
      return only(
        await rowsOf(
          notes(tx).where("name", "=", "x").select((c: Loose) => ({ one: path(c, text) })),
        ),
      );
    },
  })),
  {
    name: "key in path(), as a number",
    covers: ["JsonExpr#asNumber"],
    expect: "data",
    attack: async (tx, text) => {
      const data = Object.fromEntries([[text, 5]]);
      await tx.insertInto(Note).values({ name: "x", data }).execute();
      const found = only(
        await rowsOf(
          notes(tx).where("name", "=", "x")
            .select((c: Loose) => ({ one: c.data.path(text).asNumber() })),
        ),
      );
      return found === 5 ? text : found;
    },
  },
  {
    name: "key and value in contains() of a document",
    covers: ["Expr#contains"],
    expect: "data",
    attack: async (tx, text) => {
      const data = Object.fromEntries([[text, text]]);
      await tx.insertInto(Note).values({ name: "x", data }).execute();
      const found = await rowsOf(
        notes(tx).where((c: Loose) => c.data.contains(data)).select("data"),
      );
      return found.length === 1 ? Object.values(found[0]?.data as object)[0] : found;
    },
  },
  {
    name: "value of a document in eq()",
    covers: ["Expr#eq"],
    expect: "data",
    attack: async (tx, text) => {
      await tx.insertInto(Note).values({ name: "x", data: [text] }).execute();
      const found = await rowsOf(notes(tx).where((c: Loose) => c.data.eq([text])).select("data"));
      return found.length === 1 ? (found[0]?.data as unknown[])[0] : found;
    },
  },
  {
    name: "value of a sub-query",
    covers: ["scalar", "fn.min", "SelectBuilder#first", "SelectBuilder#firstOrThrow"],
    expect: "data",
    attack: async (tx, text) => {
      await tx.insertInto(Label).values({ word: text }).execute();
      const inner = loose(tx.query(Label)).where("word", "=", text)
        .select((c: Loose) => ({ m: fn.min(c.word) }));
      return only(await rowsOf(decoys(tx).select(() => ({ one: scalar(inner) }))));
    },
  },
];

/** All of them. */
export const typed: readonly Position[] = [...names, ...words, ...operands, ...values];
