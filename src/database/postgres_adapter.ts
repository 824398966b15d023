/**
 * The adapter of PostgreSQL.
 *
 * @module
 */
import type { DatabaseConfig } from "../base/config.ts";
import { postgresDialect } from "../dialects/postgres/mod.ts";
import type { EngineOptions } from "../engine/options.ts";
import { Database } from "./database.ts";

/** How a PostgreSQL database is reached. */
export type PostgresConfig = Omit<DatabaseConfig, "database"> & { readonly database?: string };

/**
 * A PostgreSQL database.
 *
 * ```ts ignore
 * await using db = new PostgresAdapter({ host: "localhost", databaseName: "shop", user: "shop", password });
 * const { rows } = await db.execute("SELECT version()");
 * ```
 */
export class PostgresAdapter extends Database {
  /**
   * Makes an adapter; the driver is loaded and connects at the first statement.
   *
   * @param config a connection URL, or a configuration
   */
  constructor(config: string | PostgresConfig, options?: EngineOptions) {
    const given = typeof config === "string" ? { url: config } : config;
    super(postgresDialect, { ...given, database: postgresDialect.name }, options);
  }
}
