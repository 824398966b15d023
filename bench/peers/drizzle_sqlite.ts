/**
 * Drizzle on `node:sqlite`, as its documentation shows it, and again with its queries prepared by hand.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { asc, defineRelations, eq, gt, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-sqlite";
import { integer, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Candidate, Operations } from "../candidate.ts";
import { pragmas } from "../databases/sqlite.ts";
import type { Item } from "../model.ts";
import { chunksOf } from "./chunks.ts";
import { itemPlaces } from "./drizzle_places.ts";

const tables = {
  items: sqliteTable("items", {
    id: integer().primaryKey({ autoIncrement: true }),
    name: text().notNull(),
    email: text().notNull(),
    city: text().notNull(),
    bio: text(),
    age: integer().notNull(),
    visits: integer().notNull(),
    score: real().notNull(),
    active: integer({ mode: "boolean" }).notNull(),
    createdAt: integer("created_at", { mode: "timestamp_ms" }).notNull(),
  }),
  authors: sqliteTable("authors", {
    id: integer().primaryKey({ autoIncrement: true }),
    name: text().notNull(),
    email: text().notNull(),
    city: text().notNull(),
    createdAt: integer("created_at", { mode: "timestamp_ms" }).notNull(),
  }),
  posts: sqliteTable("posts", {
    id: integer().primaryKey({ autoIncrement: true }),
    authorId: integer("author_id").notNull(),
    title: text().notNull(),
    views: integer().notNull(),
    published: integer({ mode: "boolean" }).notNull(),
  }),
  comments: sqliteTable("comments", {
    id: integer().primaryKey({ autoIncrement: true }),
    postId: integer("post_id").notNull(),
    writer: text().notNull(),
    body: text().notNull(),
    likes: integer().notNull(),
  }),
};

const relations = defineRelations(tables, (r) => ({
  authors: { posts: r.many.posts({ from: r.authors.id, to: r.posts.authorId }) },
  posts: { comments: r.many.comments({ from: r.posts.id, to: r.comments.postId }) },
}));

const { items } = tables;
const nested = { orderBy: { id: "asc" }, with: { posts: { with: { comments: true } } } } as const;
const storedDate = (date: Date) => date.getTime();

/** Drizzle on SQLite. */
export const sqlite: readonly Candidate[] = [
  {
    name: "Drizzle",
    driver: "node:sqlite",
    storedDate,
    open: (place) => Promise.resolve(operations(connect(place))),
  },
  {
    name: "Drizzle, prepared",
    driver: "node:sqlite",
    storedDate,
    open: (place) => Promise.resolve(prepared(connect(place))),
  },
];

function connect(place: string) {
  const client = new DatabaseSync(place);
  for (const pragma of pragmas) client.exec(`PRAGMA ${pragma}`);
  return drizzle({ client, relations });
}

type Db = ReturnType<typeof connect>;

function operations(db: Db): Operations {
  return {
    readItem: (id) => db.select().from(items).where(eq(items.id, id)).get(),
    readPage: (after) =>
      db.select().from(items).where(gt(items.id, after)).orderBy(asc(items.id)).limit(100).all(),
    insertItem: (item) => db.insert(items).values(item).returning().get(),
    insertItems: (rows) =>
      db.transaction((tx) => {
        for (const chunk of chunksOf(rows)) tx.insert(items).values(chunk).run();
      }),
    insertItemsReturning: (rows) =>
      db.transaction((tx): Item[] =>
        chunksOf(rows).flatMap((chunk) => tx.insert(items).values(chunk).returning().all())
      ),
    readAuthors: () => db.query.authors.findMany(nested).sync(),
    close: () => db.$client.close(),
  };
}

function prepared(db: Db): Operations {
  const key = sql.placeholder("id");
  const byId = db.select().from(items).where(eq(items.id, key)).prepare();
  const page = db.select().from(items).where(gt(items.id, key)).orderBy(asc(items.id)).limit(100)
    .prepare();
  const insert = db.insert(items).values(itemPlaces).returning().prepare();
  const authors = db.query.authors.findMany(nested).prepare();
  return {
    readItem: (id) => byId.get({ id }),
    readPage: (id) => page.all({ id }),
    insertItem: (item) => insert.get({ ...item }),
    readAuthors: () => authors.execute().sync(),
    close: () => db.$client.close(),
  };
}
