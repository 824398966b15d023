/**
 * What a dialect brings for following changes: sources, and the log that triggers write.
 *
 * @module
 */
import type { DatabaseConfig } from "../base/config.ts";
import type { ChangeSource, ImageForm, SourceConnection } from "../change/source.ts";
import type { ColumnType } from "../schema/column_type.ts";

/** What a source of a dialect is given. */
export interface SourceHost extends SourceConnection {
  /** How the database is reached, for connections of the source's own. */
  readonly config: DatabaseConfig;
  /** Runs `work` on one snapshot (repeatable read, read only). */
  snapshot<T>(work: (connection: SourceConnection) => Promise<T>): Promise<T>;
  /** Runs `work` in a transaction that writes. */
  transaction<T>(work: (connection: SourceConnection) => Promise<T>): Promise<T>;
  /** Calls back soon after this process wrote something, whatever way; returns what ends that. */
  onWrite(listener: () => void): () => void;
}

/** The log that triggers write, as a source. */
export interface LogSourceOptions {
  /** The longest time in milliseconds until another process's change is seen. Default: 100. */
  readonly interval?: number;
  /** Entries older than this many milliseconds are removed. Default: one hour. */
  readonly maxAge?: number;
  /** At most about so many entries are kept. Default: 1,000,000. */
  readonly maxEntries?: number;
}

/** Logical replication, as a source. */
export interface ReplicationSourceOptions {
  /**
   * The name of a durable slot, which keeps what is committed while nobody reads. Left out: a slot of this connection
   * alone, which is gone with it, so that a broken connection is answered by a reset.
   */
  readonly slot?: string;
  /** The publication. It is made, for all tables, when it is not there. Default: `rex_changes`. */
  readonly publication?: string;
  /** Changes that may wait in memory until the reader is slowed down. Default: 10,000. */
  readonly buffer?: number;
  /** The bytes of write-ahead log that a durable slot may hold back before a warning is logged. Default: 1 GiB. */
  readonly lagWarning?: number;
}

/** A table whose changes are to be logged. */
export interface LoggedTable {
  /** Its schema, where it is not in the default one. */
  readonly schema?: string;
  /** Its name. */
  readonly name: string;
  /** Its columns; left out: as the database says. */
  readonly columns?: readonly { readonly name: string; readonly type: ColumnType }[];
}

/** Looks after the log in one transaction that changes the schema. */
export interface LogGuard {
  /** Called before each statement is sent. */
  before(connection: SourceConnection, sql: string): Promise<void>;
  /** Called before the commit: tables that were altered are logged as they are now. */
  end(connection: SourceConnection): Promise<void>;
}

/** Statements for the change log. Names of its parts begin with `_rex_changes`. */
export interface ChangeLog {
  /** Reads which tables are logged. */
  tables(connection: SourceConnection): Promise<readonly LoggedTable[]>;
  /** Makes the log where it is missing, and the triggers of these tables, also anew where they are there. */
  create(connection: SourceConnection, tables: readonly LoggedTable[]): Promise<void>;
  /** Removes the triggers of these tables; left out: of all, and the log too. */
  drop(connection: SourceConnection, tables?: readonly LoggedTable[]): Promise<void>;
  /** For a transaction that changes the schema; absent where the log outlives every change of a table by itself. */
  guard?(): LogGuard;
}

/** What a dialect brings for following changes. */
export interface ChangeSupport {
  /** Turns a value of a row image into JavaScript's form; `null`: it is in that form. Never called with null. */
  loader(form: ImageForm, type: ColumnType): ((raw: unknown) => unknown) | null;
  /** The log that triggers write. */
  readonly log: ChangeLog;
  /** The log as a source. */
  logSource(host: SourceHost, options?: LogSourceOptions): ChangeSource;
  /** Logical replication as a source; absent where the database has none. */
  replicationSource?(host: SourceHost, options?: ReplicationSourceOptions): ChangeSource;
}
