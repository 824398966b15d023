/**
 * Cancelling on the server. PostgreSQL cancels whatever a connection runs when the request arrives, so this is
 * only for a statement that is alone on its connection.
 *
 * @module
 */
import type { DriverRequest, DriverResult } from "../../dialect/driver.ts";
import type { PostgresConnection } from "./connection.ts";
import { within } from "./deadline.ts";
import { isCancelled, timeoutError } from "./errors.ts";
import type { WireQuery } from "./wire.ts";

/** How long a cancelled statement may take to end before its connection is closed, in milliseconds. */
const patience = 5000;
/** After how many milliseconds the server is told again. */
const pause = 250;

/** Whether a request needs a connection of its own to be cancelled safely. */
export function needsCancelling(request: DriverRequest, queryTimeout: number | undefined): boolean {
  return request.signal !== undefined ||
    (request.timeout !== undefined && request.timeout !== queryTimeout);
}

/** Watches one statement, and cancels it when its signal or timeout says so. */
export class Cancellation {
  readonly #connection: PostgresConnection;
  readonly #request: DriverRequest;
  readonly #query: WireQuery;
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  #reason: ((cause: unknown) => unknown) | undefined;
  #sent: Promise<void> | undefined;
  #settled = false;
  #again: ReturnType<typeof setTimeout> | undefined;
  #patience: ReturnType<typeof setTimeout> | undefined;

  /** Starts to watch. `close()` must be called when the statement has settled. */
  constructor(connection: PostgresConnection, request: DriverRequest, query: WireQuery) {
    this.#connection = connection;
    this.#request = request;
    this.#query = query;
    const { signal, timeout } = request;
    signal?.addEventListener("abort", this.#onAbort);
    this.#timer = timeout === undefined ? undefined : setTimeout(() => {
      this.#cancel((cause) => timeoutError(timeout, request.sql, request.params, cause));
    }, timeout);
  }

  #onAbort = (): void => this.#cancel(() => this.#request.signal?.reason);

  #cancel(reason: (cause: unknown) => unknown): void {
    if (this.#reason) return;
    this.#reason = reason;
    this.#patience = setTimeout(this.#giveUp, patience);
    // The driver must have sent the statement: one that it is about to send cannot be taken back.
    this.#again = setTimeout(this.#tell, 0);
  }

  /** Tells the server; again after a while, because it ignores what comes between two protocol messages. */
  #tell = (): void => {
    if (!this.#query.active) return;
    const error = () => new Error("the server was not told in time");
    this.#sent = within(this.#connection.cancel(this.#query), { timeout: patience, error })
      .catch(this.#giveUp)
      .then(() => {
        if (!this.#settled) this.#again = setTimeout(this.#tell, pause);
      });
  };

  /** When the server cannot be told, or does not obey, the statement ends with its connection. */
  #giveUp = (): void => this.#connection.terminate();

  /** Stops watching, and waits until a cancel request under way can hit nothing else. */
  async close(): Promise<void> {
    this.#settled = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#again);
    this.#request.signal?.removeEventListener("abort", this.#onAbort);
    await this.#sent;
    clearTimeout(this.#patience);
  }

  /** Throws why it was cancelled, if it was: a server that waits for its reader does not notice. */
  throwIfCancelled(): void {
    if (this.#reason) throw this.#reason(undefined);
  }

  /** What to throw for `error`: why it was cancelled, when that is what made it fail. */
  explain(error: unknown): unknown {
    if (!this.#reason) return undefined;
    return isCancelled(error) || this.#connection.closed ? this.#reason(error) : undefined;
  }
}

/** Runs a statement that is alone on its connection, and cancels it when its signal or timeout says so. */
export async function runCancellable(
  connection: PostgresConnection,
  request: DriverRequest,
): Promise<DriverResult> {
  request.signal?.throwIfAborted();
  const { queryTimeout } = connection;
  const longer = request.timeout !== undefined && queryTimeout !== undefined &&
    request.timeout > queryTimeout;
  if (!longer) return await runWatched(connection, request);
  await setTimeoutOnServer(connection, request.timeout);
  try {
    return await runWatched(connection, request);
  } finally {
    await restoreTimeout(connection, queryTimeout);
  }
}

async function runWatched(
  connection: PostgresConnection,
  request: DriverRequest,
): Promise<DriverResult> {
  const query = connection.query(request);
  const cancellation = new Cancellation(connection, request, query);
  connection.enter();
  let failure: unknown;
  query.then(undefined, (error) => failure = error);
  try {
    return await connection.settle(query, request);
  } catch (error) {
    throw cancellation.explain(failure) ?? error;
  } finally {
    await cancellation.close();
  }
}

async function setTimeoutOnServer(connection: PostgresConnection, timeout: number): Promise<void> {
  await connection.run({
    sql: `SET statement_timeout = ${Math.ceil(timeout)}`,
    params: [],
    kind: "ddl",
  });
}

async function restoreTimeout(connection: PostgresConnection, timeout: number): Promise<void> {
  if (connection.closed) return;
  try {
    await setTimeoutOnServer(connection, timeout);
  } catch (error) {
    // In a transaction that failed nothing can be set; its rollback restores the setting.
    if ((error as { databaseCode?: string }).databaseCode !== "25P02") throw error;
  }
}
