import assert from "node:assert/strict";
import { isSingle, keyedRead } from "./keyed_read.ts";

Deno.test("keyedRead tells a read by key and what it is compared by", () => {
  assert.deepEqual(keyedRead("SELECT id, name FROM authors WHERE id = $1"), {
    table: "authors",
    columns: ["id"],
    list: -1,
    counts: false,
  });
  assert.deepEqual(
    keyedRead(
      'SELECT t0.id FROM app."my posts" t0 WHERE t0.author_id = $1 AND t0.deleted_at IS NULL LIMIT 1',
    ),
    { table: "my posts", columns: ["author_id"], list: -1, counts: false },
  );
  assert.equal(keyedRead("SELECT count(*) FROM posts t WHERE t.author_id = $1")?.counts, true);
});

Deno.test("keyedRead looks past sub-selects in the result", () => {
  const sql = "SELECT t0.id, (SELECT json_agg(t1.a) FROM posts t1 WHERE t1.author_id = t0.id) " +
    "FROM authors t0 WHERE t0.id = $1";
  assert.equal(keyedRead(sql)?.table, "authors");
});

Deno.test("keyedRead knows lists of keys as the databases write them", () => {
  const sqlite =
    "SELECT t0.id FROM posts t0 WHERE t0.author_id IN (SELECT value FROM json_each($2)) ORDER BY t0.id";
  const postgres =
    "SELECT t0.id FROM posts t0 WHERE t0.author_id = ANY($2::INTEGER[]) ORDER BY t0.id";
  for (const sql of [sqlite, postgres]) {
    assert.deepEqual(keyedRead(sql), {
      table: "posts",
      columns: ["author_id"],
      list: 1,
      counts: false,
    });
  }
});

Deno.test("keyedRead refuses pages, ranges, writes and joins by more than keys", () => {
  for (
    const sql of [
      "SELECT id FROM posts",
      "SELECT id FROM posts WHERE id > $1 ORDER BY id LIMIT 10",
      "SELECT id FROM posts WHERE author_id = $1 LIMIT 10 OFFSET $2",
      "SELECT id FROM posts WHERE author_id = $1 OR editor_id = $1",
      "SELECT id FROM posts WHERE title LIKE $1",
      "SELECT id FROM posts WHERE id = 1",
      "SELECT t.id FROM posts t WHERE EXISTS (SELECT 1 FROM authors a WHERE a.id = $1)",
      "UPDATE posts SET views = 1 WHERE id = $1",
      "WITH x AS (SELECT 1) SELECT * FROM x WHERE id = $1",
      "",
    ]
  ) assert.equal(keyedRead(sql), undefined, sql);
});

Deno.test("isSingle counts the keys of a list in every wire form", () => {
  for (const one of [[1], "[1]", '["a,b"]', '{"1"}', "{1}", '{"a\\"b,c"}']) {
    assert.equal(isSingle(one), true, String(one));
  }
  for (const many of [[1, 2], [], "[1,2]", '{"1","2"}', "{1,2}", "[]", "{}", 7, null]) {
    assert.equal(isSingle(many), false, String(many));
  }
});
