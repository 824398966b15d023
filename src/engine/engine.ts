/**
 * The engine: one database with its pool, statements, transactions and commit hooks.
 *
 * @module
 */
import type { CompiledQuery, QueryResult, RunOptions, StreamOptions } from "../ast/executor.ts";
import type { RootNode } from "../ast/nodes.ts";
import { abortable, deadline, pause } from "../base/abort.ts";
import type { DatabaseConfig } from "../base/config.ts";
import { ConnectionError } from "../base/errors.ts";
import { Logger } from "../base/logger.ts";
import type { Change, UnseenTables } from "../change/change.ts";
import { ChangeHub } from "../change/hub.ts";
import type { CompiledStatement, Dialect } from "../dialect/dialect.ts";
import type { Driver, DriverRequest, DriverResult, PoolStats } from "../dialect/driver.ts";
import { captureCallers } from "./call_site.ts";
import { instrumentedDatabase } from "./instrumentation.ts";
import { QueryObservers } from "./observers.ts";
import type { EngineOptions } from "./options.ts";
import type { QueryListener } from "./query_event.ts";
import { type RunnerStats, StatementRunner } from "./runner.ts";
import type {
  CopyTarget,
  PerformOptions,
  Session,
  Transaction,
  TransactionRunOptions,
} from "./session.ts";
import { TransactionSession } from "./transaction.ts";
import { type TransactionHost, TransactionLevel } from "./transaction_level.ts";
import { tablesWritten, writes } from "./written_tables.ts";
import { checkOptions, described, isRetryable, timeUpError } from "./transaction_rules.ts";

/** Figures of an engine. Reading them costs no statement. */
export interface EngineStats extends RunnerStats {
  /** The pool and its prepared statements. */
  readonly pool: PoolStats;
  /** Transactions that were committed. */
  readonly commits: number;
  /** Transactions that were rolled back. */
  readonly rollbacks: number;
  /** How often a transaction was run again. */
  readonly retries: number;
}

const RETRY_DELAY = 10;
const LONGEST_RETRY_DELAY = 5_000;
const NO_OPTIONS: TransactionRunOptions = Object.freeze({});

const log = Logger.child("engine");

/** One database: compiles and runs statements on a pool, alone or in transactions. */
export class Engine implements Session {
  /** The dialect of the database. */
  readonly dialect: Dialect;
  /** How the database is reached. Frozen. */
  readonly config: DatabaseConfig;
  /** Tells of commits. */
  readonly changes: ChangeHub;
  /** Always false: every statement is a transaction of its own. */
  readonly inTransaction = false;
  /** Itself: plans that are kept for it serve its transactions too. */
  readonly scope: object = this;
  readonly #observers: QueryObservers;
  readonly #runner: StatementRunner;
  readonly #host: TransactionHost;
  #driver: Driver;
  #state: "idle" | "connected" | "closed" = "idle";
  #connecting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  /** How often it was closed: an attempt to connect that is overtaken by that gives up. */
  #closes = 0;
  #commits = 0;
  #rollbacks = 0;
  #retries = 0;

