/**
 * What a builder needs to run its statement: all that the query layer knows of the engine.
 *
 * @module
 */
import type { RootNode } from "./nodes.ts";

/** A statement as text and the values it binds, in JavaScript's form. */
export interface CompiledQuery {
  /** The SQL text, with `$1`, `$2`, … for the values. */
  readonly sql: string;
  /** The values, in order. */
  readonly parameters: readonly unknown[];
}

/** How one statement is to be run. */
export interface RunOptions {
  /** Cancels the statement on the server; its reason is thrown. */
  readonly signal?: AbortSignal;
  /** Milliseconds after which the statement is cancelled. */
  readonly timeout?: number;
}

/** How a statement is streamed. */
export interface StreamOptions extends RunOptions {
  /** How many rows are fetched at a time. Default: 500. */
  readonly chunkSize?: number;
}

/** Rows as objects keyed by column, and how many were returned or affected. */
export interface QueryResult<Row = Record<string, unknown>> {
  /** The rows. */
  readonly rows: Row[];
  /** How many rows were returned, or affected where none are returned. */
  readonly rowCount: number;
}

/** Compiles and runs statements: a database, or a transaction of it. */
export interface Executor {
  /** The statement's text and values, without running it. */
  compile(node: RootNode): CompiledQuery;
  /** Runs the statement and gives its rows as objects. */
  run<Row = Record<string, unknown>>(
    node: RootNode,
    options?: RunOptions,
  ): Promise<QueryResult<Row>>;
  /** Runs the statement and gives its rows as they come; leaving the loop early ends it. */
  stream<Row = Record<string, unknown>>(
    node: RootNode,
    options?: StreamOptions,
  ): AsyncIterableIterator<Row>;
}
