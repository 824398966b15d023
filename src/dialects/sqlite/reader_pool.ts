/**
 * The connections that are lent to one reader at a time: opened when needed, closed when idle.
 *
 * @module
 */
import { longestDelay } from "../../base/abort.ts";
import { inBackground } from "../../base/background_timer.ts";
import type { Connection } from "./connection.ts";

/** Idle reading connections. How many are out at once is for the caller to bound. */
export class ReaderPool {
  readonly #open: () => Connection;
  readonly #idleTimeout: number;
  readonly #idle: { readonly connection: Connection; readonly since: number }[] = [];
  #callOff: (() => void) | undefined;

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
    this.#callOff?.();
    this.#callOff = undefined;
    for (const { connection } of this.#idle.splice(0)) connection.close();
  }

  #watch(): void {
    const [oldest] = this.#idle;
    if (this.#callOff !== undefined || oldest === undefined) return;
    const left = oldest.since + this.#idleTimeout - performance.now();
    const delay = Math.min(Math.max(1, left), longestDelay);
    this.#callOff = inBackground(() => this.#closeIdle(), delay);
  }

  #closeIdle(): void {
    this.#callOff = undefined;
    const limit = performance.now() - this.#idleTimeout;
    while (this.#idle[0] !== undefined && this.#idle[0].since <= limit) {
      this.#idle.shift()?.connection.close();
    }
    this.#watch();
  }
}
