/**
 * Many migrations as one.
 */
import assert from "node:assert/strict";
import type { DatabaseSchema } from "../../src/schema/database_schema.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { folderOf, hasTable, migrationError, tableFiles } from "./migration_support.ts";

const options = { rewrite: false } as const;
const files = { ...tableFiles("20240101_a", "a"), ...tableFiles("20240201_b", "b") };

const write = ({ tables }: DatabaseSchema) =>
  `export default {
  async up(db) {${
    tables.map(({ name }) => `await db.execute("CREATE TABLE ${name} (id INTEGER PRIMARY KEY)");`)
      .join("")
  }},
  async down(db) {${tables.map(({ name }) => `await db.schema.dropTable("${name}");`).join("")}},
};\n`;

onEveryDatabase(
  "squash() makes one migration of all, and the database has it already",
  options,
  async ({ db, target }) => {
    await using folder = await folderOf(files);
    const manager = folder.manager(db);
    await assert.rejects(manager.squash("all", write), migrationError(/20240101_a is pending/));
    await manager.up();
    assert.equal(await manager.squash("all", write), "20240201_all");
    assert.deepEqual(await manager.getAppliedMigrations(), ["20240201_all"]);
    assert.deepEqual((await manager.status()).map(({ state }) => state), ["applied"]);
    assert.deepEqual(await manager.up(), []);
    const old = [];
    for await (const { name } of Deno.readDir(`${folder.path}/squashed`)) old.push(name);
    assert.deepEqual(old.sort(), ["20240101_a", "20240201_b"]);

    await using other = await target.open();
    assert.deepEqual(await folder.manager(other.db).up(), ["20240201_all"]);
    assert.equal(await hasTable(other.db, "b"), true);
    assert.deepEqual(await manager.down(), ["20240201_all"]);
    assert.deepEqual([await hasTable(db, "a"), await hasTable(db, "b")], [false, false]);
  },
);

onEveryDatabase(
  "another database that has all of them takes the one for applied; one that has some is refused",
  options,
  async ({ db, target }) => {
    await using folder = await folderOf(files);
    await using whole = await target.open();
    await using part = await target.open();
    await folder.manager(db).up();
    await folder.manager(whole.db).up();
    await folder.manager(part.db).up({ to: "20240101_a" });
    await folder.manager(db).squash("all", write, { remove: true });
    await assert.rejects(Deno.stat(`${folder.path}/squashed`));

    assert.deepEqual((await folder.manager(whole.db).status()).map(({ state }) => state), [
      "applied",
    ]);
    assert.deepEqual(await folder.manager(whole.db).up(), []);
    assert.deepEqual(await folder.manager(whole.db).getAppliedMigrations(), ["20240201_all"]);
    await assert.rejects(
      folder.manager(part.db).up(),
      migrationError(
        /20240201_all stands for 2 migrations, of which 20240201_b is not applied here/,
      ),
    );
  },
);

onEveryDatabase(
  "what fails while squashing leaves files and history as they were",
  options,
  async ({ db }) => {
    await using folder = await folderOf({ ...files, "20240201_all.ts.txt": "" });
    const manager = folder.manager(db);
    await manager.up();
    await assert.rejects(
      manager.squash("all", () => Promise.reject(new Error("no text"))),
      /no text/,
    );
    await Deno.mkdir(`${folder.path}/20240201_all.ts`);
    await assert.rejects(manager.squash("all", write));
    await Deno.remove(`${folder.path}/20240201_all.ts`, { recursive: true }).catch(() => {});
    assert.deepEqual((await manager.status()).map(({ name, state }) => `${name} ${state}`), [
      "20240101_a applied",
      "20240201_b applied",
    ]);
  },
);
