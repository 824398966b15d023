/**
 * From the configuration to the options of postgres.js.
 *
 * @module
 */
import type { ConnectionOptions } from "node:tls";
import type { Options, PostgresType } from "postgres";
import { longestDelay } from "../../base/abort.ts";
import type { DatabaseConfig } from "../../base/config.ts";
import { ConfigError } from "../../base/errors.ts";
import type { Address, Encryption } from "./socket.ts";

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

/** Parameters of a URL that name files of other clients, and what stands for them here. */
const fileParameters = ["sslrootcert", "sslcert", "sslkey", "sslcrl", "passfile", "service"];

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
  if (host.includes(",")) throw severalHosts();
  const timeout = Math.min(config.connectTimeout ?? timeoutOf(url) ?? 10_000, longestDelay);
  const options = {
    host,
    port,
    ...(database && { database }),
    ...(user && { user }),
    ...(password && { pass: password }),
    ssl: false, // the socket is encrypted already
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
    address: { host, port, timeout, encryption: encryptionOf(config, url?.parameters) },
    target: `${host}:${port}${database ? `/${database}` : ""}`,
  };
}

const hostList = /^[a-z]+:\/\/(?:[^/?#]*@)?[^/?#@]*,/i;

function severalHosts(): ConfigError {
  return new ConfigError("Cannot use the database's address: it names several hosts", {
    hint: "name one host; for failover, put an address in front that leads to the server in charge",
  });
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
  if (hostList.test(text)) throw severalHosts();
  try {
    const url = new URL(text);
    if (url.protocol !== "postgres:" && url.protocol !== "postgresql:") throw new TypeError();
    // A NUL ends a setting in the first message, and begins another.
    if (/%00|\0/.test(text)) throw new TypeError();
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

/** What `connect_timeout` says, in milliseconds; there 0 means no limit. */
function timeoutOf(url: ParsedUrl | undefined): number | undefined {
  const seconds = url?.parameters.get("connect_timeout");
  if (!seconds) return undefined;
  if (!/^\d+$/.test(seconds)) {
    throw new ConfigError("Cannot read the database URL: its connect_timeout is not in seconds");
  }
  return Number(seconds) === 0 ? longestDelay : Number(seconds) * 1000;
}

const unverified: ConnectionOptions = Object.freeze({ rejectUnauthorized: false });

function encryptionOf(
  { tls }: DatabaseConfig,
  parameters: URLSearchParams | undefined,
): Encryption | undefined {
  const file = fileParameters.find((name) => parameters?.has(name));
  if (file !== undefined) {
    throw new ConfigError(`Cannot read the database URL: ${file} is not supported`, {
      hint: "read the file and give its text: tls: { ca, cert, key }, or password",
    });
  }
  if (tls === undefined) return encryptionOfMode(parameters);
  if (tls === false) return undefined;
  return { mandatory: true, options: tls === true ? {} : tls };
}

/** As libpq has it: `require` encrypts and does not look who answers; only the modes that verify do. */
function encryptionOfMode(parameters: URLSearchParams | undefined): Encryption | undefined {
  const mode = parameters?.get("sslmode") ?? parameters?.get("ssl") ?? undefined;
  switch (mode) {
    case undefined:
    case "disable":
    case "false":
    case "0":
      return undefined;
    case "allow":
    case "prefer":
      return { mandatory: false, options: unverified };
    case "require":
      return { mandatory: true, options: unverified };
    case "true":
    case "1":
    case "verify-ca":
    case "verify-full":
      return { mandatory: true, options: {} };
    default:
      throw new ConfigError("Cannot read the database URL: its sslmode is unknown", {
        hint: "use disable, prefer, require or verify-full",
      });
  }
}
