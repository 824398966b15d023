/**
 * A session whose every statement has a time limit or can be cancelled: what `signal` and `timeout` of a write come to,
 * however many statements the write takes.
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
  TransactionRunOptions,
} from "../engine/session.ts";

/** The session within these limits; the session itself where there are none. */
export function limited(session: Session, options: RunOptions | undefined): Session {
  return options?.signal === undefined && options?.timeout === undefined
    ? session
    : new LimitedSession(session, options);
}

/** Passes its limits on to every statement and transaction. A `COPY` cannot be cancelled and does not get them. */
export class LimitedSession implements Session {
  readonly #inner: Session;
  readonly #limits: RunOptions;

  /** Limits a session. */
  constructor(inner: Session, { signal, timeout }: RunOptions) {
    this.#inner = inner;
    this.#limits = { signal, timeout };
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

  /** Whether this is a transaction. */
  get inTransaction(): boolean {
    return this.#inner.inTransaction;
  }

  /** The statement's text and values. */
  compile(node: RootNode): CompiledQuery {
    return this.#inner.compile(node);
  }

  /** Runs a node. */
  run<Row = Record<string, unknown>>(
    node: RootNode,
    options?: RunOptions,
  ): Promise<QueryResult<Row>> {
    return this.#inner.run<Row>(node, this.#within(options));
  }

  /** Streams rows. */
  stream<Row = Record<string, unknown>>(
    node: RootNode,
    options?: StreamOptions,
  ): AsyncIterableIterator<Row> {
    return this.#inner.stream<Row>(node, this.#within(options));
  }

  /** Runs SQL text. */
  execute<Row = Record<string, unknown>>(
    sql: string,
    params?: readonly unknown[],
    options?: RunOptions,
  ): Promise<QueryResult<Row>> {
    return this.#inner.execute<Row>(sql, params, this.#within(options));
  }

  /** Compiles a statement. */
  prepare(node: RootNode): CompiledStatement {
    return this.#inner.prepare(node);
  }

  /** Runs a compiled statement. */
  perform(
    statement: CompiledStatement,
    values: readonly unknown[],
    options?: PerformOptions,
  ): Promise<DriverResult> {
    return this.#inner.perform(statement, values, this.#within(options));
  }

  /** Loads rows in bulk. */
  copy(target: CopyTarget, rows: Iterable<readonly unknown[]>): Promise<number> {
    return this.#inner.copy(target, rows);
  }

  /** Runs `work` in a transaction; the limits are those of each of its statements and of the whole. */
  transaction<T>(
    work: (tx: Session) => Promise<T>,
    options?: TransactionRunOptions,
  ): Promise<T> {
    const within = (tx: Session) => work(new LimitedSession(tx, this.#limits));
    return this.#inner.transaction(within, this.#within(options));
  }

  /** Tells of changes. */
  record(changes: readonly Change[]): void {
    this.#inner.record(changes);
  }

  /** Tells that rows of tables changed which nobody tells of one by one. */
  recordUnseen(tables: UnseenTables): void {
    this.#inner.recordUnseen(tables);
  }

  /** Calls back after the outermost commit. */
  afterCommit(callback: () => void | Promise<void>): void {
    this.#inner.afterCommit(callback);
  }

  /** Calls back after a rollback. */
  afterRollback(callback: () => void): void {
    this.#inner.afterRollback(callback);
  }

  #within<O extends RunOptions>(options: O | undefined): O {
    const { signal, timeout } = this.#limits;
    return {
      ...options as O,
      signal: anySignal(options?.signal, signal),
      timeout: options?.timeout ?? timeout,
    };
  }
}
