/**
 * Drizzle on `pg` and on postgres.js, as its documentation shows it, and again with its queries prepared
 * by hand.
 *
 * @module
 */
import { asc, defineRelations, eq, gt, sql } from "drizzle-orm";
import { drizzle as drizzleOnPg } from "drizzle-orm/node-postgres";
import { boolean, integer, pgTable, real, text, timestamp } from "drizzle-orm/pg-core";
import { drizzle as drizzleOnPostgresJs } from "drizzle-orm/postgres-js";
import { Pool } from "pg";
import connect from "postgres";
import type { Awaitable, Candidate, Operations } from "../candidate.ts";
import type { Item } from "../model.ts";
import { chunksOf } from "./chunks.ts";
import { itemPlaces } from "./drizzle_places.ts";

const tables = {
  items: pgTable("items", {
    id: integer().primaryKey().generatedByDefaultAsIdentity(),
    name: text().notNull(),
    email: text().notNull(),
    city: text().notNull(),
    bio: text(),
    age: integer().notNull(),
    visits: integer().notNull(),
    score: real().notNull(),
    active: boolean().notNull(),
    createdAt: timestamp("created_at", { precision: 3, withTimezone: true }).notNull(),
  }),
  authors: pgTable("authors", {
    id: integer().primaryKey().generatedByDefaultAsIdentity(),
    name: text().notNull(),
    email: text().notNull(),
    city: text().notNull(),
    createdAt: timestamp("created_at", { precision: 3, withTimezone: true }).notNull(),
  }),
  posts: pgTable("posts", {
    id: integer().primaryKey().generatedByDefaultAsIdentity(),
    authorId: integer("author_id").notNull(),
    title: text().notNull(),
    views: integer().notNull(),
    published: boolean().notNull(),
  }),
  comments: pgTable("comments", {
    id: integer().primaryKey().generatedByDefaultAsIdentity(),
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

/** Drizzle on PostgreSQL. */
export const postgres: readonly Candidate[] = [
  {
    name: "Drizzle",
    driver: "pg",
    open: (place) => Promise.resolve(operations(onPg(place))),
  },
  {
    name: "Drizzle, prepared",
    driver: "pg",
    open: (place) => Promise.resolve(prepared(onPg(place))),
  },
  {
    name: "Drizzle, postgres.js",
    driver: "postgres.js",
    open: (place) => Promise.resolve(operations(onPostgresJs(place))),
  },
];

function onPg(place: string) {
  const client = new Pool({ connectionString: place, max: 10 });
  return drizzleOnPg({ client, relations });
}

function onPostgresJs(place: string) {
  return drizzleOnPostgresJs({ client: connect(place, { max: 10 }), relations });
}

type Db = ReturnType<typeof onPg> | ReturnType<typeof onPostgresJs>;

function operations(db: Db): Operations {
  return {
    async readItem(id) {
      const [row] = await db.select().from(items).where(eq(items.id, id));
      return row;
    },
    readPage: (after) =>
      db.select().from(items).where(gt(items.id, after)).orderBy(asc(items.id)).limit(100),
    async insertItem(item) {
      const [row] = await db.insert(items).values(item).returning();
      return row!;
    },
    insertItems: (rows) =>
      db.transaction(async (tx) => {
        for (const chunk of chunksOf(rows)) await tx.insert(items).values(chunk);
      }),
    insertItemsReturning: (rows) =>
      db.transaction(async (tx) => {
        const stored: Item[] = [];
        for (const chunk of chunksOf(rows)) {
          stored.push(...await tx.insert(items).values(chunk).returning());
        }
        return stored;
      }),
    readAuthors: () => db.query.authors.findMany(nested),
    close: () => closeClient(db),
  };
}

function prepared(db: Db): Operations {
  const key = sql.placeholder("id");
  const byId = db.select().from(items).where(eq(items.id, key)).prepare("by_id");
  const page = db.select().from(items).where(gt(items.id, key)).orderBy(asc(items.id)).limit(100)
    .prepare("page");
  const insert = db.insert(items).values(itemPlaces).returning().prepare("insert");
  const authors = db.query.authors.findMany(nested).prepare("authors");
  return {
    readItem: async (id) => (await byId.execute({ id }))[0],
    readPage: (id) => page.execute({ id }),
    insertItem: async (item) => (await insert.execute({ ...item }))[0]!,
    readAuthors: () => authors.execute(),
    close: () => closeClient(db),
  };
}

function closeClient({ $client }: Db): Awaitable<unknown> {
  return $client.end();
}
