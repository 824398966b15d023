/**
 * A fair counting semaphore: what every pool and writer lock waits on.
 *
 * @module
 */
import { longestDelay } from "./abort.ts";
import { PoolExhaustedError } from "./errors.ts";

/** How a {@linkcode Semaphore} bounds its waiters. */
export interface SemaphoreOptions {
  /** How many permits may be held at once. */
  readonly permits: number;
  /** How many may wait; one more is refused at once. Default: unbounded. */
  readonly maxQueue?: number;
  /** How long one waits at most, in milliseconds. Default: for ever. */
  readonly timeout?: number;
  /** What is waited for, as error messages name it, such as `a connection`. */
  readonly subject: string;
  /** What to do about a refusal, as error messages say it. */
  readonly hint?: string;
}

interface Waiter {
  grant(): void;
  refuse(error: unknown): void;
}

/** Grants permits first come, first served; waiting is bounded in number and time. */
export class Semaphore {
  readonly #options: SemaphoreOptions;
  readonly #waiters = new Set<Waiter>();
  #held = 0;
  #mostWaiting = 0;
  #longestWait = 0;
  #closed: Error | undefined;

  /** Makes a semaphore with all permits free. */
  constructor(options: SemaphoreOptions) {
    this.#options = options;
  }

  /** How many permits are held now. */
  get held(): number {
    return this.#held;
  }

  /** How many callers wait now. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /** The most callers that ever waited at once. */
  get mostWaiting(): number {
    return this.#mostWaiting;
  }

  /** The longest that a caller waited, in milliseconds, whether it got a permit or not. */
  get longestWait(): number {
    return this.#longestWait;
  }

  /** Takes a permit if one is free and nobody waits; never blocks. */
  tryAcquire(): boolean {
    if (this.#closed || this.#held >= this.#options.permits || this.#waiters.size > 0) return false;
    this.#held++;
    return true;
  }

  /**
   * Waits for a permit.
   *
   * @param signal stops the wait; its reason is thrown
   * @throws {PoolExhaustedError} when the queue is full or the timeout has passed
   */
  acquire(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#closed) return Promise.reject(this.#closed);
    if (this.tryAcquire()) return Promise.resolve();
    const { maxQueue = Infinity, timeout, subject } = this.#options;
    if (this.#waiters.size >= maxQueue) {
      return Promise.reject(
        this.#exhausted(`Cannot wait for ${subject}: ${this.#waiters.size} callers wait already`),
      );
    }
    const start = performance.now();
    return new Promise<void>((resolve, reject) => {
      const timer = timeout === undefined ? undefined : setTimeout(() => {
        waiter.refuse(this.#exhausted(`Cannot get ${subject}: none became free in ${timeout} ms`));
      }, Math.min(timeout, longestDelay));
      const onAbort = () => waiter.refuse(signal?.reason);
      const settle = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        this.#waiters.delete(waiter);
        this.#longestWait = Math.max(this.#longestWait, performance.now() - start);
      };
      const waiter: Waiter = {
        grant: () => {
          settle();
          this.#held++;
          resolve();
        },
        refuse: (error) => {
          settle();
          reject(error);
        },
      };
      signal?.addEventListener("abort", onAbort);
      this.#waiters.add(waiter);
      this.#mostWaiting = Math.max(this.#mostWaiting, this.#waiters.size);
    });
  }

  /** Gives a permit back; the longest waiter gets it. */
  release(): void {
    this.#held--;
    for (const waiter of this.#waiters) {
      waiter.grant();
      return;
    }
  }

  /** Refuses all who wait now with `error`; later callers may wait. */
  refuse(error: Error): void {
    for (const waiter of [...this.#waiters]) waiter.refuse(error);
  }

  /** Refuses all waiters and all later callers with `error`. Held permits stay held. */
  close(error: Error): void {
    this.#closed = error;
    this.refuse(error);
  }

  #exhausted(message: string): PoolExhaustedError {
    const { permits, hint } = this.#options;
    return new PoolExhaustedError(
      `${message} (${this.#held} of ${permits} in use)`,
      undefined,
      undefined,
      {
        hint,
      },
    );
  }
}
