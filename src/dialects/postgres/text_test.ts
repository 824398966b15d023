import assert from "node:assert/strict";
import { ConfigError, DataError } from "../../base/errors.ts";
import { arrayText, parseArrayText } from "./array_text.ts";
import { connectOptions } from "./connect_options.ts";
import { isDefinition, isScript, transactionControl } from "./statement_text.ts";

Deno.test("arrayText() is read back by parseArrayText()", () => {
  const items = ["", "a,b", '"', "\\", '\\"', "NULL", "{}", " ", null, ["x", [null]]];
  const text = arrayText(items, String, true);
  assert.deepEqual(parseArrayText(text, null), items);
  assert.deepEqual(parseArrayText("{}", null), []);
  assert.deepEqual(parseArrayText("{1,NULL,3}", Number), [1, null, 3]);
});

Deno.test("parseArrayText() refuses what is not an array", () => {
  for (const text of ["", "x", "{", "{a", '{"a', "{a}b", "{,}", "{{a}", "[0:1]", '{"a"b}']) {
    assert.throws(() => parseArrayText(text, null), DataError, text);
  }
});

Deno.test("isScript() tells several statements from one", () => {
  for (const sql of ["a; b", "a;\n-- x\nb;", "DO $$ a; b $$"]) assert.ok(isScript(sql), sql);
  for (const sql of ["a", "a;", "a ; ", "a;\n-- x", "a; /* x */ ;"]) {
    assert.ok(!isScript(sql), sql);
  }
});

Deno.test("transactionControl() tells what a statement does to its transaction", () => {
  const controls: readonly (readonly [string, ReturnType<typeof transactionControl>])[] = [
    ["BEGIN", "begin"],
    ["/* a */ start transaction read only", "begin"],
    ["-- a\nCommit", "end"],
    ["END;", "end"],
    ["ROLLBACK", "end"],
    ["ROLLBACK AND CHAIN", "end"],
    ["ROLLBACK TO SAVEPOINT a", "savepoint"],
    ["rollback work to a", "savepoint"],
    ["SAVEPOINT a", "savepoint"],
    ["RELEASE a", "savepoint"],
    ["SELECT 'begin'", undefined],
    ["beginning", undefined],
    ["INSERT INTO t VALUES (1)", undefined],
  ];
  for (const [sql, expected] of controls) assert.equal(transactionControl(sql), expected, sql);
});

Deno.test("connectOptions() takes a URL or its parts, and the parts win", () => {
  const { options, address, target } = connectOptions({
    database: "postgres",
    url: "postgres://me:p%40ss@db.example:5433/shop?sslmode=require&search_path=a",
    host: "other.example",
    applicationName: "shop",
    connectTimeout: 2500,
  });
  const { host, port, database, user, pass, connect_timeout, connection } = options as Record<
    string,
    unknown
  >;
  assert.deepEqual([host, port, database, user, pass, connect_timeout], [
    "other.example",
    5433,
    "shop",
    "me",
    "p@ss",
    2.5,
  ]);
  assert.deepEqual(address, {
    host: "other.example",
    port: 5433,
    timeout: 2500,
    encryption: { mandatory: true, options: { rejectUnauthorized: false } },
  });
  assert.deepEqual(connection, {
    application_name: "shop",
    search_path: "a",
    TimeZone: "UTC",
    DateStyle: "ISO",
    standard_conforming_strings: "on",
  });
  assert.equal(target, "other.example:5433/shop");
});

Deno.test("connectOptions() refuses what is not a PostgreSQL URL without showing it", () => {
  for (
    const url of ["nonsense secret", "mysql://u:secret@h/d", "postgres://u:secret@h/d?sslmode=x"]
  ) {
    assert.throws(
      () => connectOptions({ database: "postgres", url }),
      (error: Error) => error instanceof ConfigError && !error.message.includes("secret"),
    );
  }
});

Deno.test("a statement behind or before many comments is looked at without delay", () => {
  const comments = "/* a */ /** b **/ ".repeat(500);
  const start = performance.now();
  assert.equal(transactionControl(`${comments}SELECT 1`), undefined);
  assert.equal(transactionControl(`${comments}COMMIT`), "end");
  assert.equal(isScript(`SELECT 1; ${comments}`), false);
  assert.equal(isScript(`SELECT 1; ${comments} SELECT 2`), true);
  assert.ok(performance.now() - start < 1000);
});

Deno.test("isDefinition() tells what may change a table", () => {
  for (const sql of ["alter table t", "/* a */ CREATE TABLE t", "DROP VIEW v", "do $$ x $$"]) {
    assert.ok(isDefinition(sql), sql);
  }
  for (const sql of ["SELECT 1", "created", "INSERT INTO t VALUES ('alter')"]) {
    assert.ok(!isDefinition(sql), sql);
  }
});

Deno.test("connectOptions() takes an address of IPv6 without its brackets", () => {
  const { address } = connectOptions({ database: "postgres", url: "postgres://me@[::1]:5433/x" });
  assert.deepEqual([address.host, address.port], ["::1", 5433]);
});
