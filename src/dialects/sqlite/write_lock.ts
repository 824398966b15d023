/**
 * Whose turn it is on the one connection that writes.
 *
 * @module
 */
import { anySignal } from "../../base/abort.ts";
import { PoolExhaustedError, QueryTimeoutError } from "../../base/errors.ts";
import { Semaphore, type SemaphoreOptions } from "../../base/semaphore.ts";
import type { DriverRequest } from "../../dialect/driver.ts";
import { holding } from "../../dialect/holding.ts";
import type { ExclusiveConnection } from "./exclusive_connection.ts";

/** How often is looked whether a transaction waits for itself, in milliseconds, and how often it must seem so. */
const lookEvery = 100;
const looks = 10;

const hint =
  "The database was used outside of `tx` while a transaction is open: use the `tx` you were given";

/** Lets writers take turns, in the order in which they came. */
export class WriteLock extends Semaphore {
  readonly #subject: string;
  /** The transaction that has the turn. */
  holder: ExclusiveConnection | undefined;

  /** Makes a lock that nobody holds. */
  constructor(options: Pick<SemaphoreOptions, "maxQueue" | "timeout" | "subject">) {
    super({ ...options, permits: 1, hint: `Often: ${hint}` });
    this.#subject = options.subject;
  }

  /**
   * Waits for the turn of one statement.
   *
   * @throws {QueryTimeoutError} when that takes longer than the statement may
   */
  async acquireFor({ sql, params, signal, timeout }: DriverRequest): Promise<void> {
    if (timeout === undefined) return await this.acquire(signal);
    const late = new AbortController();
    const timer = setTimeout(() => {
      late.abort(
        new QueryTimeoutError(
          `Cannot run the statement: it waited for the database for ${timeout} ms`,
          sql,
          params,
        ),
      );
    }, timeout);
    try {
      await this.acquire(anySignal(signal, late.signal));
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Waits for the turn.
   *
   * Code inside a transaction's callback that waits for that very transaction, and is waited for by it, would wait
   * in vain. Whether the callback waits nobody can tell, but when its transaction does nothing meanwhile it is likely.
   */
  override acquire(signal?: AbortSignal): Promise<void> {
    const { holder } = this;
    if (holder === undefined || holding.get() !== holder) return super.acquire(signal);
    const vain = new AbortController();
    let uses = holder.uses;
    let idle = 0;
    const timer = setInterval(() => {
      idle = holder.busy || uses !== holder.uses ? 0 : idle + 1;
      uses = holder.uses;
      if (idle === looks) vain.abort(this.#inVain());
    }, lookEvery);
    return super.acquire(anySignal(signal, vain.signal)).finally(() => clearInterval(timer));
  }

  #inVain(): PoolExhaustedError {
    return new PoolExhaustedError(
      `Cannot get ${this.#subject}: the transaction around this call holds it, and does nothing`,
      undefined,
      undefined,
      { hint },
    );
  }
}
