/**
 * Rex-ORM as its documentation shows it: repositories, nothing prepared by hand.
 *
 * @module
 */
import { type Database, PostgresAdapter, SQLiteAdapter } from "../../mod.ts";
import type { Candidate, Operations } from "../candidate.ts";
import { Author, Item } from "./models.ts";

/** Rex-ORM on SQLite. */
export const rexOnSqlite: Candidate = {
  name: "Rex-ORM",
  driver: "node:sqlite",
  open: (place) => Promise.resolve(operations(new SQLiteAdapter(place))),
};

/** Rex-ORM on PostgreSQL. */
export const rexOnPostgres: Candidate = {
  name: "Rex-ORM",
  driver: "postgres.js",
  open: (place) => Promise.resolve(operations(new PostgresAdapter(place))),
};

function operations(db: Database): Operations {
  const items = db.repository(Item);
  const authors = db.repository(Author);
  return {
    readItem: (id) => items.findById(id),
    readPage: (after) =>
      items.find({ where: { id: { gt: after } }, orderBy: { id: "asc" }, limit: 100 }),
    insertItem: (item) => items.create(item),
    insertItems: (rows) => items.createMany(rows),
    insertItemsReturning: (rows) => items.createManyReturning(rows),
    copyItems: (rows) => items.createMany(rows),
    readAuthors: () =>
      authors.find({ orderBy: { id: "asc" }, include: { posts: { include: { comments: true } } } }),
    close: () => db.disconnect(),
  };
}
