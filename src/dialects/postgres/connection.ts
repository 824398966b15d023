/**
 * One connection to the server: an instance of postgres.js that may open one socket, once.
 *
 * The pool is ours and not the driver's, because that one's `reserve()` never settles on a fresh connection
 * without its extra round trip, it cannot close one connection or bound its prepared statements, and cancelling
 * there can hit, or misplace the answer of, a neighbour on the same connection.
 *
 * @module
 */
import type { Socket } from "node:net";
import type { Sql } from "postgres";
import { ConnectionError, QueryError } from "../../base/errors.ts";
import type { DriverRequest, DriverResult, PreparedCounts } from "../../dialect/driver.ts";
import { maxParameters } from "./capabilities.ts";
import type { ConnectOptions } from "./connect_options.ts";
import { connectError, isCancelled, isFatal, mapError, timeoutError } from "./errors.ts";
import { resultOf } from "./result.ts";
import { Silence } from "./silence.ts";
import { openSocket } from "./socket.ts";
import { isScript, transactionControl } from "./statement_text.ts";
import { type WireOptions, type WireQuery, wireQuery } from "./wire.ts";

/** The function that `npm:postgres` exports. */
export type Postgres = typeof import("postgres");

/** What a connection is opened with. */
export interface ConnectionSettings extends ConnectOptions {
  /** The driver. */
  readonly postgres: Postgres;
  /** Whether statements may be prepared by name. */
  readonly prepare: boolean;
  /** How many statements are kept prepared. */
  readonly statements: number;
  /** Counts how often a statement was found prepared. */
  readonly prepared: PreparedCounts;
  /** Milliseconds after which the server cancels any statement. */
  readonly queryTimeout: number | undefined;
  /** Called once when it is closed, whoever closed it. */
  readonly onClose: (connection: PostgresConnection) => void;
}

const simple: WireOptions = Object.freeze({ prepare: false, simple: true });
const prepared: WireOptions = Object.freeze({ prepare: true, simple: false });
const unprepared: WireOptions = Object.freeze({ prepare: false, simple: false });
/** Connections live 30 to 60 minutes, so that not all of them are replaced at once. */
const lifetime = () => (30 + Math.random() * 30) * 60_000;

/** One connection. It takes any number of statements at a time and answers them in order. */
export class PostgresConnection {
  /** Settles when it is open; rejects with `ConnectionError`. */
  readonly ready: Promise<void>;
  /** Whether it is open. */
  opened = false;
  /** Whether it is closed for good. */
  closed = false;
  /** How many statements are under way, or wait for it to open. */
  load = 0;
  /** Whether one caller has it alone. */
  held = false;
  /** Whether it has been used since the pool last looked. */
  used = true;
  /** When it was last seen to be used, in milliseconds of `performance.now()`. */
  lastUsed: number = performance.now();
  /** The SQLSTATE of the last notice that the server sent. */
  lastNotice: string | undefined;
  /** When it is to make place for a fresh one, in milliseconds of `performance.now()`. */
  readonly expires: number = performance.now() + lifetime();
  /** Whether it should make place for a fresh one: it is old, or has prepared all that it may. */
  worn = false;

  readonly #settings: ConnectionSettings;
  readonly #sql: Sql;
  readonly #statements = new Set<string>();
  readonly #drained: (() => void)[] = [];
  #socket: Promise<Socket> | undefined;
  readonly #silence = new Silence();
  #cancelling = false;

