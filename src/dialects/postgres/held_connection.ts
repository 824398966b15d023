/**
 * A connection that one caller has alone: for transactions, streams, COPY and statements that may be cancelled.
 *
 * @module
 */
import { QueryError, TransactionError } from "../../base/errors.ts";
import type { DriverConnection, DriverRequest, DriverResult } from "../../dialect/driver.ts";
import { needsCancelling, runCancellable } from "./cancel.ts";
import type { PostgresConnection } from "./connection.ts";
import { copyRows } from "./copy.ts";
import { isDefinition, transactionControl } from "./statement_text.ts";
import { streamCursor, streamPortal } from "./stream.ts";

/** One caller's hold on a connection. Its statements run in the order in which they are given. */
export class HeldConnection implements DriverConnection {
  readonly #connection: PostgresConnection;
  readonly #giveBack: (broken: boolean) => void;
  #released = false;
  #inTransaction = false;
  /** What was prepared before a table was changed in this transaction: it may fail, and that would end it. */
  #stale: ReadonlySet<string> | undefined;
  #streaming = false;
  #alone: Promise<unknown> | undefined;

  /** Takes hold of a connection; `giveBack` is called once. */
  constructor(connection: PostgresConnection, giveBack: (broken: boolean) => void) {
    this.#connection = connection;
    this.#giveBack = giveBack;
  }

  /** Runs one statement; one that may be cancelled has the connection to itself while it runs. */
  execute(request: DriverRequest): Promise<DriverResult> {
    const refusal = this.#refusal();
    if (refusal) return Promise.reject(refusal);
    if (request.kind !== "read") this.#follow(request);
    const sent = this.#stale?.has(request.sql) ? { ...request, prepare: false } : request;
    const cancellable = needsCancelling(request, this.#connection.queryTimeout);
    if (!cancellable && !this.#alone) return this.#connection.run(sent);
    return this.#inTurn(() =>
      cancellable ? runCancellable(this.#connection, sent) : this.#connection.run(sent)
    );
  }

  /** Runs one statement and gives its rows in chunks. */
  stream(request: DriverRequest, chunkSize: number): AsyncIterableIterator<DriverResult> {
    if (!Number.isSafeInteger(chunkSize) || chunkSize < 1) {
      throw new QueryError("Cannot stream: the chunk size is not a positive whole number");
    }
    return this.#inTransaction && request.kind === "read"
      ? streamCursor((part) => this.execute(part), request, chunkSize)
      : this.#portal(request, chunkSize);
  }

  async *#portal(
    request: DriverRequest,
    chunkSize: number,
  ): AsyncGenerator<DriverResult, void, undefined> {
    const refusal = this.#refusal();
    if (refusal) throw refusal;
    this.#streaming = true;
    try {
      await this.#quiet();
      yield* streamPortal(this.#connection, request, chunkSize);
    } finally {
      this.#streaming = false;
    }
  }

  /** Loads rows of wire values by COPY. `table` is its name, after that of its schema where there is one. */
  async copy(
    table: readonly string[],
    columns: readonly string[],
    rows: Iterable<readonly unknown[]>,
  ): Promise<number> {
    const refusal = this.#refusal();
    if (refusal) throw refusal;
    const names = columns.map(quoted).join(", ");
    const sql = `COPY ${table.map(quoted).join(".")} (${names}) FROM STDIN`;
    return await this.#inTurn(() => copyRows(this.#connection, sql, rows));
  }

  /** Gives it back; one with an open transaction or stream is closed instead. */
  release(broken = false): Promise<void> {
    if (this.#released) return Promise.resolve();
    this.#released = true;
    this.#giveBack(
      broken || this.#inTransaction || this.#streaming || this.#connection.load > 0 ||
        this.#connection.closed,
    );
    return Promise.resolve();
  }

  #refusal(): Error | undefined {
    if (this.#released) {
      return new TransactionError("Cannot run the statement: its connection was given back");
    }
    if (this.#streaming) {
      return new QueryError("Cannot run the statement: a stream is open on its connection", {
        hint: "read the stream to its end or leave it first, or stream inside a transaction",
      });
    }
    return undefined;
  }

  #follow({ sql, kind }: DriverRequest): void {
    if (this.#inTransaction && kind !== "write" && isDefinition(sql)) {
      this.#stale = this.#connection.prepared();
    }
    const control = transactionControl(sql);
    if (control === "begin") this.#inTransaction = true;
    else if (control === "end") this.#inTransaction = false;
  }

  /** Runs `work` when everything given before is done; what is given after waits for it. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#quiet();
    const result = before.then(work);
    const done = result.then(() => {}, () => {});
    this.#alone = done;
    void done.then(() => {
      if (this.#alone === done) this.#alone = undefined;
    });
    return result;
  }

  async #quiet(): Promise<void> {
    await this.#alone;
    await this.#connection.drained();
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
