/**
 * postgres.js by hand: its tagged templates are prepared statements, and it converts the values itself.
 *
 * @module
 */
import postgres, { type Sql } from "postgres";
import type { Candidate, Operations } from "../candidate.ts";
import type { Author, Comment, Item, Post } from "../model.ts";
import { group } from "./group.ts";
import { copyText, insertLists, insertListsReturning, listsOf } from "./postgres_bulk.ts";

/** The floor of everything that runs on postgres.js. */
export const raw: Candidate = {
  name: "postgres.js",
  driver: "postgres.js",
  open: (place) =>
    Promise.resolve(
      operations(postgres(place, { max: 10 })),
    ),
};

function operations(sql: Sql): Operations {
  return {
    async readItem(id) {
      const [row] = await sql<Item[]>`
        SELECT id, name, email, city, bio, age, visits, score, active, created_at AS "createdAt"
        FROM items WHERE id = ${id}`;
      return row;
    },
    readPage: (after) =>
      sql<Item[]>`
        SELECT id, name, email, city, bio, age, visits, score, active, created_at AS "createdAt"
        FROM items WHERE id > ${after} ORDER BY id LIMIT 100`,
    async insertItem({ name, email, city, bio, age, visits, score, active, createdAt }) {
      const [row] = await sql<Item[]>`
        INSERT INTO items (name, email, city, bio, age, visits, score, active, created_at)
        VALUES (${name}, ${email}, ${city}, ${bio}, ${age}, ${visits}, ${score}, ${active}, ${createdAt})
        RETURNING id, name, email, city, bio, age, visits, score, active, created_at AS "createdAt"`;
      return row!;
    },
    insertItems: (items) => sql.unsafe(insertLists, listsOf(items), { prepare: true }),
    insertItemsReturning: (items) =>
      sql.unsafe<Item[]>(insertListsReturning, listsOf(items), { prepare: true }),
    async copyItems(items) {
      const stream = await sql`
        COPY items (name, email, city, bio, age, visits, score, active, created_at) FROM STDIN`
        .writable();
      await new Promise<void>((resolve, reject) => {
        stream.on("error", reject).on("finish", resolve).end(copyText(items));
      });
    },
    readAuthors: () => readNested(sql),
    close: () => sql.end(),
  };
}

/** Three statements, each for all rows of its level, and the grouping of what they give. */
async function readNested(sql: Sql): Promise<Author[]> {
  const authors = await sql<Author[]>`
    SELECT id, name, email, city, created_at AS "createdAt" FROM authors ORDER BY id`;
  const posts = await sql<Post[]>`
    SELECT id, author_id AS "authorId", title, views, published
    FROM posts WHERE author_id = ANY (${idsOf(authors)}::int[])`;
  const comments = await sql<Comment[]>`
    SELECT id, post_id AS "postId", writer, body, likes
    FROM comments WHERE post_id = ANY (${idsOf(posts)}::int[])`;
  return group(authors, posts, comments);
}

function idsOf(rows: readonly { readonly id: number }[]): number[] {
  return rows.map((row) => row.id);
}
