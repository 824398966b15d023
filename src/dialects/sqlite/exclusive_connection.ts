/**
 * A connection in the hands of one caller: what transactions and streams run on.
 *
 * @module
 */
import { ConnectionError, QueryTimeoutError, TransactionError } from "../../base/errors.ts";
import type { DriverConnection, DriverRequest, DriverResult } from "../../dialect/driver.ts";
import type { Connection } from "./connection.ts";
import { isBusy, mapError } from "./errors.ts";
import { retryWhileBusy, throwIfAborted } from "./retry.ts";

const rollback = /^\s*rollback(\s+transaction)?\s*;?\s*$/i;
const beginOrEnd =
  /^(?:\s|--[^\n]*\n|\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/)*(?:begin|commit|end|rollback(?!\s+(?:transaction\s+)?to\b))\b/i;

/** Lends a connection until it is released. */
export class ExclusiveConnection implements DriverConnection {
  /** How often it was used. */
  uses = 0;
  #connection: Connection | undefined;
  #abandoned = false;
  /** The failure for which SQLite has rolled the transaction back by itself. */
  #lost: Error | undefined;
  /** A transaction of the engine is open, for nobody else to end. */
  #steered = false;
  /** Settles when the statement that waits for another process's lock is done. */
  #waiting: Promise<void> | undefined;
  readonly #patience: number;
  readonly #giveBack: (broken: boolean) => void;

  /**
   * Lends `connection`.
   *
   * @param patience milliseconds to wait for another process's lock
   * @param giveBack takes the connection back, after what was open on it has ended
   */
  constructor(connection: Connection, patience: number, giveBack: (broken: boolean) => void) {
    this.#connection = connection;
    this.#patience = patience;
    this.#giveBack = giveBack;
  }

  /** Whether a statement waits for another process's lock. */
  get busy(): boolean {
    return this.#waiting !== undefined;
  }

  /** Runs one statement, outside of every transaction where this is the pool. */
  async execute(request: DriverRequest): Promise<DriverResult> {
    while (this.#waiting !== undefined) await this.#waiting;
    const connection = this.#held();
    if (request.signal !== undefined) throwIfAborted(request.signal);
    if (this.#lost !== undefined) return this.#afterLoss(this.#lost, request);
    if (this.#steered && !request.control && beginOrEnd.test(request.sql)) throw steeringError();
    try {
      return this.#run(connection, request);
    } catch (error) {
      if (isBusy(error) && !connection.lostTransaction) return await this.#retry(error, request);
      const mapped = mapError(error, request.sql, request.params);
      if (connection.lostTransaction) this.#lost = mapped;
      throw mapped;
    }
  }

  /** A comment or a script may have hidden that the caller's text ends the transaction. */
  #run(connection: Connection, request: DriverRequest): DriverResult {
    this.uses++;
    const result = connection.run(request);
    if (request.control) this.#steered = connection.inTransaction;
    else if (this.#steered && !connection.inTransaction) throw this.#lost = endedError();
    return result;
  }

  /** Until the caller rolls back too, a statement would be stored at once instead of in the transaction. */
  #afterLoss(cause: Error, { sql }: DriverRequest): DriverResult {
    if (!rollback.test(sql)) {
      if (cause instanceof TransactionError) throw cause;
      throw new TransactionError(
        "Cannot run the statement: SQLite has rolled the transaction back for an earlier failure",
        { cause, hint: "Let the failure end the transaction" },
      );
    }
    this.#lost = undefined;
    this.#held().reset();
    return { columns: [], rows: [], rowCount: 0 };
  }

  /** Runs a query and gives its rows in chunks. */
  async *stream(request: DriverRequest, chunkSize: number): AsyncGenerator<DriverResult, void> {
    const { signal, timeout = Infinity, sql, params } = request;
    const end = performance.now() + timeout;
    throwIfAborted(signal);
    const chunks = this.#held().stream(request, chunkSize);
    try {
      for (;;) {
        this.uses++;
        const chunk = chunks.next();
        if (chunk.done) return;
        yield chunk.value;
        this.#held();
        throwIfAborted(signal);
        if (performance.now() > end) {
          throw new QueryTimeoutError(
            `Cannot read on: the stream took more than ${timeout} ms`,
            sql,
            params,
          );
        }
      }
    } catch (error) {
      throw signal?.aborted && error === signal.reason ? error : mapError(error, sql, params);
    } finally {
      chunks.return();
    }
  }

  /** Gives the connection back; an open transaction is rolled back. */
  // deno-lint-ignore require-await -- async, so that a failure is a rejection
  async release(broken = false): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined) return;
    this.#connection = undefined;
    let failed = broken;
    try {
      connection.reset();
    } catch (error) {
      failed = true;
      throw mapError(error);
    } finally {
      this.#giveBack(failed);
    }
  }

  /** Takes the connection away: the database closes. */
  abandon(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    this.#abandoned = true;
    connection?.reset();
    connection?.close();
  }

  /** Statements that are called for meanwhile wait, so that they run in order. */
  async #retry(error: unknown, request: DriverRequest): Promise<DriverResult> {
    const again = () => this.#run(this.#held(), request);
    const result = retryWhileBusy(error, again, request, this.#patience);
    const waiting = result.then(() => {}, () => {}).finally(() => {
      if (this.#waiting === waiting) this.#waiting = undefined;
    });
    this.#waiting = waiting;
    return await result;
  }

  #held(): Connection {
    if (this.#connection) return this.#connection;
    if (this.#abandoned) throw new ConnectionError("Cannot use the database: it was closed");
    throw new TransactionError("Cannot use the connection: it was released");
  }
}

function steeringError(): TransactionError {
  return new TransactionError(
    "Cannot begin or end a transaction with SQL text inside another one",
    {
      hint:
        "Return from the callback to commit, throw to roll back, or use commit() and rollback()",
    },
  );
}

function endedError(): TransactionError {
  return new TransactionError("Cannot go on: SQL text in the transaction has ended it", {
    hint:
      "What ran before that text is stored or undone as it says; use transaction() to begin and end",
  });
}
