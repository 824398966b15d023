/**
 * What one writes by hand on a SQLite driver; `node:sqlite` and `better-sqlite3` have the same shape.
 *
 * @module
 */
import type { Operations } from "../candidate.ts";
import type { Author, Comment, Item, NewItem, Post } from "../model.ts";
import { group } from "./group.ts";

type Value = string | number | null;

/** The part of a prepared statement that is used here. */
export interface RawStatement {
  run(...values: Value[]): unknown;
  get(...values: Value[]): unknown;
  all(...values: Value[]): unknown[];
}

/** The part of a connection that is used here. */
export interface RawSqlite<S extends RawStatement = RawStatement> {
  prepare(sql: string): S;
  exec(sql: string): unknown;
  close(): unknown;
}

type Row<T> = { -readonly [K in keyof T]: T[K] };

const columns = `id, name, email, city, bio, age, visits, score, active, created_at AS "createdAt"`;
const insert =
  `INSERT INTO items (name, email, city, bio, age, visits, score, active, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** Prepares every statement and gives the operations. */
export function rawSqliteOperations(database: RawSqlite): Operations {
  const byId = database.prepare(`SELECT ${columns} FROM items WHERE id = ?`);
  const page = database.prepare(`SELECT ${columns} FROM items WHERE id > ? ORDER BY id LIMIT 100`);
  const insertReturning = database.prepare(`${insert} RETURNING ${columns}`);
  const insertOnly = database.prepare(insert);
  const begin = database.prepare("BEGIN IMMEDIATE");
  const commit = database.prepare("COMMIT");
  const readAuthors = nested(database);
  return {
    readItem(id) {
      const row = byId.get(id);
      return row ? converted(row) : null;
    },
    readPage(after) {
      const rows = page.all(after);
      for (const row of rows) converted(row);
      return rows as Item[];
    },
    insertItem: (item) => converted(insertReturning.get(...values(item))),
    insertItems(items) {
      begin.run();
      for (const item of items) insertOnly.run(...values(item));
      commit.run();
    },
    readAuthors,
    close: () => database.close(),
  };
}

/** Three statements, each for all rows of its level, and the grouping of what they give. */
function nested(database: RawSqlite): () => Author[] {
  const authorRows = database.prepare(
    `SELECT id, name, email, city, created_at AS "createdAt" FROM authors ORDER BY id`,
  );
  const postRows = database.prepare(
    `SELECT id, author_id AS "authorId", title, views, published FROM posts
     WHERE author_id IN (SELECT value FROM json_each(?))`,
  );
  const commentRows = database.prepare(
    `SELECT id, post_id AS "postId", writer, body, likes FROM comments
     WHERE post_id IN (SELECT value FROM json_each(?))`,
  );
  const ids = (rows: readonly { id: number }[]) => JSON.stringify(rows.map((row) => row.id));
  return () => {
    const authors = authorRows.all() as Row<Author>[];
    const posts = postRows.all(ids(authors)) as Row<Post>[];
    const comments = commentRows.all(ids(posts)) as Comment[];
    for (const author of authors) author.createdAt = dateOf(author.createdAt);
    for (const post of posts) post.published = Boolean(post.published);
    return group(authors, posts, comments);
  };
}

function values(item: NewItem): Value[] {
  const { name, email, city, bio, age, visits, score, active, createdAt } = item;
  const date = createdAt.toISOString().slice(0, 23).replace("T", " ");
  return [name, email, city, bio, age, visits, score, active ? 1 : 0, date];
}

function converted(stored: unknown): Item {
  const row = stored as Row<Item>;
  row.active = Boolean(row.active);
  row.createdAt = dateOf(row.createdAt);
  return row;
}

function dateOf(text: unknown): Date {
  return new Date(`${(text as string).replace(" ", "T")}Z`);
}
