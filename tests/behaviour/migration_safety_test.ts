/**
 * What a migration cannot break: child rows in a rebuild, foreign keys, and what others hold.
 */
import assert from "node:assert/strict";
import { MigrationError } from "../../src/base/errors.ts";
import type { Database } from "../../src/database/database.ts";
import type { Migration } from "../../src/database/scope.ts";
import { PostgresAdapter } from "../../src/database/postgres_adapter.ts";
import type { Capabilities } from "../../src/dialect/capabilities.ts";
import { sql } from "../../src/query/sql.ts";
import { MigrationManager } from "../../src/migration/manager.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { freshPostgresDatabase } from "../targets/mod.ts";
import { folderOf, hasTable, migrationError, tableFiles } from "./migration_support.ts";

const options = { rewrite: false } as const;
const onSqlite = { ...options, needs: (it: Capabilities) => !it.supportsSchemas } as const;
const onPostgres = { ...options, needs: (it: Capabilities) => it.supportsSchemas } as const;

async function family(db: Database): Promise<void> {
  for (
    const statement of [
      "CREATE TABLE parents (id INTEGER PRIMARY KEY, name TEXT)",
      "CREATE TABLE cascading (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parents (id) ON DELETE CASCADE)",
      "CREATE TABLE clearing (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parents (id) ON DELETE SET NULL)",
      "CREATE INDEX parents_name ON parents (name)",
      "CREATE VIEW names AS SELECT name FROM parents",
      "INSERT INTO parents VALUES (1, 'a'), (2, 'b')",
      "INSERT INTO cascading VALUES (1, 1), (2, 2)",
      "INSERT INTO clearing VALUES (1, 1), (2, 2)",
    ]
  ) await db.execute(statement);
}

const strict: Migration = {
  async up(db) {
    await db.schema.alterTable("parents", (table) => {
      table.alterColumn("name", { type: "text", nullable: false });
    });
  },
};

const rowsOf = async (db: Database, text: string) => (await db.execute(text)).rows;

/** Whether foreign keys are enforced on the connection that writes. */
async function enforced(db: Database): Promise<boolean> {
  return await db.execute("INSERT INTO cascading VALUES (99, 99)").then(() => false, () => true);
}

onEveryDatabase(
  "changing a table loses no row of those that point to it, and keeps its view and index",
  options,
  async ({ db }) => {
    await family(db);
    await new MigrationManager(db).applyMigration("strict", strict);
    assert.deepEqual(await rowsOf(db, "SELECT id, parent FROM cascading ORDER BY id"), [
      { id: 1, parent: 1 },
      { id: 2, parent: 2 },
    ]);
    assert.deepEqual(await rowsOf(db, "SELECT id, parent FROM clearing ORDER BY id"), [
      { id: 1, parent: 1 },
      { id: 2, parent: 2 },
    ]);
    assert.deepEqual(await rowsOf(db, "SELECT name FROM names ORDER BY name"), [
      { name: "a" },
      { name: "b" },
    ]);
    const { introspector } = await db.dialect.schemaSupport();
    const parents = (await introspector.introspect(db)).tables.find(({ name }) =>
      name === "parents"
    );
    assert.deepEqual(parents?.indexes.map(({ name }) => name), ["parents_name"]);
    assert.equal(await enforced(db), true);
    await db.execute("DELETE FROM parents WHERE id = 1");
    assert.deepEqual(await rowsOf(db, "SELECT id FROM cascading"), [{ id: 2 }]);
  },
);

onEveryDatabase("triggers are there again after a rebuild", onSqlite, async ({ db }) => {
  await family(db);
  await db.execute(
    "CREATE TRIGGER shout AFTER INSERT ON parents BEGIN UPDATE parents SET name = upper(name) WHERE id = NEW.id; END",
  );
  await new MigrationManager(db).applyMigration("strict", strict);
  await db.execute("INSERT INTO parents VALUES (3, 'c')");
  assert.deepEqual(await rowsOf(db, "SELECT name FROM parents WHERE id = 3"), [{ name: "C" }]);
});

onEveryDatabase(
  "a migration that would leave rows without their parents is undone",
  options,
  async ({ db }) => {
    await family(db);
    const manager = new MigrationManager(db);
    const orphaning: Migration = {
      async up(scope) {
        await scope.execute("UPDATE cascading SET parent = 77 WHERE id = 2");
      },
    };
    await assert.rejects(
      manager.applyMigration("orphaning", orphaning),
      (error) =>
        error instanceof MigrationError &&
        /Cannot apply orphaning: .*(foreign key|does not exist)/s.test(error.message),
    );
    assert.deepEqual(await rowsOf(db, "SELECT parent FROM cascading WHERE id = 2"), [{
      parent: 2,
    }]);
    assert.deepEqual(await manager.getAppliedMigrations(), []);
    assert.equal(await enforced(db), true);
  },
);

