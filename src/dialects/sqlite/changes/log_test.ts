/** What is particular to SQLite's log: values of any kind, rows that are replaced, tables that others alter, retention. */
import assert from "node:assert/strict";
import { SQLiteAdapter } from "../../../database/sqlite_adapter.ts";
import { pause } from "../../../base/abort.ts";
import { MigrationError, UnsupportedError } from "../../../base/errors.ts";
import { columnType } from "../../../schema/column_type.ts";
import type { RowChange } from "../../../change/source.ts";
import type { LogSourceOptions } from "../../../dialect/change_support.ts";
import { outsideSqlite } from "../../../../tests/conformance/change_source/outside.ts";
import { Reading } from "../../../../tests/conformance/change_source/reading.ts";
import type { Outside } from "../../../../tests/conformance/change_source/setting.ts";
import { sqliteChangeSupport } from "./mod.ts";

interface Opened extends AsyncDisposable {
  readonly db: SQLiteAdapter;
  readonly shell: Outside;
  /** Follows tables and begins to read. */
  follow(tables: readonly string[], log?: LogSourceOptions): Promise<Reading>;
}

async function opened(...statements: readonly string[]): Promise<Opened> {
  const folder = await Deno.makeTempDir({ prefix: "rex-orm-" });
  const db = new SQLiteAdapter({ databasePath: `${folder}/test.db` });
  for (const sql of statements) await db.execute(sql);
  const shell = outsideSqlite(`${folder}/test.db`);
  return {
    db,
    shell,
    async follow(tables, log) {
      await db.schema.followChanges(tables);
      const feed = await db.feed({ source: "log", log: { interval: 5, ...log } });
      return await Reading.open(feed.source);
    },
    async [Symbol.asyncDispose]() {
      await shell[Symbol.asyncDispose]();
      await db.disconnect();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

function changes(reading: Reading): RowChange[] {
  return reading.batches.flatMap((batch) => batch.changes);
}

async function told(reading: Reading, count: number): Promise<RowChange[]> {
  await reading.until(() => changes(reading).length >= count);
  return changes(reading);
}

/** Waits for what happens in the background, and tells nobody. */
async function until(test: () => Promise<boolean>): Promise<void> {
  while (!await test()) await pause(5);
}

/** What the driver gives: no type changes it. */
const asStored = sqliteChangeSupport.loader("json", columnType("text"))!;

function stored(image: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(image ?? {}).map(([name, raw]) => [name, raw === null ? null : asStored(raw)]),
  );
}

Deno.test("the log holds any value of a table that is not strict as it is stored", async () => {
  await using one = await opened(
    'CREATE TABLE loose (id INTEGER PRIMARY KEY, "a ""b\'" , n INTEGER)',
  );
  const reading = await one.follow(["loose"]);
  await one.shell.run([
    `INSERT INTO loose ("a ""b'", n) VALUES (NULL, NULL), ('text', 'no number'), (x'00ff', x''),
      (1.5, '12'), (9223372036854775807, -9223372036854775808), (0.1 + 0.2, 1e300), (9e999, -9e999),
      (json('{"a":[1]}'), '1.5'), ('it''s "\\', 1e18)`,
    `UPDATE loose SET "a ""b'" = json_array(id), n = x'01' WHERE id = 1`,
    "DELETE FROM loose WHERE id < 4",
  ]);
  const all = await told(reading, 13);
  const { rows } = await one.db.execute('SELECT id, "a ""b\'", n FROM loose ORDER BY id');
  const last = new Map(all.map(({ after, before }) => [Number((after ?? before)?.id), after]));
  assert.deepEqual(
    [...last.values()].filter(Boolean).map((image) => normal(stored(image))),
    rows.map(normal),
  );
  const [deleted] = all.slice(-3);
  assert.deepEqual(stored(deleted?.before), { id: 1, "a \"b'": "[1]", n: Uint8Array.of(1) });
  await reading.close();
});

/** Integers as one kind: the driver gives numbers where they are exact. */
function normal(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map((
      [name, value],
    ) => [name, typeof value === "bigint" ? `${value}n` : value]),
  );
}

Deno.test("a table of more columns than a function takes arguments is logged whole", async () => {
  const names = Array.from({ length: 130 }, (_, index) => `c${index}`);
  await using one = await opened(
    `CREATE TABLE wide (${names.map((name) => `${name} INTEGER`)}) STRICT`,
  );
  const reading = await one.follow(["wide"]);
  await one.shell.run([`INSERT INTO wide (c0, c60, c129) VALUES (1, 2, 3)`]);
  const [{ after } = assert.fail()] = await told(reading, 1);
  assert.deepEqual(Object.keys(after ?? {}), names);
  assert.deepEqual([after?.c0, after?.c1, after?.c60, after?.c129], [1, null, 2, 3]);
  await reading.close();
});

Deno.test("tables without row numbers and with computed columns are logged", async () => {
  await using one = await opened(
    "CREATE TABLE pairs (a TEXT, b INTEGER, twice INTEGER AS (b * 2), stored INTEGER AS (b * 3) STORED, " +
      "PRIMARY KEY (b, a)) STRICT, WITHOUT ROWID",
  );
  const reading = await one.follow(["pairs"]);
  await one.shell.run([
    "INSERT INTO pairs (a, b) VALUES ('x', 1)",
    "UPDATE pairs SET a = 'X'",
    "DELETE FROM pairs",
  ]);
  assert.deepEqual(await told(reading, 3), [
    { table: "pairs", kind: "insert", after: { a: "x", b: 1, twice: 2, stored: 3 } },
    {
      table: "pairs",
      kind: "update",
      before: { b: 1, a: "x" },
      after: { a: "X", b: 1, twice: 2, stored: 3 },
    },
    { table: "pairs", kind: "delete", before: { a: "X", b: 1, twice: 2, stored: 3 } },
  ]);
  await reading.close();
});

Deno.test("a change of a key that its collation takes for the same tells the old key", async () => {
  await using one = await opened(
    "CREATE TABLE words (word TEXT PRIMARY KEY COLLATE NOCASE) STRICT",
  );
  const reading = await one.follow(["words"]);
  await one.shell.run(["INSERT INTO words VALUES ('a')", "UPDATE words SET word = 'A'"]);
  const [, update] = await told(reading, 2);
  assert.deepEqual([update?.before, update?.after], [{ word: "a" }, { word: "A" }]);
  await reading.close();
});

Deno.test("rows that REPLACE removes for another unique key are told as deleted, and no others", async () => {
  await using one = await opened(
    "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE COLLATE NOCASE, a INTEGER, b INTEGER, " +
      "UNIQUE (a, b)) STRICT",
    "INSERT INTO users VALUES (1, 'one', 1, 1), (2, 'two', 2, 2), (3, 'three', 3, 3), (4, 'four', 4, 4)",
  );
  const reading = await one.follow(["users"]);
  await one.shell.run([
    "INSERT OR IGNORE INTO users VALUES (9, 'one', 9, 9)",
    "INSERT INTO users VALUES (9, 'two', 9, 9) ON CONFLICT (email) DO UPDATE SET b = 22",
    "INSERT INTO users VALUES (5, 'five', 5, 5)",
    "UPDATE OR IGNORE users SET email = 'one' WHERE id = 5",
    "UPDATE users SET a = 50 WHERE id = 5",
    "REPLACE INTO users VALUES (6, 'ONE', 3, 3)",
    "REPLACE INTO users VALUES (6, 'six', 6, 6)",
    "UPDATE OR REPLACE users SET email = 'four' WHERE id = 5",
    "DELETE FROM users WHERE id = 6",
  ]);
  const all = await told(reading, 10);
  const keys = all.map(({ kind, before, after }) => `${kind} ${(after ?? before)?.id}`);
  const deletes = keys.filter((each) => each.startsWith("delete")).sort();
  assert.deepEqual(deletes, ["delete 1", "delete 3", "delete 4", "delete 6"]);
  assert.deepEqual(keys.filter((each) => !each.startsWith("delete")), [
    "update 2",
    "insert 5",
    "update 5",
    "insert 6",
    "insert 6",
    "update 5",
  ]);
  const { rows } = await one.db.execute("SELECT * FROM _rex_changes_replaced");
  assert.deepEqual(rows.length, 0);
  await reading.close();
});

Deno.test("rows that a foreign key's action deletes or changes are told", async () => {
  await using one = await opened(
    "CREATE TABLE shelves (id INTEGER PRIMARY KEY) STRICT",
    "CREATE TABLE books (id INTEGER PRIMARY KEY, shelf INTEGER REFERENCES shelves ON DELETE CASCADE) STRICT",
    "INSERT INTO shelves VALUES (1)",
    "INSERT INTO books VALUES (1, 1), (2, 1)",
  );
  const reading = await one.follow(["shelves", "books"]);
  await one.db.execute("DELETE FROM shelves");
  const keys = (await told(reading, 3)).map(({ table, kind, before }) => [table, kind, before?.id]);
  assert.deepEqual(keys.sort(), [["books", "delete", 1], ["books", "delete", 2], [
    "shelves",
    "delete",
    1,
  ]]);
  await reading.close();
});

Deno.test("a column that others add is unknown, and a table that they rename is told by its new name", async () => {
  await using one = await opened("CREATE TABLE posts (id INTEGER PRIMARY KEY, title TEXT) STRICT");
  const reading = await one.follow(["posts"]);
  await one.shell.run([
    "ALTER TABLE posts ADD COLUMN extra TEXT DEFAULT 'x'",
    "INSERT INTO posts (title) VALUES ('a')",
    "ALTER TABLE posts RENAME TO articles",
    "ALTER TABLE articles RENAME COLUMN title TO heading",
    "CREATE TABLE posts (id INTEGER PRIMARY KEY) STRICT",
    "INSERT INTO articles (heading) VALUES ('b')",
  ]);
  assert.deepEqual(await told(reading, 2), [
    { table: "articles", kind: "insert", after: { id: 1, title: "a" } },
    { table: "articles", kind: "insert", after: { id: 2, title: "b" } },
  ]);
  await one.db.schema.followChanges(["articles", "posts"]);
  await reading.until(() => reading.batches.some(({ unseen }) => unseen?.includes("articles")));
  await one.shell.run([
    "INSERT INTO articles (heading) VALUES ('c')",
    "INSERT INTO posts VALUES (7)",
  ]);
  assert.deepEqual((await told(reading, 4)).slice(2), [
    { table: "articles", kind: "insert", after: { id: 3, heading: "c", extra: "x" } },
    { table: "posts", kind: "insert", after: { id: 7 } },
  ]);
  await reading.close();
});

Deno.test("followChanges() can be called again, and says what it cannot follow", async () => {
  await using one = await opened(
    'CREATE TABLE "Odd ""name\'s" (id INTEGER PRIMARY KEY) STRICT',
    "CREATE VIEW seen AS SELECT 1 AS one",
  );
  const { db } = one;
  const odd = "Odd \"name's";
  await db.schema.followChanges([odd]);
  const { rows: before } = await db.execute("SELECT name, sql, rowid FROM sqlite_schema");
  await db.schema.followChanges([odd.toLowerCase()]);
  assert.deepEqual((await db.execute("SELECT name, sql, rowid FROM sqlite_schema")).rows, before);
  assert.deepEqual(await sqliteChangeSupport.log.tables(db), [{ name: odd }]);
  const reading = await one.follow([odd]);
  await db.execute('INSERT INTO "Odd ""name\'s" VALUES (1)');
  assert.deepEqual(await told(reading, 1), [{ table: odd, kind: "insert", after: { id: 1 } }]);
  await reading.close();
  await assert.rejects(db.schema.followChanges(["absent"]), MigrationError);
  await assert.rejects(db.schema.followChanges(["seen"]), UnsupportedError);
  await assert.rejects(db.schema.followChanges([{ schema: "temp", name: "x" }]), UnsupportedError);
  assert.deepEqual(await sqliteChangeSupport.log.tables(db), [{ name: odd }]);
});

Deno.test("a database without a log says what to do; without tables in it db.feed() follows the process", async () => {
  await using one = await opened("CREATE TABLE posts (id INTEGER PRIMARY KEY) STRICT");
  await assert.rejects(one.db.feed({ source: "log" }), (error: UnsupportedError) => {
    assert.ok(error instanceof UnsupportedError);
    assert.match(String(error.hint), /followChanges/);
    return true;
  });
  assert.equal((await one.db.feed()).source.name, "process");
});

Deno.test("db.feed() reads the log where there is one", async () => {
  await using one = await opened("CREATE TABLE posts (id INTEGER PRIMARY KEY) STRICT");
  await one.db.schema.followChanges(["posts"]);
  assert.equal((await one.db.feed()).source.name, "log");
});

Deno.test("a log that is removed while it is read ends the reading; one that is made anew is a reset", async () => {
  await using one = await opened("CREATE TABLE posts (id INTEGER PRIMARY KEY) STRICT");
  const reading = await one.follow(["posts"]);
  await one.db.schema.unfollowChanges();
  await assert.rejects(reading.until(() => false), UnsupportedError);
  const { rows } = await one.db.execute("SELECT name FROM sqlite_schema WHERE name LIKE '%rex%'");
  assert.deepEqual(rows, []);
  const { position, source } = reading;
  await one.db.schema.followChanges(["posts"]);
  await using again = await Reading.open(source, position);
  assert.deepEqual(again.resets, ["the log was made anew"]);
  await one.db.execute("INSERT INTO posts VALUES (1)");
  assert.equal((await told(again, 1)).length, 1);
  await using nobodys = await Reading.open(source, "other:12");
  assert.equal(nobodys.resets.length, 1);
});

Deno.test("old entries are removed by number; a reader that needed them is reset", async () => {
  await using one = await opened("CREATE TABLE posts (id INTEGER PRIMARY KEY) STRICT");
  const reading = await one.follow(["posts"], { maxEntries: 50 });
  const start = reading.position;
  for (let id = 1; id <= 60; id++) await one.db.execute("INSERT INTO posts VALUES ($1)", [id]);
  await told(reading, 60);
  const kept = async () => {
    const { rows: [row] } = await one.db.execute<{ n: number }>(
      "SELECT count(*) AS n FROM _rex_changes",
    );
    return Number(row?.n);
  };
  await until(async () => await kept() <= 55);
  assert.deepEqual(reading.resets, []);
  await using late = await Reading.open(reading.source, start);
  assert.deepEqual(late.resets, ["the log was shortened"]);
  await using current = await Reading.open(reading.source, reading.position);
  assert.deepEqual(current.resets, []);
  await reading.close();
});

Deno.test("old entries are removed by age, also while nobody writes", async () => {
  await using one = await opened("CREATE TABLE posts (id INTEGER PRIMARY KEY) STRICT");
  await one.db.schema.followChanges(["posts"]);
  await one.shell.run([
    "INSERT INTO posts VALUES (1), (2), (3)",
    "UPDATE _rex_changes SET time = time - 10000 WHERE id < 3",
  ]);
  const reading = await one.follow(["posts"], { maxAge: 5_000 });
  await until(async () => (await one.db.execute("SELECT id FROM _rex_changes")).rows.length === 1);
  const { rows: [state] } = await one.db.execute<{ floor: number }>(
    "SELECT floor FROM _rex_changes_state",
  );
  assert.equal(state?.floor, 2);
  assert.deepEqual(reading.resets, []);
  await reading.close();
});

Deno.test("entries that somebody else removes, and a database that is set back, are a reset", async () => {
  await using one = await opened("CREATE TABLE posts (id INTEGER PRIMARY KEY) STRICT");
  const reading = await one.follow(["posts"]);
  await one.shell.run([
    "INSERT INTO posts VALUES (1), (2)",
    "DELETE FROM _rex_changes WHERE id = 1",
  ]);
  await reading.until(() => reading.resets.length === 1);
  await one.shell.run(["INSERT INTO posts VALUES (3)"]);
  assert.deepEqual((await told(reading, 1)).map(({ after }) => after?.id), [3]);
  await one.shell.run([
    "DELETE FROM _rex_changes WHERE id > 2",
  ]);
  await reading.until(() => reading.resets.length === 2);
  await one.shell.run(["INSERT INTO posts VALUES (4)"]);
  assert.deepEqual((await told(reading, 2)).map(({ after }) => after?.id), [3, 4]);
  assert.deepEqual(reading.resets, [
    "entries of the log were removed",
    "the database was set back",
  ]);
  await reading.close();
});

Deno.test("a snapshot parts what was committed between two readings", async () => {
  await using one = await opened("CREATE TABLE posts (id INTEGER PRIMARY KEY) STRICT");
  const reading = await one.follow(["posts"], { interval: 60_000 });
  await one.shell.run(["INSERT INTO posts VALUES (1)"]);
  const position = await one.db.transaction((tx) => reading.source.positionOf(tx), {
    readOnly: true,
  });
  await one.shell.run(["INSERT INTO posts VALUES (2)"]);
  await one.db.execute("INSERT INTO posts VALUES (3)");
  await told(reading, 3);
  const { positions } = reading.source;
  assert.deepEqual(
    reading.batches.map((batch) => [
      positions.has(position, batch),
      batch.changes.map(({ after }) => after?.id),
    ]),
    [[true, [1]], [false, [2, 3]]],
  );
  await reading.close();
});

Deno.test("a feed of the log does not keep a process alive", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rex-orm-" });
  const module = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const program = `
    import { SQLiteAdapter } from ${module("../../../database/sqlite_adapter.ts")};
    const db = new SQLiteAdapter(${JSON.stringify(`${folder}/test.db`)});
    await db.execute("CREATE TABLE posts (id INTEGER PRIMARY KEY) STRICT");
    await db.schema.followChanges(["posts"]);
    const feed = await db.feed();
    feed.subscribe({ batch: ({ changes }) => console.log(changes.length), reset: () => {} });
    await db.execute("INSERT INTO posts VALUES (1)");
    await feed.delivered(feed.source.positions && (await feed.source.markOf(db))());
  `;
  await Deno.writeTextFile(`${folder}/program.ts`, program);
  const { code, stdout, stderr } = await new Deno.Command("deno", {
    args: [
      "run",
      "--no-check",
      "-A",
      "--config",
      new URL("../../../../deno.json", import.meta.url).pathname,
      `${folder}/program.ts`,
    ],
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.equal(code, 0, text(stderr));
  assert.equal(text(stdout), "1\n");
  await Deno.remove(folder, { recursive: true });
});
