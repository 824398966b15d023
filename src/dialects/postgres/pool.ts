/**
 * The connections of one driver, and who gets which.
 *
 * The rule: a connection is either *held* by one caller alone or *shared*, and then statements of any number of
 * callers are pipelined on it. Every holder has a permit, and there are as many permits as connections, given in
 * the order in which they were asked for. A shared statement goes to the connection with the least to do; it takes
 * a connection that is free, or opens one, before it goes behind another statement. When every connection is held,
 * shared statements queue for permits like everybody else, so neither kind of caller can starve the other.
 *
 * @module
 */
import { clearInterval, setInterval } from "node:timers";
import { ConnectionError, PoolExhaustedError } from "../../base/errors.ts";
import { Semaphore } from "../../base/semaphore.ts";
import type { PoolStats } from "../../dialect/driver.ts";
import { type ConnectionSettings, PostgresConnection } from "./connection.ts";
import { within } from "./deadline.ts";

/** How a pool is bounded. Times are in milliseconds. */
export interface PoolSettings {
  /** The most connections. */
  readonly size: number;
  /** How long one waits for a connection. */
  readonly acquireTimeout: number;
  /** How many may wait. */
  readonly maxQueue: number;
  /** After how much idleness a connection is closed. */
  readonly idleTimeout: number;
}

const exhaustedHint =
  "raise poolSize or acquireTimeout, and see that transactions and streams end soon";

/** How long no further connection is opened after the server refused one, while others are open. */
const pauseAfterRefusal = 1000;

/** A bounded set of connections. */
export class Pool {
  readonly #settings: PoolSettings;
  readonly #connection: Omit<ConnectionSettings, "onClose">;
  readonly #connections: PostgresConnection[] = [];
  readonly #permits: Semaphore;
  #sweeper: ReturnType<typeof setInterval> | undefined;
  #noneBefore = 0;
  #closed: ConnectionError | undefined;

