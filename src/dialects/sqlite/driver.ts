/**
 * The driver on `node:sqlite`.
 *
 * SQLite runs in our own thread, so a connection that waits for a lock would block the very transaction
 * that it waits for. Therefore writers of one file queue in an asynchronous lock for the one connection
 * that writes, and readers have connections of their own, on which they see the last committed state and
 * wait for nobody (WAL). A database in memory has one connection, for which everybody queues.
 *
 * A statement that runs cannot be interrupted: `signal` and `timeout` are looked at before it runs, while
 * it waits for the lock, and between the chunks of a stream.
 *
 * @module
 */
import { ConnectionError, TransactionError, UnsupportedError } from "../../base/errors.ts";
import type { DatabaseConfig } from "../../base/config.ts";
import { Semaphore } from "../../base/semaphore.ts";
import type {
  AcquireOptions,
  Driver,
  DriverConnection,
  DriverRequest,
  DriverResult,
  PoolStats,
  PreparedCounts,
} from "../../dialect/driver.ts";
import { Connection, type DatabaseClass, type SchemaVersion } from "./connection.ts";
import { mapError } from "./errors.ts";
import { ExclusiveConnection } from "./exclusive_connection.ts";
import { ReaderPool } from "./reader_pool.ts";
import { retryWhileBusy, throwIfAborted } from "./retry.ts";
import { scanStatement } from "./statement_text.ts";
import { WriteLock } from "./write_lock.ts";

const memory = ":memory:";

/** Everything that is there once the database is open. */
interface Opened {
  readonly writer: Connection;
  /** Where single reads run; the writer itself for a database in memory. */
  readonly reader: Connection;
  readonly pool: ReaderPool | undefined;
}

/** A database file, or a database in memory. */
export class SqliteDriver implements Driver {
  readonly #path: string;
  readonly #cacheSize: number;
  readonly #poolSize: number;
  readonly #idleTimeout: number;
  readonly #acquireTimeout: number;
  readonly #lock: WriteLock;
  readonly #readers: Semaphore;
  readonly #schema: SchemaVersion = { version: 0 };
  readonly #prepared: PreparedCounts = { hits: 0, misses: 0 };
  readonly #exclusive = new Set<ExclusiveConnection>();
  #opening: Promise<Opened> | undefined;
  #opened: Opened | undefined;
  #closed: Promise<void> | undefined;
  #drained: (() => void) | undefined;
  /** Reads that wait for another process's lock. */
  #waitingReads = 0;

  /** Makes the driver; nothing is opened before `connect`. */
  constructor(config: DatabaseConfig) {
    this.#path = config.databasePath || memory;
    this.#cacheSize = config.statementCacheSize ?? 200;
    this.#poolSize = Math.max(1, config.poolSize ?? 10);
    this.#idleTimeout = config.idleTimeout ?? 30_000;
    this.#acquireTimeout = config.acquireTimeout ?? 10_000;
    const bounds = { timeout: this.#acquireTimeout, maxQueue: config.maxQueue ?? 1_000 };
    const subject = this.#path === memory ? "the connection" : "the connection that writes";
    this.#lock = new WriteLock({ ...bounds, subject });
    this.#readers = new Semaphore({
      ...bounds,
      // The connection that writes is one of the pool's.
      permits: Math.max(1, this.#poolSize - 1),
      subject: "a connection that reads",
      hint: "Leave streams and read-only transactions sooner, or raise poolSize",
    });
  }

  /** Opens and verifies the database. Concurrent calls share one attempt. */
  async connect(): Promise<void> {
    await this.#open();
  }

