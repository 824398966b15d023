/**
 * The names that a caller of the typed builders gives.
 *
 * @module
 */
import type { TransactionScope } from "../../../src/database/scope.ts";
import { cte, deleteFrom, fn, query, recursiveCte, update } from "../../../src/query/mod.ts";
import { harmless, Note, Person, type Position } from "../arena.ts";
import { type Loose, loose, notes, onlyKey, rowsOf } from "./loose.ts";

const decoys = (tx: TransactionScope, alias?: string): Loose =>
  notes(tx, alias).where("name", "=", "decoy one");

/** Names that a caller gives in a query. */
export const typedNames: readonly Position[] = [
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
      const name = /^(true|false)$/i.test(text) ? harmless : text;
      const inner = decoys(tx).select((c: Loose) => ({ [name]: c.name }));
      const given = onlyKey(await rowsOf(loose(tx.query(inner, name)).select(name)));
      return given === name ? text : given;
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