  /** Makes a pool without connections. */
  constructor(settings: PoolSettings, connection: Omit<ConnectionSettings, "onClose">) {
    this.#settings = settings;
    this.#connection = connection;
    this.#permits = new Semaphore({
      permits: settings.size,
      maxQueue: settings.maxQueue,
      timeout: settings.acquireTimeout,
      subject: "a connection",
      hint: exhaustedHint,
    });
  }

  /** Figures of the pool, now. */
  get stats(): PoolStats {
    const open = this.#connections.filter(({ opened }) => opened);
    const { hits, misses } = this.#connection.prepared;
    return {
      max: this.#settings.size,
      open: open.length,
      idle: open.filter(({ held, load }) => !held && load === 0).length,
      inUse: this.#permits.held,
      waiting: this.#permits.waiting,
      mostWaiting: this.#permits.mostWaiting,
      longestWait: this.#permits.longestWait,
      preparedHits: hits,
      preparedMisses: misses,
    };
  }

  /**
   * The connection for a statement that may share it; `undefined` when every one is held.
   *
   * @throws {ConnectionError} when the pool is closed
   */
  shared(): PostgresConnection | undefined {
    if (this.#closed) throw this.#closed;
    const best = this.#leastLoaded();
    return best?.load === 0 || !this.#mayOpen() ? best : this.#open();
  }

  /** A connection that is open now and not held, other than one that failed. */
  opened(): PostgresConnection | undefined {
    return this.#connections.find(({ opened, held }) => opened && !held);
  }

  /**
   * A connection for one caller alone, with nothing under way on it. Give it back with `release`.
   *
   * @throws {PoolExhaustedError} when none becomes free in time, or too many wait
   */
  async hold(signal: AbortSignal | undefined): Promise<PostgresConnection> {
    await this.#permits.acquire(signal);
    try {
      return await this.#claim(signal);
    } catch (error) {
      this.#permits.release();
      throw error;
    }
  }

  async #claim(signal: AbortSignal | undefined): Promise<PostgresConnection> {
    const connection = this.shared() ?? this.#open();
    try {
      return await this.#clear(connection, signal);
    } catch (error) {
      const other = connection.opened ? undefined : this.opened();
      if (!other) throw error;
      return await this.#clear(other, signal);
    }
  }

  async #clear(
    connection: PostgresConnection,
    signal: AbortSignal | undefined,
  ): Promise<PostgresConnection> {
    connection.held = true;
    const timeout = this.#settings.acquireTimeout;
    const error = () =>
      new PoolExhaustedError(
        `Cannot get a connection: none became free in ${timeout} ms`,
        undefined,
        undefined,
        { hint: exhaustedHint },
      );
    try {
      if (!connection.opened) await within(connection.ready, { ...(signal && { signal }), error });
      if (connection.load > 0) {
        await within(connection.drained(), { timeout, ...(signal && { signal }), error });
      }
      if (connection.closed) throw new ConnectionError("Cannot get a connection: it broke");
      return connection;
    } catch (error) {
      connection.held = false;
      if (!connection.closed && connection.load === 0) connection.becomeIdle();
      throw error;
    }
  }

  /** Gives a held connection back; `broken` closes it. */
  release(connection: PostgresConnection, broken: boolean): void {
    connection.held = false;
    if (broken) connection.terminate();
    else if (connection.load === 0) connection.becomeIdle();
    this.#permits.release();
  }

  /** Lets what is under way finish for `timeout` milliseconds, refuses the rest, closes everything. */
  async close(timeout: number): Promise<void> {
    if (!this.#closed) {
      this.#closed = new ConnectionError("Cannot run the statement: the database is closed");
      this.#permits.close(this.#closed);
    }
    clearInterval(this.#sweeper);
    const until = performance.now() + timeout;
    while (this.#connections.some(({ held, load }) => held || load > 0)) {
      const left = until - performance.now();
      if (left <= 0) break;
      await new Promise((resolve) => setTimeout(resolve, Math.min(left, 10)));
    }
    await Promise.all([...this.#connections].map((connection) => connection.end(0)));
  }

  /** Prefers one that is not worn, so that a worn one runs dry and is replaced. */
  #leastLoaded(): PostgresConnection | undefined {
    let best: PostgresConnection | undefined;
    let bestLoad = Infinity;
    for (const connection of this.#connections) {
      if (connection.held || connection.closed) continue;
      const { load } = connection;
      if (load === 0) return connection;
      const weight = connection.worn ? load + 1e6 : load;
      if (weight < bestLoad) {
        best = connection;
        bestLoad = weight;
      }
    }
    return best;
  }

  #mayOpen(): boolean {
    return this.#connections.length < this.#settings.size &&
      (this.#noneBefore === 0 || performance.now() > this.#noneBefore || !this.opened());
  }

  #open(): PostgresConnection {
    if (this.#closed) throw this.#closed;
    const connection = new PostgresConnection({
      ...this.#connection,
      onClose: (closed) => {
        const index = this.#connections.indexOf(closed);
        if (index >= 0) this.#connections.splice(index, 1);
        if (this.#connections.length === 0) this.#stopSweeping();
        if (!closed.opened) this.#noneBefore = performance.now() + pauseAfterRefusal;
      },
    });
    this.#connections.push(connection);
    this.#startSweeping();
    return connection;
  }

  #startSweeping(): void {
    const { idleTimeout } = this.#settings;
    const { queryTimeout = Infinity } = this.#connection;
    if (this.#sweeper !== undefined || !Number.isFinite(idleTimeout)) return;
    this.#sweeper = setInterval(
      () => this.#sweep(),
      Math.max(10, Math.min(idleTimeout / 2, queryTimeout, 30_000)),
    );
    this.#sweeper.unref();
  }

  /** Looking now and then costs a statement less than a clock that it winds. */
  #sweep(): void {
    const now = performance.now();
    for (const connection of [...this.#connections]) {
      connection.worn ||= now > connection.expires;
      connection.endSilence(now);
      if (connection.used) {
        connection.lastUsed = now;
        connection.used = false;
      }
      if (!connection.opened || connection.held || connection.load > 0) continue;
      const idle = now - connection.lastUsed >= this.#settings.idleTimeout;
      if (idle || connection.worn) connection.terminate();
    }
  }

  #stopSweeping(): void {
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }
}
