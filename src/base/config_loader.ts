/**
 * Configuration from a file and the environment.
 *
 * @module
 */
import type { DatabaseConfig } from "./config.ts";
import { isFlagKey, isNumberKey, validateConfig } from "./config_rules.ts";
import { parseDatabaseUrl } from "./database_url.ts";
import { ConfigError } from "./errors.ts";
import { findJsonFault } from "./json_fault.ts";

/** Variables that each set one key, in place of what the file and the URL say. */
const VARIABLES: Readonly<Record<string, keyof DatabaseConfig>> = {
  REX_DATABASE: "database",
  REX_HOST: "host",
  REX_PORT: "port",
  REX_USER: "user",
  REX_PASSWORD: "password",
  REX_DATABASE_NAME: "databaseName",
  REX_DATABASE_PATH: "databasePath",
  REX_TLS: "tls",
  REX_POOL_SIZE: "poolSize",
  REX_IDLE_TIMEOUT: "idleTimeout",
  REX_ACQUIRE_TIMEOUT: "acquireTimeout",
  REX_CONNECT_TIMEOUT: "connectTimeout",
  REX_QUERY_TIMEOUT: "queryTimeout",
  REX_PREPARE: "prepare",
  REX_APPLICATION_NAME: "applicationName",
};

/** Variables that say the whole way to the database; the first that is set counts. */
const URL_VARIABLES = ["REX_URL", "DATABASE_URL"] as const;

/** What a URL takes the place of. */
const REPLACED_BY_URL: ReadonlySet<string> = new Set<keyof DatabaseConfig>([
  "database",
  "host",
  "port",
  "user",
  "password",
  "databaseName",
  "databasePath",
  "url",
  "tls",
]);

/** Reads configuration. */
export class ConfigLoader {
  private constructor() {}

  /**
   * Reads a JSON file and the environment. A URL in `REX_URL` or `DATABASE_URL` takes the place of the way to
   * the database that the file tells, and then the file may be missing. `REX_DATABASE`, `REX_HOST`, `REX_PORT`,
   * `REX_USER`, `REX_PASSWORD`, `REX_DATABASE_NAME`, `REX_DATABASE_PATH`, `REX_TLS`, `REX_POOL_SIZE`,
   * `REX_IDLE_TIMEOUT`, `REX_ACQUIRE_TIMEOUT`, `REX_CONNECT_TIMEOUT`, `REX_QUERY_TIMEOUT`, `REX_PREPARE` and
   * `REX_APPLICATION_NAME` each set one key in place of both. An empty variable, or one that the
   * program has no permission to read, counts as not set.
   *
   * @param path the file. Default: `./config.json`
   * @throws {ConfigError} when the file is missing or not JSON, or values are bad; never shows a value
   */
  static async loadConfig(path = "./config.json"): Promise<DatabaseConfig> {
    const { default: process } = await import("node:process");
    const file = await readConfigFile(path, tellsDatabase(process.env));
    return withEnvironment(file, process.env, path);
  }
}

/** The variables of a program. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Whether the environment alone says which database it is, so that a file may be missing. */
export function tellsDatabase(env: Environment): boolean {
  return [...URL_VARIABLES, "REX_DATABASE"].some((name) => readVariable(env, name) !== undefined);
}

/**
 * Puts what the environment says over what a file says.
 *
 * @param file the configuration as it was read
 * @param source where it is from, as messages name it
 * @throws {ConfigError} when values are bad
 */
export function withEnvironment(
  file: Readonly<Record<string, unknown>>,
  env: Environment,
  source: string,
): DatabaseConfig {
  const url = URL_VARIABLES.map((name) => readVariable(env, name))
    .find((value) => value !== undefined);
  const way = url === undefined ? {} : parseDatabaseUrl(url);
  const kept = url === undefined
    ? file
    : Object.fromEntries(Object.entries(file).filter(([key]) => !REPLACED_BY_URL.has(key)));
  const single: Record<string, unknown> = {};
  for (const [name, key] of Object.entries(VARIABLES)) {
    const value = readVariable(env, name);
    if (value !== undefined) single[key] = converted(key, value);
  }
  const sources = [
    source,
    ...(url !== undefined || Object.keys(single).length > 0 ? ["the environment"] : []),
  ];
  return validateConfig({ ...kept, ...way, ...single }, sources.join(" with "));
}

function readVariable(
  env: Environment,
  name: string,
): string | undefined {
  try {
    return env[name] || undefined;
  } catch (error) {
    if (error instanceof Error && error.name === "NotCapable") return undefined;
    throw error;
  }
}

/**
 * Reads a JSON file that holds an object.
 *
 * @param mayBeMissing then a missing one is an empty object
 * @throws {ConfigError} when it is missing or no JSON object
 */
export async function readConfigFile(
  path: string,
  mayBeMissing: boolean,
): Promise<Record<string, unknown>> {
  const text = await readText(path, mayBeMissing);
  if (text === undefined) return {};
  const value = parsed(text, path);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new ConfigError(`Cannot use ${path}: it has to hold a JSON object`);
}

async function readText(path: string, mayBeMissing: boolean): Promise<string | undefined> {
  const { readFile } = await import("node:fs/promises");
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if (!isMissing(cause)) {
      throw new ConfigError(`Cannot read the configuration ${path}`, { cause });
    }
    if (mayBeMissing) return undefined;
    throw new ConfigError(`Cannot find the configuration file ${path}`, {
      cause,
      hint: "Make one with `rex-orm init`, give another path, or set DATABASE_URL.",
    });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function parsed(text: string, path: string): unknown {
  const json = text.replace(/^\uFEFF/, "");
  try {
    return JSON.parse(json);
  } catch {
    // Without the cause: its message quotes the file, and a password may be near.
    const { line, column } = findJsonFault(json);
    throw new ConfigError(`Cannot read ${path}: it is not JSON at line ${line}, column ${column}`);
  }
}

/** A variable's text as the key wants it; what cannot be converted stays text, for the check to refuse. */
function converted(key: keyof DatabaseConfig, value: string): unknown {
  if (isNumberKey(key)) return /^\d+$/.test(value) ? Number(value) : value;
  if (!isFlagKey(key)) return value;
  if (/^(true|1|yes|on)$/i.test(value)) return true;
  return /^(false|0|no|off)$/i.test(value) ? false : value;
}
