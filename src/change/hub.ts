/**
 * Tells followers what was committed, in order.
 *
 * @module
 */
import type { Change, CommitBatch, CommitListener, UnseenTables } from "./change.ts";

/** How a {@linkcode ChangeHub} is set up. */
export interface ChangeHubOptions {
  /** Told what a listener threw; the writer and the other listeners never see it. */
  readonly onError: (error: unknown, batch: CommitBatch) => void;
}

/** What a listener wants to be told. */
export interface ListenOptions {
  /** Also commits of which not all rows are known: see `CommitBatch.unseen`. Default: `false`. */
  readonly unseen?: boolean;
}

interface Subscription {
  readonly listener: CommitListener;
  readonly unseen: boolean;
}

/**
 * Hands each commit to all listeners. Every listener gets every batch that is published while it is
 * subscribed, in the order of publishing, also when a listener publishes itself.
 */
export class ChangeHub {
  readonly #listeners = new Set<Subscription>();
  readonly #wakers = new Set<() => void>();
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
  subscribe(listener: CommitListener, { unseen = false }: ListenOptions = {}): () => void {
    const entry = { listener, unseen };
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  /** Calls a listener whenever something may have been written, whatever it was; returns what ends that. */
  onWrite(listener: () => void): () => void {
    this.#wakers.add(listener);
    return () => void this.#wakers.delete(listener);
  }

  /** Whether somebody wants to know that something was written. */
  get watched(): boolean {
    return this.#wakers.size > 0;
  }

  /** Tells that something may have been written. */
  wake(): void {
    for (const waker of this.#wakers) waker();
  }

  /**
   * Tells listeners of the changes of one commit; no changes, no batch.
   *
   * @param unseen tables that were written beside
   */
  publish(changes: readonly Change[], unseen?: UnseenTables): void {
    const hidden = unseen !== undefined && unseen.length > 0;
    if (changes.length === 0 && !(hidden && this.#tellsUnseen())) return;
    const position = ++this.#position;
    const batch = { position, changes: Object.freeze([...changes]), ...hidden && { unseen } };
    this.#waiting.push(Object.freeze(batch));
    if (!this.#delivering) this.#deliver();
  }

  #tellsUnseen(): boolean {
    for (const { unseen } of this.#listeners) if (unseen) return true;
    return false;
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
    for (const { listener, unseen } of [...this.#listeners]) {
      if (batch.changes.length === 0 && !unseen) continue;
      try {
        listener(batch);
      } catch (error) {
        this.#onError(error, batch);
      }
    }
  }
}
