/**
 * What a configuration may hold.
 *
 * @module
 */
import { longestDelay } from "./abort.ts";
import type { DatabaseConfig } from "./config.ts";
import { ConfigError } from "./errors.ts";
import { nearest } from "./nearest.ts";

interface Rule {
  /** What the value has to be, as messages say it. */
  readonly expected: string;
  accepts(value: unknown): boolean;
}

const text: Rule = {
  expected: "a text that is not empty and has no NUL character",
  // It ends the texts of which a connection's first message is made: what follows would be another setting.
  accepts: (value) => typeof value === "string" && value !== "" && !value.includes("\0"),
};
const anyText: Rule = {
  expected: "a text without a NUL character",
  accepts: (value) => typeof value === "string" && !value.includes("\0"),
};
const flag: Rule = { expected: "true or false", accepts: (value) => typeof value === "boolean" };

function whole(least: number, most = Number.MAX_SAFE_INTEGER): Rule {
  return {
    expected: most === Number.MAX_SAFE_INTEGER
      ? `a whole number from ${least} up`
      : `a whole number from ${least} to ${most}`,
    accepts: (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most,
  };
}

const RULES: Readonly<Record<keyof DatabaseConfig, Rule>> = {
  database: text,
  host: text,
  port: whole(1, 65_535),
  user: text,
  password: anyText,
  databaseName: text,
  url: text,
  databasePath: text,
  tls: {
    expected: "true, false or an object",
    accepts: (value) =>
      typeof value === "boolean" ||
      typeof value === "object" && value !== null && !Array.isArray(value),
  },
  poolSize: whole(1),
  idleTimeout: whole(0, longestDelay),
  acquireTimeout: whole(0, longestDelay),
  maxQueue: whole(0),
  connectTimeout: whole(1, longestDelay),
  queryTimeout: whole(1, longestDelay),
  statementCacheSize: whole(0),
  prepare: flag,
  applicationName: text,
};

/**
 * Checks that a value is a configuration. Values never enter the message.
 *
 * @param value what was read, or made by the program
 * @param source where it is from, as the message names it
 * @returns a frozen copy
 * @throws {ConfigError} that lists everything that is wrong
 */
export function validateConfig(value: unknown, source = "the configuration"): DatabaseConfig {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ConfigError(`Cannot use ${source}: it has to be an object, not ${kindOf(value)}`);
  }
  const faults: string[] = [];
  const config: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(value)) {
    if (entry === undefined) continue;
    const rule = Object.hasOwn(RULES, key) ? RULES[key as keyof DatabaseConfig] : undefined;
    if (rule === undefined) faults.push(unknownKey(key));
    else if (rule.accepts(entry)) config[key] = entry;
    else faults.push(`${key}: has to be ${rule.expected}, not ${kindOf(entry)}`);
  }
  if (!("database" in value) || value.database === undefined) {
    faults.unshift("database: is missing");
  }
  if (faults.length > 0) {
    const lines = faults.map((fault) => `  - ${fault}`).join("\n");
    throw new ConfigError(`Cannot use ${source}:\n${lines}`);
  }
  return Object.freeze(config) as unknown as DatabaseConfig;
}

/** Whether a value given as text (from the environment) is to be read as a number. */
export function isNumberKey(key: keyof DatabaseConfig): boolean {
  return RULES[key].expected.startsWith("a whole number");
}

/** Whether a value given as text (from the environment) is to be read as `true` or `false`. */
export function isFlagKey(key: keyof DatabaseConfig): boolean {
  return RULES[key] === flag || key === "tls";
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (value === "") return "an empty text";
  if (typeof value === "number") return "this number";
  return {
    string: "a text",
    boolean: "true or false",
    object: "an object",
  }[typeof value as string] ??
    `a ${typeof value}`;
}

function unknownKey(key: string): string {
  const meant = nearest(key, Object.keys(RULES));
  return `${key}: is not known${meant ? `; did you mean ${meant}?` : ""}`;
}
