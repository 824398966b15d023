import assert from "node:assert/strict";
import { splitScript } from "./split.ts";

Deno.test("scripts are taken apart outside of strings, comments and dollar quotes", () => {
  assert.deepEqual(
    splitScript(
      "SELECT 1; SELECT $$a;b$$; SELECT $x$ $$ ; $$ $x$; /* a /* ; */ ; */ SELECT E'it\\'s;', 'a''b;' ; ;" +
        `SELECT $1;SELECT a$b$c;select "a;b" -- ;`,
    ),
    [
      "SELECT 1",
      "SELECT $$a;b$$",
      "SELECT $x$ $$ ; $$ $x$",
      "/* a /* ; */ ; */ SELECT E'it\\'s;', 'a''b;'",
      "SELECT $1",
      "SELECT a$b$c",
      'select "a;b" -- ;',
    ],
  );
});

Deno.test("a body in SQL's own form belongs to its function", () => {
  const body =
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END";
  assert.deepEqual(splitScript(`${body}; BEGIN; COMMIT; CREATE TABLE atomic (a int); SELECT 1`), [
    body,
    "BEGIN",
    "COMMIT",
    "CREATE TABLE atomic (a int)",
    "SELECT 1",
  ]);
});

Deno.test("what is only comments is no statement", () => {
  assert.deepEqual(splitScript("-- nothing\n; /* here */ ;\n"), []);
});
