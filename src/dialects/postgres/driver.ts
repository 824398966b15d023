/**
 * The way to a PostgreSQL server, over `npm:postgres`, which is loaded on the first connection.
 *
 * @module
 */
import { deadline, longestDelay } from "../../base/abort.ts";
import type { DatabaseConfig } from "../../base/config.ts";
import {
  ConfigError,
  ConnectionError,
  QueryTimeoutError,
  TransactionError,
} from "../../base/errors.ts";
import type {
  AcquireOptions,
  Driver,
  DriverConnection,
  DriverRequest,
  DriverResult,
  PoolStats,
} from "../../dialect/driver.ts";
import { needsCancelling } from "./cancel.ts";
import { connectOptions } from "./connect_options.ts";
import type { Postgres, PostgresConnection } from "./connection.ts";
import { mapError } from "./errors.ts";
import { HeldConnection } from "./held_connection.ts";
import type { Pool } from "./pool.ts";
import { runScript } from "./script.ts";
import { isScript, transactionControl } from "./statement_text.ts";

/** A pool of connections to one PostgreSQL database. */
export class PostgresDriver implements Driver {
  readonly #config: DatabaseConfig;
  readonly #size: number;
  readonly #queryTimeout: number | undefined;
  #pool: Pool | undefined;
  #connecting: Promise<void> | undefined;
  #closed = false;

  /**
   * Makes a driver; nothing is loaded or opened yet.
   *
   * @throws {ConfigError} when a number of the configuration is out of range
   */
  constructor(config: DatabaseConfig) {
    this.#config = config;
    this.#size = config.poolSize ?? 10;
    const { queryTimeout } = config;
    this.#queryTimeout = queryTimeout && Math.min(queryTimeout, longestDelay);
    if (!Number.isSafeInteger(this.#size) || this.#size < 1) {
      throw new ConfigError(
        "Cannot use the configuration: poolSize is not a positive whole number",
      );
    }
  }

  /** Opens and verifies the first connection. Concurrent calls share one attempt. */
  connect(): Promise<void> {
    this.#connecting ??= this.#connect().catch((error) => {
      this.#connecting = undefined;
      throw error;
    });
    return this.#connecting;
  }

  async #connect(): Promise<void> {
    if (this.#closed) throw closedError();
    // The driver and sockets take as long to load as all of this package: only who connects is to pay for it.
    const [{ default: postgres }, { Pool }] = await Promise.all([
      import("postgres"),
      import("./pool.ts"),
    ]);
    if (this.#closed) throw closedError();
    this.#pool ??= new Pool(...this.#poolSettings(postgres as unknown as Postgres));
    await this.#first(this.#pool)?.ready;
  }

  #first(pool: Pool): PostgresConnection | undefined {
    try {
      return pool.shared();
    } catch (error) {
      // The driver reads its options, and variables of the environment, when it makes a connection.
      throw mapError(error);
    }
  }

  #poolSettings(postgres: Postgres): ConstructorParameters<typeof Pool> {
    const config = this.#config;
    return [{
      size: this.#size,
      acquireTimeout: config.acquireTimeout ?? 10_000,
      maxQueue: config.maxQueue ?? 1000,
      idleTimeout: config.idleTimeout ?? 30_000,
    }, {
      ...connectOptions(config),
      postgres,
      prepare: config.prepare ?? true,
      statements: config.statementCacheSize ?? 200,
      prepared: { hits: 0, misses: 0 },
      queryTimeout: this.#queryTimeout,
    }];
  }

  /** Runs one statement on any connection; statements of several callers are pipelined. */
  execute(request: DriverRequest): Promise<DriverResult> {
    const pool = this.#pool;
    if (!pool || this.#closed) return this.connect().then(() => this.execute(request));
    if (request.kind !== "read") {
      if (request.params.length === 0 && isScript(request.sql)) return this.#script(pool, request);
      if (transactionControl(request.sql)) return Promise.reject(outsideError());
    }
    if (needsCancelling(request, this.#queryTimeout)) return this.#alone(request);
    const connection = pool.shared();
    if (!connection) return this.#alone(request);
    if (connection.opened) return connection.run(request);
    return connection.run(request).catch((error) => {
      if (connection.opened) throw error;
      return runElsewhere(pool, request, error);
    });
  }

  async #alone(request: DriverRequest): Promise<DriverResult> {
    const { timeout, sql, params } = request;
    const limit = deadline(
      request.signal,
      timeout,
      () => waitedError(timeout, sql, params),
    );
    let connection: DriverConnection;
    try {
      connection = await this.acquire({ access: "write", signal: limit.signal });
    } finally {
      limit[Symbol.dispose]();
    }
    try {
      return await connection.execute(request);
    } finally {
      await connection.release();
    }
  }

  async #script(pool: Pool, request: DriverRequest): Promise<DriverResult> {
    const connection = await pool.hold(request.signal);
    try {
      return await runScript(connection, request);
    } finally {
      pool.release(connection, connection.closed);
    }
  }

  /** A connection for one caller alone. */
  async acquire({ signal }: AcquireOptions): Promise<DriverConnection> {
    if (!this.#pool || this.#closed) await this.connect();
    const pool = this.#pool;
    if (!pool) throw closedError();
    const connection = await pool.hold(signal);
    return new HeldConnection(connection, (broken) => pool.release(connection, broken));
  }

  /** Figures of the pool. */
  stats(): PoolStats {
    return this.#pool?.stats ?? { ...nothing, max: this.#size };
  }

  /** Lets running statements finish, refuses new ones, closes all connections. */
  async close(timeout = 5000): Promise<void> {
    this.#closed = true;
    this.#connecting = undefined;
    await this.#pool?.close(timeout);
  }
}

/** The figures of a pool that was never opened. */
const nothing: Omit<PoolStats, "max"> = Object.freeze({
  open: 0,
  idle: 0,
  inUse: 0,
  waiting: 0,
  mostWaiting: 0,
  longestWait: 0,
  preparedHits: 0,
  preparedMisses: 0,
});

/** When one more connection cannot be opened, an open one has to do. */
function runElsewhere(pool: Pool, request: DriverRequest, error: unknown): Promise<DriverResult> {
  const other: PostgresConnection | undefined = pool.opened();
  if (!other) throw error;
  return other.run(request);
}

function closedError(): ConnectionError {
  return new ConnectionError("Cannot run the statement: the database is closed");
}

function outsideError(): TransactionError {
  return new TransactionError(
    "Cannot begin or end a transaction with SQL text: the statement could run on any connection",
    { hint: "use transaction()" },
  );
}

function waitedError(
  timeout: number | undefined,
  sql: string,
  params: readonly unknown[],
): QueryTimeoutError {
  return new QueryTimeoutError(
    `Cannot run the statement: it waited for a connection for ${timeout} ms`,
    sql,
    params,
    { hint: "raise poolSize or the timeout, and see that transactions and streams end soon" },
  );
}
