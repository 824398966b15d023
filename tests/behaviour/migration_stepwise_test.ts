/**
 * Migrations whose statements are committed one by one, on databases that have statements which a transaction cannot hold; elsewhere
 * they are run whole.
 */
import assert from "node:assert/strict";
import type { Database } from "../../src/database/database.ts";
import type { Migration } from "../../src/database/scope.ts";
import type { Capabilities } from "../../src/dialect/capabilities.ts";
import { MigrationRunner } from "../../src/migration/runner.ts";
import { MigrationTracker } from "../../src/migration/tracker.ts";
import { QueryBuilder } from "../../src/query/query_builder.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { folderOf, hasTable, migrationError } from "./migration_support.ts";

const options = {
  rewrite: false,
  needs: ({ supportsSchemas }: Capabilities) => supportsSchemas,
} as const;

const concurrently = "-- so that nobody waits\nCREATE INDEX CONCURRENTLY notes_n ON notes (n)";

async function indexes(db: Database): Promise<unknown[]> {
  const { rows } = await db.execute(
    "SELECT c.relname AS name, i.indisvalid AS valid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid " +
      "WHERE i.indrelid = 'notes'::regclass ORDER BY 1",
  );
  return rows;
}

onEveryDatabase(
  "a script with CREATE INDEX CONCURRENTLY runs outside of a transaction, both ways",
  options,
  async ({ db }) => {
    await using folder = await folderOf({
      "1_notes/up.sql": `CREATE TABLE notes (n INTEGER);\n${concurrently};`,
      "1_notes/down.sql": "DROP INDEX CONCURRENTLY notes_n; DROP TABLE notes;",
    });
    const manager = folder.manager(db);
    assert.deepEqual(await manager.up(), ["1_notes"]);
    assert.deepEqual(await indexes(db), [{ name: "notes_n", valid: true }]);
    const dry = await manager.dryRun("down");
    assert.deepEqual(dry[0]?.statements, ["DROP INDEX CONCURRENTLY notes_n", "DROP TABLE notes"]);
    assert.deepEqual(await manager.down(), ["1_notes"]);
    assert.equal(await hasTable(db, "notes"), false);
    assert.deepEqual(await manager.redo(), []);
  },
);

onEveryDatabase("a script says that it needs no transaction; SQLite runs it whole all the same", {
  rewrite: false,
}, async ({ db, target }) => {
  await using folder = await folderOf({
    "1_notes/up.sql":
      "-- rex: no transaction\nCREATE TABLE notes (n INTEGER);\nINSERT INTO notes VALUES (1);\nSELECT wrong;",
  });
  const manager = folder.manager(db);
  await assert.rejects(manager.up(), migrationError(/Cannot apply 1_notes: .*wrong/));
  const stepwise = target.capabilities.supportsSchemas;
  assert.equal(await hasTable(db, "notes"), stepwise);
  assert.deepEqual(
    (await manager.status()).map(({ state }) => state),
    [stepwise ? "running" : "pending"],
  );
  await folder.write({
    "1_notes/up.sql":
      "-- rex: no transaction\nCREATE TABLE notes (n INTEGER);\nINSERT INTO notes VALUES (1);\nSELECT 1;",
  });
  assert.deepEqual(await manager.up(), ["1_notes"]);
  assert.deepEqual((await db.execute("SELECT n FROM notes")).rows, [{ n: 1 }]);
  // The text that was finished with is the one that counts.
  assert.deepEqual((await manager.status()).map(({ state }) => state), ["applied"]);
  assert.deepEqual(await manager.up(), []);
});

/** Fails before its n-th statement, once. */
function failingAt(
  n: number,
): { readonly onStatement: (sql: string) => void; readonly sent: string[] } {
  const sent: string[] = [];
  let left = n;
  return {
    sent,
    onStatement(sql) {
      if (--left === 0) throw new Error("cut off");
      sent.push(sql);
    },
  };
}

const planned: Migration = {
  transaction: false,
  async up(db) {
    await db.schema.createTable("owners", {
      columns: { id: { type: "integer" } },
      primaryKey: ["id"],
    });
    await db.execute("INSERT INTO owners VALUES (1)");
    await db.schema.createTable("old", { columns: { id: { type: "integer" } } });
    await db.execute("INSERT INTO notes VALUES (1)");
    await db.schema.alterTable("notes", (table) => {
      table.addColumn("owner", { type: "integer", nullable: true });
      table.addForeignKey({ columns: ["owner"], table: "owners", references: ["id"] });
      table.createIndex({ name: "notes_owner", columns: ["owner"] });
    });
    await db.transaction(async (tx) => {
      await tx.execute("INSERT INTO notes VALUES (2)");
      await tx.schema.dropTable("old");
      await tx.execute("INSERT INTO notes VALUES (3)");
    });
    await db.schema.alterTable("notes", (table) => table.dropColumn("owner"));
    await db.schema.dropTable("owners");
  },
  async down(db) {
    await db.schema.dropTable("notes");
    await db.schema.createTable("notes", { columns: { n: { type: "integer", nullable: true } } });
  },
};

