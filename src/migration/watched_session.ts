/**
 * A session whose statements somebody looks at before they are sent.
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
  TransactionRunOptions,
} from "../engine/session.ts";

/** A statement that somebody looks at. */
export interface WatchedStatement<T> {
  /** Its text. */
  readonly sql: string;
  /** Whether it is known to change nothing. */
  readonly reads: boolean;
  /** What it was sent on. */
  readonly session: Session;
  /** Sends it, on its session or another one. */
  send(on?: Session): Promise<T>;
  /** What stands for its result when it is not sent. */
  readonly nothing: T;
}

/** Looks at a statement; sends it, or does not. */
export type Watcher = <T>(statement: WatchedStatement<T>) => Promise<T>;

/** Passes statements on through a watcher. */
export class WatchedSession implements Session {
  readonly #session: Session;
  readonly #watch: Watcher;

  /** Passes on to `session`. */
  constructor(session: Session, watch: Watcher) {
    this.#session = session;
    this.#watch = watch;
  }

  /** The dialect of the database. */
  get dialect(): Dialect {
    return this.#session.dialect;
  }

  /** Stands for the database. */
  get scope(): object {
    return this.#session.scope;
  }

  /** Whether anybody follows changes. */
  get followed(): boolean {
    return this.#session.followed;
  }

  /** Whether this is a transaction. */
  get inTransaction(): boolean {
    return this.#session.inTransaction;
  }

  /** The statement's text and values, without running it. */
  compile(node: RootNode): CompiledQuery {
    return this.#session.compile(node);
  }

  /** Compiles a statement that holds slots. */
  prepare(node: RootNode): CompiledStatement {
    return this.#session.prepare(node);
  }

  /** Runs SQL text. */
  execute<Row = Record<string, unknown>>(
    sql: string,
    params?: readonly unknown[],
    options?: RunOptions,
  ): Promise<QueryResult<Row>> {
    return this.#watch<QueryResult<Row>>({
      sql,
      reads: false,
      session: this.#session,
      send: (on = this.#session) => on.execute<Row>(sql, params, options),
      nothing: { rows: [], rowCount: 0 },
    });
  }

  /** Runs a statement. */
  run<Row = Record<string, unknown>>(
    node: RootNode,
    options?: RunOptions,
  ): Promise<QueryResult<Row>> {
    const { sql, kind } = this.#session.prepare(node);
    return this.#watch<QueryResult<Row>>({
      sql,
      reads: kind === "read",
      session: this.#session,
      send: (on = this.#session) => on.run<Row>(node, options),
      nothing: { rows: [], rowCount: 0 },
    });
  }

  /** Runs a compiled statement. */
  perform(
    statement: CompiledStatement,
    values: readonly unknown[],
    options?: PerformOptions,
  ): Promise<DriverResult> {
    return this.#watch<DriverResult>({
      sql: statement.sql,
      reads: statement.kind === "read",
      session: this.#session,
      send: (on = this.#session) => on.perform(statement, values, options),
      nothing: { columns: [], rows: [], rowCount: 0 },
    });
  }

  /** Runs a statement and gives its rows as they come; reading is not watched. */
  stream<Row = Record<string, unknown>>(
    node: RootNode,
    options?: StreamOptions,
  ): AsyncIterableIterator<Row> {
    return this.#session.stream<Row>(node, options);
  }

  /** Loads rows in bulk. */
  copy(target: CopyTarget, rows: Iterable<readonly unknown[]>): Promise<number> {
    return this.#watch({
      sql: `COPY ${target.table}`,
      reads: false,
      session: this.#session,
      send: (on = this.#session) => on.copy(target, rows),
      nothing: 0,
    });
  }

  /** Runs `work` in a transaction. */
  transaction<T>(
    work: (tx: Session) => Promise<T>,
    options?: TransactionRunOptions,
  ): Promise<T> {
    return this.#session.transaction((tx) => work(new WatchedSession(tx, this.#watch)), options);
  }

  /** Tells of changes. */
  record(changes: readonly Change[]): void {
    this.#session.record(changes);
  }

  /** Tells that rows of tables changed which nobody tells of one by one. */
  recordUnseen(tables: UnseenTables): void {
    this.#session.recordUnseen(tables);
  }

  /** Calls back after the commit. */
  afterCommit(callback: () => void | Promise<void>): void {
    this.#session.afterCommit(callback);
  }

  /** Calls back after a rollback. */
  afterRollback(callback: () => void): void {
    this.#session.afterRollback(callback);
  }
}
