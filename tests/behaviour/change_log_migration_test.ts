/** Tables that are followed and migrated: the log goes on, and migrations see nothing of it. */
import assert from "node:assert/strict";
import type { RowChange } from "../../src/change/source.ts";
import type { Database } from "../../src/database/database.ts";
import { MigrationManager } from "../../src/migration/manager.ts";
import { SchemaEditor } from "../../src/migration/editor/editor.ts";
import { schemaOfModels } from "../../src/migration/models.ts";
import { compareSchemas } from "../../src/migration/compare.ts";
import { SchemaReader } from "../../src/migration/reader.ts";
import type { MigrationScope } from "../../src/migration/migration.ts";
import type { TransactionScope } from "../../src/database/scope.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { Reading } from "../conformance/change_source/reading.ts";
import { blog, Post } from "./repository_models.ts";

type Scope = MigrationScope<TransactionScope>;

const logged = { rewrite: false } as const;

let count = 0;

/** Runs a migration; names make an order. */
async function migrate(
  db: Database,
  up: (scope: Scope) => Promise<void>,
  down?: (scope: Scope) => Promise<void>,
): Promise<() => Promise<void>> {
  const name = `20260101${String(++count).padStart(6, "0")}_step`;
  const manager = new MigrationManager<TransactionScope>(db);
  const migration = { up, ...down && { down } };
  await manager.applyMigration(name, migration);
  return () => manager.rollbackMigration(name, migration);
}

/** Waits for the next change that is told of a table, without the values that differ by database. */
class Told {
  readonly #reading: Reading;
  #at = 0;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  async next(): Promise<RowChange> {
    await this.#reading.until(() => this.#all().length > this.#at);
    return this.#all()[this.#at++]!;
  }

  unseen(table: string): boolean {
    return this.#reading.batches.some(({ unseen }) => unseen?.includes(table));
  }

  #all(): RowChange[] {
    return this.#reading.batches.flatMap(({ changes }) => changes);
  }
}

function image({ table, kind, before, after }: RowChange): unknown[] {
  const shown = (row: RowChange["after"]) =>
    row &&
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)]),
    );
  return kind === "update" || kind === "insert"
    ? [table, kind, shown(after)]
    : [table, kind, shown(before)];
}

onEveryDatabase(
  "a followed table that is altered, made anew and renamed is told as it is",
  logged,
  async ({ db }) => {
    await migrate(db, async ({ schema }) => {
      await schema.createTable("posts", {
        columns: {
          id: { type: "integer" },
          title: { type: "text" },
          rank: { type: "integer", nullable: true },
        },
        primaryKey: ["id"],
      });
      await schema.createTable("beats", {
        columns: { id: { type: "integer" } },
        primaryKey: ["id"],
      });
      await schema.followChanges(["posts", "beats"]);
    });
    const { source } = await db.feed({ source: "log", log: { interval: 5 } });
    await using reading = await Reading.open(source);
    const told = new Told(reading);
    let beats = 0;
    // What is altered and written between two readings may be told as a table that is to be read anew.
    const write = async (sql: string) => {
      await db.execute(`INSERT INTO beats (id) VALUES (${++beats})`);
      assert.equal((await told.next()).table, "beats");
      await db.execute(sql);
      return image(await told.next());
    };
    assert.deepEqual(await write("INSERT INTO posts (id, title) VALUES (1, 'a')"), [
      "posts",
      "insert",
      { id: "1", title: "a", rank: null },
    ]);

    await migrate(db, ({ schema }) =>
      schema.alterTable("posts", (table) => {
        table.addColumn("note", { type: "text", nullable: true });
      }));
    assert.deepEqual(await write("UPDATE posts SET note = 'n' WHERE id = 1"), [
      "posts",
      "update",
      { id: "1", title: "a", rank: null, note: "n" },
    ]);

    await migrate(
      db,
      ({ schema }) => schema.alterTable("posts", (table) => table.renameColumn("title", "heading")),
    );
    await migrate(
      db,
      ({ schema }) => schema.alterTable("posts", (table) => table.dropColumn("rank")),
    );
    assert.deepEqual(await write("UPDATE posts SET heading = 'b' WHERE id = 1"), [
      "posts",
      "update",
      { id: "1", heading: "b", note: "n" },
    ]);

    // A stored check makes SQLite write the table anew.
    await migrate(
      db,
      ({ schema }) =>
        schema.alterTable("posts", (table) => table.addCheck({ name: "positive", sql: "id > 0" })),
    );
    assert.deepEqual(await write("INSERT INTO posts (id, heading) VALUES (2, 'c')"), [
      "posts",
      "insert",
      { id: "2", heading: "c", note: null },
    ]);

    const undo = await migrate(
      db,
      async ({ schema }) => await schema.renameTable("posts", "articles"),
      async ({ schema }) => await schema.renameTable("articles", "posts"),
    );
    assert.deepEqual(await write("DELETE FROM articles WHERE id = 1"), [
      "articles",
      "delete",
      { id: "1", heading: "b", note: "n" },
    ]);
    await undo();
    assert.deepEqual(await write("UPDATE posts SET id = 20 WHERE id = 2"), [
      "posts",
      "update",
      { id: "20", heading: "c", note: null },
    ]);

    await migrate(db, async (tx) => {
      await tx.execute("ALTER TABLE posts /* by hand */ DROP COLUMN note");
      await tx.execute("ALTER TABLE posts RENAME TO entries");
    });
    assert.deepEqual(await write("INSERT INTO entries (id, heading) VALUES (3, 'd')"), [
      "entries",
      "insert",
      { id: "3", heading: "d" },
    ]);

    const failing = migrate(db, async (tx) => {
      await tx.execute("ALTER TABLE entries RENAME TO lost");
      throw new Error("undo this");
    });
    await assert.rejects(failing);
    assert.deepEqual(await write("DELETE FROM entries WHERE id = 3"), [
      "entries",
      "delete",
      { id: "3", heading: "d" },
    ]);
    assert.deepEqual(reading.resets, []);
  },
);

