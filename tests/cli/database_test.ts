/**
 * The commands that work on a database: `query`, `explain`, `doctor`, `db:pull`, `db:seed`, `db:reset`.
 */
import assert from "node:assert/strict";
import { type Folder, inEveryFolder, sqliteFolder } from "./support.ts";

const tables = `CREATE TABLE authors (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE books (
  id INTEGER NOT NULL PRIMARY KEY,
  title TEXT NOT NULL,
  price NUMERIC(10, 2),
  author_id INTEGER NOT NULL REFERENCES authors (id)
);`;
const rows = `INSERT INTO authors VALUES (1, 'Ada'), (2, 'Böll, "H."');
INSERT INTO books VALUES (1, 'Notes', 9.5, 1), (2, 'Ansichten', NULL, 2);`;

async function withBooks(folder: Folder): Promise<void> {
  await folder.run(["init", ...folder.init]);
  await folder.write("books.sql", `${tables}\n${rows}`);
  const { code, err } = await folder.run(["query", "--file", "books.sql"]);
  assert.equal(code, 0, err);
}

inEveryFolder("query prints rows as a table, JSON or CSV", async (folder) => {
  await withBooks(folder);
  const sql = "SELECT id, name FROM authors ORDER BY id";
  const table = await folder.run(["query", sql]);
  assert.equal(
    table.out,
    `id | name
---+-----------
 1 | Ada
 2 | Böll, "H."
(2 rows)
`,
  );
  const json = await folder.run(["query", sql, "--format", "json"]);
  assert.deepEqual(JSON.parse(json.out), [{ id: 1, name: "Ada" }, { id: 2, name: 'Böll, "H."' }]);
  const csv = await folder.run(["query", sql, "--format", "csv"]);
  assert.equal(csv.out, `id,name\n1,Ada\n2,"Böll, ""H."""\n`);
  const write = await folder.run(["query", "UPDATE books SET title = 'x' WHERE id = 1"]);
  assert.equal(write.out, "(1 row)\n");
  const nothing = await folder.run(["query", "SELECT id FROM books WHERE id = 99", "--json"]);
  assert.deepEqual(JSON.parse(nothing.out), []);
});

inEveryFolder("query runs a script in one transaction, and tells what fails", async (folder) => {
  await withBooks(folder);
  const { code, err } = await folder.run([
    "query",
    "DELETE FROM books; SELECT * FROM nowhere",
  ]);
  assert.equal(code, 1);
  assert.match(err, /nowhere/);
  const left = await folder.run(["query", "SELECT count(*) AS n FROM books", "--format", "csv"]);
  assert.equal(left.out, "n\n2\n");
  for (const args of [[], ["SELECT 1", "--file", "x"], [" ; "], ["SELECT 1", "--format", "xml"]]) {
    assert.equal((await folder.run(["query", ...args])).code, 2, args.join(" "));
  }
});

inEveryFolder("db:pull writes models that query and doctor use", async (folder) => {
  await withBooks(folder);
  const pulled = await folder.run(["db:pull"]);
  assert.equal(pulled.code, 0, pulled.err);
  assert.match(pulled.out, /^wrote models\/author\.ts\nwrote models\/book\.ts\n/);
  const again = await folder.run(["db:pull"]);
  assert.equal(again.code, 1);
  assert.match(again.err, /models\/author\.ts.* are there\n {2}hint: .*--force/);
  assert.equal((await folder.run(["db:pull", "--force"])).code, 0);

  const shape = `Author {"include": {"books": {"select": ["title"]}}, "orderBy": {"id": "asc"}}`;
  const found = await folder.spawn(["query", shape, "--json"]);
  assert.deepEqual(JSON.parse(found.out), [
    { id: 1, name: "Ada", books: [{ title: "Notes" }] },
    { id: 2, name: 'Böll, "H."', books: [{ title: "Ansichten" }] },
  ]);
  const unknown = await folder.spawn(["query", "Autor"]);
  assert.equal(unknown.code, 2);
  assert.match(unknown.err, /there is no model Autor\n {2}hint: did you mean Author\?/);
  const broken = await folder.spawn(["query", "Author {id: 1}"]);
  assert.match(broken.err, /not JSON at line 1, column 2/);
  assert.match(
    (await folder.spawn(["explain", "Author"])).out,
    /^(SELECT|WITH) .* FROM authors\b.*\n {2}\S/,
  );

  const { code, out } = await folder.spawn(["doctor", "--json"]);
  const checks = new Map<string, { state: string; details?: string[] }>(
    JSON.parse(out).checks.map((each: { check: string }) => [each.check, each]),
  );
  assert.equal(code, 3, out);
  assert.equal(checks.get("foreign keys")?.state, "found");
  assert.deepEqual(checks.get("foreign keys")?.details, ["books (author_id)"]);
});

