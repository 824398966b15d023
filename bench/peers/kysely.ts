/**
 * Kysely with its own dialects, on better-sqlite3 and pg, and its helpers for nested rows.
 *
 * @module
 */
import Database from "better-sqlite3";
import {
  type Generated,
  Kysely,
  ParseJSONResultsPlugin,
  PostgresDialect,
  SqliteDialect,
} from "kysely";
import * as onPostgres from "kysely/helpers/postgres";
import * as onSqlite from "kysely/helpers/sqlite";
import { Pool } from "pg";
import type { Candidate, Operations } from "../candidate.ts";
import { pragmas } from "../databases/sqlite.ts";
import type { Author, Item, NewItem } from "../model.ts";
import { chunksOf } from "./chunks.ts";

/** The tables; a boolean and a point in time are what the database's driver gives for them. */
interface Tables<Bool, Time> {
  items: {
    id: Generated<number>;
    name: string;
    email: string;
    city: string;
    bio: string | null;
    age: number;
    visits: number;
    score: number;
    active: Bool;
    created_at: Time;
  };
  authors: { id: number; name: string; email: string; city: string; created_at: Time };
  posts: { id: number; author_id: number; title: string; views: number; published: Bool };
  comments: { id: number; post_id: number; writer: string; body: string; likes: number };
}

const itemColumns = [
  "id",
  "name",
  "email",
  "city",
  "bio",
  "age",
  "visits",
  "score",
  "active",
  "created_at as createdAt",
] as const;
const authorColumns = ["id", "name", "email", "city", "created_at as createdAt"] as const;
const postColumns = [
  "posts.id",
  "posts.author_id as authorId",
  "posts.title",
  "posts.views",
  "posts.published",
] as const;
const commentColumns = [
  "comments.id",
  "comments.post_id as postId",
  "comments.writer",
  "comments.body",
  "comments.likes",
] as const;

/** Kysely on SQLite. */
export const sqlite: readonly Candidate[] = [{
  name: "Kysely",
  driver: "better-sqlite3",
  open(place) {
    const database = new Database(place);
    for (const pragma of pragmas) database.pragma(pragma);
    const dialect = new SqliteDialect({ database });
    return Promise.resolve(sqliteOperations(new Kysely({ dialect })));
  },
}];

/** Kysely on PostgreSQL. */
export const postgres: readonly Candidate[] = [{
  name: "Kysely",
  driver: "pg",
  open(place) {
    const dialect = new PostgresDialect({ pool: new Pool({ connectionString: place, max: 10 }) });
    return Promise.resolve(postgresOperations(new Kysely({ dialect })));
  },
}];

function sqliteOperations(db: Kysely<Tables<number, string>>): Operations {
  const nested = nestedQuery(db.withPlugin(new ParseJSONResultsPlugin()), onSqlite.jsonArrayFrom);
  return {
    ...common(db, loaded, dumped),
    async readAuthors() {
      const authors = await nested().execute();
      return authors.map((author) => ({
        ...author,
        createdAt: dateOf(author.createdAt),
        posts: author.posts.map((post) => ({ ...post, published: post.published === 1 })),
      }));
    },
  };
}

function postgresOperations(db: Kysely<Tables<boolean, Date>>): Operations {
  const same = <T>(value: T): T => value;
  // The helper of the other dialect has another type for the values in JSON, and the same arguments.
  const nested = nestedQuery(
    db as unknown as Kysely<Tables<number, string>>,
    onPostgres.jsonArrayFrom as unknown as typeof onSqlite.jsonArrayFrom,
  );
  return {
    ...common(db, same, ({ createdAt, ...rest }) => ({ ...rest, created_at: createdAt })),
    readAuthors: () => nested().execute() as unknown as Promise<Author[]>,
  };
}

function nestedQuery(
  db: Kysely<Tables<number, string>>,
  jsonArrayFrom: typeof onSqlite.jsonArrayFrom,
) {
  return () =>
    db.selectFrom("authors").select(authorColumns).select((author) => [
      jsonArrayFrom(
        author.selectFrom("posts").select(postColumns).whereRef("author_id", "=", "authors.id")
          .select((post) => [
            jsonArrayFrom(
              post.selectFrom("comments").select(commentColumns)
                .whereRef("post_id", "=", "posts.id"),
            ).as("comments"),
          ]),
      ).as("posts"),
    ]).orderBy("id");
}

interface Stored<Bool, Time> extends Omit<Item, "active" | "createdAt"> {
  readonly active: Bool;
  readonly createdAt: Time;
}

type Dumped<Bool, Time> = Omit<Tables<Bool, Time>["items"], "id">;

/** What is the same on both databases, with the conversions that Kysely leaves to its users. */
function common<Bool, Time>(
  db: Kysely<Tables<Bool, Time>>,
  load: (row: Stored<Bool, Time>) => Item,
  dump: (item: NewItem) => Dumped<Bool, Time>,
): Omit<Operations, "readAuthors"> {
  // The conditions of Kysely's types cannot be followed for a table whose column types are open.
  const on = db as unknown as Kysely<Tables<number, string>>;
  const loadRow = load as unknown as (row: Stored<number, string>) => Item;
  const dumpRow = dump as unknown as (item: NewItem) => Dumped<number, string>;
  return {
    async readItem(id) {
      const row = await on.selectFrom("items").select(itemColumns).where("id", "=", id)
        .executeTakeFirst();
      return row && loadRow(row);
    },
    async readPage(after) {
      const rows = await on.selectFrom("items").select(itemColumns).where("id", ">", after)
        .orderBy("id").limit(100).execute();
      return rows.map(loadRow);
    },
    async insertItem(item) {
      const row = await on.insertInto("items").values(dumpRow(item)).returning(itemColumns)
        .executeTakeFirstOrThrow();
      return loadRow(row);
    },
    insertItems: (items) =>
      on.transaction().execute(async (tx) => {
        for (const chunk of chunksOf(items)) {
          await tx.insertInto("items").values(chunk.map(dumpRow)).execute();
        }
      }),
    insertItemsReturning: (items) =>
      on.transaction().execute(async (tx) => {
        const stored: Item[] = [];
        for (const chunk of chunksOf(items)) {
          const rows = await tx.insertInto("items").values(chunk.map(dumpRow))
            .returning(itemColumns).execute();
          for (const row of rows) stored.push(loadRow(row));
        }
        return stored;
      }),
    close: () => on.destroy(),
  };
}

function loaded(row: Stored<number, string>): Item {
  return { ...row, active: row.active === 1, createdAt: dateOf(row.createdAt) };
}

function dumped({ createdAt, active, ...rest }: NewItem): Dumped<number, string> {
  const date = createdAt.toISOString().slice(0, 23).replace("T", " ");
  return { ...rest, active: active ? 1 : 0, created_at: date };
}

function dateOf(text: string): Date {
  return new Date(`${text.replace(" ", "T")}Z`);
}
