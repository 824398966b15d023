/**
 * The values of the typed builders and of their expressions.
 *
 * @module
 */
import type { TransactionScope } from "../../../src/database/scope.ts";
import {
  and,
  caseWhen,
  constant,
  fn,
  fullText,
  insertInto,
  not,
  or,
  scalar,
} from "../../../src/query/mod.ts";
import { columnType } from "../../../src/schema/column_type.ts";
import { Label, Note, type Position } from "../arena.ts";
import { type Loose, loose, notes, only, rowsOf, stored } from "./loose.ts";

const decoys = (tx: TransactionScope, alias?: string): Loose =>
  notes(tx, alias).where("name", "=", "decoy one");

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
export const typedValues: readonly Position[] = [
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
