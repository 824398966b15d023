/**
 * Hostile text in migrations: names of whatever a schema holds, values of enums and defaults, comments, names of migrations.
 * Each is there afterwards as it was given, or was refused; nothing else has changed.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  columnType,
  compareSchemas,
  type DatabaseSchema,
  MigrationGenerator,
  MigrationManager,
  MigrationTracker,
  pullModels,
  QuerySyntaxError,
  RexError,
  SchemaEditor,
  writeMigrations,
  writeSql,
} from "@rex/orm";
import type { Database } from "../../src/database/database.ts";
import { emptySchema } from "../../src/schema/database_schema.ts";
import { onEveryDatabase } from "../targets/databases.ts";
import { payloads } from "./payloads.ts";

/** So many of the payloads in the short form, others by each of the ways. */
const step = Deno.env.get("REX_SOAK") === undefined ? 23 : 1;

function sample(offset: number): string[] {
  return payloads.filter((_, i) => i % step === offset % step);
}

/** Runs in a transaction that is rolled back; whether it was refused, by an error of ours. */
async function attempt(
  db: Database,
  work: (schema: SchemaEditor) => Promise<void>,
): Promise<boolean> {
  const undo = Symbol("undo");
  try {
    await db.transaction(async (tx) => {
      await work(new SchemaEditor(tx));
      throw undo;
    });
  } catch (error) {
    if (error === undo) return false;
    assert.ok(error instanceof RexError, String(error));
    assert.ok(!(error instanceof QuerySyntaxError), String(error));
  }
  return true;
}

const columns = { id: { type: "integer" } } as const;

onEveryDatabase(
  "hostile names of tables, columns, keys and indexes are names",
  { rewrite: false },
  async ({ db }) => {
    await db.execute("CREATE TABLE canary (id INTEGER)");
    await db.execute("INSERT INTO canary VALUES (1)");
    let taken = 0;
    for (const [i, text] of sample(0).entries()) {
      const refused = await attempt(db, async (schema) => {
        await schema.createTable(text, {
          columns: { ...columns, [text]: { type: "text", nullable: true } },
          primaryKey: { name: `p${i}`, columns: ["id"] },
          uniques: [{ name: `u${text}`, columns: [text] }],
          indexes: [{ name: `i${text}`, columns: [text] }],
          checks: [{ name: `c${text}`, sql: "id > 0" }],
        });
        const { tables } = await schema.introspect();
        const table = tables.find(({ name }) => name === text);
        assert.ok(table, `no table ${JSON.stringify(text)}`);
        assert.deepEqual(table.columns.map(({ name }) => name), ["id", text]);
        assert.deepEqual(table.uniques.map(({ name }) => name), [`u${text}`]);
        assert.deepEqual(table.indexes.map(({ name }) => name), [`i${text}`]);
        assert.deepEqual(table.checks.map(({ name }) => name), [`c${text}`]);
        await schema.alterTable(
          text,
          (table) => table.renameColumn(text, "plain").dropIndex(`i${text}`),
        );
        await schema.renameTable(text, "plain");
        await schema.dropTable("plain");
      });
      if (!refused) taken++;
    }
    assert.ok(taken > 0, "all were refused");
    assert.deepEqual(
      (await db.execute("SELECT count(*) AS n FROM canary")).rows.map(({ n }) => Number(n)),
      [1],
    );
  },
);

onEveryDatabase(
  "hostile defaults and values of enums are data",
  { rewrite: false },
  async ({ db }) => {
    for (const text of sample(7)) {
      await attempt(db, async (schema) => {
        await schema.createTable("holds", {
          columns: { ...columns, note: { type: "text", default: text } },
        });
        await schema.createEnum("mood", ["plain", text]);
        await schema.createTable("feels", {
          columns: {
            ...columns,
            mood: { type: "enum", enumName: "mood", values: ["plain", text] },
          },
        });
        const { tables, enums } = await schema.introspect();
        const values = enums[0]?.values ??
          tables.find(({ name }) => name === "feels")?.columns[1]?.type.values;
        assert.deepEqual(values, ["plain", text]);
        assert.deepEqual(tables.map(({ name }) => name).sort(), ["feels", "holds"]);
      });
      await db.transaction(async (tx) => {
        const refused = await new SchemaEditor(tx).createTable("holds", {
          columns: { ...columns, note: { type: "text", default: text } },
        }).then(() => false, () => true);
        if (refused) return;
        await tx.execute("INSERT INTO holds (id) VALUES (1)");
        const { rows } = await tx.execute<{ note: string }>("SELECT note FROM holds");
        assert.equal(rows[0]?.note, text);
        await tx.execute("DROP TABLE holds");
      }).catch((error) => assert.ok(error instanceof RexError, String(error)));
    }
  },
);

