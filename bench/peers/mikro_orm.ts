/**
 * MikroORM: an entity manager forked for each operation, as for each request of a server.
 *
 * @module
 */
import { defineEntity, type EntityManager, p, serialize } from "@mikro-orm/core";
import { MikroORM as PostgresORM } from "@mikro-orm/postgresql";
import { MikroORM as SqliteORM } from "@mikro-orm/sqlite";
import type { Candidate, Operations } from "../candidate.ts";
import { pragmas } from "../databases/sqlite.ts";
import type { Author as PlainAuthor, Item as PlainItem } from "../model.ts";
import { chunksOf } from "./chunks.ts";

const Item = defineEntity({
  name: "Item",
  tableName: "items",
  properties: {
    id: p.integer().primary(),
    name: p.text(),
    email: p.text(),
    city: p.text(),
    bio: p.text().nullable(),
    age: p.integer(),
    visits: p.integer(),
    score: p.float(),
    active: p.boolean(),
    createdAt: p.datetime(3).name("created_at"),
  },
});

const Author = defineEntity({
  name: "Author",
  tableName: "authors",
  properties: {
    id: p.integer().primary(),
    name: p.text(),
    email: p.text(),
    city: p.text(),
    createdAt: p.datetime(3).name("created_at"),
    posts: () => p.oneToMany(Post).mappedBy("author"),
  },
});

const Post = defineEntity({
  name: "Post",
  tableName: "posts",
  properties: {
    id: p.integer().primary(),
    author: () => p.manyToOne(Author).joinColumn("author_id"),
    title: p.text(),
    views: p.integer(),
    published: p.boolean(),
    comments: () => p.oneToMany(Comment).mappedBy("post"),
  },
});

const Comment = defineEntity({
  name: "Comment",
  tableName: "comments",
  properties: {
    id: p.integer().primary(),
    post: () => p.manyToOne(Post).joinColumn("post_id"),
    writer: p.text(),
    body: p.text(),
    likes: p.integer(),
  },
});

const entities = [Item, Author, Post, Comment];

/** MikroORM on SQLite. */
export const sqlite: readonly Candidate[] = [{
  name: "MikroORM",
  driver: "better-sqlite3",
  storedDate: (date) => date.getTime(),
  plain,
  async open(place) {
    const orm = new SqliteORM({ entities, dbName: place });
    await orm.connect();
    for (const pragma of pragmas) await orm.em.getConnection().execute(`PRAGMA ${pragma}`);
    return operations(orm.em, () => orm.close());
  },
}];

/** MikroORM on PostgreSQL. */
export const postgres: readonly Candidate[] = [{
  name: "MikroORM",
  driver: "pg",
  plain,
  async open(place) {
    const orm = new PostgresORM({ entities, clientUrl: place, pool: { max: 10 } });
    await orm.connect();
    return operations(orm.em, () => orm.close());
  },
}];

function operations(em: EntityManager, close: () => Promise<void>): Operations {
  return {
    readItem: (id) => em.fork().findOne(Item, id) as Promise<PlainItem | null>,
    readPage: (after) =>
      em.fork().find(Item, { id: { $gt: after } }, {
        orderBy: { id: "asc" },
        limit: 100,
      }) as Promise<
        PlainItem[]
      >,
    async insertItem(item) {
      const fork = em.fork();
      const entity = fork.create(Item, { ...item });
      await fork.flush();
      return entity as PlainItem;
    },
    insertItems: (items) =>
      em.fork().transactional(async (tx) => {
        for (const chunk of chunksOf(items)) {
          // It writes into what it is given.
          await tx.insertMany(Item, chunk.map((item) => ({ ...item })));
        }
      }),
    readAuthors: () =>
      em.fork().find(Author, {}, {
        orderBy: { id: "asc" },
        populate: ["posts.comments"],
      }) as unknown as Promise<PlainAuthor[]>,
    close,
  };
}

/** Entities as plain data; a reference to a parent as the key that the other peers have there. */
function plain(result: unknown): unknown {
  return withKeys(serialize(result as object, { populate: ["posts.comments"] as never }));
}

function withKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withKeys);
  if (value === null || typeof value !== "object" || value instanceof Date) return value;
  const entries = Object.entries(value).map(([name, each]) => {
    if (name === "author" || name === "post") return [`${name}Id`, each.id ?? each];
    return [name, withKeys(each)];
  });
  return Object.fromEntries(entries);
}
