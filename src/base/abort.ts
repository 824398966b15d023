/**
 * Deadlines and pauses that an `AbortSignal` ends.
 *
 * @module
 */

/** The longest time that a timer can run, in milliseconds: nearly 25 days. A longer one would end at once. */
export const longestDelay = 2 ** 31 - 1;

/** A signal with a time limit. Dispose of it when the work is done, to stop its clock. */
export interface Deadline extends Disposable {
  /** Aborted by the caller's signal or when the time is up; absent where neither can happen. */
  readonly signal: AbortSignal | undefined;
}

/** The signal that is aborted when any of the given ones is; absent where none is given. */
export function anySignal(
  first: AbortSignal | undefined,
  second: AbortSignal | undefined,
): AbortSignal | undefined {
  if (first === undefined || second === undefined || first === second) return first ?? second;
  return AbortSignal.any([first, second]);
}

/**
 * Limits work in time.
 *
 * @param signal the caller's own signal
 * @param timeout milliseconds after which the deadline is aborted; absent: never
 * @param reason makes the reason with which it is aborted then
 */
export function deadline(
  signal: AbortSignal | undefined,
  timeout: number | undefined,
  reason: () => unknown,
): Deadline {
  if (timeout === undefined) return { signal, [Symbol.dispose]: () => {} };
  const clock = new AbortController();
  const timer = setTimeout(() => clock.abort(reason()), Math.min(timeout, longestDelay));
  return {
    signal: anySignal(signal, clock.signal),
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}

/**
 * Waits.
 *
 * @param milliseconds how long
 * @param signal ends the wait; its reason is thrown
 */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/**
 * Settles as `work` does, or rejects with the signal's reason when that is aborted first. What `work`
 * does after that is nobody's: a later failure of it is the abort's consequence and is not reported.
 */
export function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

/** For {@linkcode settled}: nobody waits for the work from the start. */
export const alreadyAborted: AbortSignal = AbortSignal.abort();

/**
 * Waits for work that cannot be left alone; from the abort on only so long.
 *
 * @param patience milliseconds that the work gets after the abort
 * @param giveUp makes the work settle when they are over
 */
export function settled<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
  patience: number,
  giveUp: () => void,
): Promise<T> {
  if (signal === undefined) return work;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const onAbort = () => timer = setTimeout(giveUp, patience);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  return work.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  });
}
