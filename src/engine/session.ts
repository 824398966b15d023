/**
 * The narrow interface of everything that runs SQL, whether it is a database or a transaction of it.
 *
 * @module
 */
import type { Executor, QueryResult, RunOptions } from "../ast/executor.ts";
import type { RootNode } from "../ast/nodes.ts";
import type { ColumnType } from "../schema/column_type.ts";
import type { Change, UnseenTables } from "../change/change.ts";
import type { CompiledStatement, Dialect, TransactionOptions } from "../dialect/dialect.ts";
import type { DriverResult } from "../dialect/driver.ts";

/** How a compiled statement is run. */
export interface PerformOptions extends RunOptions {
  /** The result holds bigint columns: see `DriverRequest.bigints`. */
  readonly bigints?: boolean;
  /** The values are in wire form already: nothing is converted. */
  readonly dumped?: boolean;
}

/** Where a bulk load goes. */
export interface CopyTarget {
  /** The table. */
  readonly table: string;
  /** The schema it is in, where the database has schemas. */
  readonly schema?: string;
  /** The columns, in the order of the values. */
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
}

/** How often and when a transaction is run again. */
export interface RetryOptions {
  /** How many times it is run again after a serialization failure or deadlock. Default: 0. */
  readonly retries?: number;
  /** The first pause in milliseconds; each further one is twice as long, with jitter. Default: 10. */
  readonly retryDelay?: number;
}

/** How a transaction callback is run. */
export interface TransactionRunOptions extends TransactionOptions, RetryOptions, RunOptions {}

/** Runs SQL. */
export interface Session extends Executor {
  /** The dialect of the database. */
  readonly dialect: Dialect;
  /** Stands for the database that this session belongs to: what plans are cached by. */
  readonly scope: object;
  /** Whether anybody follows changes; where nobody does, keys need not be read back for `record`. */
  readonly followed: boolean;
  /** Whether this is a transaction. */
  readonly inTransaction: boolean;
  /** Runs SQL text with `$1` (or `?`) placeholders; rows are objects keyed by column. */
  execute<Row = Record<string, unknown>>(
    sql: string,
    params?: readonly unknown[],
    options?: RunOptions,
  ): Promise<QueryResult<Row>>;
  /** Compiles a statement that holds slots, for `perform`. Callers keep it: nothing is cached. */
  prepare(node: RootNode): CompiledStatement;
  /**
   * Runs a compiled statement with `values` in its slots and gives its rows as arrays of wire values: the
   * fast way, for callers that hold a plan.
   */
  perform(
    statement: CompiledStatement,
    values: readonly unknown[],
    options?: PerformOptions,
  ): Promise<DriverResult>;
  /**
   * Loads rows by the database's own bulk format, all or none; gives their number.
   *
   * @param rows values in the order of the target's columns
   * @throws {UnsupportedError} where the database has no such format
   */
  copy(target: CopyTarget, rows: Iterable<readonly unknown[]>): Promise<number>;
  /**
   * Runs `work` in a transaction (inside a transaction: in a savepoint). Commits when it resolves, rolls back
   * when it rejects. The session it is given is refused after the end.
   */
  transaction<T>(
    work: (tx: Session) => Promise<T>,
    options?: TransactionRunOptions,
  ): Promise<T>;
  /** Tells of changes: at commit when in a transaction, at once when not. */
  record(changes: readonly Change[]): void;
  /**
   * Tells that rows of tables changed which nobody tells of one by one. Builders and SQL text are told of so by
   * themselves.
   */
  recordUnseen(tables: UnseenTables): void;
  /**
   * Calls back after the outermost commit, never after a rollback; at once when not in a transaction. What the
   * callback throws is logged: the commit is done and nobody can undo it.
   */
  afterCommit(callback: () => void | Promise<void>): void;
  /**
   * Calls back when what was done so far is rolled back, with its savepoint or with the whole transaction: the
   * newest callback first. Never when not in a transaction.
   */
  afterRollback(callback: () => void): void;
}

/**
 * A transaction that is ended by hand. Ends in a rollback when it is disposed of without a `commit()`.
 *
 * ```ts ignore
 * await using tx = await db.beginTransaction();
 * await tx.execute("UPDATE accounts SET balance = balance - $1 WHERE id = $2", [10, 1]);
 * await tx.commit();
 * ```
 */
export interface Transaction extends Session, AsyncDisposable {
  /** Whether it takes statements: neither committed nor rolled back. */
  readonly isOpen: boolean;
  /**
   * Begins a nested transaction: a savepoint. Until it ends this one refuses statements.
   *
   * @throws {TransactionError} when `options` asks for what only an outermost transaction can have
   */
  beginTransaction(options?: TransactionRunOptions): Promise<Transaction>;
  /**
   * Waits for statements under way, then commits.
   *
   * @throws {TransactionError} when it has ended, or when a statement failed and the database has ended it for that
   * @throws {ConnectionError} when the connection broke during the commit: the outcome is unknown
   */
  commit(): Promise<void>;
  /** Waits for statements under way, then rolls back. Does nothing after a rollback or failed commit. */
  rollback(): Promise<void>;
}
