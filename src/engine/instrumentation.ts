/**
 * The seam for those who watch a database from outside, such as tracing. The engine knows none of them.
 *
 * @module
 */
import type { DatabaseConfig } from "../base/config.ts";
import { parseDatabaseUrl } from "../base/database_url.ts";
import type { Dialect } from "../dialect/dialect.ts";
import type { DriverRequest } from "../dialect/driver.ts";
import type { CallSite } from "./call_site.ts";

/** A statement or transaction that is watched. */
export interface Observation {
  /** It gave or changed so many rows. */
  succeeded(rows: number): void;
  /** It failed. */
  failed(error: unknown): void;
}

/** A statement that is about to be sent. */
export interface WatchedStatement extends Pick<DriverRequest, "sql" | "params" | "kind"> {
  /** Where it came from, where `captureCallers` is on. */
  readonly site: CallSite | undefined;
}

/** Watches one database. */
export interface Instrumentation {
  /**
   * A statement is about to be sent. Called in the asynchronous context of whoever sends it. What it throws is
   * logged and changes nothing.
   */
  statement(statement: WatchedStatement): Observation;
  /** Runs a whole transaction, retries included. Has to give what `work` gives. */
  transaction?<T>(work: () => Promise<T>): Promise<T>;
}

/** Which database is watched. Holds no secret. */
export interface InstrumentedDatabase {
  /** The product, by the name that OpenTelemetry has for it. */
  readonly system: string;
  /** The database's name on its server, or the file. */
  readonly name: string | undefined;
  /** The server's host name; none for a file. */
  readonly host: string | undefined;
  /** The server's port, where it was configured. */
  readonly port: number | undefined;
}

/** Begins to watch a database. */
export type Instrument = (database: InstrumentedDatabase) => Instrumentation;

/** What may be told of a database. */
export function instrumentedDatabase(
  { name, systemName }: Pick<Dialect, "name" | "systemName">,
  config: DatabaseConfig,
): InstrumentedDatabase {
  const { url } = config;
  const { databasePath, databaseName, host, port } = url === undefined
    ? config
    : { ...config, ...parseDatabaseUrl(url) };
  const file = databasePath !== undefined;
  return Object.freeze({
    system: systemName ?? name,
    name: databasePath ?? databaseName,
    host: file ? undefined : host ?? "localhost",
    port: file ? undefined : port,
  });
}
