import assert from "node:assert/strict";
import { layOut } from "./query_layout.ts";

const NESTED =
  "SELECT t0.id, t0.name, (SELECT coalesce(json_agg(json_build_array(j.c0, j.c1)), '[]') " +
  "FROM (SELECT t1.id AS c0, t1.title AS c1 FROM posts t1 WHERE t1.author_id = t0.id ORDER BY t1.id) AS j) " +
  "FROM authors t0 WHERE t0.id = $1 AND t0.age BETWEEN $2 AND $3";

const CASES = [
  NESTED,
  "WITH RECURSIVE tree AS (SELECT id FROM c WHERE parent IS NULL UNION ALL SELECT c.id FROM c INNER JOIN tree " +
  "ON tree.id = c.parent) SELECT id, left(name, 3) FROM tree ORDER BY id LIMIT 10",
  "INSERT INTO authors (name, email) VALUES ($1, $2), ($3, $4) ON CONFLICT (email) DO UPDATE SET " +
  "name = excluded.name RETURNING id",
  "DELETE FROM posts WHERE id IN (SELECT value FROM json_each($1)) AND a IS DISTINCT FROM $2 OR b = 'x, y (AND'",
];

Deno.test("layOut gives a sub-select that does not fit a block of its own", () => {
  assert.deepEqual(layOut(NESTED, 72), [
    "SELECT t0.id, t0.name,",
    "    (",
    "      SELECT coalesce(json_agg(json_build_array(j.c0, j.c1)), '[]')",
    "      FROM (",
    "        SELECT t1.id AS c0, t1.title AS c1",
    "        FROM posts t1",
    "        WHERE t1.author_id = t0.id",
    "        ORDER BY t1.id",
    "      ) AS j",
    "    )",
    "FROM authors t0",
    "WHERE t0.id = $1 AND t0.age BETWEEN $2 AND $3",
  ]);
});

Deno.test("layOut changes nothing but space, at any width", () => {
  for (const sql of CASES) {
    for (let width = 10; width < 140; width += 7) {
      assert.equal(layOut(sql, width).join("").replaceAll(/\s/g, ""), sql.replaceAll(/\s/g, ""));
    }
  }
});

Deno.test("layOut keeps to the width", () => {
  for (const sql of CASES) {
    for (const line of layOut(sql, 60)) assert.ok(line.length <= 60, line);
  }
});

Deno.test("layOut keeps clauses together that go on", () => {
  assert.deepEqual(layOut(CASES[2]!, 50), [
    "INSERT INTO authors (name, email)",
    "VALUES ($1, $2), ($3, $4)",
    "ON CONFLICT (email) DO UPDATE SET name = excluded.name",
    "RETURNING id",
  ]);
});

Deno.test("layOut leaves alone what was laid out by hand, and what does not add up", () => {
  assert.deepEqual(layOut("SELECT 1\n  FROM t", 5), ["SELECT 1", "  FROM t"]);
  assert.deepEqual(layOut("SELECT (1 FROM t", 5), ["SELECT (1 FROM t"]);
  assert.deepEqual(layOut("SELECT 1) FROM t", 5), ["SELECT 1) FROM t"]);
});
