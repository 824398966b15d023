/**
 * A subscription as a program holds it.
 *
 * @module
 */
import { SyncError } from "./sync_error.ts";
import type { LiveResult, LiveState } from "./types.ts";
import type { View } from "./view.ts";

/**
 * A query that is kept true until it is closed.
 *
 * ```ts ignore
 * const posts = client.live("Post", { where: { published: true }, orderBy: { id: "desc" } });
 * posts.subscribe((rows, state) => show(rows, state));
 * for await (const rows of posts) show(rows); // the newest result, whenever it has changed
 * posts.close();
 * ```
 */
export class LiveQuery<Row> implements AsyncIterable<readonly Row[]> {
  readonly #view: View;
  readonly #release: () => void;
  readonly #offs = new Set<() => void>();
  #last: LiveResult<Row> | undefined;
  #ready: Promise<readonly Row[]> | undefined;

  /**
   * Made by `client.live()`.
   *
   * @param release called once, when it is closed
   */
  constructor(view: View, release: () => void) {
    this.#view = view;
    this.#release = release;
  }

  /** The records as they are now; empty until the first have come. */
  get value(): readonly Row[] {
    return this.snapshot().rows;
  }

  /** How true they are. */
  get state(): LiveState {
    return this.snapshot().state;
  }

  /** Why it failed. */
  get error(): Error | undefined {
    return this.snapshot().error;
  }

  /**
   * Resolves with the first result.
   *
   * @throws {SyncError} when it is refused, or closed before
   */
  get ready(): Promise<readonly Row[]> {
    return this.#ready ??= this.#firstResult();
  }

  /** Records, state and error together: the same object as long as nothing of it changes. */
  snapshot(): LiveResult<Row> {
    return this.#last ?? this.#view.result as LiveResult<unknown> as LiveResult<Row>;
  }

  /**
   * Calls back with the result as it is, where there is one, and whenever records or state have changed.
   *
   * @returns what ends it
   */
  subscribe(listener: (rows: readonly Row[], state: LiveState) => void): () => void {
    const tell = () => {
      const { rows, state } = this.snapshot();
      listener(rows, state);
    };
    const off = this.#listen(tell);
    if (this.snapshot().state !== "connecting") tell();
    return off;
  }

  /** The result whenever its records have changed; who is slow is given the newest. Ends when the query is closed. */
  async *[Symbol.asyncIterator](): AsyncIterator<readonly Row[]> {
    let told: readonly Row[] | undefined;
    while (true) {
      const { rows, state, error } = this.snapshot();
      if (state === "closed") return;
      if (state === "failed") throw error;
      if (this.#view.loaded && rows !== told) yield told = rows;
      else await this.#changed();
    }
  }

  /** Ends it; the records that it has stay. */
  close(): void {
    if (this.#last) return;
    const { rows } = this.snapshot();
    this.#last = Object.freeze({ rows, state: "closed" });
    for (const off of [...this.#offs]) off();
    this.#release();
  }

  #listen(listener: () => void, closed?: () => void): () => void {
    const own = () => listener();
    this.#view.listeners.add(own);
    const off = () => {
      this.#view.listeners.delete(own);
      this.#offs.delete(off);
      if (this.#last) closed?.();
    };
    if (this.#last) off();
    else this.#offs.add(off);
    return off;
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => {
      const off = this.#listen(() => {
        off();
        resolve();
      }, resolve);
    });
  }

  async #firstResult(): Promise<readonly Row[]> {
    while (true) {
      const { rows, state, error } = this.snapshot();
      if (this.#view.loaded) return rows;
      if (state === "failed") throw error;
      if (state === "closed") throw new SyncError("closed", "The query was closed");
      await this.#changed();
    }
  }
}
