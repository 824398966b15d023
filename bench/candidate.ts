/**
 * What is measured: one way to run the same operations on the same data.
 *
 * @module
 */
import type { Author, Item, NewItem } from "./model.ts";

/** A value, or a promise where the candidate is asynchronous: raw SQLite drivers are not. */
export type Awaitable<T> = T | Promise<T>;

/** The databases. */
export type DatabaseName = "sqlite" | "postgres";

/** The drivers; a candidate is compared with the raw one of its own. */
export type DriverName = "node:sqlite" | "better-sqlite3" | "postgres.js" | "pg";

/** Rows as a candidate gives them: objects with the properties of `T`, of whatever class. */
export interface Operations {
  /** Reads one item by its key. */
  readItem(id: number): Awaitable<Item | null | undefined>;
  /** Reads the 100 items after a key, in the order of their keys. */
  readPage(after: number): Awaitable<readonly Item[]>;
  /** Inserts one item and gives it as it was stored. */
  insertItem(item: NewItem): Awaitable<Item>;
  /** Inserts many items by the fastest way that the candidate's documentation shows, all or nothing. */
  insertItems?(items: readonly NewItem[]): Awaitable<unknown>;
  /** Inserts many items and gives them as they were stored. */
  insertItemsReturning?(items: readonly NewItem[]): Awaitable<readonly Item[]>;
  /** Inserts many items over PostgreSQL's COPY. */
  copyItems?(items: readonly NewItem[]): Awaitable<unknown>;
  /** Reads all authors in the order of their keys, with their posts and the comments of these. */
  readAuthors(): Awaitable<readonly Author[]>;
  /** Closes all connections. */
  close(): Awaitable<unknown>;
}

/** One contender, or the raw driver that contenders are compared with. */
export interface Candidate {
  /** Its name in the table; a raw driver's is that of the driver. */
  readonly name: string;
  /** What it sends its statements through. */
  readonly driver: DriverName;
  /** How the candidate keeps a point in time in SQLite; text as `YYYY-MM-DD HH:MM:SS.fff` unless said. */
  readonly storedDate?: (date: Date) => string | number;
  /** Makes plain objects of results, for the check of their values only, where the check cannot do it. */
  readonly plain?: (result: unknown) => unknown;
  /**
   * Opens a database that holds the rows of `model.ts`.
   *
   * @param place the file of an SQLite database, or the URL of a PostgreSQL one
   */
  open(place: string): Promise<Operations>;
}
