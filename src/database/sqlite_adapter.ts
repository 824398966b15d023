/**
 * The adapter of SQLite.
 *
 * @module
 */
import type { DatabaseConfig } from "../base/config.ts";
import { ConfigError } from "../base/errors.ts";
import { sqliteDialect } from "../dialects/sqlite/mod.ts";
import type { EngineOptions } from "../engine/options.ts";
import { Database } from "./database.ts";

/** How an SQLite database is opened. */
export type SQLiteConfig = Omit<DatabaseConfig, "database"> & { readonly database?: string };

/**
 * An SQLite database in a file, or in memory.
 *
 * ```ts
 * import { SQLiteAdapter } from "@rex/orm";
 *
 * await using db = new SQLiteAdapter(":memory:");
 * const { rows } = await db.execute("SELECT 1 AS number");
 * console.log(rows[0]?.number); // 1
 * ```
 */
export class SQLiteAdapter extends Database {
  /**
   * Makes an adapter; the file is opened at the first statement.
   *
   * @param config the file's path, `:memory:`, or a configuration with `databasePath`
   */
  constructor(config: string | SQLiteConfig, options?: EngineOptions) {
    const given = typeof config === "string" ? { databasePath: config } : config;
    if (!given.databasePath) {
      throw new ConfigError("Cannot open an SQLite database: databasePath is missing", {
        hint: 'give the file\'s path, or ":memory:"',
      });
    }
    super(sqliteDialect, { ...given, database: sqliteDialect.name }, options);
  }
}