  /** Starts to open it. */
  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
    this.#sql = settings.postgres(
      {
        ...settings.options,
        onnotice: ({ code }) => {
          this.lastNotice = code;
        },
        onclose: () => this.terminate(),
        socket: () => this.#openSocket(),
      } as ConnectOptions["options"],
    );
    this.ready = this.#open();
    // Whoever needs the connection awaits `ready`; without anybody, its failure is nobody's.
    this.ready.catch(() => {});
  }

  /**
   * postgres.js opens a connection that broke again, unasked, and then can wait for ever for an answer: here each
   * has one socket, and another only to cancel through.
   */
  #openSocket(): Promise<Socket> {
    if (this.#cancelling) return openSocket(this.#settings.address);
    if (this.#socket) {
      throw Object.assign(new Error("the connection is closed"), { code: "CONNECTION_CLOSED" });
    }
    return this.#socket = openSocket(this.#settings.address);
  }

  /** Tells the server to cancel `query`; settles when it has been told. */
  cancel(query: WireQuery): Promise<void> {
    this.#cancelling = true;
    try {
      return query.canceller?.(query) ?? Promise.resolve();
    } finally {
      this.#cancelling = false;
    }
  }

  async #open(): Promise<void> {
    const { queryTimeout } = this.#settings;
    const first = queryTimeout === undefined
      ? "SELECT 1"
      : `SET statement_timeout = ${Math.ceil(queryTimeout)}`;
    try {
      await wireQuery(this.#sql, first, [], simple);
      this.opened = true;
    } catch (error) {
      this.terminate();
      throw connectError(error, this.#settings.target);
    }
  }

  /** The instance of postgres.js, for COPY and cursors. */
  get sql(): Sql {
    return this.#sql;
  }

  /** The limit that the server sets each statement, in milliseconds. */
  get queryTimeout(): number | undefined {
    return this.#settings.queryTimeout;
  }

  /** Runs one statement after those that are under way, as soon as the connection is open. */
  run(request: DriverRequest): Promise<DriverResult> {
    this.enter(1);
    if (this.opened) return this.#send(request);
    return this.ready.then(() => this.#send(request), (error) => {
      this.leave(1);
      throw error;
    });
  }

  #send(request: DriverRequest): Promise<DriverResult> {
    let query: WireQuery;
    try {
      query = this.query(request);
    } catch (error) {
      this.leave(1);
      return Promise.reject(error);
    }
    return this.settle(query, request, 1);
  }

  /** Closes it when the server does not answer any more. To be called now and then. */
  endSilence(now: number): void {
    const { queryTimeout } = this.#settings;
    if (!this.opened || queryTimeout === undefined) return;
    if (this.#silence.tooLong(now, queryTimeout)) this.terminate();
  }

  /**
   * Waits for a query that was entered, and maps what comes of it.
   *
   * @param timed as it was entered
   */
  settle(query: WireQuery, request: DriverRequest, timed: 0 | 1 = 0): Promise<DriverResult> {
    return query.then((result) => {
      this.leave(timed);
      return resultOf(result);
    }, (error) => {
      // The end is told before the socket closes; nobody may come in between.
      if (isFatal(error)) this.terminate();
      this.leave(timed);
      throw this.mapped(error, request);
    });
  }

  /**
   * Makes the driver's query of a request; it is sent when it is first awaited.
   *
   * @throws {QueryError} when the request cannot be sent
   */
  query(request: DriverRequest): WireQuery {
    if (this.closed) {
      throw new ConnectionError(
        "Cannot run the statement: its connection is closed",
        request.sql,
        request.params,
      );
    }
    checkParams(request.params);
    return wireQuery(this.#sql, request.sql, request.params, this.#optionsOf(request)).values();
  }

  #optionsOf({ sql, params, kind, prepare }: DriverRequest): WireOptions {
    if (params.length === 0 && kind !== "read" && kind !== "write") {
      if (kind === "ddl" || isScript(sql) || transactionControl(sql)) {
        checkText(sql);
        return simple;
      }
    }
    const counts = this.#settings.prepared;
    if (prepare !== false && this.#statements.has(sql)) {
      counts.hits++;
      return prepared;
    }
    checkText(sql);
    const { prepare: allowed, statements } = this.#settings;
    if (prepare === false || !allowed || this.#statements.size >= statements) return unprepared;
    counts.misses++;
    this.#statements.add(sql);
    this.worn ||= this.#statements.size >= statements;
    return prepared;
  }

  /** The texts that are prepared now. */
  prepared(): ReadonlySet<string> {
    return new Set(this.#statements);
  }

  /**
   * Counts a statement as under way.
   *
   * @param timed 1 where the server's own limit is the only one, 0 where the caller watches the time
   */
  enter(timed: 0 | 1 = 0): void {
    this.load++;
    this.#silence.awaited += timed;
    this.used = true;
  }

  /**
   * Counts a statement as done.
   *
   * @param timed as it was entered
   */
  leave(timed: 0 | 1 = 0): void {
    this.#silence.awaited -= timed;
    this.#silence.answers++;
    if (--this.load > 0) return;
    for (const resolve of this.#drained.splice(0)) resolve();
    if (!this.held && this.load === 0) this.becomeIdle();
  }

  /** Closes it when it is worn, now that nobody uses it; the pool opens a fresh one when it needs one. */
  becomeIdle(): void {
    if (this.worn) this.terminate();
  }

  /** Settles when no statement is under way. */
  drained(): Promise<void> {
    return this.load === 0
      ? Promise.resolve()
      : new Promise((resolve) => this.#drained.push(resolve));
  }

  /** Maps an error of the driver. */
  mapped(error: unknown, { sql, params }: DriverRequest): Error {
    const { queryTimeout } = this.#settings;
    return queryTimeout !== undefined && isCancelled(error)
      ? timeoutError(queryTimeout, sql, params, error)
      : mapError(error, sql, params);
  }

  /** Closes it when the statements under way are done, or at the latest after `timeout` milliseconds. */
  async end(timeout: number): Promise<void> {
    await this.#sql.end({ timeout: timeout / 1000 });
    this.#onClosed();
    // postgres.js closes its side and leaves the socket to a peer that may not be there any more.
    await this.#socket?.then((socket) => socket.destroySoon(), () => {});
  }

  /** Closes it now; statements under way fail. */
  terminate(): void {
    this.#onClosed();
    // `end` settles when the socket is closed, and does not reject.
    void this.end(0);
  }

  #reported = false;
  #onClosed(): void {
    this.closed = true;
    if (this.#reported) return;
    this.#reported = true;
    this.#settings.onClose(this);
  }
}

function checkParams(params: readonly unknown[]): void {
  if (params.length > maxParameters) {
    throw new QueryError(
      `Cannot run the statement: it binds ${params.length} parameters, and the most is ${maxParameters}`,
      { hint: "bind lists as arrays, or write in chunks" },
    );
  }
  for (const param of params) {
    if (typeof param !== "string" && param !== null) {
      throw new QueryError("Cannot run the statement: a parameter is not in text form", {
        hint: "turn values into wire form with the dialect's codecs",
      });
    }
  }
}

function checkText(sql: string): void {
  if (sql.includes("\0")) {
    throw new QueryError("Cannot run the statement: its text has a NUL character");
  }
}