onEveryDatabase("hostile names of migrations are data", { rewrite: false }, async ({ db }) => {
  const manager = new MigrationManager(db);
  const tracker = new MigrationTracker(db);
  for (const text of sample(13)) {
    try {
      await manager.applyMigration(text, { up: () => {}, down: () => {} });
      assert.equal((await tracker.find(text))?.name, text);
      await manager.rollbackMigration(text, { up: () => {}, down: () => {} });
    } catch (error) {
      assert.ok(error instanceof RexError, String(error));
    }
    assert.deepEqual(await manager.getAppliedMigrations(), []);
  }
});

onEveryDatabase(
  "hostile text stays text in written migrations and models",
  { rewrite: false },
  async ({ db }) => {
    let written = 0;
    for (const text of sample(3)) {
      const wanted: DatabaseSchema = {
        ...emptySchema,
        tables: [{
          name: text,
          columns: [
            { name: "id", type: columnType("integer"), nullable: false },
            {
              name: text,
              type: columnType("text"),
              nullable: true,
              default: { kind: "value", value: text },
              comment: text,
            },
          ],
          primaryKey: { columns: ["id"] },
          uniques: [],
          indexes: [{ name: `i${text}`, parts: [{ column: text }], unique: false }],
          checks: [{ name: `c${text}`, sql: "id > 0" }],
          foreignKeys: [],
          comment: text,
        }],
      };
      try {
        const comparison = await compareSchemas(db, emptySchema, wanted);
        for (const module of writeMigrations(comparison, { declared: wanted })) {
          const { default: migration } = await loaded(module);
          assert.equal(typeof migration.up, "function");
          const up: unknown[] = [];
          await migration.up({
            schema: new Proxy({}, {
              get: () => (...args: unknown[]) => void up.push(args[0]),
            }),
          });
          assert.ok(up.includes(text), module);
        }
        assert.doesNotMatch(writeSql(comparison.planned), /^DROP TABLE canary/m);
        const { files } = pullModels(comparison.to, { single: true });
        for (const file of files) assert.ok(await compiles(file.text), file.text);
        written++;
      } catch (error) {
        if (!(error instanceof RexError)) throw error;
      }
    }
    assert.ok(written > 0, "all were refused");
  },
);

// deno-lint-ignore no-explicit-any
async function loaded(text: string): Promise<any> {
  return await import(`data:application/typescript,${encodeURIComponent(text)}`);
}

/** Whether TypeScript reads a text without a fault of its syntax. */
async function compiles(text: string): Promise<boolean> {
  const { default: ts } = await import("npm:typescript@6.0.3");
  const { diagnostics } = ts.transpileModule(text, { reportDiagnostics: true });
  return diagnostics?.length === 0;
}

Deno.test("hostile names of migration files stay in their folder", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rex-orm-" });
  try {
    for (const text of sample(5)) {
      try {
        const path = await MigrationGenerator.createMigration(text, { folder });
        assert.match(path.slice(folder.length), /^[\\/]\d{14}_[\p{L}\p{N}\p{M}_]+\.ts$/u);
        await Deno.remove(path);
        const sql = await MigrationGenerator.createSqlMigration(text, { folder });
        assert.match(sql.slice(folder.length), /^[\\/]\d{14}_[\p{L}\p{N}\p{M}_]+$/u);
        await Deno.remove(sql, { recursive: true });
      } catch (error) {
        assert.ok(error instanceof RexError, String(error));
      }
    }
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

onEveryDatabase(
  "hostile names of tables and columns are followed under these names",
  { rewrite: false },
  async ({ db }) => {
    await db.execute("CREATE TABLE canary (id INTEGER)");
    let taken = 0;
    for (const text of sample(5)) {
      const refused = await attempt(db, async (schema) => {
        await schema.createTable(text, {
          columns: { ...columns, [text]: { type: "text", nullable: true } },
          primaryKey: ["id"],
        });
        await schema.followChanges([text]);
        await schema.unfollowChanges([text]);
      });
      if (!refused) taken++;
    }
    assert.ok(taken > 0);
    const { rows } = await db.execute("SELECT count(*) AS count FROM canary");
    assert.equal(Number(rows[0]?.count), 0);
  },
);