onEveryDatabase(
  "what a migration itself writes into a followed table is told, row by row or as a whole",
  {
    ...logged,
    models: blog,
  },
  async ({ db }) => {
    await db.schema.followChanges(["posts", "authors"]);
    await db.execute("INSERT INTO authors (name) VALUES ('ada')");
    const { source } = await db.feed({ source: "log", log: { interval: 5 } });
    await using reading = await Reading.open(source);
    const told = new Told(reading);
    await migrate(db, async (tx) => {
      await tx.execute("UPDATE authors SET name = 'bab'");
    });
    const { table, after } = await told.next();
    assert.deepEqual([table, after?.name, told.unseen("authors")], ["authors", "bab", false]);
    await migrate(db, async (tx) => {
      await tx.schema.alterTable("authors", (table) => {
        table.addColumn("alias", { type: "text", nullable: true });
      });
      await tx.execute("UPDATE authors SET alias = name");
    });
    await reading.until(() =>
      told.unseen("authors") ||
      reading.batches.some(({ changes }) => changes.some(({ after }) => after?.alias === "bab"))
    );
  },
);

onEveryDatabase("the log is no part of a schema that is read, compared or planned", {
  ...logged,
  models: blog,
}, async ({ db }) => {
  const before = await new SchemaReader(db).read();
  await db.schema.followChanges(blog);
  const after = await new SchemaReader(db).read();
  assert.deepEqual(after, before);
  const { steps } = await compareSchemas(db, after, schemaOfModels(blog, db.dialect.capabilities), {
    models: true,
  });
  assert.deepEqual(steps, []);
  await db.schema.unfollowChanges();
  assert.deepEqual(await new SchemaReader(db).read(), before);
});

onEveryDatabase(
  "tables can be followed and left by models, by name, and in a migration's way back",
  {
    ...logged,
    models: blog,
  },
  async ({ db }) => {
    const log = (await db.dialect.changeSupport!()).log;
    const names = async () => (await log.tables(db)).map(({ name }) => name).sort();
    await db.schema.followChanges([Post]);
    assert.deepEqual(await names(), ["labellings", "posts", "posts_tags"]);
    await db.schema.unfollowChanges(["posts_tags", "labellings"]);
    assert.deepEqual(await names(), ["posts"]);
    const undo = await migrate(
      db,
      ({ schema }) => schema.followChanges(),
      ({ schema }) => schema.unfollowChanges(),
    );
    const all = (await names()).length;
    assert.ok(all >= 4, `${all} tables`);
    await undo();
    assert.deepEqual(await names(), []);
  },
);

onEveryDatabase(
  "a schema editor outside of migrations keeps the log right too",
  logged,
  async ({ db }) => {
    await db.execute("CREATE TABLE posts (id integer PRIMARY KEY, title text, rank integer)");
    await db.schema.followChanges(["posts"]);
    const { source } = await db.feed({ source: "log", log: { interval: 5 } });
    await using reading = await Reading.open(source);
    const told = new Told(reading);
    await new SchemaEditor(db).alterTable("posts", (table) => table.dropColumn("rank"));
    await db.transaction((tx) => new SchemaEditor(tx).renameTable("posts", "articles"), {
      schemaChange: true,
    });
    await db.execute("INSERT INTO articles (id, title) VALUES (1, 'a')");
    assert.deepEqual(image(await told.next()), ["articles", "insert", { id: "1", title: "a" }]);
  },
);

onEveryDatabase(
  "a dry run shows the triggers and leaves them as they were",
  logged,
  async ({ db }) => {
    await db.execute("CREATE TABLE posts (id integer PRIMARY KEY, title text, rank integer)");
    await db.schema.followChanges(["posts"]);
    const { MigrationRunner } = await import("../../src/migration/runner.ts");
    const { MigrationTracker } = await import("../../src/migration/tracker.ts");
    const runner = new MigrationRunner<TransactionScope>(db, new MigrationTracker(db));
    await new MigrationManager(db).initialize();
    const [told] = await runner.dryRunAll([{
      name: "one",
      migration: {
        async up({ schema }) {
          await schema.alterTable("posts", (table) => table.dropColumn("rank"));
          await schema.createTable("others", {
            columns: { id: { type: "integer" } },
            primaryKey: ["id"],
          });
          await schema.followChanges(["others"]);
        },
      },
    }], "up");
    assert.ok(told?.statements.some((sql) => sql.includes("TRIGGER") && sql.includes("others")));
    const log = (await db.dialect.changeSupport!()).log;
    assert.deepEqual((await log.tables(db)).map(({ name }) => name), ["posts"]);
    await db.execute("UPDATE posts SET rank = 1");
  },
);
