/**
 * The connections that are lent to one reader at a time: opened when needed, closed when idle.
 *
 * @module
 */
import { clearTimeout, setTimeout } from "node:timers";
import { longestDelay } from "../../base/abort.ts";
import type { Connection } from "./connection.ts";

/** Idle reading connections. How many are out at once is for the caller to bound. */
export class ReaderPool {
  readonly #open: () => Connection;
  readonly #idleTimeout: number;
  readonly #idle: { readonly connection: Connection; readonly since: number }[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Makes an empty pool.
   *
   * @param open opens one more connection
   * @param idleTimeout milliseconds after which an unused connection is closed
   */
  constructor(open: () => Connection, idleTimeout: number) {
    this.#open = open;
    this.#idleTimeout = idleTimeout;
  }

  /** How many connections are open and unused. */
  get idle(): number {
    return this.#idle.length;
  }

  /** A connection for the caller alone: the one used last, whose statements are likeliest to be needed. */
  take(): Connection {
    return this.#idle.pop()?.connection ?? this.#open();
  }

  /** Takes a connection back; a broken one is closed. */
  give(connection: Connection, broken: boolean): void {
    if (broken) return connection.close();
    this.#idle.push({ connection, since: performance.now() });
    this.#watch();
  }

  /** Closes the unused connections. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const { connection } of this.#idle.splice(0)) connection.close();
  }

  #watch(): void {
    const [oldest] = this.#idle;
    if (this.#timer !== undefined || oldest === undefined) return;
    const left = oldest.since + this.#idleTimeout - performance.now();
    this.#timer = setTimeout(() => this.#closeIdle(), Math.min(Math.max(1, left), longestDelay));
    this.#timer.unref();
  }

  #closeIdle(): void {
    this.#timer = undefined;
    const limit = performance.now() - this.#idleTimeout;
    while (this.#idle[0] !== undefined && this.#idle[0].since <= limit) {
      this.#idle.shift()?.connection.close();
    }
    this.#watch();
  }
}
