/**
 * Makes the adapter that a configuration asks for.
 *
 * @module
 */
import type { DatabaseConfig } from "../base/config.ts";
import { ConfigError } from "../base/errors.ts";
import type { EngineOptions } from "../engine/options.ts";
import type { Database } from "./database.ts";
import { PostgresAdapter } from "./postgres_adapter.ts";
import { SQLiteAdapter } from "./sqlite_adapter.ts";

/** Makes an adapter of one kind of database. */
export type AdapterMaker = (config: DatabaseConfig, options?: EngineOptions) => Database;

const makers = new Map<string, AdapterMaker>([
  ["sqlite", (config, options) => new SQLiteAdapter(config, options)],
  ["postgres", (config, options) => new PostgresAdapter(config, options)],
]);

/** Other spellings, as connection URLs have them. */
const aliases = new Map([["postgresql", "postgres"]]);

/** Picks the adapter by `config.database`. */
export class DatabaseFactory {
  /**
   * Makes the adapter that `config.database` names.
   *
   * @throws {ConfigError} for a name that is not known; lists the known ones
   */
  static createAdapter(config: DatabaseConfig, options?: EngineOptions): Database {
    const name = config?.database;
    const maker = makers.get(aliases.get(name) ?? name);
    if (maker) return maker(config, options);
    throw new ConfigError(
      `Cannot make an adapter: there is no database ${
        JSON.stringify(config?.database)
      }; there are ${[...makers.keys()].join(", ")}`,
      { hint: "set `database` to one of them, or register the plugin that brings it" },
    );
  }

  /**
   * Makes a further database known, as plugins do.
   *
   * @throws {ConfigError} when the name is taken
   */
  static register(name: string, maker: AdapterMaker): void {
    if (makers.has(name)) {
      throw new ConfigError(`Cannot register the database ${name}: it is there`);
    }
    makers.set(name, maker);
  }
}

/**
 * Opens a database and verifies the connection.
 *
 * ```ts ignore
 * await using db = await connect({ database: "sqlite", databasePath: "blog.db" });
 * ```
 *
 * @throws {ConnectionError} when the database cannot be reached
 */
export async function connect(config: DatabaseConfig, options?: EngineOptions): Promise<Database> {
  const database = DatabaseFactory.createAdapter(config, options);
  await database.connect();
  return database;
}
