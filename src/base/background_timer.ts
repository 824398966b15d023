/**
 * A timer that does not keep the process alive.
 *
 * @module
 */

/**
 * Calls back once, unless the process has ended before.
 *
 * The timers of `node:timers` are the ones that every runtime can let go of. They are loaded with the first, since
 * few programs come to need one.
 *
 * @param work what is called
 * @param delay milliseconds until then
 * @returns what calls it off
 */
export function inBackground(work: () => void, delay: number): () => void {
  const { clearTimeout, setTimeout } = globalThis.process.getBuiltinModule("node:timers");
  const timer = setTimeout(work, delay);
  timer.unref();
  return () => clearTimeout(timer);
}

/**
 * Calls back once the event loop has come round, unless the process has ended before.
 *
 * @param work what is called
 */
export function inNextTurn(work: () => void): void {
  const { setImmediate } = globalThis.process.getBuiltinModule("node:timers");
  setImmediate(work).unref();
}
