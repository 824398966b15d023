/**
 * `pg` by hand: every statement has a name, so that the server prepares it once.
 *
 * @module
 */
import { Pool } from "pg";
import type { Candidate, Operations } from "../candidate.ts";
import type { Author, Comment, Item, Post } from "../model.ts";
import { group } from "./group.ts";
import { insertLists, insertListsReturning, listsOf } from "./postgres_bulk.ts";

/** The floor of everything that runs on `pg`. */
export const raw: Candidate = {
  name: "pg",
  driver: "pg",
  open: (place) => Promise.resolve(operations(new Pool({ connectionString: place, max: 10 }))),
};

const columns = `id, name, email, city, bio, age, visits, score, active, created_at AS "createdAt"`;
const byId = `SELECT ${columns} FROM items WHERE id = $1`;
const page = `SELECT ${columns} FROM items WHERE id > $1 ORDER BY id LIMIT 100`;
const insert = `INSERT INTO items (name, email, city, bio, age, visits, score, active, created_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING ${columns}`;
const authorRows =
  `SELECT id, name, email, city, created_at AS "createdAt" FROM authors ORDER BY id`;
const postRows =
  `SELECT id, author_id AS "authorId", title, views, published FROM posts WHERE author_id = ANY ($1::int[])`;
const commentRows =
  `SELECT id, post_id AS "postId", writer, body, likes FROM comments WHERE post_id = ANY ($1::int[])`;

function operations(pool: Pool): Operations {
  const rowsOf = async <T>(name: string, text: string, values: unknown[]): Promise<T[]> =>
    (await pool.query({ name, text, values })).rows;
  return {
    readItem: async (id) => (await rowsOf<Item>("by_id", byId, [id]))[0],
    readPage: (after) => rowsOf("page", page, [after]),
    async insertItem({ name, email, city, bio, age, visits, score, active, createdAt }) {
      const values = [name, email, city, bio, age, visits, score, active, createdAt];
      return (await rowsOf<Item>("insert", insert, values))[0]!;
    },
    insertItems: (items) => rowsOf("insert_lists", insertLists, listsOf(items)),
    insertItemsReturning: (items) =>
      rowsOf("insert_returning", insertListsReturning, listsOf(items)),
    async readAuthors() {
      const authors = await rowsOf<Author>("authors", authorRows, []);
      const posts = await rowsOf<Post>("posts", postRows, [authors.map((author) => author.id)]);
      const comments = await rowsOf<Comment>("comments", commentRows, [
        posts.map((post) => post.id),
      ]);
      return group(authors, posts, comments);
    },
    close: () => pool.end(),
  };
}
