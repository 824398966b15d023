/**
 * TypeORM: repositories over entity schemas, which need no experimental decorators.
 *
 * @module
 */
import Database from "better-sqlite3";
import { DataSource, type DataSourceOptions, EntitySchema, MoreThan } from "typeorm";
import type { Candidate, Operations } from "../candidate.ts";
import { pragmas } from "../databases/sqlite.ts";
import type { Author, Comment, Item, Post } from "../model.ts";
import { chunksOf } from "./chunks.ts";

/** TypeORM on SQLite. */
export const sqlite: readonly Candidate[] = [{
  name: "TypeORM",
  driver: "better-sqlite3",
  open: (place) =>
    open("datetime", {
      type: "better-sqlite3",
      database: place,
      driver: Database,
      prepareDatabase(database: Database.Database) {
        for (const pragma of pragmas) database.pragma(pragma);
      },
    }),
}];

/** TypeORM on PostgreSQL. */
export const postgres: readonly Candidate[] = [{
  name: "TypeORM",
  driver: "pg",
  open: (place) => open("timestamptz", { type: "postgres", url: place, poolSize: 10 }),
}];

async function open(
  time: "datetime" | "timestamptz",
  options: DataSourceOptions,
): Promise<Operations> {
  const entities = schemas(time);
  const source = new DataSource({ ...options, entities: Object.values(entities) });
  await source.initialize();
  const items = source.getRepository(entities.item);
  const authors = source.getRepository(entities.author);
  return {
    readItem: (id) => items.findOneBy({ id }),
    readPage: (after) =>
      items.find({ where: { id: MoreThan(after) }, order: { id: "ASC" }, take: 100 }),
    insertItem: (item) => items.save({ ...item }),
    insertItems: (rows) =>
      source.transaction(async (manager) => {
        for (const chunk of chunksOf(rows)) {
          // Without updateEntity(false) it would read the keys back, to write them into the given rows.
          await manager.createQueryBuilder().insert().into(entities.item).values(chunk)
            .updateEntity(false).execute();
        }
      }),
    readAuthors: () =>
      authors.find({ relations: { posts: { comments: true } }, order: { id: "ASC" } }),
    close: () => source.destroy(),
  };
}

function schemas(time: "datetime" | "timestamptz") {
  const key = { type: "integer", primary: true, generated: "increment" } as const;
  const item = new EntitySchema<Item>({
    name: "Item",
    tableName: "items",
    columns: {
      id: key,
      name: { type: "text" },
      email: { type: "text" },
      city: { type: "text" },
      bio: { type: "text", nullable: true },
      age: { type: "integer" },
      visits: { type: "integer" },
      score: { type: "real" },
      active: { type: "boolean" },
      createdAt: { type: time, name: "created_at" },
    },
  });
  const author = new EntitySchema<Author>({
    name: "Author",
    tableName: "authors",
    columns: {
      id: key,
      name: { type: "text" },
      email: { type: "text" },
      city: { type: "text" },
      createdAt: { type: time, name: "created_at" },
    },
    relations: { posts: { type: "one-to-many", target: "Post", inverseSide: "author" } },
  });
  const post = new EntitySchema<Post & { author: Author }>({
    name: "Post",
    tableName: "posts",
    columns: {
      id: key,
      authorId: { type: "integer", name: "author_id" },
      title: { type: "text" },
      views: { type: "integer" },
      published: { type: "boolean" },
    },
    relations: {
      author: { type: "many-to-one", target: "Author", joinColumn: { name: "author_id" } },
      comments: { type: "one-to-many", target: "Comment", inverseSide: "post" },
    },
  });
  const comment = new EntitySchema<Comment & { post: Post }>({
    name: "Comment",
    tableName: "comments",
    columns: {
      id: key,
      postId: { type: "integer", name: "post_id" },
      writer: { type: "text" },
      body: { type: "text" },
      likes: { type: "integer" },
    },
    relations: { post: { type: "many-to-one", target: "Post", joinColumn: { name: "post_id" } } },
  });
  return { item, author, post, comment };
}
