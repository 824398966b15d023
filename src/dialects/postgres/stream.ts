/**
 * Rows in chunks, as the reader asks for them.
 *
 * @module
 */
import type { DriverColumn, DriverRequest, DriverResult } from "../../dialect/driver.ts";
import type { PostgresConnection } from "./connection.ts";
import { resultOf } from "./result.ts";
import { Cancellation } from "./cancel.ts";
import type { WireResult } from "./wire.ts";

/** Passes chunks from the connection, which waits for each to be read, to the reader. */
class HandOver {
  readonly #chunks: DriverResult[] = [];
  #columns: readonly DriverColumn[] | undefined;
  #proceed: ((answer?: unknown) => void) | undefined;
  #wake: (() => void) | undefined;
  #end: { readonly error?: unknown } | undefined;

  /** Takes a chunk; settles when the connection may send the next one. */
  readonly put = (rows: WireResult): Promise<unknown> => {
    const chunk = resultOf(rows);
    this.#columns ??= chunk.columns;
    this.#chunks.push({ columns: this.#columns, rows: chunk.rows, rowCount: chunk.rows.length });
    this.#wake?.();
    return new Promise((resolve) => this.#proceed = resolve);
  };

  /** Says that no more comes. */
  finish(end: { readonly error?: unknown }): void {
    this.#end = end;
    this.#wake?.();
  }

  /** Whether the statement is done with. */
  get finished(): boolean {
    return this.#end !== undefined;
  }

  /** Answers the connection that waits. */
  answer(answer?: unknown): void {
    this.#proceed?.(answer);
    this.#proceed = undefined;
  }

  /** The next chunk, or `undefined` at the end. */
  async take(): Promise<DriverResult | undefined> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk) return chunk;
      if (this.#end) {
        if ("error" in this.#end) throw this.#end.error;
        return undefined;
      }
      this.answer();
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}

/** Streams a statement that is alone on its connection through a portal of the protocol. */
export async function* streamPortal(
  connection: PostgresConnection,
  request: DriverRequest,
  chunkSize: number,
): AsyncGenerator<DriverResult, void, undefined> {
  request.signal?.throwIfAborted();
  const hand = new HandOver();
  const query = connection.query({ ...request, kind: "read" }).cursor(chunkSize, hand.put);
  const cancellation = new Cancellation(connection, request, query);
  connection.enter();
  const done = query.then(
    () => hand.finish({}),
    (error) =>
      hand.finish({ error: cancellation.explain(error) ?? connection.mapped(error, request) }),
  );
  try {
    for (;;) {
      const chunk = await hand.take();
      if (!chunk) return;
      yield chunk;
      cancellation.throwIfCancelled();
    }
  } finally {
    // On a connection that broke there is nothing to close, and the driver must not write to it.
    if (!hand.finished && !connection.closed) hand.answer(connection.sql.CLOSE);
    await done;
    connection.leave();
    await cancellation.close();
  }
}

let cursors = 0;

/**
 * Streams a query inside a transaction through a cursor with a name, so that other statements can run on the
 * connection between the chunks.
 *
 * @param run runs one statement on the connection
 */
export async function* streamCursor(
  run: (request: DriverRequest) => Promise<DriverResult>,
  request: DriverRequest,
  chunkSize: number,
): AsyncGenerator<DriverResult, void, undefined> {
  const name = `rex_cursor_${++cursors}`;
  const limits = { ...request, params: [], prepare: false };
  await run({
    ...request,
    sql: `DECLARE ${name} NO SCROLL CURSOR FOR ${request.sql}`,
    prepare: false,
  });
  try {
    for (;;) {
      const chunk = await run({ ...limits, sql: `FETCH FORWARD ${chunkSize} FROM ${name}` });
      if (chunk.rows.length > 0) yield chunk;
      if (chunk.rows.length < chunkSize) break;
    }
  } finally {
    await closeCursor(run, name);
  }
}

async function closeCursor(
  run: (request: DriverRequest) => Promise<DriverResult>,
  name: string,
): Promise<void> {
  try {
    await run({ sql: `CLOSE ${name}`, params: [], kind: "read", prepare: false });
  } catch (error) {
    // A transaction that failed, or has ended, has closed its cursors.
    const { databaseCode } = error as { databaseCode?: string };
    if (databaseCode !== "25P02" && databaseCode !== "34000") throw error;
  }
}
