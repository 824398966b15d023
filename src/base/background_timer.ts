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
