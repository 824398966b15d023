import assert from "node:assert/strict";
import { printQueries, type PrintQueriesOptions } from "./print_queries.ts";
import { queryEvent, type QueryOutcome } from "./query_event.ts";

function printed(
  sql: string,
  options: PrintQueriesOptions = {},
  outcome: QueryOutcome = { rows: 3 },
): string[] {
  const lines: string[] = [];
  const write = (text: string) => void lines.push(...text.split("\n"));
  const caller = { file: "/home/ada/app/src/pages/posts.ts", line: 12, column: 5 };
  printQueries({ write, color: false, width: 80, ...options })(
    queryEvent({ sql, params: ["secret"], kind: "read" }, 1.234, outcome, caller),
  );
  return lines;
}

Deno.test("printQueries puts figures into columns, and SQL and caller beside them", () => {
  assert.deepEqual(printed("SELECT id FROM posts WHERE title = $1"), [
    "  1.23 ms    3 rows  SELECT id FROM posts WHERE title = $1",
    "                     at src/pages/posts.ts:12:5",
  ]);
});

Deno.test("printQueries lays long statements out within the width", () => {
  const lines = printed("SELECT id, title, views FROM posts WHERE title = $1 ORDER BY id LIMIT 10");
  assert.deepEqual(lines.map((line) => line.trim()), [
    "1.23 ms    3 rows  SELECT id, title, views",
    "FROM posts",
    "WHERE title = $1",
    "ORDER BY id",
    "LIMIT 10",
    "at src/pages/posts.ts:12:5",
  ]);
  assert.ok(lines.every((line) => line.length <= 80));
});

Deno.test("printQueries fills lines where it is to be compact, and never breaks a literal", () => {
  const sql = "SELECT id, title, views FROM posts WHERE title = 'a  b' ORDER BY id LIMIT 10";
  assert.deepEqual(printed(sql, { compact: true }), [
    "  1.23 ms    3 rows  SELECT id, title, views FROM posts WHERE title = 'a  b'",
    "                     ORDER BY id LIMIT 10  at posts.ts:12",
  ]);
});

Deno.test("printQueries shows values only when asked to", () => {
  assert.ok(!printed("SELECT $1").join("\n").includes("secret"));
  assert.ok(printed("SELECT $1", { parameters: true }).includes(`${" ".repeat(21)}-- "secret"`));
});

Deno.test("printQueries colours only when asked to, and makes slow and failed ones stand out", () => {
  assert.ok(!printed("SELECT 1").join("\n").includes("\x1b["));
  const colored = (outcome: QueryOutcome, slow: number) =>
    printed("SELECT 1", { color: true, slow }, outcome)[0]!;
  assert.ok(colored({ rows: 1 }, 100).startsWith("\x1b[2m"));
  assert.ok(colored({ rows: 1 }, 1).startsWith("\x1b[33m"));
  assert.ok(colored({ error: new Error("x") }, 100).includes("\x1b[31m    failed\x1b[0m"));
});

Deno.test("printQueries does not colour where no terminal reads", async () => {
  const program = `
    import { printQueries } from ${
    JSON.stringify(new URL("./print_queries.ts", import.meta.url).href)
  };
    printQueries()({ sql: "SELECT 1", parameters: [], kind: "read", duration: 1, rows: 1 });
  `;
  const { stderr } = await new Deno.Command("deno", {
    args: ["eval", "--quiet", program],
    stdin: "null",
  }).output();
  assert.equal(new TextDecoder().decode(stderr), "  1.00 ms     1 row  SELECT 1\n");
});