onEveryDatabase(
  "rows that were broken before do not stand in the way",
  onSqlite,
  async ({ db }) => {
    await family(db);
    await db.execute(
      "CREATE TABLE keyed (code TEXT PRIMARY KEY, note TEXT, parent INTEGER REFERENCES parents (id))",
    );
    await db.transaction(async (tx) => {
      await tx.execute(
        "INSERT INTO keyed VALUES ('gone', NULL, 1), ('a', NULL, 88), ('b', NULL, 89)",
      );
      await tx.execute("DELETE FROM keyed WHERE code = 'gone'");
    }, { schemaChange: true });
    const manager = new MigrationManager(db);
    await manager.applyMigration("rebuild", {
      async up(scope) {
        await scope.schema.alterTable("keyed", (table) => {
          table.alterColumn("note", { type: "varchar(9)", nullable: true });
        });
      },
    });
    await assert.rejects(
      manager.applyMigration("more", {
        async up(scope) {
          await scope.execute("INSERT INTO keyed VALUES ('c', NULL, 90)");
        },
      }),
      migrationError(
        /Cannot apply more: Cannot commit: 1 row would break a foreign key\n {2}keyed/,
      ),
    );
    assert.equal(await enforced(db), true);
  },
);

onEveryDatabase(
  "a migration uses the sql tag and transactions in its own, which have the schema too",
  options,
  async ({ db }) => {
    const told: string[] = [];
    const manager = new MigrationManager(db, { onStatement: (text) => told.push(text) });
    await manager.applyMigration("mixed", {
      async up(scope) {
        await scope.transaction(async (tx) => {
          await tx.schema.createTable("notes", { columns: { n: { type: "integer" } } });
          await sql`INSERT INTO notes VALUES (${1})`.execute(tx);
        });
        const undone = scope.transaction(async (tx) => {
          await tx.execute("INSERT INTO notes VALUES (2)");
          throw new Error("never mind");
        });
        await assert.rejects(undone, /never mind/);
      },
    });
    assert.deepEqual(await rowsOf(db, "SELECT n FROM notes"), [{ n: 1 }]);
    assert.equal(told.length, 3);
    assert.match(told[0]!, /^CREATE TABLE/);
  },
);

onEveryDatabase(
  "a table that others hold is waited for, then the migration says so",
  onPostgres,
  async ({ db }) => {
    await db.execute("CREATE TABLE notes (n INTEGER)");
    const attempts: string[] = [];
    const manager = new MigrationManager(db, {
      lockTimeout: 50,
      lockRetries: 2,
      onStatement: (text) => attempts.push(text),
    });
    const migration: Migration = {
      async up(scope) {
        await scope.execute("ALTER TABLE notes ADD COLUMN m INTEGER");
      },
    };
    await db.transaction(async (tx) => {
      await tx.execute("SELECT * FROM notes");
      await assert.rejects(
        manager.applyMigration("held", migration),
        migrationError(/Cannot apply held: Cannot lock/, /Others held the lock at every attempt/),
      );
    });
    assert.equal(attempts.length, 3);
    await manager.applyMigration("held", migration);
    assert.deepEqual(await manager.getAppliedMigrations(), ["held"]);
  },
);

onEveryDatabase("the lock says who holds it; a signal ends the wait", options, async ({ db }) => {
  await using folder = await folderOf(tableFiles("1_a", "a"));
  const { lock } = await db.dialect.schemaSupport();
  await lock.hold(db, { wait: 0 }, async () => {
    await assert.rejects(
      folder.manager(db, { lockWait: 60 }).up(),
      migrationError(/another process does, and did not end within 60 ms \(process \d+/),
    );
    const signal = AbortSignal.timeout(60);
    await assert.rejects(folder.manager(db).up({ signal }), { name: "TimeoutError" });
  });
  assert.equal(await hasTable(db, "a"), false);
  assert.deepEqual(await folder.manager(db).up(), ["1_a"]);
});

onEveryDatabase(
  "two that migrate without the lock's protection apply each migration once",
  options,
  async ({ db, target }) => {
    await using folder = await folderOf({
      ...tableFiles("1_a", "a"),
      "2_b.mjs": `export default { async up(db) {
      await db.execute("CREATE TABLE b (n INTEGER)");
      await new Promise((resolve) => setTimeout(resolve, 150));
      await db.execute("INSERT INTO b VALUES (1)");
    } };`,
    });
    const told = Promise.withResolvers<void>();
    const first = folder.manager(db, {
      onStatement: (text) => /TABLE b/.test(text) && told.resolve(),
    });
    const one = first.up();
    await told.promise;
    // The lock is lost: its connection broke, or its lease ran out.
    await (target.name === "PostgreSQL"
      ? db.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' " +
          "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
      )
      : db.execute("UPDATE migration_lock SET expires = 0"));
    const outcomes = await Promise.allSettled([one, folder.manager(db).up()]);
    assert.equal(outcomes[1].status, "fulfilled");
    assert.deepEqual(await rowsOf(db, "SELECT n FROM b"), [{ n: 1 }]);
    assert.deepEqual(await folder.manager(db).getAppliedMigrations(), ["1_a", "2_b"]);
  },
);

Deno.test("a pool of one connection is told to be too small on PostgreSQL", async () => {
  await using fresh = await freshPostgresDatabase();
  await using folder = await folderOf(tableFiles("1_a", "a"));
  await using db = new PostgresAdapter({ url: fresh.url, poolSize: 1 });
  await assert.rejects(
    folder.manager(db).up(),
    migrationError(/Cannot migrate with one connection/, /poolSize/),
  );
});