inEveryFolder("explain shows the plan and changes nothing", async (folder) => {
  await withBooks(folder);
  const plan = await folder.run(["explain", "SELECT * FROM authors WHERE id = 1"]);
  assert.equal(plan.code, 0, plan.err);
  assert.match(plan.out, /authors/);
  const analyzed = await folder.run(["explain", "DELETE FROM books", "--analyze"]);
  const isSqlite = folder.init.length === 0;
  assert.equal(analyzed.code, isSqlite ? 2 : 0, analyzed.err);
  assert.match(isSqlite ? analyzed.err : analyzed.out, isSqlite ? /leave out --analyze/ : /actual/);
  const left = await folder.run(["query", "SELECT count(*) AS n FROM books", "--format", "csv"]);
  assert.equal(left.out, "n\n2\n");
});

inEveryFolder(
  "doctor finds what is pending and what has drifted, and changes nothing",
  async (folder) => {
    await folder.run(["init", ...folder.init]);
    await folder.run(["generate:model", "User", "name:text"]);
    await folder.write("migrations/20240101000000_one.ts", "export default { up() {} };");
    await folder.run(["query", "SELECT 1 AS a"]);
    const { code, out } = await folder.run(["doctor"]);
    assert.equal(code, 3);
    assert.match(out, /^ok +versions +Rex-ORM \d/);
    assert.match(
      out,
      /\nfound +migrations +0 applied, 1 to look at\n +pending +20240101000000_one\n/,
    );
    assert.match(out, /\nfound +drift +1 steps .*\n +create table users\n/);
    const tables = folder.init.length === 0
      ? "SELECT name FROM sqlite_master"
      : "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'";
    assert.equal((await folder.run(["query", tables])).out, "(0 rows)\n");
  },
);

Deno.test("doctor fails where there is no configuration, or the database cannot be reached", async () => {
  await using folder = await sqliteFolder();
  const none = await folder.run(["doctor"]);
  assert.equal(none.code, 1);
  assert.match(none.out, /failed +configuration +Cannot tell which database/);
  const url = "postgres://nobody@127.0.0.1:1/nothing";
  const { code, out } = await folder.run(["doctor", "--url", url, "--json"]);
  assert.equal(code, 1);
  const { check, state } = JSON.parse(out).checks.at(-1);
  assert.deepEqual([check, state], ["connection", "failed"]);
});

inEveryFolder("db:seed writes all or nothing", async (folder) => {
  await withBooks(folder);
  assert.match((await folder.run(["db:seed"])).err, /there is no seed\.ts/);
  await folder.write(
    "seed.ts",
    `export default async function seed(db) {
  await db.execute("INSERT INTO authors VALUES (3, 'Eve')");
  throw new TypeError("stop");
}`,
  );
  const { code, err } = await folder.run(["db:seed"]);
  assert.equal(code, 1);
  assert.match(err, /^error: stop\n +at .*seed\.ts:3:/);
  const left = await folder.run(["query", "SELECT id FROM authors WHERE id = 3"]);
  assert.equal(left.out, "(0 rows)\n");
});

inEveryFolder(
  "db:reset drops all, migrates and seeds, but only when it is told to",
  async (folder) => {
    await withBooks(folder);
    await folder.run(["query", "CREATE VIEW titles AS SELECT title FROM books"]);
    await folder.write(
      "migrations/20240101000000_one.ts",
      `export default {
  up: (db) => db.execute("CREATE TABLE one (id INTEGER)"),
  down: (db) => db.execute("DROP TABLE one"),
};`,
    );
    await folder.run(["migrate", "up"]);
    await folder.write(
      "seed.ts",
      `export default (db) => db.execute("INSERT INTO one VALUES (7)");`,
    );
    assert.equal((await folder.run(["db:reset"])).code, 2);
    assert.equal((await folder.run(["db:reset"], { answers: ["no"] })).code, 130);
    assert.match((await folder.run(["query", "SELECT * FROM titles"])).out, /\(2 rows\)/);

    const { code, out, err } = await folder.run(["db:reset", "--force", "--seed"]);
    assert.equal(code, 0, err);
    assert.match(
      out,
      /^dropped 3 tables of .*\napplied 20240101000000_one .*\nseeded with seed\.ts/,
    );
    assert.equal(
      (await folder.run(["query", "SELECT * FROM one", "--format", "csv"])).out,
      "id\n7\n",
    );
    assert.equal((await folder.run(["query", "SELECT * FROM books"])).code, 1);
    const again = await folder.run(["db:reset"], { answers: ["y"], env: { NO_COLOR: "1" } });
    assert.match(again.out, /^Drop all tables of .*\[y\/N\]: \ndropped 1 tables/);
  },
);
