/**
 * What a project tells the command line, in `rex.config.ts`.
 *
 * @module
 */
import type { DatabaseConfig } from "../../base/config.ts";

/** A database: its configuration, or its URL. */
export type DatabaseSource = DatabaseConfig | string;

/** What a project tells the command line. Paths begin at the folder of the file. */
export interface ProjectConfig {
  /** The database, where no environment is named. */
  readonly database?: DatabaseSource;
  /** The databases of environments, chosen with `--env NAME`. */
  readonly environments?: Readonly<Record<string, DatabaseSource>>;
  /** Files of models, or folders of such. Default: `./models`. */
  readonly models?: string | readonly string[];
  /** The folder of migrations. Default: `./migrations`. */
  readonly migrations?: string;
  /** The file whose default export fills the database. Default: `./seed.ts`. */
  readonly seed?: string;
}

/**
 * Gives `rex.config.ts` its types.
 *
 * ```ts
 * import { defineConfig } from "@rex/orm";
 *
 * export default defineConfig({
 *   database: { database: "sqlite", databasePath: "./data/app.db" },
 *   environments: { production: { database: "postgres", host: "db.internal", databaseName: "app" } },
 * });
 * ```
 */
export function defineConfig(config: ProjectConfig): ProjectConfig {
  return config;
}
