/**
 * Waiting for other processes that hold the database's lock, without blocking this thread.
 *
 * @module
 */
import { QueryTimeoutError } from "../../base/errors.ts";
import type { DriverRequest } from "../../dialect/driver.ts";
import { isBusy, mapError } from "./errors.ts";

const firstPause = 5;
const longestPause = 100;

/** Throws the signal's reason if it was aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw signal.reason;
}

/**
 * Tries again after a failure for as long as the database is locked by somebody else.
 *
 * @param error why the first try failed; thrown, mapped, when it is anything but a lock
 * @param attempt the next try
 * @param request what is run: its `signal` and `timeout` bound the wait too
 * @param patience milliseconds to wait in all
 * @throws {LockTimeoutError} when the lock is still held after that
 */
export async function retryWhileBusy<Result>(
  error: unknown,
  attempt: () => Result,
  request: Partial<DriverRequest>,
  patience: number,
): Promise<Result> {
  const { sql, params, signal, timeout = Infinity } = request;
  const start = performance.now();
  let failure = error;
  for (let pause = firstPause; isBusy(failure); pause = Math.min(pause * 2, longestPause)) {
    const waited = performance.now() - start;
    if (waited >= timeout) throw tooLong(request, failure);
    if (waited >= patience) break;
    const left = Math.min(patience, timeout) - waited;
    await sleep(Math.min(left, pause * (0.5 + Math.random())), signal);
    try {
      return attempt();
    } catch (next) {
      failure = next;
    }
  }
  throw mapError(failure, sql, params);
}

function tooLong({ sql, params, timeout }: Partial<DriverRequest>, cause: unknown): Error {
  return new QueryTimeoutError(
    `Cannot run the statement: the database was locked for ${timeout} ms`,
    sql,
    params,
    { cause },
  );
}

function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  throwIfAborted(signal);
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
