/**
 * Where the databases of the benchmark are made.
 *
 * @module
 */

/** A PostgreSQL server, and a folder for SQLite files. */
export interface Places {
  /** The server's URL; empty where no row needs one. */
  readonly postgres: string;
  /** The folder. */
  readonly sqlite: string;
}