  /**
   * Makes an engine; connects at the first statement, or with {@linkcode Engine.connect}.
   *
   * @param dialect everything particular to the database
   * @param config how the database is reached
   * @param options listeners, transformers and logging
   */
  constructor(dialect: Dialect, config: DatabaseConfig, options: EngineOptions = {}) {
    this.dialect = dialect;
    this.config = Object.freeze({ ...config });
    this.changes = new ChangeHub({
      onError: (error) => log.error("A commit listener failed", { error: described(error) }),
    });
    this.#observers = new QueryObservers(
      options,
      () => instrumentedDatabase(dialect, this.config),
    );
    this.#runner = new StatementRunner(dialect, this.#observers, options, config.queryTimeout);
    if (options.captureCallers) captureCallers(this);
    const { changes } = this;
    this.#host = {
      dialect,
      scope: this,
      get followed() {
        return changes.followed;
      },
      runner: this.#runner,
      publish: (batch, unseen) => changes.publish(batch, unseen),
      callBack,
      ended: (committed, wrote) => {
        if (committed) this.#commits++;
        else this.#rollbacks++;
        if (committed && wrote) changes.wake();
      },
    };
    this.#driver = dialect.createDriver(this.config);
  }

  /**
   * Connects; concurrent calls share one attempt, and a failed one can be repeated. Opens again what was closed.
   *
   * @throws {ConnectionError} when the database cannot be reached, or is closed meanwhile
   */
  async connect(): Promise<void> {
    if (this.#state === "connected") return;
    this.#connecting ??= this.#connect().finally(() => this.#connecting = undefined);
    await this.#connecting;
  }

  /**
   * Lets running statements finish, refuses new ones and closes every connection. A second call waits for the first.
   *
   * @param timeout milliseconds that running statements get. Default: 5,000
   */
  async close(timeout?: number): Promise<void> {
    const unsettled = this.#connecting;
    if (this.#state !== "closed" || unsettled !== undefined) {
      this.#closes++;
      this.#state = "closed";
      this.#closing = Promise.allSettled([unsettled]).then(() => this.#driver.close(timeout));
    }
    await this.#closing;
  }

  /** Closes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Whether anybody follows changes. */
  get followed(): boolean {
    return this.changes.followed;
  }

  /** Figures since it was made; those of the pool since it was last opened. Frozen. */
  stats(): EngineStats {
    return Object.freeze({
      pool: Object.freeze(this.#driver.stats()),
      ...this.#runner.stats(),
      commits: this.#commits,
      rollbacks: this.#rollbacks,
      retries: this.#retries,
    });
  }

  /** Asks the database for an answer; gives the milliseconds that took. */
  async ping(options?: RunOptions): Promise<number> {
    const start = performance.now();
    await this.execute("SELECT 1", [], options);
    return performance.now() - start;
  }

  /**
   * Tells a listener of every statement from now on.
   *
   * @returns ends that
   */
  onQuery(listener: QueryListener): () => void {
    return this.#observers.add(listener);
  }

  /** The statement's text and values, without running it. */
  compile(node: RootNode): CompiledQuery {
    return this.#runner.compile(node);
  }

  /** Compiles a statement that holds slots, for {@linkcode Engine.perform}. Not cached: its caller keeps it. */
  prepare(node: RootNode): CompiledStatement {
    return this.#runner.prepare(node);
  }

  /** Runs a node on any connection. */
  run<Row = Record<string, unknown>>(
    node: RootNode,
    options?: RunOptions,
  ): Promise<QueryResult<Row>> {
    return this.#runner.run<Row>(this.#target, node, options);
  }

  /** Runs SQL text on any connection; rows are objects keyed by column. */
  execute<Row = Record<string, unknown>>(
    sql: string,
    params?: readonly unknown[],
    options?: RunOptions,
  ): Promise<QueryResult<Row>> {
    return this.#runner.execute<Row>(this.#target, sql, params, options);
  }

  /** Runs a compiled statement on any connection; rows stay arrays of wire values. */
  perform(
    statement: CompiledStatement,
    values: readonly unknown[],
    options?: PerformOptions,
  ): Promise<DriverResult> {
    return this.#runner.perform(this.#target, statement, values, options);
  }

  /** Loads rows in bulk over a connection of its own. */
  async copy(target: CopyTarget, rows: Iterable<readonly unknown[]>): Promise<number> {
    this.#runner.requireCopy();
    await this.#ready();
    const connection = await this.#driver.acquire({ access: "write" });
    try {
      return await this.#runner.copy(connection, this.#target, target, rows);
    } finally {
      await connection.release();
    }
  }

  /** Streams rows over a connection of its own, given back when the loop ends, early or not. */
  async *stream<Row = Record<string, unknown>>(
    node: RootNode,
    options: StreamOptions = {},
  ): AsyncGenerator<Row, void, undefined> {
    const access = this.#runner.reads(node) ? "read" : "write";
    await this.#ready();
    const connection = await this.#driver.acquire({ access, signal: options.signal });
    let broken = false;
    try {
      yield* this.#runner.stream<Row>(connection, node, options);
      if (access === "write") this.#target.wrote(tablesWritten(node));
    } catch (error) {
      broken = error instanceof ConnectionError;
      throw error;
    } finally {
      await connection.release(broken);
    }
  }

  /**
   * Runs `work` in a transaction: commits when it resolves, rolls back when it rejects, and throws what it threw.
   * A rollback that fails closes the connection, on which the database rolls back by itself.
   *
   * @param work gets the session of the transaction; may run several times where `retries` is given
   * @param options `timeout` is that of the whole, retries included
   * @throws {UnsupportedError} when the database has no such isolation level or mode
   * @throws {TransactionError} when a failed statement, swallowed by `work`, makes the commit impossible
   */
  async transaction<T>(
    work: (tx: Session) => Promise<T>,
    options: TransactionRunOptions = NO_OPTIONS,
  ): Promise<T> {
    return await this.#observers.transaction(() => this.#transact(work, options));
  }

  async #transact<T>(
    work: (tx: Session) => Promise<T>,
    options: TransactionRunOptions,
  ): Promise<T> {
    const { retries = 0, retryDelay = RETRY_DELAY, timeout } = options;
    const limit = deadline(options.signal, timeout, () => timeUpError(timeout));
    try {
      for (let attempt = 0;; attempt++) {
        try {
          const level = await this.#begin(options, limit.signal, false);
          return await level.complete((level) => work(new TransactionSession(level)));
        } catch (error) {
          if (attempt >= retries || limit.signal?.aborted || !isRetryable(error)) throw error;
        }
        this.#retries++;
        const longest = Math.min(retryDelay * 2 ** attempt, LONGEST_RETRY_DELAY);
        await pause(Math.random() * longest, limit.signal);
      }
    } finally {
      limit[Symbol.dispose]();
    }
  }

  /**
   * Begins a transaction that is ended by hand. `timeout`, `retries` and `retryDelay` are for callbacks only.
   *
   * @param options its `signal` rolls the transaction back
   * @throws {UnsupportedError} when the database has no such isolation level or mode
   */
  async beginTransaction(options: TransactionRunOptions = NO_OPTIONS): Promise<Transaction> {
    return new TransactionSession(await this.#begin(options, options.signal, true));
  }

  /** Tells of changes at once: outside a transaction they are committed already. */
  record(changes: readonly Change[]): void {
    this.changes.publish(changes);
  }

  /** Tells at once that rows of tables changed. */
  recordUnseen(tables: UnseenTables): void {
    this.#target.wrote(tables);
  }

  /** Calls back at once: there is no commit to wait for. */
  afterCommit(callback: () => void | Promise<void>): void {
    callBack(callback);
  }

  /** Never calls back: there is nothing to roll back. */
  afterRollback(_callback: () => void): void {}

  readonly #target = {
    execute: (request: DriverRequest): Promise<DriverResult> => {
      const result = this.#state === "connected"
        ? this.#driver.execute(request)
        : this.#ready().then(() => this.#driver.execute(request));
      return this.changes.watched && writes(request) ? this.#waking(result) : result;
    },
    wrote: (tables: UnseenTables): void => this.changes.publish([], tables),
  };

  async #waking(sent: Promise<DriverResult>): Promise<DriverResult> {
    const result = await sent;
    this.changes.wake();
    return result;
  }

  async #ready(): Promise<void> {
    if (this.#state === "closed") throw closedError();
    await this.connect();
  }

  async #connect(): Promise<void> {
    const closes = this.#closes;
    if (this.#state === "closed") {
      await this.#closing;
      if (this.#closes !== closes) throw closedError();
      this.#driver = this.dialect.createDriver(this.config);
      this.#state = "idle";
    }
    await this.#driver.connect();
    if (this.#closes !== closes) throw closedError();
    this.#state = "connected";
  }

  async #begin(
    options: TransactionRunOptions,
    signal: AbortSignal | undefined,
    explicit: boolean,
  ): Promise<TransactionLevel> {
    checkOptions(this.dialect, options);
    signal?.throwIfAborted();
    await this.#ready();
    const access = options.readOnly ? "read" : "write";
    const connection = await this.#driver.acquire({ access, signal });
    try {
      for (const sql of this.dialect.beginStatements(options)) {
        await abortable(this.#runner.control(connection, sql), signal);
      }
      signal?.throwIfAborted();
    } catch (error) {
      await connection.release(true);
      throw error;
    }
    const atEnd = this.dialect.endStatements?.(options);
    return new TransactionLevel({
      host: this.#host,
      connection,
      signal,
      explicit,
      ...atEnd && { atEnd },
    });
  }
}

function closedError(): ConnectionError {
  return new ConnectionError(
    "Cannot run a statement: the database is closed",
    undefined,
    undefined,
    { hint: "Call connect() to open it again." },
  );
}

function callBack(callback: () => void | Promise<void>): void {
  const failed = (error: unknown) =>
    log.error("A commit callback failed", { error: described(error) });
  try {
    Promise.resolve(callback()).catch(failed);
  } catch (error) {
    failed(error);
  }
}
