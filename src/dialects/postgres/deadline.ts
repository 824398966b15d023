/**
 * Waiting that ends: by time, or by a signal.
 *
 * @module
 */

import { longestDelay } from "../../base/abort.ts";

/** Until when something may take. */
export interface Deadline {
  /** Milliseconds from now; without it, for ever. */
  readonly timeout?: number;
  /** Stops the wait; its reason is thrown. */
  readonly signal?: AbortSignal;
  /** Makes the error that is thrown when the time is over. */
  readonly error: () => Error;
}

/** Waits for `promise`, but not beyond the deadline. What comes of the promise after that is dropped. */
export function within<T>(promise: Promise<T>, deadline: Deadline): Promise<T> {
  const { timeout, signal, error } = deadline;
  if (timeout === undefined && !signal) return promise;
  return new Promise<T>((resolve, reject) => {
    const timer = timeout === undefined
      ? undefined
      : setTimeout(() => stop(error()), Math.min(timeout, longestDelay));
    const onAbort = () => stop(signal?.reason);
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    const stop = (reason: unknown) => {
      settle();
      reject(reason);
    };
    if (signal?.aborted) return stop(signal.reason);
    signal?.addEventListener("abort", onAbort);
    promise.then((value) => {
      settle();
      resolve(value);
    }, stop);
  });
}
