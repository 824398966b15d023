/**
 * Database URLs.
 *
 * @module
 */
import type { DatabaseConfig } from "./config.ts";
import { ConfigError } from "./errors.ts";

/** Encrypted, whoever answers. */
const unverified = Object.freeze({ rejectUnauthorized: false });

type Mutable = { -readonly [Key in keyof DatabaseConfig]: DatabaseConfig[Key] };

/**
 * Reads a URL into configuration. The scheme is the database's name as it stands there; a URL without a host
 * names a file: `scheme:./data/app.db`, `scheme:///srv/app.db`, `scheme::memory:`.
 *
 * With a host the URL is kept as `url` too, so that the database's driver sees parameters that only it knows.
 *
 * @param url such as `scheme://user:password@host:5432/name?sslmode=require`
 * @throws {ConfigError} when it is not a URL; the message does not show it
 */
export function parseDatabaseUrl(url: string): DatabaseConfig {
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(url.trim()) ?? [];
  if (scheme === undefined || rest === undefined || rest === "") throw badUrl();
  const database = scheme.toLowerCase();
  if (!rest.startsWith("//")) return Object.freeze({ database, databasePath: decoded(rest) });
  if (rest.startsWith("///")) {
    return Object.freeze({ database, databasePath: decoded(rest.slice(2)) });
  }
  return Object.freeze(serverConfig(database, url.trim(), rest));
}

function serverConfig(database: string, url: string, rest: string): DatabaseConfig {
  if (/,[^@]*$/.test(authority(rest))) {
    throw new ConfigError("Cannot read the database URL: it names several hosts", {
      hint:
        "Name one host; for failover, put an address in front that leads to the server in charge.",
    });
  }
  // URL treats the authority of schemes that it does not know differently between runtimes.
  const parsed = URL.parse(`http:${rest}`);
  if (parsed === null) throw badUrl();
  const config: Mutable = { database, url, host: parsed.hostname.replace(/^\[|\]$/g, "") };
  // 80 is the default of the scheme that stands in, and so not kept.
  const port = parsed.port || /:(80)$/.exec(parsed.port === "" ? authority(rest) : "")?.[1];
  if (port) config.port = Number(port);
  if (parsed.username) config.user = decoded(parsed.username);
  if (parsed.password) config.password = decoded(parsed.password);
  if (parsed.pathname.length > 1) config.databaseName = decoded(parsed.pathname.slice(1));
  const tls = tlsOf(parsed.searchParams);
  if (tls !== undefined) config.tls = tls;
  const name = parsed.searchParams.get("application_name");
  if (name) config.applicationName = name;
  return config;
}

function authority(rest: string): string {
  return rest.slice(2).split(/[/?#]/)[0]!;
}

/** What the mode says beyond doubt; of anything else the driver, which sees the URL too, knows more. */
function tlsOf(parameters: URLSearchParams): DatabaseConfig["tls"] {
  switch (parameters.get("sslmode") ?? parameters.get("ssl") ?? parameters.get("tls")) {
    case "disable":
    case "false":
    case "0":
      return false;
    case "require":
      return unverified;
    case "verify-ca":
    case "verify-full":
    case "true":
    case "1":
      return true;
    default:
      return undefined;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badUrl();
  }
}

function badUrl(): ConfigError {
  return new ConfigError("Cannot read the database URL: it is not a URL", {
    hint: "Write scheme://user:password@host:port/name or scheme:path, special characters as %XX.",
  });
}
