import assert from "node:assert/strict";
import { queryEvent } from "./query_event.ts";
import { formatQuery } from "./query_format.ts";

function event(sql: string, params: unknown[] = [], rows = 3) {
  return queryEvent({ sql, params, kind: "read" }, 1.2345, { rows });
}

const LONG =
  "SELECT u.id, u.name, (SELECT count(*) FROM posts p WHERE p.user_id = u.id) AS posts " +
  "FROM users u LEFT JOIN teams t ON t.id = u.team_id WHERE u.age > $1 AND u.name LIKE 'from where' " +
  "GROUP BY u.id ORDER BY u.name LIMIT 10";

Deno.test("formatQuery puts a short statement on one line, with time and rows below", () => {
  assert.equal(formatQuery(event("SELECT 1", [], 1)), "  SELECT 1\n  -- 1.23 ms · 1 row");
});

Deno.test("formatQuery gives each clause of a long statement a line, and each sub-select that does not fit a block", () => {
  assert.deepEqual(formatQuery(event(LONG), { width: 60 }).split("\n"), [
    "  SELECT u.id, u.name,",
    "      (",
    "        SELECT count(*) FROM posts p WHERE p.user_id = u.id",
    "      ) AS posts",
    "  FROM users u",
    "    LEFT JOIN teams t ON t.id = u.team_id",
    "  WHERE u.age > $1 AND u.name LIKE 'from where'",
    "  GROUP BY u.id",
    "  ORDER BY u.name",
    "  LIMIT 10",
    "  -- 1.23 ms · 3 rows",
  ]);
});

Deno.test("formatQuery shows values and colours only when asked to", () => {
  const asked = formatQuery(event("SELECT $1", ["secret", null, new Uint8Array(3)]), {
    parameters: true,
  });
  assert.ok(asked.endsWith('-- "secret", null, 3 bytes'));
  assert.ok(!formatQuery(event("SELECT $1", ["secret"])).includes("secret"));
  assert.ok(!asked.includes("\x1b["));
  const colored = formatQuery(event("SELECT 'from' FROM t WHERE id = $1"), { color: true });
  assert.ok(colored.includes("\x1b[36mSELECT\x1b[0m \x1b[32m'from'\x1b[0m"));
});

Deno.test("formatQuery says that a statement failed", () => {
  const failed = queryEvent({ sql: "SELEC", params: [], kind: "unknown" }, 2, {
    error: new Error("x"),
  });
  assert.equal(formatQuery(failed), "  SELEC\n  -- 2.00 ms · failed");
});