onEveryDatabase(
  "cut off at any statement, the next run does the rest and nothing twice",
  options,
  async ({ db }) => {
    const tracker = new MigrationTracker(db);
    await tracker.initialize();
    let statements = Infinity;
    for (let n = 1; n <= statements + 1; n++) {
      await db.execute("CREATE TABLE notes (n INTEGER)");
      const cut = failingAt(n);
      const first = new MigrationRunner(db, tracker, cut).run(planned, "planned");
      const sent: string[] = [];
      if (n <= statements) {
        const failure: unknown = await first.then(() => undefined, (error) => error);
        if (failure === undefined) statements = n - 1;
        else {
          assert.match(String(failure), /cut off/);
          assert.equal((await tracker.find("planned"))?.state, "running");
          const rest = { onStatement: (sql: string) => sent.push(sql) };
          await new MigrationRunner(db, tracker, rest).run(planned, "planned");
        }
      } else await first;
      assert.equal(await tracker.isMigrationApplied("planned"), true);
      assert.deepEqual((await db.execute("SELECT * FROM notes ORDER BY n")).rows, [
        { n: 1 },
        { n: 2 },
        { n: 3 },
      ], `cut off at ${n}: ${[...cut.sent, "--", ...sent].join("\n")}`);
      assert.deepEqual([await hasTable(db, "old"), await hasTable(db, "owners")], [false, false]);
      const down = failingAt(2);
      const runner = new MigrationRunner(db, tracker, down);
      await assert.rejects(runner.rollback(planned, "planned"), /cut off/);
      assert.equal((await tracker.find("planned"))?.state, "reverting");
      await assert.rejects(
        runner.run(planned, "planned"),
        migrationError(/cut off while it was being reverted/),
      );
      await runner.rollback(planned, "planned");
      await db.execute("DROP TABLE notes");
    }
    assert.ok(statements >= 10 && statements < 100, `${statements} statements`);
  },
);

onEveryDatabase(
  "up() finishes what was cut off on its way down, then applies it",
  options,
  async ({ db }) => {
    await using folder = await folderOf({
      "1_notes/up.sql": `CREATE TABLE notes (n INTEGER);\n${concurrently};`,
      "1_notes/down.sql": "DROP INDEX CONCURRENTLY notes_n; DROP TABLE notes;",
    });
    await folder.manager(db).up();
    await assert.rejects(folder.manager(db, failingAt(2)).down(), /cut off/);
    const manager = folder.manager(db);
    assert.deepEqual((await manager.status()).map(({ state }) => state), ["reverting"]);
    assert.deepEqual(await manager.up(), ["1_notes"]);
    assert.deepEqual(await indexes(db), [{ name: "notes_n", valid: true }]);
  },
);

onEveryDatabase(
  "an index that was left half built is dropped and built again",
  options,
  async ({ db }) => {
    await using folder = await folderOf({
      "1_notes/up.sql":
        `CREATE TABLE notes (n INTEGER);\nINSERT INTO notes VALUES (1), (1);\nCREATE UNIQUE INDEX CONCURRENTLY notes_n ON public.notes (n);`,
    });
    const manager = folder.manager(db);
    await assert.rejects(manager.up(), migrationError(/Cannot apply 1_notes/));
    assert.deepEqual(await indexes(db), [{ name: "notes_n", valid: false }]);
    await db.execute("DELETE FROM notes");
    assert.deepEqual(await manager.up(), ["1_notes"]);
    assert.deepEqual(await indexes(db), [{ name: "notes_n", valid: true }]);
  },
);

onEveryDatabase(
  "an index that was built before the crash is not built again",
  options,
  async ({ db }) => {
    const tracker = new MigrationTracker(db);
    await tracker.initialize();
    const migration: Migration = {
      transaction: false,
      async up(scope) {
        await scope.execute("CREATE TABLE notes (n INTEGER)");
        await scope.execute(concurrently);
        await scope.execute("DROP INDEX CONCURRENTLY notes_n");
      },
    };
    await assert.rejects(new MigrationRunner(db, tracker, failingAt(2)).run(migration, "a"));
    await db.execute(concurrently); // it was done, and the process died before it wrote that down
    await assert.rejects(new MigrationRunner(db, tracker, failingAt(2)).run(migration, "a"));
    assert.deepEqual(await indexes(db), [{ name: "notes_n", valid: true }]);
    await db.execute("DROP INDEX notes_n");
    await new MigrationRunner(db, tracker).run(migration, "a");
    assert.equal(await tracker.isMigrationApplied("a"), true);
  },
);

onEveryDatabase("reads are sent again when a migration is resumed", options, async ({ db }) => {
  await db.execute("CREATE TABLE notes (n INTEGER)");
  await db.execute("INSERT INTO notes VALUES (1), (2)");
  const tracker = new MigrationTracker(db);
  await tracker.initialize();
  const migration: Migration = {
    transaction: false,
    async up(scope) {
      const query = new QueryBuilder().select("n").from("notes").orderBy("n");
      const { rows } = await query.execute<{ n: number }>(scope);
      for (const { n } of rows) await scope.execute(`CREATE TABLE of_${n} (id INTEGER)`);
    },
  };
  await assert.rejects(new MigrationRunner(db, tracker, failingAt(2)).run(migration, "a"));
  await new MigrationRunner(db, tracker).run(migration, "a");
  assert.deepEqual([await hasTable(db, "of_1"), await hasTable(db, "of_2")], [true, true]);
});
