/** Tables whose changes a feed does not tell. */
import assert from "node:assert/strict";
import { UnsupportedError } from "../../src/base/errors.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { Author, blog, Post } from "./repository_models.ts";

onEveryDatabase(
  "a query over a table that is not followed is refused, and works when it is",
  { models: blog, rewrite: false },
  async ({ db }) => {
    await db.schema.followChanges(["authors"]);
    await db.feed({ source: "log" });
    for await (const authors of db.live(Author)) {
      assert.deepEqual(authors, []);
      break;
    }
    const refused = async (query: object) => {
      for await (const _ of db.live(Author, query)) assert.fail("it is not followed");
    };
    const error = await refused({ include: { posts: true } }).then(() => {}, (error) => error);
    assert.ok(error instanceof UnsupportedError, String(error));
    assert.match(error.message, /changes of posts are not logged.*followChanges\(\["posts"\]\)/s);
    await db.schema.followChanges([Post]);
    for await (const authors of db.live(Author, { include: { posts: true } })) {
      assert.deepEqual(authors, []);
      break;
    }
  },
);
