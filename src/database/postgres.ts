/**
 * Rex-ORM with PostgreSQL alone: all that `@rex/orm` has, and nothing of other databases. Programs start
 * sooner, and bundles are smaller.
 *
 * ```ts ignore
 * import { connect } from "@rex/orm/postgres";
 *
 * await using db = await connect("postgres://shop@localhost/shop");
 * const { rows } = await db.execute("SELECT version()");
 * ```
 *
 * @module
 */
import type { EngineOptions } from "../engine/options.ts";
import { PostgresAdapter, type PostgresConfig } from "./postgres_adapter.ts";

export * from "./core.ts";
export { PostgresAdapter, type PostgresConfig };

/**
 * Opens a PostgreSQL database and verifies the connection.
 *
 * @param config a connection URL, or a configuration
 * @throws {ConnectionError} when the server cannot be reached
 */
export async function connect(
  config: string | PostgresConfig,
  options?: EngineOptions,
): Promise<PostgresAdapter> {
  const database = new PostgresAdapter(config, options);
  await database.connect();
  return database;
}
