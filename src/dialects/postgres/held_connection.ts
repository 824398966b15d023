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
import { noTransactionInProgress } from "./script.ts";
import { isDefinition, transactionControl } from "./statement_text.ts";
import { streamCursor, streamPortal } from "./stream.ts";

/** One caller's hold on a connection. Its statements run in the order in which they are given. */
export class HeldConnection implements DriverConnection {
  readonly #connection: PostgresConnection;
  readonly #giveBack: (broken: boolean) => void;
  #released = false;
  #inTransaction = false;
  /** The transaction is the engine's, for nobody else to end. */
  #steered = false;
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
    const refusal = this.#refusal() ??
      (request.kind === "read" ? undefined : this.#follow(request));
    if (refusal) return Promise.reject(refusal);
    return request.control === true ? this.#control(request) : this.#run(request);
  }

  #run(request: DriverRequest): Promise<DriverResult> {
    const sent = this.#stale?.has(request.sql) ? { ...request, prepare: false } : request;
    const cancellable = needsCancelling(request, this.#connection.queryTimeout);
    if (!cancellable && !this.#alone) return this.#connection.run(sent);
    return this.#inTurn(() =>
      cancellable ? runCancellable(this.#connection, sent) : this.#connection.run(sent)
    );
  }

  /** Where a script of the caller has ended the transaction, PostgreSQL only mentions that none is there. */
  async #control(request: DriverRequest): Promise<DriverResult> {
    this.#connection.lastNotice = undefined;
    const result = await this.#run(request);
    if (this.#connection.lastNotice !== noTransactionInProgress) return result;
    throw new TransactionError("Cannot end the transaction: SQL text in it has ended it already", {
      hint: "what ran before and after that text is stored; use transaction() to begin and end",
    });
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

  /** Notes what a statement does to the transaction; gives the refusal of one that must not. */
  #follow({ sql, kind, control: steers = false }: DriverRequest): Error | undefined {
    if (this.#inTransaction && kind !== "write" && isDefinition(sql)) {
      this.#stale = this.#connection.prepared();
    }
    const control = transactionControl(sql);
    if (control !== "begin" && control !== "end") return undefined;
    if (this.#steered && !steers) return steeringError();
    this.#inTransaction = control === "begin";
    this.#steered = this.#inTransaction && steers;
    return undefined;
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

function steeringError(): TransactionError {
  return new TransactionError(
    "Cannot begin or end a transaction with SQL text inside another one",
    {
      hint:
        "return from the callback to commit, throw to roll back, or use commit() and rollback()",
    },
  );
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
