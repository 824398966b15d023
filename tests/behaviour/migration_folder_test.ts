/**
 * Migrations in a folder: the two forms, their order, and files that cannot be used.
 */
import assert from "node:assert/strict";
import { onEveryDatabase } from "../targets/databases.ts";
import { folderOf, hasTable, migrationError, tableFiles } from "./migration_support.ts";

const options = { rewrite: false } as const;

onEveryDatabase(
  "modules and folders of SQL stand side by side, in the order of their times",
  options,
  async ({ db }) => {
    await using folder = await folderOf({
      "20240201000000_b.ts": `export default {
      async up(db) { await db.schema.createTable("b", { columns: { id: { type: "integer" } }, primaryKey: ["id"] }); },
      async down(db) { await db.schema.dropTable("b"); },
    };`,
      ...tableFiles("2024-01-01-120000_a", "a"),
      "20240301_c.mjs": `export default { up: (db) => db.execute("CREATE TABLE c (id INTEGER)") };`,
      "20240201000000_b_test.ts": "throw new Error('a test');",
      "types.d.ts": "export {};",
      "notes/README.md": "no migration",
    });
    const manager = folder.manager(db);
    const names = ["2024-01-01-120000_a", "20240201000000_b", "20240301_c"];
    assert.deepEqual(await manager.up(), names);
    await assert.rejects(
      manager.down(),
      migrationError(/Cannot revert 20240301_c: it has no way down/, /Give it a `down`/),
    );
    await manager.forget("20240301_c");
    assert.deepEqual(await manager.down({ to: "" }), names.slice(0, 2).reverse());
    assert.deepEqual([await hasTable(db, "a"), await hasTable(db, "b")], [false, false]);
  },
);

onEveryDatabase("files that cannot be used are told of by name", options, async ({ db }) => {
  await using folder = await folderOf(tableFiles("1_a", "a"));
  await assert.rejects(
    folder.manager(db, { folder: `${folder.path}/nowhere` }).up(),
    migrationError(/there is no folder .*nowhere/, /migration:create/),
  );
  await folder.write({ "1_a.ts": "export default { up() {} };" });
  await assert.rejects(folder.manager(db).up(), migrationError(/two migrations named 1_a/));
  await folder.remove("1_a.ts");
  await folder.write({ "2_b.ts": "export const up = () => {};" });
  await assert.rejects(
    folder.manager(db).up(),
    migrationError(/2_b\.ts: its default export has no `up`/, /satisfies Migration/),
  );
});

onEveryDatabase(
  "a script without down.sql cannot be reverted; an empty one can",
  options,
  async ({ db }) => {
    await using folder = await folderOf({
      "1_a/up.sql": "CREATE TABLE a (id INTEGER)",
      "2_b/up.sql": "-- nothing to do",
      "2_b/down.sql": "",
    });
    const manager = folder.manager(db);
    assert.deepEqual(await manager.up(), ["1_a", "2_b"]);
    assert.deepEqual(await manager.down(), ["2_b"]);
    await assert.rejects(manager.down(), migrationError(/1_a: it has no way down/));
  },
);

onEveryDatabase(
  "a fault in a script is shown with its place in the file",
  options,
  async ({ db, target }) => {
    const fine = Array.from({ length: 19 }, (_, i) => `CREATE TABLE t${i} (id INTEGER);`);
    const script = [...fine, "", "SELECT 1,", "  'é😀', wrong_name", "FROM t1;", ...fine].join(
      "\n",
    );
    await using folder = await folderOf({ "1_a/up.sql": script });
    const error: Error = await folder.manager(db).up().then(() => assert.fail(), (error) => error);
    assert.match(error.message, /Cannot apply 1_a: .*wrong_name/);
    const place = target.name === "PostgreSQL"
      ? /\n {13}\^ .*\/1_a\/up\.sql, line 22, column 10\n {4}FROM t1/
      : /1_a\/up\.sql, line 21:\n {4}SELECT 1,/;
    assert.match(error.message, place);
    assert.ok(error.message.split("hint:").length <= 2, error.message);
    assert.equal(await hasTable(db, "t0"), false);
  },
);

onEveryDatabase(
  "a module that was edited is read anew by the same process",
  options,
  async ({ db }) => {
    const text = (table: string) =>
      `export default { up: (db) => db.execute("CREATE TABLE ${table} (id INTEGER)"), down() {} };`;
    await using folder = await folderOf({ "1_a.ts": text("first") });
    const manager = folder.manager(db);
    await manager.up();
    await manager.down();
    await folder.write({ "1_a.ts": text("second") });
    await manager.up();
    assert.equal(await hasTable(db, "second"), true);
  },
);

onEveryDatabase(
  "scripts may hold functions, triggers, strings and comments with semicolons",
  options,
  async ({ db, target }) => {
    const script = target.name === "PostgreSQL"
      ? `-- a; b
       CREATE TABLE a (id INTEGER, note TEXT DEFAULT 'x;y'); /* ; /* ; */ ; */
       CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $body$
       BEGIN NEW.note := 'from;trigger'; RETURN NEW; END $body$;
       CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION f();`
      : `-- a; b
       CREATE TABLE a (id INTEGER, note TEXT DEFAULT 'x;y'); /* ; */
       CREATE TRIGGER t AFTER INSERT ON a BEGIN
         UPDATE a SET note = CASE WHEN 1 THEN 'from;trigger' END WHERE id = NEW.id;
         SELECT 1;
       END;`;
    await using folder = await folderOf({
      "1_a/up.sql": `${script}\nINSERT INTO a (id) VALUES (1);`,
    });
    await folder.manager(db).up();
    assert.deepEqual((await db.execute("SELECT note FROM a")).rows, [{ note: "from;trigger" }]);
  },
);

onEveryDatabase("settings that a script makes end with it", {
  ...options,
  needs: ({ supportsSchemas }) => supportsSchemas,
  open: { poolSize: 2 },
}, async ({ db }) => {
  // As pg_dump writes it.
  await using folder = await folderOf({
    "1_a/up.sql":
      `SET statement_timeout = 0; SET check_function_bodies = false; SET row_security = off;
      SELECT pg_catalog.set_config('search_path', '', false);
      CREATE TABLE public.a (id INTEGER);`,
    ...tableFiles("2_b", "b"),
  });
  assert.deepEqual(await folder.manager(db).up(), ["1_a", "2_b"]);
  const settings = () =>
    db.execute(
      "SELECT current_setting('search_path') AS path, current_setting('row_security') AS row",
    );
  for (const { rows } of await Promise.all([settings(), settings(), settings()])) {
    assert.deepEqual(rows, [{ path: '"$user", public', row: "on" }]);
  }
});
