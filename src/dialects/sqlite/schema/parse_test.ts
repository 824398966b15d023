import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { type ParsedIndex, parseIndex } from "./parse_index.ts";
import { type ParsedTable, parseTable } from "./parse_table.ts";
import { splitScript } from "./split.ts";

/** The definition as SQLite keeps it after it has taken it. */
function kept(sql: string, name: string): string {
  using db = new DatabaseSync(":memory:");
  db.exec("CREATE TABLE base (id INTEGER PRIMARY KEY, a TEXT, b TEXT)");
  db.exec(sql);
  const row = db.prepare("SELECT sql FROM sqlite_schema WHERE name = ?").get(name);
  return String(row?.sql);
}

function table(sql: string, name = "t"): ParsedTable {
  return parseTable(kept(sql, name));
}

function index(definition: string): ParsedIndex {
  return parseIndex(kept(`CREATE ${definition}`, "i"));
}

Deno.test("names are read in all four kinds of quotes, and as keywords", () => {
  const { name, columns } = table(
    'CREATE TABLE "my "" t" (`a` int, [b c] text, \'d\' varchar ( 10 , 2 ), "e""f", key text, "check" int, action)',
    'my " t',
  );
  assert.equal(name, 'my " t');
  assert.deepEqual(columns.map((column) => [column.name, column.type]), [
    ["a", "int"],
    ["b c", "text"],
    ["d", "varchar(10,2)"],
    ['e"f', ""],
    ["key", "text"],
    ["check", "int"],
    ["action", ""],
  ]);
});

Deno.test("comments may stand everywhere; the one behind a type is kept", () => {
  const { columns, checks, primaryKey } = table(
    `CREATE TABLE t -- a table
     (/* first */ id /* key */ INTEGER -- number
      PRIMARY KEY /* c */ AUTOINCREMENT, -- end (
      a TEXT NOT NULL /* , */ DEFAULT 'it''s -- no' /* y */, b CHECK (b > '(' /* ) */ ))`,
  );
  assert.deepEqual(primaryKey, { columns: ["id"] });
  assert.deepEqual(columns, [
    { name: "id", type: "INTEGER", comment: "number", notNull: false, autoincrement: true },
    { name: "a", type: "TEXT", notNull: true, autoincrement: false, default: "'it''s -- no'" },
    { name: "b", type: "", notNull: false, autoincrement: false },
  ]);
  assert.deepEqual(checks, [{ sql: "b > '(' /* ) */", column: "b" }]);
});

Deno.test("constraints of a table need no commas between them", () => {
  const parsed = table(
    "CREATE TABLE t (a int, b int, CONSTRAINT p PRIMARY KEY (a) UNIQUE (b) CHECK (a > ',') CONSTRAINT f FOREIGN KEY (b) REFERENCES base)",
  );
  assert.deepEqual(parsed.primaryKey, { name: "p", columns: ["a"] });
  assert.deepEqual(parsed.uniques, [{ columns: ["b"] }]);
  assert.deepEqual(parsed.checks, [{ sql: "a > ','" }]);
  assert.deepEqual(parsed.foreignKeys, [{ name: "f", columns: ["b"], table: "base" }]);
});

Deno.test("a name of a constraint may stand without one", () => {
  const { columns } = table(
    "CREATE TABLE t (a int CONSTRAINT x CONSTRAINT y NOT NULL, b int CONSTRAINT z)",
  );
  assert.deepEqual(columns.map(({ name, notNull }) => [name, notNull]), [["a", true], [
    "b",
    false,
  ]]);
});

Deno.test("what CREATE TABLE … AS SELECT and ADD COLUMN leave is read", () => {
  const made = table("CREATE TABLE t AS SELECT 1 AS a, 'x' AS \"b c\"");
  assert.deepEqual(made.columns.map(({ name }) => name), ["a", "b c"]);
  const added = table(
    "CREATE TABLE t (a int); ALTER TABLE t ADD COLUMN b TEXT DEFAULT 'x' CHECK (b <> ')')",
  );
  assert.deepEqual(added.columns.map(({ name }) => name), ["a", "b"]);
  assert.deepEqual(added.checks, [{ sql: "b <> ')'", column: "b" }]);
});

Deno.test("computed columns are read, long form and short", () => {
  const { columns } = table(
    "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a + 1) STORED, c AS (a || ',') VIRTUAL NOT NULL, d int AS (a) UNIQUE)",
  );
  assert.deepEqual(columns.map(({ name, generated }) => [name, generated]), [
    ["a", undefined],
    ["b", { sql: "a + 1", stored: true }],
    ["c", { sql: "a || ','", stored: false }],
    ["d", { sql: "a", stored: false }],
  ]);
});

