/**
 * Tells followers what was committed, in order.
 *
 * @module
 */
import type { Change, CommitBatch, CommitListener } from "./change.ts";

/** How a {@linkcode ChangeHub} is set up. */
export interface ChangeHubOptions {
  /** Told what a listener threw; the writer and the other listeners never see it. */
  readonly onError: (error: unknown, batch: CommitBatch) => void;
}

/**
 * Hands each commit to all listeners. Every listener gets every batch that is published while it is
 * subscribed, in the order of publishing, also when a listener publishes itself.
 */
export class ChangeHub {
  readonly #listeners = new Set<{ readonly listener: CommitListener }>();
  readonly #onError: ChangeHubOptions["onError"];
  #waiting: CommitBatch[] = [];
  #delivering = false;
  #position = 0;

  /** Makes a hub without listeners. */
  constructor(options: ChangeHubOptions) {
    this.#onError = options.onError;
  }

  /** The position of the last batch; 0 before the first. */
  get position(): number {
    return this.#position;
  }

  /** Whether anybody listens. */
  get followed(): boolean {
    return this.#listeners.size > 0;
  }

  /**
   * Follows commits.
   *
   * @param listener called with every batch, synchronously after its commit
   * @returns ends the subscription
   */
  subscribe(listener: CommitListener): () => void {
    const entry = { listener };
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  /** Tells all listeners of the changes of one commit; no changes, no batch. */
  publish(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    const position = ++this.#position;
    this.#waiting.push(Object.freeze({ position, changes: Object.freeze([...changes]) }));
    if (!this.#delivering) this.#deliver();
  }

  #deliver(): void {
    this.#delivering = true;
    try {
      while (this.#waiting.length > 0) {
        const batches = this.#waiting;
        this.#waiting = [];
        for (const batch of batches) this.#tell(batch);
      }
    } finally {
      this.#delivering = false;
    }
  }

  #tell(batch: CommitBatch): void {
    for (const { listener } of [...this.#listeners]) {
      try {
        listener(batch);
      } catch (error) {
        this.#onError(error, batch);
      }
    }
  }
}
