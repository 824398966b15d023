/**
 * A folder of migrations that comparisons write and a manager runs.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Database } from "../../src/database/database.ts";
import {
  type CompareOptions,
  compareSchemas,
  type Comparison,
  MigrationGenerator,
  MigrationManager,
  renamesOfModels,
  schemaOfModels,
  SchemaReader,
  writeMigrations,
} from "../../src/migration/mod.ts";
import { diffSchemas } from "../../src/migration/diff/mod.ts";
import type { ModelClass } from "../../src/model/keys.ts";
import type { DatabaseSchema } from "../../src/schema/database_schema.ts";

const root = new URL("../../", import.meta.url);

/** A folder of migrations for a database. */
export class MigrationProject implements AsyncDisposable {
  readonly #db: Database;
  /** Where the migrations are. */
  readonly folder: string;
  readonly #written: string[] = [];

  private constructor(db: Database, folder: string) {
    this.#db = db;
    this.folder = folder;
  }

  /** Makes an empty one. */
  static async create(db: Database): Promise<MigrationProject> {
    return new MigrationProject(db, await Deno.makeTempDir({ prefix: "rex-orm-migrations-" }));
  }

  /** The texts of all migrations that were written, in their order. */
  get texts(): readonly string[] {
    return this.#written;
  }

  /** Reads the schema. */
  read(): Promise<DatabaseSchema> {
    return new SchemaReader(this.#db).read();
  }

  /** Compares the database with models. */
  async compare(models: readonly ModelClass[], options: CompareOptions = {}): Promise<Comparison> {
    const found = await this.read();
    const wanted = schemaOfModels(models, this.#db.dialect.capabilities);
    const renames = renamesOfModels(models, found);
    return await compareSchemas(this.#db, found, wanted, { renames, models: true, ...options });
  }

  /** Writes the migrations that make the database fit models, and applies them. */
  async migrate(models: readonly ModelClass[], options?: CompareOptions): Promise<Comparison> {
    const comparison = await this.compare(models, options);
    const declared = schemaOfModels(models, this.#db.dialect.capabilities);
    await this.write(writeMigrations(comparison, { declared }));
    await this.up();
    return comparison;
  }

  /** Writes migrations. */
  async write(texts: readonly string[]): Promise<void> {
    for (const text of texts) {
      this.#written.push(text);
      const now = new Date(Date.UTC(2026, 0, 1, 0, 0, this.#written.length));
      await MigrationGenerator.createMigration("step", { folder: this.folder, text, now });
    }
  }

  /** Applies what is pending. */
  async up(): Promise<void> {
    await new MigrationManager(this.#db, { folder: this.folder }).up();
  }

  /** Reverts some. */
  async down(count: number): Promise<void> {
    await new MigrationManager(this.#db, { folder: this.folder }).down({ count });
  }

  /** Asserts that nothing is left to do for models. */
  async assertFits(models: readonly ModelClass[]): Promise<void> {
    const { steps } = await this.compare(models);
    assert.deepEqual(steps, [], `left to do after:\n${this.texts.at(-1)}`);
  }

  /** Asserts that the database has a schema again. */
  async assertIs(schema: DatabaseSchema): Promise<void> {
    assert.deepEqual(diffSchemas(await this.read(), schema), [], this.texts.at(-1));
  }

  /** Asserts that what was written compiles, and that `deno fmt` would change nothing. */
  async assertWellWritten(): Promise<void> {
    const config = {
      imports: { "@rex/orm": new URL("mod.ts", root).href, postgres: "npm:postgres@3.4.9" },
      nodeModulesDir: "none",
      lock: false,
      fmt: { lineWidth: 100 },
    };
    await Deno.writeTextFile(`${this.folder}/deno.json`, `${JSON.stringify(config, null, 2)}\n`);
    await deno(this.folder, ["fmt", "--check", "."]);
    await deno(this.folder, ["check", "."]);
  }

  /** Removes the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

async function deno(cwd: string, args: readonly string[]): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command("deno", {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  assert(success, `deno ${args[0]}:\n${decoder.decode(stderr)}${decoder.decode(stdout)}`);
}
