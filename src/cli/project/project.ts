/**
 * Finds the project that a command is for: its configuration, folders and database.
 *
 * @module
 */
import { stat } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { DatabaseConfig } from "../../base/config.ts";
import { readConfigFile, tellsDatabase, withEnvironment } from "../../base/config_loader.ts";
import { validateConfig } from "../../base/config_rules.ts";
import { parseDatabaseUrl } from "../../base/database_url.ts";
import { ConfigError } from "../../base/errors.ts";
import { nearest } from "../../base/nearest.ts";
import type { Call } from "../command.ts";
import type { DatabaseSource, ProjectConfig } from "./config.ts";

/** Where the configuration is looked for, the first one that is there counts. */
const candidates = [
  "rex.config.ts",
  "rex.config.mts",
  "rex.config.js",
  "rex.config.mjs",
  "config.json",
];

/** A project. Paths are absolute. */
export interface Project {
  /** The folder that its paths begin at. */
  readonly folder: string;
  /** Where its configuration is; none when there is no file. */
  readonly source: string | undefined;
  /** Files and folders of models. */
  readonly models: readonly string[];
  /** The folder of migrations. */
  readonly migrations: string;
  /** The seed file. */
  readonly seed: string;
  /**
   * The database.
   *
   * @throws {ConfigError} when nothing says which, or values are bad
   */
  database(): DatabaseConfig;
}

/** Reads the project of a call. */
export async function loadProject({ context, options }: Call): Promise<Project> {
  const { cwd, env } = context;
  const path = await configPath(cwd, options.config, options.env);
  const folder = path === undefined ? cwd : dirname(path);
  const name = path === undefined ? "config.json" : relative(cwd, path) || path;
  const config = path === undefined
    ? {}
    : path.endsWith(".json")
    ? { database: await readConfigFile(path, false) as unknown as DatabaseConfig }
    : chosen(await importConfig(path, name), options.env, name);
  return {
    folder,
    source: path,
    models: [config.models ?? "./models"].flat().map((each) => resolve(folder, each)),
    migrations: resolve(folder, config.migrations ?? "./migrations"),
    seed: resolve(folder, config.seed ?? "./seed.ts"),
    database() {
      if (options.url !== undefined) return placed(parseDatabaseUrl(options.url), cwd);
      if (config.database === undefined && !tellsDatabase(env)) throw noDatabase(path && name);
      const { database = {} } = config;
      const file = typeof database === "string" ? parseDatabaseUrl(database) : database;
      return placed(withEnvironment({ ...file }, env, name), folder);
    },
  };
}

/** The path of a file as messages tell it: short, from the current folder. */
export function shown({ context: { cwd } }: Pick<Call, "context">, path: string): string {
  const short = relative(cwd, path);
  return short === "" ? "." : short.startsWith("..") ? path : short;
}

/** Whether there is a file or folder. */
export async function exists(path: string): Promise<boolean> {
  return await stat(path).then(() => true, () => false);
}

async function configPath(
  cwd: string,
  given: string | undefined,
  environment: string | undefined,
): Promise<string | undefined> {
  if (given !== undefined) {
    if (await exists(resolve(cwd, given))) return resolve(cwd, given);
    throw new ConfigError(`Cannot find the configuration ${given}`);
  }
  for (const name of candidates) {
    const own = name === "config.json" && environment !== undefined
      ? `config.${environment}.json`
      : name;
    if (await exists(resolve(cwd, own))) return resolve(cwd, own);
  }
  if (environment === undefined) return undefined;
  throw new ConfigError(`Cannot find the environment ${environment}`, {
    hint: `name it in rex.config.ts, or write config.${environment}.json`,
  });
}

const keys = ["database", "environments", "models", "migrations", "seed"];

async function importConfig(path: string, name: string): Promise<ProjectConfig> {
  const loaded = await import(pathToFileURL(path).href).catch((cause) => {
    throw new ConfigError(`Cannot load ${name}: ${cause?.message ?? cause}`, { cause });
  });
  const config = loaded.default;
  if (typeof config !== "object" || config === null) {
    throw new ConfigError(`Cannot use ${name}: it has no configuration as its default export`, {
      hint: "export default defineConfig({ database: … });",
    });
  }
  const unknown = Object.keys(config).find((key) => !keys.includes(key));
  if (unknown === undefined) return config;
  const meant = nearest(unknown, keys);
  throw new ConfigError(`Cannot use ${name}: it has no setting ${unknown}`, {
    hint: meant ? `did you mean ${meant}?` : `settings are ${keys.join(", ")}`,
  });
}

function chosen(
  config: ProjectConfig,
  environment: string | undefined,
  name: string,
): ProjectConfig {
  if (environment === undefined) return config;
  const { environments = {} } = config;
  const database: DatabaseSource | undefined = Object.hasOwn(environments, environment)
    ? environments[environment]
    : undefined;
  if (database !== undefined) return { ...config, database };
  const known = Object.keys(environments).join(", ");
  throw new ConfigError(`Cannot use the environment ${environment}: ${name} does not have it`, {
    hint: known ? `it has ${known}` : "name it in `environments`",
  });
}

/** A database in a file has its path from the project's folder, wherever the command runs. */
function placed(config: DatabaseConfig, folder: string): DatabaseConfig {
  const { databasePath: path } = validateConfig(config);
  if (path === undefined || path === ":memory:" || path.startsWith("file:")) return config;
  return { ...config, databasePath: resolve(folder, path) };
}

function noDatabase(name: string | undefined): ConfigError {
  return new ConfigError(
    name === undefined
      ? "Cannot tell which database: there is no rex.config.ts and no config.json here"
      : `Cannot tell which database: ${name} does not say`,
    { hint: "`rex-orm init` makes a configuration; or set DATABASE_URL, or give --url" },
  );
}
