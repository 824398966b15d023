/**
 * Rows G1 to G4 of the specification.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  BaseModel,
  Column,
  Entity,
  type Generated,
  type Migration,
  MigrationError,
  MigrationGenerator,
  MigrationManager,
  MigrationRunner,
  MigrationTracker,
  PrimaryKey,
} from "@rex/orm";
import { MigrationProject } from "../support/migration_project.ts";
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

Deno.test("G3: MigrationGenerator writes YYYYMMDDHHMMSS_name.ts and overwrites nothing", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rex-orm-" });
  try {
    const now = new Date("2026-01-02T03:04:05.678Z");
    const inside = `${folder}/made/migrations`;
    const create = (name: string, text?: string) =>
      MigrationGenerator.createMigration(name, {
        folder: inside,
        now,
        ...text !== undefined && { text },
      });
    assert.equal(await create("add_users"), `${inside}/20260102030405_add_users.ts`);
    assert.equal(await create("add_users"), `${inside}/20260102030406_add_users.ts`);
    assert.equal(await create(" Add email! "), `${inside}/20260102030407_add_email.ts`);
    assert.equal(await create("AddPhoneToUsers"), `${inside}/20260102030408_add_phone_to_users.ts`);
    assert.equal(await create("../../x"), `${inside}/20260102030409_x.ts`);
    assert.equal(await create("text", "export {};\n"), `${inside}/20260102030410_text.ts`);
    assert.equal(await Deno.readTextFile(`${inside}/20260102030410_text.ts`), "export {};\n");
    await assert.rejects(create("!?"), MigrationError);
    const { default: empty } = await import(`file://${inside}/20260102030405_add_users.ts`);
    assert.equal(typeof empty.up, "function");
    assert.equal(typeof empty.down, "function");
    const [first] = await Array.fromAsync(Deno.readDir(folder));
    assert.equal(first?.name, "made");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

@Entity({ tableName: "people" })
class Person extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "varchar", length: 40 })
  name!: string;
}

@Entity({ tableName: "people" })
class PersonWithEmail extends BaseModel {
  @PrimaryKey()
  id!: Generated<number>;
  @Column({ type: "varchar", length: 40, name: "full_name", renamedFrom: "name" })
  fullName!: string;
  @Column({ type: "text", nullable: true, unique: true })
  email!: string | null;
}

onEveryDatabase(
  "G4: the diff of models against the database writes the migration, both ways",
  { models: [Person] },
  async ({ db }) => {
    await using project = await MigrationProject.create(db);
    await db.execute("INSERT INTO people (name) VALUES ('Ada')");
    const before = await project.read();
    await project.migrate([PersonWithEmail]);
    await project.assertFits([PersonWithEmail]);
    const [text = ""] = project.texts;
    assert.match(text, /table\.renameColumn\("name", "full_name"\);/);
    assert.match(text, /table\.addColumn\("email", \{ type: "text", nullable: true \}\);/);
    assert.match(text, /table\.addUnique\(\{ name: "uq_people_email", columns: \["email"\] \}\);/);
    assert.deepEqual(
      (await db.execute("SELECT full_name, email FROM people")).rows,
      [{ full_name: "Ada", email: null }],
    );
    await project.down(1);
    await project.assertIs(before);
    assert.deepEqual((await db.execute("SELECT name FROM people")).rows, [{ name: "Ada" }]);
  },
);
