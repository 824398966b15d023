/**
 * The seam to a database's driver: statements go out as text and wire values, rows come back as arrays.
 * A driver owns its connections and how they are shared; it knows nothing of models.
 *
 * @module
 */

/** One statement for the driver. */
export interface DriverRequest {
  /** The SQL text; parameters are `$1`, `$2`, …, or `?` where the database has those. */
  readonly sql: string;
  /** Values in wire form (already dumped by codecs). */
  readonly params: readonly unknown[];
  /** What it does to data. `unknown` lets the driver find out. */
  readonly kind: "read" | "write" | "ddl" | "unknown";
  /** Keep a prepared statement for it. `false` for text that will hardly come again. Default: true. */
  readonly prepare?: boolean;
  /** Rows may hold integers beyond 2^53: return every integer as a bigint. Default: numbers, and an error beyond. */
  readonly bigints?: boolean;
  /** Cancels on the server; `execute` then rejects with its reason. */
  readonly signal?: AbortSignal;
  /**
   * It begins, marks or ends a transaction for the engine. Where one was begun so, SQL text without this mark
   * cannot end it: `TransactionError`.
   */
  readonly control?: boolean;
  /** Milliseconds after which it is cancelled; `execute` then rejects with `QueryTimeoutError`. */
  readonly timeout?: number;
}

/** One result column. */
export interface DriverColumn {
  /** Its name as the database gives it. */
  readonly name: string;
  /** The driver's type, for `Codecs.loadUntyped`. */
  readonly type?: unknown;
}

/** What came back. */
export interface DriverResult {
  /** The columns, in order; empty where the statement returns no rows. */
  readonly columns: readonly DriverColumn[];
  /** The rows as arrays of wire values, in the order of the columns. */
  readonly rows: unknown[][];
  /** Rows returned, or affected where none are returned. */
  readonly rowCount: number;
}

/** A connection held by one caller alone until it is released. */
export interface DriverConnection {
  /**
   * Runs one statement. Rejects with mapped errors (`DatabaseError` and its kin). Concurrent calls run in the
   * order in which they were made.
   */
  execute(request: DriverRequest): Promise<DriverResult>;
  /** Runs one statement and gives its rows in chunks; the iterator's `return` closes the cursor. */
  stream(request: DriverRequest, chunkSize: number): AsyncIterableIterator<DriverResult>;
  /**
   * Bulk load, where `supportsCopy`: rows as arrays of wire values. Gives the number of rows. `table` is its name,
   * after that of its schema where there is one.
   */
  copy?(
    table: readonly string[],
    columns: readonly string[],
    rows: Iterable<readonly unknown[]>,
  ): Promise<number>;
  /** Gives it back. `broken` closes it instead. */
  release(broken?: boolean): Promise<void>;
}

/** How a connection is asked for. */
export interface AcquireOptions {
  /** `read` may share a snapshot with others; `write` is for a transaction that writes. */
  readonly access: "read" | "write";
  /** Stops the wait. */
  readonly signal?: AbortSignal;
}

/** Figures of the pool. */
export interface PoolStats {
  /** The most connections that callers may hold. */
  readonly max: number;
  /** Connections that are open now; one that only single reads share may come on top of `max`. */
  readonly open: number;
  /** Those of them that have nothing to do. */
  readonly idle: number;
  /** Connections held exclusively by transactions and streams. */
  readonly inUse: number;
  /** Callers that wait. */
  readonly waiting: number;
  /** The most callers that ever waited in one queue at once. */
  readonly mostWaiting: number;
  /** The longest that a caller waited, in milliseconds, whether it got a connection or not. */
  readonly longestWait: number;
  /** Statements that were found prepared on their connection. */
  readonly preparedHits: number;
  /** Statements that a connection had to prepare. */
  readonly preparedMisses: number;
}

/** Counts of the prepared statements of all connections; the connections of a driver share one object. */
export interface PreparedCounts {
  /** Found prepared. */
  hits: number;
  /** Prepared anew. */
  misses: number;
}

/** A database that can be reached: a pool of connections. */
export interface Driver {
  /** Opens and verifies the first connection. Concurrent calls share one attempt. */
  connect(): Promise<void>;
  /** Runs one statement on any connection, outside of every transaction. May pipeline. */
  execute(request: DriverRequest): Promise<DriverResult>;
  /** A connection for one caller alone. Waits its turn; `PoolExhaustedError` when that takes too long. */
  acquire(options: AcquireOptions): Promise<DriverConnection>;
  /** Figures of the pool. */
  stats(): PoolStats;
  /** Lets running statements finish for `timeout` ms (default 5,000), refuses new ones, closes all. */
  close(timeout?: number): Promise<void>;
}
