/**
 * The parts of postgres.js that are used beyond its published types. They are the fields that its own code for
 * cursors, COPY and cancelling goes through; its version is pinned.
 *
 * @module
 */
import type { Sql } from "postgres";
import type { Writable } from "node:stream";

/** A result: an array of rows (arrays of text or null) with more on it. */
export interface WireResult extends Array<unknown[]> {
  /** Rows returned or affected; `null` for statements without such a number. */
  readonly count: number | null;
  /** The columns; `null` or empty where no rows come. */
  readonly columns: readonly { readonly name: string; readonly type: number }[] | null;
}

/** A statement that postgres.js has been given, or will be when it is first awaited. */
export interface WireQuery extends Promise<WireResult | WireResult[]> {
  /** Rows as arrays. */
  values(): WireQuery;
  /** Sends it. */
  execute(): WireQuery;
  /** Gives the rows in chunks to `take`, which answers when to go on, or with `CLOSE` to stop. */
  cursor(chunkSize: number, take: (rows: WireResult) => Promise<unknown>): WireQuery;
  /** Cancels `query` on the server; settles when the server has been told. */
  readonly canceller: ((query: WireQuery) => Promise<void>) | null;
  /** Whether the server works on it, or waits for more to be asked of it. */
  readonly active: boolean;
  /** Called with each result: for COPY first with the stream and then with the outcome. */
  resolve(result: WireResult | Writable): void;
  /** Called with the server's error, or that of the connection. */
  reject(error: unknown): void;
}

/** How a statement is given to postgres.js. */
export interface WireOptions {
  /** Keep it prepared on the connection. */
  readonly prepare: boolean;
  /** Use the simple protocol, which takes scripts and no parameters. */
  readonly simple: boolean;
}

const noOrigin: PropertyDescriptor = { value: "" };

/** Makes a query of postgres.js; it is sent when it is first awaited. */
export function wireQuery(
  sql: Sql,
  text: string,
  params: readonly unknown[],
  options: WireOptions,
): WireQuery {
  const query = sql.unsafe(text, params as string[], options) as unknown as WireQuery;
  // When a query fails, postgres.js keeps its text for ever to tell where it came from, which it never knows here.
  Object.defineProperty(query, "origin", noOrigin);
  return query;
}
