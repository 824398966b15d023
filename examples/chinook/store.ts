/**
 * Opens the store's databases: a copy of the SQLite file, and a PostgreSQL that the dump is loaded into.
 *
 * @module
 */
import { type Database, PostgresAdapter, SQLiteAdapter } from "@rex/orm";
import { fileURLToPath } from "node:url";
import { freshPostgresDatabase } from "../../tests/targets/mod.ts";
import { loadPostgres } from "./load_postgres.ts";
import { pascalCase, singularSnakeCase, type Store, storeModels } from "./models.ts";

const DATA = new URL("../../../shared/data/chinook/", import.meta.url);

/** The store in one database. Disposing of it removes it. */
export interface OpenStore extends AsyncDisposable {
  /** What kind of database it is. */
  readonly name: string;
  /** The database. */
  readonly db: Database;
  /** The classes that fit its names. */
  readonly models: Store;
}

/** Whether the sample data is beside the checkout. */
export function hasSampleData(): boolean {
  try {
    return Deno.statSync(new URL("chinook.sqlite.db", DATA)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

const sqliteModels = storeModels(pascalCase);
const postgresModels = storeModels(singularSnakeCase);

/** Opens a copy of the SQLite edition. */
export async function openSqliteStore(): Promise<OpenStore> {
  const folder = await Deno.makeTempDir({ prefix: "rex-orm-chinook-" });
  const path = `${folder}/chinook.db`;
  await Deno.writeFile(
    path,
    await Deno.readFile(fileURLToPath(new URL("chinook.sqlite.db", DATA))),
  );
  const db = new SQLiteAdapter(path);
  return {
    name: "SQLite",
    db,
    models: sqliteModels,
    async [Symbol.asyncDispose]() {
      await db.disconnect();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Loads the PostgreSQL edition into a new database of the test server. */
export async function openPostgresStore(): Promise<OpenStore> {
  const fresh = await freshPostgresDatabase();
  const db = new PostgresAdapter({ url: fresh.url, poolSize: 4 });
  const store: OpenStore = {
    name: "PostgreSQL",
    db,
    models: postgresModels,
    async [Symbol.asyncDispose]() {
      await db.disconnect();
      await fresh.drop();
    },
  };
  try {
    await loadPostgres(db, await Deno.readTextFile(new URL("chinook.postgres.sql", DATA)));
    return store;
  } catch (error) {
    await store[Symbol.asyncDispose]();
    throw error;
  }
}
