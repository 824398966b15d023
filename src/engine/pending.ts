/**
 * Work that has begun and has not settled: what a transaction waits for before it ends.
 *
 * @module
 */

interface Entry {
  promise?: Promise<unknown>;
}

/** What is under way in one level of a transaction. */
export class PendingWork {
  readonly #entries = new Set<Entry>();
  readonly #streams = new Set<AsyncGenerator<unknown, unknown, unknown>>();
  readonly #onFailure: (error: unknown) => void;

  /** Starts empty; `onFailure` is told of work that fails, before its caller is. */
  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  /** Starts work at once and remembers it until it settles. */
  track<T>(work: () => Promise<T>): Promise<T> {
    const entry: Entry = {};
    this.#entries.add(entry);
    return entry.promise = this.#watched(entry, work);
  }

  /** Remembers a stream until it is done. */
  open(stream: AsyncGenerator<unknown, unknown, unknown>): void {
    this.#streams.add(stream);
  }

  /** Forgets a stream that is done. */
  done(stream: AsyncGenerator<unknown, unknown, unknown>): void {
    this.#streams.delete(stream);
  }

  /** Closes open streams and waits for the rest. What fails meanwhile has no other caller: it counts as handled. */
  async settle(): Promise<void> {
    while (this.#entries.size > 0 || this.#streams.size > 0) {
      const closing = [...this.#streams].map((stream) => stream.return(undefined));
      this.#streams.clear();
      const rest = [...this.#entries].map(({ promise }) => promise);
      await Promise.allSettled([...closing, ...rest]);
    }
  }

  async #watched<T>(entry: Entry, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#onFailure(error);
      throw error;
    } finally {
      this.#entries.delete(entry);
    }
  }
}
