/**
 * Ten processes start at once and migrate: each migration is applied once. Twice in `deno task test`, fifty times in
 * `deno task test:soak`.
 */
import assert from "node:assert/strict";
import { folderOf, tableFiles } from "../behaviour/migration_support.ts";
import { soaking } from "../support/soak.ts";
import { migrateAndDie, migrateApart, shared } from "./migration_process.ts";
import { finishes } from "./support.ts";

const starters = 10;
const rounds = soaking ? 50 : 2;
const names = ["1_a", "2_b", "3_c", "4_d"];
const files = {
  ...tableFiles("1_a", "a"),
  ...tableFiles("2_b", "b"),
  "3_c/up.sql": "-- rex: no transaction\nCREATE TABLE c (n INTEGER);\nINSERT INTO c VALUES (1);",
  "4_d.mjs": `export default { async up(db) {
    await db.execute("CREATE TABLE d (n INTEGER)");
    await new Promise((resolve) => setTimeout(resolve, 100));
    await db.execute("INSERT INTO d VALUES (1)");
  } };`,
};

for (const [name, open] of Object.entries(shared)) {
  Deno.test(`ten processes that start at once apply each migration once (${name})`, async () => {
    await using folder = await folderOf(files);
    for (let round = 0; round < rounds; round++) {
      await using one = await open();
      const outcomes = await finishes(
        Promise.all(Array.from({ length: starters }, () => migrateApart(one.address, folder.path))),
      );
      assert.deepEqual(outcomes.flatMap(({ applied }) => applied).sort(), names);
      const history = await one.db.execute(
        "SELECT migration_name AS name FROM migration_history WHERE state = 'applied' ORDER BY id",
      );
      assert.deepEqual(history.rows.map((row) => row.name), names);
      for (const table of ["c", "d"]) {
        assert.deepEqual((await one.db.execute(`SELECT n FROM ${table}`)).rows, [{ n: 1 }]);
      }
    }
  });

  Deno.test(`the lock of a killed process passes to the next (${name})`, async () => {
    await using folder = await folderOf(files);
    await using one = await open();
    await finishes(migrateAndDie(one.address, folder.path, 2, true));
    // On SQLite it waits until the lease has run out.
    assert.deepEqual(
      await finishes(one.db.migrate({ folder: folder.path })),
      names.slice(1),
    );
  });
}
