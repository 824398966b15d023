import assert from "node:assert/strict";
import { querySummary, tablesOf } from "./query_summary.ts";

Deno.test("querySummary names operations and tables in the order of the statement", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["SELECT * FROM users WHERE name = $1", "SELECT users"],
    ["select * from songs s, artists a where s.id = a.id", "select songs artists"],
    ['SELECT * FROM "song list" JOIN app.artists ON true', 'SELECT "song list" app.artists'],
    [
      "INSERT INTO details (id) SELECT id FROM orders WHERE id = ?",
      "INSERT details SELECT orders",
    ],
    [
      "SELECT d FROM (SELECT * FROM orders o JOIN customers c ON o.c = c.id)",
      "SELECT SELECT orders customers",
    ],
    [
      "INSERT INTO t (a) VALUES ($1) ON CONFLICT (a) DO UPDATE SET a = excluded.a RETURNING a",
      "INSERT t",
    ],
    ["UPDATE t SET a = 1 FROM b WHERE t.id = b.id", "UPDATE t b"],
    ["DELETE FROM t USING b WHERE t.id = b.id", "DELETE t b"],
    ["SELECT * FROM t FOR NO KEY UPDATE", "SELECT t"],
    ["SELECT extract(year FROM at) FROM t WHERE a IS DISTINCT FROM b", "SELECT t"],
    ["SELECT a FROM t WHERE b IN (SELECT value FROM json_each($1))", "SELECT t SELECT"],
    ["WITH x AS (SELECT * FROM t) SELECT * FROM x", "SELECT t SELECT"],
    ["WITH RECURSIVE x AS (SELECT 1) SELECT * FROM x, u", "SELECT SELECT u"],
    ["CREATE UNIQUE INDEX IF NOT EXISTS i ON t (a)", "CREATE INDEX i"],
    ["DROP TABLE IF EXISTS app.t", "DROP TABLE app.t"],
    ["COPY app.t (a, b) FROM STDIN", "COPY app.t"],
    ["BEGIN ISOLATION LEVEL SERIALIZABLE", "BEGIN"],
    ["SAVEPOINT rex_1", "SAVEPOINT"],
    ["SELECT 'from secret' -- from comment\n FROM t", "SELECT t"],
    ["", ""],
  ];
  for (const [sql, summary] of cases) assert.equal(querySummary(sql), summary, sql);
});

Deno.test("querySummary is at most 255 characters long and never cuts a name", () => {
  const tables = Array.from({ length: 60 }, (_, i) => `table_${i}`);
  const summary = querySummary(`SELECT 1 FROM ${tables.join(", ")}`);
  assert.ok(summary.length <= 255);
  assert.ok(tables.includes(summary.split(" ").at(-1)!));
});

Deno.test("tablesOf gives names without schema and quotes", () => {
  assert.deepEqual(tablesOf('SELECT 1 FROM app."my ""own""" JOIN b.c ON true'), ['my "own"', "c"]);
});
