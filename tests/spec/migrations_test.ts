/**
 * Rows G1 to G3 of the specification.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  type Migration,
  MigrationError,
  MigrationManager,
  MigrationRunner,
  MigrationTracker,
} from "@rex/orm";
import { onEveryDatabase } from "../targets/databases.ts";

const users: Migration = {
  async up(db) {
    await db.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(255) NOT NULL)");
  },
  async down(db) {
    await db.execute("DROP TABLE users");
  },
};

const posts: Migration = {
  async up(db) {
    await db.schema.createTable("posts", {
      columns: {
        id: { type: "bigint", identity: true },
        title: { type: "varchar(80)" },
        user_id: { type: "integer" },
      },
      primaryKey: ["id"],
      foreignKeys: [{
        columns: ["user_id"],
        table: "users",
        references: ["id"],
        onDelete: "cascade",
      }],
      indexes: [{ name: "posts_user_id", columns: ["user_id"] }],
    });
  },
  async down(db) {
    await db.schema.dropTable("posts");
  },
};

onEveryDatabase("G1, G2: migrations are applied and reverted, each once", {}, async ({ db }) => {
  const manager = new MigrationManager(db);
  await manager.initialize();
  await manager.applyMigration("20240101_create_users_table", users);
  await manager.applyMigration("20240102_create_posts_table", posts);
  assert.deepEqual(await manager.getAppliedMigrations(), [
    "20240101_create_users_table",
    "20240102_create_posts_table",
  ]);
  await db.execute("INSERT INTO users (id, name) VALUES (1, 'Ada')");
  await db.execute("INSERT INTO posts (title, user_id) VALUES ('First', 1)");

  await assert.rejects(
    manager.applyMigration("20240101_create_users_table", users),
    (error) => error instanceof MigrationError && /has already been applied/.test(error.message),
  );
  await manager.rollbackMigration("20240102_create_posts_table", posts);
  await assert.rejects(
    manager.rollbackMigration("20240102_create_posts_table", posts),
    (error) => error instanceof MigrationError && /has not been applied/.test(error.message),
  );
  await assert.rejects(db.execute("SELECT * FROM posts"));
  const { rows } = await db.execute("SELECT name FROM users");
  assert.deepEqual(rows, [{ name: "Ada" }]);
  assert.deepEqual(await manager.getAppliedMigrations(), ["20240101_create_users_table"]);
});

onEveryDatabase("G2: the history is a table, kept by MigrationTracker", {}, async ({ db }) => {
  const tracker = new MigrationTracker(db);
  await tracker.initialize();
  await tracker.initialize();
  const runner = new MigrationRunner(db, tracker);
  await runner.run(users, "one");
  assert.equal(await tracker.isMigrationApplied("one"), true);
  const { rows } = await db.execute("SELECT migration_name FROM migration_history");
  assert.deepEqual(rows, [{ migration_name: "one" }]);
  const [first] = await tracker.getHistory();
  assert.ok(Math.abs(Number(first?.appliedAt) - Date.now()) < 120_000, String(first?.appliedAt));
  await runner.rollback(users, "one");
  assert.equal(await tracker.isMigrationApplied("one"), false);
});

onEveryDatabase("G2: a migration that fails leaves nothing behind", {}, async ({ db }) => {
  const manager = new MigrationManager(db);
  await manager.initialize();
  const broken: Migration = {
    async up(tx) {
      await tx.execute("CREATE TABLE half (id INTEGER PRIMARY KEY)");
      await tx.execute("INSERT INTO half VALUES (1)");
      await tx.execute("SELECT\n  nothing\nFROM nowhere");
    },
  };
  await assert.rejects(manager.applyMigration("broken", broken), (error) => {
    assert.ok(error instanceof MigrationError);
    assert.match(error.message, /Cannot apply broken: /);
    assert.match(error.message, /FROM nowhere/);
    return true;
  });
  await assert.rejects(db.execute("SELECT * FROM half"));
  assert.deepEqual(await manager.getAppliedMigrations(), []);
});
