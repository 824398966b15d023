/**
 * Rex-ORM as its documentation shows it: repositories, nothing prepared by hand.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Database, PostgresAdapter, SQLiteAdapter } from "../../mod.ts";
import type { Candidate, Operations } from "../candidate.ts";
import { settings } from "../databases/sqlite.ts";
import { Author, Item } from "./models.ts";

/** Rex-ORM on SQLite. */
export const rexOnSqlite: Candidate = {
  name: "Rex-ORM",
  driver: "node:sqlite",
  async open(place) {
    const db = new SQLiteAdapter(place);
    await checkSettings(db);
    return operations(db);
  },
};

/** Rex-ORM on PostgreSQL. */
export const rexOnPostgres: Candidate = {
  name: "Rex-ORM",
  driver: "postgres.js",
  open: (place) => Promise.resolve(operations(new PostgresAdapter(place))),
};

/** Everybody else is given these settings, so they have to be ours. */
async function checkSettings(db: Database): Promise<void> {
  for (const [name, value] of Object.entries(settings)) {
    const { rows: [row] } = await db.execute(`PRAGMA ${name}`);
    assert.equal(Object.values(row ?? {})[0], value, `Rex-ORM sets ${name} otherwise`);
  }
}

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