  /** Runs one statement, outside of every transaction where this is the pool. */
  async execute(request: DriverRequest): Promise<DriverResult> {
    if (request.signal !== undefined) throwIfAborted(request.signal);
    const opened = this.#opened ?? await this.#open();
    const { reader, writer } = opened;
    if (reader === writer || !this.#isRead(request, opened)) {
      if (!this.#lock.tryAcquire()) await this.#lock.acquireFor(request);
      try {
        // No await where it can be helped: each costs as much as a tenth of a short statement.
        const result = writer.run(request);
        if (!writer.inTransaction) return result;
        throw begunByStatement(writer);
      } catch (error) {
        return await this.#writeAgain(error, request, writer);
      } finally {
        this.#lock.release();
        this.#noteEnd();
      }
    }
    try {
      return reader.run(request);
    } catch (error) {
      this.#waitingReads++;
      return await this.#retry(error, reader, request).finally(() => {
        this.#waitingReads--;
        this.#noteEnd();
      });
    }
  }

  /** Waits for another process's lock. */
  #retry(error: unknown, connection: Connection, request: DriverRequest): Promise<DriverResult> {
    const again = () => {
      if (this.#opened === undefined) throw closedError();
      return connection.run(request);
    };
    return retryWhileBusy(error, again, request, this.#acquireTimeout);
  }

  get #inUse(): boolean {
    return this.#lock.held + this.#readers.held + this.#waitingReads > 0;
  }

  /** Lets `close()` go on when nothing is under way any more. */
  #noteEnd(): void {
    if (this.#drained !== undefined && !this.#inUse) this.#drained();
  }

  /** A connection for one caller alone: the one that writes, or one for reading, which refuses writes. */
  async acquire(options: AcquireOptions): Promise<DriverConnection> {
    const { writer, pool } = this.#opened ?? await this.#open();
    const reads = options.access === "read";
    const semaphore = reads && pool !== undefined ? this.#readers : this.#lock;
    await semaphore.acquire(options.signal);
    try {
      // close() may have come since, and it has not seen this one.
      if (this.#closed) throw closedError();
      const connection = reads && pool !== undefined ? pool.take() : writer;
      if (reads && pool === undefined) connection.setReadOnly(true);
      const exclusive = new ExclusiveConnection(connection, this.#acquireTimeout, (broken) => {
        this.#exclusive.delete(exclusive);
        if (semaphore === this.#lock) this.#lock.holder = undefined;
        if (connection !== writer) pool?.give(connection, broken);
        else if (reads) connection.setReadOnly(false);
        semaphore.release();
        this.#noteEnd();
      });
      this.#exclusive.add(exclusive);
      if (semaphore === this.#lock) this.#lock.holder = exclusive;
      return exclusive;
    } catch (error) {
      semaphore.release();
      this.#noteEnd();
      throw mapError(error);
    }
  }

  /** Figures of the pool. */
  stats(): PoolStats {
    const [lock, readers] = [this.#lock, this.#readers];
    const inUse = lock.held + readers.held;
    const open = this.#openConnections();
    return {
      max: this.#poolSize,
      open,
      idle: Math.max(0, open - inUse),
      inUse,
      waiting: lock.waiting + readers.waiting,
      mostWaiting: Math.max(lock.mostWaiting, readers.mostWaiting),
      longestWait: Math.max(lock.longestWait, readers.longestWait),
      preparedHits: this.#prepared.hits,
      preparedMisses: this.#prepared.misses,
    };
  }

  #openConnections(): number {
    if (this.#opened === undefined) return 0;
    const { reader, writer, pool } = this.#opened;
    return reader === writer ? 1 : 2 + this.#readers.held + (pool?.idle ?? 0);
  }

  /** Waits up to `timeout` milliseconds for what runs, then closes all. */
  close(timeout = 5_000): Promise<void> {
    return this.#closed ??= this.#close(timeout);
  }

  async #close(timeout: number): Promise<void> {
    const error = closedError();
    this.#lock.close(error);
    this.#readers.close(error);
    if (this.#inUse) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
        timer = setTimeout(resolve, timeout);
      });
      clearTimeout(timer);
    }
    const opened = this.#opened ?? await this.#opening?.catch(() => undefined);
    this.#opened = undefined;
    for (const exclusive of this.#exclusive) exclusive.abandon();
    opened?.pool?.close();
    if (opened?.reader !== opened?.writer) opened?.reader.close();
    opened?.writer.close();
  }

  #open(): Promise<Opened> {
    if (this.#closed) {
      return Promise.reject(closedError());
    }
    return this.#opening ??= this.#openFirst().catch((error) => {
      this.#opening = undefined;
      throw error;
    });
  }

  async #openFirst(): Promise<Opened> {
    const { DatabaseSync } = await import("node:sqlite");
    if (!("aggregate" in DatabaseSync.prototype)) {
      throw new UnsupportedError("Cannot open SQLite: this runtime's node:sqlite is too old", {
        hint: "use Node 22.16 or later, a current Deno, or a current Bun",
      });
    }
    const connection = (readOnly: boolean) =>
      new Connection(DatabaseSync as unknown as DatabaseClass, {
        path: this.#path,
        cacheSize: this.#cacheSize,
        readOnly,
        schema: this.#schema,
        prepared: this.#prepared,
      });
    const retried = async (readOnly: boolean) => {
      try {
        return connection(readOnly);
      } catch (error) {
        return await retryWhileBusy(error, () => connection(readOnly), {}, this.#acquireTimeout);
      }
    };
    const writer = await retried(false);
    if (this.#path === memory) return this.#opened = { writer, reader: writer, pool: undefined };
    const reader = await retried(true);
    const pool = new ReaderPool(() => connection(true), this.#idleTimeout);
    return this.#opened = { writer, reader, pool };
  }

  #isRead({ kind, sql }: DriverRequest, { reader }: Opened): boolean {
    if (kind !== "unknown") return kind === "read";
    // The writer's cache tells nothing: a transaction reads on the writer too.
    return reader.has(sql) || scanStatement(sql).reads;
  }

  /** After a failed try, waits for other processes and tries again. */
  async #writeAgain(
    error: unknown,
    request: DriverRequest,
    writer: Connection,
  ): Promise<DriverResult> {
    if (error instanceof TransactionError) throw error;
    let result: DriverResult;
    try {
      result = await this.#retry(error, writer, request);
    } catch (failure) {
      // A script may have begun a transaction before it failed.
      writer.reset();
      throw failure;
    }
    if (!writer.inTransaction) return result;
    throw begunByStatement(writer);
  }
}

function closedError(): ConnectionError {
  return new ConnectionError("Cannot use the database: it was closed");
}

/** The error for a statement that left a transaction open, which is rolled back. */
function begunByStatement(writer: Connection): TransactionError {
  writer.reset();
  return new TransactionError(
    "Cannot begin a transaction by a statement: each one may run on another connection",
    { hint: "Use transaction() or beginTransaction()" },
  );
}
