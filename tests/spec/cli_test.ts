/**
 * Rows C1 to C4, C8 and C9 of the specification, with the words that it uses.
 *
 * @module
 */
import assert from "node:assert/strict";
import { inEveryFolder, sqliteFolder } from "../cli/support.ts";

Deno.test("C1: init writes config.json, SQLite below ./data", async () => {
  await using folder = await sqliteFolder();
  assert.equal((await folder.run(["init"])).code, 0);
  const { database, databasePath } = JSON.parse(await folder.read("config.json"));
  assert.equal(database, "sqlite");
  assert.match(databasePath, /^\.\/data\//);
});

inEveryFolder("C2: migrate up and down, by name or all, on the database", async (folder) => {
  await folder.run(["init", ...folder.init]);
  await folder.write(
    "migrations/20240101_create_users_table.ts",
    `import type { Migration } from "@rex/orm";

const migration: Migration = {
  up: async (db) => {
    await db.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL)");
  },
  down: async (db) => {
    await db.execute("DROP TABLE IF EXISTS users");
  },
};

export default migration;
`,
  );
  const up = await folder.spawn(["migrate", "up", "20240101_create_users_table"]);
  assert.deepEqual([up.code, up.err], [0, ""]);
  assert.match(up.out, /^applied 20240101_create_users_table \(\d+ ms\)\n$/);
  assert.match((await folder.run(["query", "SELECT * FROM users"])).out, /\(0 rows\)/);
  const history = await folder.run(["query", "SELECT migration_name FROM migration_history"]);
  assert.match(history.out, /20240101_create_users_table/);
  const down = await folder.run(["migrate", "down", "20240101_create_users_table"]);
  assert.match(down.out, /^reverted 20240101_create_users_table /);
  assert.equal((await folder.run(["query", "SELECT * FROM users"])).code, 1);
  assert.match((await folder.run(["migrate", "up"])).out, /^applied /);
  assert.match((await folder.run(["migrate", "down"])).out, /^reverted /);
});

Deno.test("C3: migration:create writes the file", async () => {
  await using folder = await sqliteFolder();
  const { code, out } = await folder.run(["migration:create", "add_email_to_users"]);
  assert.equal(code, 0);
  const [name = ""] = await folder.list("migrations");
  assert.match(name, /^\d{14}_add_email_to_users\.ts$/);
  assert(out.startsWith(`wrote migrations/${name}\n`));
  const text = await folder.read(`migrations/${name}`);
  assert.match(text, /async up\(db\)[^]*async down\(db\)[^]*satisfies Migration/);
});

Deno.test("C4: generate:model writes a model", async () => {
  await using folder = await sqliteFolder();
  assert.equal((await folder.run(["generate:model", "User"])).code, 0);
  const text = await folder.read("models/user.ts");
  assert.match(text, /@Entity\(\{ tableName: "users" \}\)\nexport class User extends BaseModel \{/);
  await folder.run(["init"]);
  const { code, out } = await folder.run(["migrate:diff"]);
  assert.deepEqual([code, out], [0, "safe         create table users\n"]);
});

inEveryFolder("C8: queries, plans and the state of a project can be inspected", async (folder) => {
  await folder.run(["init", ...folder.init]);
  assert.match((await folder.run(["query", "SELECT 1 AS one"])).out, /one\n---\n {2}1\n/);
  assert.match((await folder.run(["explain", "SELECT 1 AS one"])).out, /\S/);
  assert.match((await folder.run(["doctor"])).out, /ok +connection/);
});

Deno.test("C9: help tells every command with examples; a wrong command ends with another code", async () => {
  await using folder = await sqliteFolder();
  const { code, out } = await folder.run(["help"]);
  assert.equal(code, 0);
  for (const name of ["init", "migrate up", "migrate down", "migration:create", "generate:model"]) {
    assert(out.includes(`  ${name} `), name);
    const help = await folder.run([...name.split(" "), "--help"]);
    assert.match(help.out, /\nExamples\n {2}rex-orm /);
  }
  assert.equal((await folder.run(["migrate", "sideways"])).code, 2);
});
