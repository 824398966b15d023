/**
 * SQLite files with the rows of `model.ts`.
 *
 * @module
 */
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import type { Candidate } from "../candidate.ts";
import { type Author, itemsFrom, nestedRows, type NewItem, seededItems } from "../model.ts";
import type { TestDatabase } from "./database.ts";

/** What Rex-ORM sets on its connections, set for everybody. The rest stays as SQLite has it. */
export const settings: Readonly<Record<string, string | number>> = {
  journal_mode: "wal",
  synchronous: 1,
  foreign_keys: 1,
  busy_timeout: 20,
};

/** The same as assignments, to be run after `PRAGMA`. */
export const pragmas: readonly string[] = Object.entries(settings).map(([name, value]) =>
  `${name} = ${value}`
);

/** The type of `created_at` keeps text as text and numbers as numbers, for each candidate's custom. */
const schema = `
  CREATE TABLE items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL, email TEXT NOT NULL, city TEXT NOT NULL, bio TEXT,
    age INTEGER NOT NULL, visits INTEGER NOT NULL, score REAL NOT NULL, active INTEGER NOT NULL,
    created_at DATETIME NOT NULL
  );
  CREATE TABLE authors (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL, email TEXT NOT NULL, city TEXT NOT NULL, created_at DATETIME NOT NULL
  );
  CREATE TABLE posts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    author_id INTEGER NOT NULL REFERENCES authors (id),
    title TEXT NOT NULL, views INTEGER NOT NULL, published INTEGER NOT NULL
  );
  CREATE INDEX ix_posts_author_id ON posts (author_id);
  CREATE TABLE comments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    post_id INTEGER NOT NULL REFERENCES posts (id),
    writer TEXT NOT NULL, body TEXT NOT NULL, likes INTEGER NOT NULL
  );
  CREATE INDEX ix_comments_post_id ON comments (post_id);
`;

type StoredDate = (date: Date) => string | number;

const dateText: StoredDate = (date) => date.toISOString().slice(0, 23).replace("T", " ");

/** Makes the database of one candidate in a folder. */
export function sqliteDatabase(folder: string, candidate: Candidate): TestDatabase {
  const place = join(folder, `${candidate.name.replaceAll(/\W+/g, "_")}_${candidate.driver}.db`);
  const storedDate = candidate.storedDate ?? dateText;
  const database = new DatabaseSync(place);
  for (const pragma of pragmas) database.exec(`PRAGMA ${pragma}`);
  database.exec(schema);
  seed(database, storedDate);
  database.exec("ANALYZE");
  const count = database.prepare("SELECT count(*) AS count FROM items");
  const written = database.prepare("SELECT * FROM items WHERE id > ? ORDER BY id");
  return {
    place,
    async reset() {
      database.exec(`DELETE FROM items WHERE id > ${seededItems}`);
      database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      await Promise.resolve();
    },
    countItems: () => Promise.resolve(Number(count.get()?.count)),
    writtenItems: () =>
      Promise.resolve(written.all(seededItems).map((row) => readItem(row, storedDate))),
    [Symbol.asyncDispose]: () => Promise.resolve(database.close()),
  };
}

function seed(database: DatabaseSync, storedDate: StoredDate): void {
  const insert = (table: string, rows: readonly SQLInputValue[][]) => {
    const places = rows[0]!.map(() => "?").join(", ");
    const statement = database.prepare(`INSERT INTO ${table} VALUES (${places})`);
    for (const row of rows) statement.run(...row);
  };
  const authors = nestedRows();
  const posts = authors.flatMap((author) => author.posts);
  database.exec("BEGIN");
  insert("items", itemsFrom(1, seededItems).map((item, i) => itemRow(i + 1, item, storedDate)));
  insert("authors", authors.map((author) => authorRow(author, storedDate)));
  insert(
    "posts",
    posts.map((post) => [post.id, post.authorId, post.title, post.views, Number(post.published)]),
  );
  insert(
    "comments",
    posts.flatMap(({ comments }) =>
      comments.map((
        comment,
      ) => [comment.id, comment.postId, comment.writer, comment.body, comment.likes])
    ),
  );
  database.exec("COMMIT");
}

function itemRow(id: number, item: NewItem, storedDate: StoredDate): SQLInputValue[] {
  const { name, email, city, bio, age, visits, score, active, createdAt } = item;
  return [id, name, email, city, bio, age, visits, score, Number(active), storedDate(createdAt)];
}

function authorRow(author: Author, storedDate: StoredDate): SQLInputValue[] {
  return [author.id, author.name, author.email, author.city, storedDate(author.createdAt)];
}

/** Reads a stored date by looking which one is stored like this: there is no knowing the candidate's custom. */
function readItem(row: Record<string, unknown>, storedDate: StoredDate): NewItem {
  const { id: _, created_at, active, ...rest } = row;
  const text = String(created_at);
  const time = typeof created_at === "number" ? [created_at, created_at * 1000] : [
    Date.parse(
      text.endsWith("Z") || /[+-]\d\d:\d\d$/.test(text) ? text : `${text.replace(" ", "T")}Z`,
    ),
  ];
  const createdAt = time.map((each) => new Date(each)).find((date) =>
    storedDate(date) === created_at
  );
  return { ...rest, active: active === 1, createdAt } as unknown as NewItem;
}
