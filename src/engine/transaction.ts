/**
 * A transaction as its users see it.
 *
 * @module
 */
import type { CompiledQuery, QueryResult, RunOptions, StreamOptions } from "../ast/executor.ts";
import type { RootNode } from "../ast/nodes.ts";
import { anySignal } from "../base/abort.ts";
import type { Change, UnseenTables } from "../change/change.ts";
import type { CompiledStatement, Dialect } from "../dialect/dialect.ts";
import type { DriverResult } from "../dialect/driver.ts";
import type {
  CopyTarget,
  PerformOptions,
  Session,
  Transaction,
  TransactionRunOptions,
} from "./session.ts";
import type { TransactionLevel } from "./transaction_level.ts";

/** The session of one level of a transaction. */
export class TransactionSession implements Transaction {
  /** Always true: this is a transaction. */
  readonly inTransaction = true;
  readonly #level: TransactionLevel;

  /** Makes the session of a level that has begun. */
  constructor(level: TransactionLevel) {
    this.#level = level;
  }

  /** The dialect of the database. */
  get dialect(): Dialect {
    return this.#level.setup.host.dialect;
  }

  /** Stands for the database. */
  get scope(): object {
    return this.#level.setup.host.scope;
  }

  /** Whether anybody follows changes. */
  get followed(): boolean {
    return this.#level.setup.host.followed;
  }

  /** Whether it takes statements. */
  get isOpen(): boolean {
    return this.#level.isOpen;
  }

  /** The statement's text and values, without running it. */
  compile(node: RootNode): CompiledQuery {
    return this.#level.setup.host.runner.compile(node);
  }

  /** Compiles a statement that holds slots. */
  prepare(node: RootNode): CompiledStatement {
    return this.#level.setup.host.runner.prepare(node);
  }

  /** Runs a node in the transaction. */
  run<Row = Record<string, unknown>>(
    node: RootNode,
    options?: RunOptions,
  ): Promise<QueryResult<Row>> {
    const { target, setup: { host: { runner } } } = this.#level;
    return this.#level.statement(() => runner.run<Row>(target, node, this.#limited(options)));
  }

  /** Runs SQL text in the transaction. */
  execute<Row = Record<string, unknown>>(
    sql: string,
    params?: readonly unknown[],
    options?: RunOptions,
  ): Promise<QueryResult<Row>> {
    const { target, setup: { host: { runner } } } = this.#level;
    return this.#level.statement(() =>
      runner.execute<Row>(target, sql, params, this.#limited(options))
    );
  }

  /** Runs a compiled statement in the transaction. */
  perform(
    statement: CompiledStatement,
    values: readonly unknown[],
    options?: PerformOptions,
  ): Promise<DriverResult> {
    const { target, setup: { host: { runner } } } = this.#level;
    return this.#level.statement(() =>
      runner.perform(target, statement, values, this.#limited(options))
    );
  }

  /** Loads rows in bulk in the transaction. */
  copy(target: CopyTarget, rows: Iterable<readonly unknown[]>): Promise<number> {
    const { connection, host: { runner } } = this.#level.setup;
    return this.#level.statement(() => {
      runner.requireCopy();
      return this.#level.noted(runner.copy(connection, this.#level.target, target, rows));
    });
  }

  /** Streams rows in the transaction; a stream that is still open at its end is closed. */
  stream<Row = Record<string, unknown>>(
    node: RootNode,
    options?: StreamOptions,
  ): AsyncGenerator<Row, void, undefined> {
    const { source, setup: { host: { runner } } } = this.#level;
    return this.#level.streamed(() => runner.stream<Row>(source, node, this.#limited(options)));
  }

  /** Runs `work` in a savepoint. */
  transaction<T>(
    work: (tx: Session) => Promise<T>,
    options: TransactionRunOptions = {},
  ): Promise<T> {
    return this.#level.nested((level) => work(new TransactionSession(level)), options);
  }

  /** Begins a savepoint that is ended by hand; its `timeout` is for callbacks only. */
  async beginTransaction(options: TransactionRunOptions = {}): Promise<Transaction> {
    return new TransactionSession(await this.#level.begin(options));
  }

  /** Keeps changes until the outermost commit. */
  record(changes: readonly Change[]): void {
    this.#level.record(changes);
  }

  /** Keeps the names of tables until the outermost commit. */
  recordUnseen(tables: UnseenTables): void {
    this.#level.target.wrote(tables);
  }

  /** Keeps a callback until the outermost commit. */
  afterCommit(callback: () => void | Promise<void>): void {
    this.#level.afterCommit(callback);
  }

  /** Keeps a callback until a rollback. */
  afterRollback(callback: () => void): void {
    this.#level.afterRollback(callback);
  }

  /** Waits for statements under way, then commits. */
  commit(): Promise<void> {
    return this.#level.commit();
  }

  /** Waits for statements under way, then rolls back. */
  rollback(): Promise<void> {
    return this.#level.rollback();
  }

  /** Rolls back what was not committed. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#level.isOpen) await this.#level.rollback();
  }

  #limited<Options extends RunOptions>(options: Options | undefined): Options | undefined {
    const { signal } = this.#level.setup;
    if (signal === undefined) return options;
    return { ...options, signal: anySignal(options?.signal, signal) } as Options;
  }
}
