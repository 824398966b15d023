/**
 * The rows of the table that measure throughput: what is done, by how many callers, and what Rex-ORM has to
 * reach.
 *
 * @module
 */
import type { ActionName } from "./actions.ts";
import type { DatabaseName } from "./candidate.ts";

/** One row of the table. */
export interface Case {
  /** Its name, unique. */
  readonly title: string;
  /** Where it runs. */
  readonly database: DatabaseName;
  /** What is done. A candidate that cannot is left out. */
  readonly action: ActionName;
  /** What the raw driver does in its place. Default: the same. */
  readonly against?: ActionName;
  /** The throughput, relative to the raw driver's, that Rex-ORM must reach. */
  readonly bar?: number;
  /** The title of a further row: processor time, of which Rex-ORM must need less than the raw driver. */
  readonly cpuTitle?: string;
  /** How many callers do it at the same time. Default: 1. */
  readonly callers?: number;
}

const onSqlite: readonly Omit<Case, "database">[] = [
  { title: "SQLite: one row by its key", action: "readItem", bar: 0.9 },
  { title: "SQLite: 100 rows of 10 columns", action: "readPage", bar: 1.15 },
  { title: "SQLite: insert one row", action: "insertItem", bar: 0.75 },
  { title: "SQLite: insert 10,000 rows, against a loop", action: "insertItems", bar: 2 },
  { title: "SQLite: 100 × 10 × 5 nested rows", action: "readAuthors", bar: 1.5 },
];

const onPostgres: readonly Omit<Case, "database">[] = [
  { title: "PostgreSQL: one row by its key", action: "readItem", bar: 0.95 },
  {
    title: "PostgreSQL: one row by its key, 64 callers",
    action: "readItem",
    bar: 0.95,
    callers: 64,
  },
  { title: "PostgreSQL: 100 rows of 10 columns", action: "readPage", bar: 0.95 },
  { title: "PostgreSQL: insert one row", action: "insertItem", bar: 0.95 },
  { title: "PostgreSQL: insert 10,000 rows, against unnest", action: "insertItems", bar: 1 },
  {
    title: "PostgreSQL: the same by COPY, against unnest",
    action: "copyItems",
    against: "insertItems",
    bar: 1,
  },
  { title: "PostgreSQL: the same by COPY, against COPY", action: "copyItems" },
  { title: "PostgreSQL: the same with the stored rows back", action: "insertItemsReturning" },
  {
    title: "PostgreSQL: 100 × 10 × 5 nested rows",
    cpuTitle: "PostgreSQL: … their client CPU time",
    action: "readAuthors",
    bar: 1,
  },
];

/** All rows, in their order. */
export const cases: readonly Case[] = [
  ...onSqlite.map((one) => ({ ...one, database: "sqlite" as const })),
  ...onPostgres.map((one) => ({ ...one, database: "postgres" as const })),
];
