/**
 * From the configuration to the options of postgres.js.
 *
 * @module
 */
import type { Options, PostgresType } from "postgres";
import { longestDelay } from "../../base/abort.ts";
import type { DatabaseConfig } from "../../base/config.ts";
import { ConfigError } from "../../base/errors.ts";
import type { Address } from "./socket.ts";

/** The options of postgres.js that one connection is opened with, and how to name the server in messages. */
export interface ConnectOptions {
  /** For postgres.js. */
  readonly options: Options<Record<string, PostgresType>>;
  /** Where the server is. */
  readonly address: Address;
  /** `host:port/database`, without user and password. */
  readonly target: string;
}

/** The types that postgres.js would convert: all of them are to stay text. */
const convertedTypes = [16, 17, 21, 23, 26, 114, 700, 701, 1082, 1114, 1184, 3802];

const asText = Object.freeze({
  to: 25,
  from: convertedTypes,
  serialize: (value: unknown) => value,
  // An absent parser, unlike an identity function, lets the driver take its shortest way.
  parse: undefined,
});

/** Parameters of a URL that are for the client; every other one is a setting of the session. */
const clientParameters: ReadonlySet<string> = new Set([
  "sslmode",
  "ssl",
  "channel_binding",
  "connect_timeout",
  "target_session_attrs",
  "host",
]);

/**
 * Makes the options for one connection.
 *
 * @throws {ConfigError} when the URL cannot be read
 */
export function connectOptions(config: DatabaseConfig): ConnectOptions {
  const url = config.url === undefined ? undefined : parseUrl(config.url);
  const host = config.host ?? url?.host ?? "localhost";
  const port = config.port ?? url?.port ?? 5432;
  const database = config.databaseName ?? url?.database;
  const user = config.user ?? url?.user;
  const password = config.password ?? url?.password;
  const timeout = Math.min(config.connectTimeout ?? 10_000, longestDelay);
  const options = {
    host,
    port,
    ...(database && { database }),
    ...(user && { user }),
    ...(password && { pass: password }),
    ssl: config.tls === undefined ? sslOf(url?.parameters) : config.tls,
    max: 1,
    connect_timeout: timeout / 1000,
    // The pool ends connections itself: postgres.js would open an ended one again unasked.
    idle_timeout: null,
    max_lifetime: null,
    max_pipeline: 100,
    keep_alive: 60,
    backoff: false,
    prepare: true,
    debug: false,
    fetch_types: false,
    sslnegotiation: null,
    publications: "alltables",
    target_session_attrs: url?.parameters.get("target_session_attrs") ?? null,
    types: { asText },
    connection: {
      ...sessionSettings(url?.parameters),
      ...(config.applicationName !== undefined && { application_name: config.applicationName }),
    },
  };
  return {
    // The published types of postgres.js have no place for `null` and for an absent parser, which it takes.
    options: options as unknown as ConnectOptions["options"],
    address: { host, port, timeout },
    target: `${host}:${port}${database ? `/${database}` : ""}`,
  };
}

interface ParsedUrl {
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly database: string | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly parameters: URLSearchParams;
}

function parseUrl(text: string): ParsedUrl {
  try {
    const url = new URL(text);
    if (url.protocol !== "postgres:" && url.protocol !== "postgresql:") throw new TypeError();
    return {
      host: url.searchParams.get("host") ??
        (decodeURIComponent(url.hostname).replace(/^\[|\]$/g, "") || undefined),
      port: url.port === "" ? undefined : Number(url.port),
      database: decodeURIComponent(url.pathname.slice(1)) || undefined,
      user: decodeURIComponent(url.username) || undefined,
      password: decodeURIComponent(url.password) || undefined,
      parameters: url.searchParams,
    };
  } catch {
    // The platform's error quotes the URL, and with it the password: it is not kept as the cause.
    throw new ConfigError("Cannot read the database URL: it is not a PostgreSQL URL", {
      hint:
        "write it as postgres://user:password@host:5432/database, with %-escapes in the password",
    });
  }
}

/**
 * Text forms must not depend on the server's settings: ISO dates, in UTC. Nor must what a quoted text means: where
 * a backslash escapes, one before a quote would end the text early.
 */
function sessionSettings(parameters: URLSearchParams | undefined): Record<string, string> {
  const settings: Record<string, string> = { application_name: "rex-orm" };
  for (const [name, value] of parameters ?? []) {
    if (!clientParameters.has(name)) settings[name] = value;
  }
  return { ...settings, TimeZone: "UTC", DateStyle: "ISO", standard_conforming_strings: "on" };
}

function sslOf(parameters: URLSearchParams | undefined): string | boolean {
  const mode = parameters?.get("sslmode") ?? parameters?.get("ssl");
  switch (mode) {
    case undefined:
    case null:
    case "disable":
    case "false":
      return false;
    case "true":
    case "verify-ca":
    case "verify-full":
      return "verify-full";
    case "allow":
    case "prefer":
    case "require":
      return mode;
    default:
      throw new ConfigError("Cannot read the database URL: its sslmode is unknown", {
        hint: "use disable, prefer, require or verify-full",
      });
  }
}