Deno.test("foreign keys are read with all that they can say", () => {
  const { foreignKeys } = table(
    "CREATE TABLE t (a REFERENCES base ON DELETE SET NULL ON UPDATE NO ACTION MATCH FULL DEFERRABLE INITIALLY DEFERRED NOT NULL, " +
      "b CONSTRAINT f REFERENCES base(id) ON DELETE SET DEFAULT NOT DEFERRABLE INITIALLY IMMEDIATE, c REFERENCES base ON UPDATE CASCADE DEFERRABLE DEFAULT 5)",
  );
  assert.deepEqual(foreignKeys, [
    {
      columns: ["a"],
      table: "base",
      onDelete: "set null",
      onUpdate: "no action",
      deferrable: "initially deferred",
    },
    { name: "f", columns: ["b"], table: "base", references: ["id"], onDelete: "set default" },
    { columns: ["c"], table: "base", onUpdate: "cascade", deferrable: "initially immediate" },
  ]);
});

Deno.test("defaults are read to their end", () => {
  const { columns } = table(
    "CREATE TABLE t (a DEFAULT -1, b DEFAULT +1.5e3, c DEFAULT CURRENT_TIMESTAMP, d DEFAULT (1 + (2)), e DEFAULT x'0aff', f DEFAULT true, g DEFAULT 'a' COLLATE nocase NOT NULL)",
  );
  assert.deepEqual(columns.map((column) => column.default), [
    "-1",
    "+1.5e3",
    "CURRENT_TIMESTAMP",
    "1 + (2)",
    "x'0aff'",
    "true",
    "'a'",
  ]);
  assert.deepEqual(columns.at(-1)?.collation, "nocase");
});

Deno.test("what has no form in schema data is told of", () => {
  const { leftOut, strict, withoutRowid } = table(
    "CREATE TABLE t (a TEXT UNIQUE ON CONFLICT IGNORE, b TEXT NOT NULL ON CONFLICT FAIL, PRIMARY KEY (a COLLATE NOCASE DESC, b ASC) ON CONFLICT REPLACE) WITHOUT ROWID, STRICT",
  );
  assert.deepEqual(leftOut, [
    "ON CONFLICT IGNORE",
    "ON CONFLICT FAIL",
    "COLLATE NOCASE",
    "DESC",
    "ON CONFLICT REPLACE",
  ]);
  assert.ok(strict && withoutRowid);
});

Deno.test("parts of an index are read with their order and collation", () => {
  assert.deepEqual(
    index(
      `UNIQUE INDEX "i" ON base (a COLLATE NOCASE DESC, lower(b) ASC, (a || ','), "a", [b]) WHERE a IS NOT NULL -- end`,
    ),
    {
      unique: true,
      parts: [
        { column: "a", collation: "NOCASE", direction: "desc" },
        { sql: "lower(b)" },
        { sql: "a || ','" },
        { column: "a" },
        { column: "b" },
      ],
      where: "a IS NOT NULL",
    },
  );
  assert.deepEqual(
    index(
      `INDEX i ON base(lower("a") COLLATE "RTRIM", a/* x */desc, 'b', b COLLATE [nocase], a || b COLLATE nocase DESC, json_extract(b, '$.a, b'))`,
    ).parts,
    [
      { sql: 'lower("a")', collation: "RTRIM" },
      { column: "a", direction: "desc" },
      { column: "b" },
      { column: "b", collation: "nocase" },
      { sql: "a || b COLLATE nocase", direction: "desc" },
      { sql: "json_extract(b, '$.a, b')" },
    ],
  );
});

Deno.test("scripts are taken apart outside of strings, comments and triggers", () => {
  assert.deepEqual(
    splitScript(
      `CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT CASE WHEN 1 THEN ';' END; SELECT 2; END; -- done;
       CREATE TEMP TRIGGER IF NOT EXISTS b BEFORE DELETE ON t BEGIN SELECT 1; END;
       SELECT 'a;b', "c;d", [e;f], \`g;h\` /* ; */; ; BEGIN; END; CREATE TABLE "begin" (a, trigger text); -- only`,
    ).map((sql) => sql.replace(/\s+/g, " ")),
    [
      "CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT CASE WHEN 1 THEN ';' END; SELECT 2; END",
      "-- done; CREATE TEMP TRIGGER IF NOT EXISTS b BEFORE DELETE ON t BEGIN SELECT 1; END",
      `SELECT 'a;b', "c;d", [e;f], \`g;h\` /* ; */`,
      "BEGIN",
      "END",
      'CREATE TABLE "begin" (a, trigger text)',
    ],
  );
});
