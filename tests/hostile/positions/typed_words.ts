/**
 * The words and numbers that the typed builders know, and the columns that they look up.
 *
 * @module
 */
import type { TransactionScope } from "../../../src/database/scope.ts";
import { cast, constant, fn, fullText, insertInto } from "../../../src/query/mod.ts";
import { columnType } from "../../../src/schema/column_type.ts";
import { Note, Person, type Position } from "../arena.ts";
import { digits, type Loose, loose, notes, rowsOf } from "./loose.ts";

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

/** All of them. */
export const typedWords: readonly Position[] = [...words, ...operands];
