/**
 * A transaction that tells when it is used by name.
 *
 * @module
 */
import type { CompiledQuery, QueryResult, RunOptions, StreamOptions } from "../ast/executor.ts";
import type { RootNode } from "../ast/nodes.ts";
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

/** Passes everything on to a transaction; the first use calls back. */
export class DetachingTransaction implements Transaction {
  /** Always true: this is a transaction. */
  readonly inTransaction = true;
  readonly #inner: Transaction;
  readonly #onUse: () => void;

  /** Wraps `inner`; `onUse` is called whenever it is used by this name. */
  constructor(inner: Transaction, onUse: () => void) {
    this.#inner = inner;
    this.#onUse = onUse;
  }

  /** The dialect of the database. */
  get dialect(): Dialect {
    return this.#inner.dialect;
  }

  /** Stands for the database. */
  get scope(): object {
    return this.#inner.scope;
  }

  /** Whether anybody follows changes. */
  get followed(): boolean {
    return this.#inner.followed;
  }

  /** Whether it takes statements. */
  get isOpen(): boolean {
    return this.#inner.isOpen;
  }

  /** The statement's text and values, without running it. */
  compile(node: RootNode): CompiledQuery {
    return this.#inner.compile(node);
  }

  /** Compiles a statement that holds slots. */
  prepare(node: RootNode): CompiledStatement {
    return this.#inner.prepare(node);
  }

  /** Runs a node in the transaction. */
  run<Row = Record<string, unknown>>(
    node: RootNode,
    options?: RunOptions,
  ): Promise<QueryResult<Row>> {
    return this.#used().run<Row>(node, options);
  }

  /** Runs SQL text in the transaction. */
  execute<Row = Record<string, unknown>>(
    sql: string,
    params?: readonly unknown[],
    options?: RunOptions,
  ): Promise<QueryResult<Row>> {
    return this.#used().execute<Row>(sql, params, options);
  }

  /** Runs a compiled statement in the transaction. */
  perform(
    statement: CompiledStatement,
    values: readonly unknown[],
    options?: PerformOptions,
  ): Promise<DriverResult> {
    return this.#used().perform(statement, values, options);
  }

  /** Loads rows in bulk in the transaction. */
  copy(target: CopyTarget, rows: Iterable<readonly unknown[]>): Promise<number> {
    return this.#used().copy(target, rows);
  }

  /** Streams rows in the transaction. */
  stream<Row = Record<string, unknown>>(
    node: RootNode,
    options?: StreamOptions,
  ): AsyncIterableIterator<Row> {
    return this.#used().stream<Row>(node, options);
  }

  /** Runs `work` in a savepoint. */
  transaction<T>(work: (tx: Session) => Promise<T>, options?: TransactionRunOptions): Promise<T> {
    return this.#used().transaction(work, options);
  }

  /** Begins a savepoint that is ended by hand. */
  beginTransaction(options?: TransactionRunOptions): Promise<Transaction> {
    return this.#used().beginTransaction(options);
  }

  /** Keeps changes until the outermost commit. */
  record(changes: readonly Change[]): void {
    this.#used().record(changes);
  }

  /** Tells that rows of tables changed which nobody tells of one by one. */
  recordUnseen(tables: UnseenTables): void {
    this.#used().recordUnseen(tables);
  }

  /** Keeps a callback until the outermost commit. */
  afterCommit(callback: () => void | Promise<void>): void {
    this.#used().afterCommit(callback);
  }

  /** Keeps a callback until a rollback. */
  afterRollback(callback: () => void): void {
    this.#used().afterRollback(callback);
  }

  /** Commits. */
  commit(): Promise<void> {
    return this.#inner.commit();
  }

  /** Rolls back. */
  rollback(): Promise<void> {
    return this.#inner.rollback();
  }

  /** Rolls back what was not committed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inner[Symbol.asyncDispose]();
  }

  #used(): Transaction {
    this.#onUse();
    return this.#inner;
  }
}
