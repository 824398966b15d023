/**
 * What a database connection is configured with.
 *
 * @module
 */

/** How to reach a database and how to use it. Names are the specification's; the rest is optional. */
export interface DatabaseConfig {
  /** Which database: `"sqlite"`, `"postgres"`, or a name that a plugin registered. */
  readonly database: string;
  /** The server's host name. Default: `localhost`. */
  readonly host?: string;
  /** The server's port. */
  readonly port?: number;
  /** Who connects. */
  readonly user?: string;
  /** The password; never appears in a message or log. */
  readonly password?: string;
  /** The database's name on the server. */
  readonly databaseName?: string;
  /** A connection URL, in place of host, port, user, password and databaseName. */
  readonly url?: string;
  /** The file of an embedded database, or `:memory:`. */
  readonly databasePath?: string;
  /** `true`, `false`, or the TLS options of the platform's socket. */
  readonly tls?: boolean | Readonly<Record<string, unknown>>;
  /** How many connections at most. Default: 10. */
  readonly poolSize?: number;
  /** After how many idle milliseconds a connection is closed. Default: 30,000. */
  readonly idleTimeout?: number;
  /** How many milliseconds a caller waits for a connection. Default: 10,000. */
  readonly acquireTimeout?: number;
  /** How many callers may wait for a connection. Default: 1,000. */
  readonly maxQueue?: number;
  /** How many milliseconds connecting may take. Default: 10,000. */
  readonly connectTimeout?: number;
  /** How many milliseconds a query may take before it is cancelled. Default: no limit. */
  readonly queryTimeout?: number;
  /** How many prepared statements are kept per connection. Default: 200. */
  readonly statementCacheSize?: number;
  /** `false` where a transaction-mode pooler forbids named prepared statements. Default: `true`. */
  readonly prepare?: boolean;
  /** Named to the server, seen in its list of sessions. Default: `rex-orm`. */
  readonly applicationName?: string;
}
