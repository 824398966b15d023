/**
 * Where transactions are known to end in the log.
 *
 * @module
 */

/** So many are kept. */
const most = 10_000;
/** A reading waits so often for snapshots that are being taken. */
const rounds = 20;

/** A reading, for which ends are kept that it has not come to. */
export interface Cursor {
  /** The number of the entry that it has come to. */
  at: number;
  /** Ends the reading. */
  close(): void;
}

/** The ends of transactions that snapshots and writers have told. */
export class Boundaries {
  readonly #cursors = new Set<Cursor>();
  readonly #taking = new Set<Promise<unknown>>();
  #ends = new Set<number>();

  /** Begins a reading. */
  open(): Cursor {
    const cursor = { at: 0, close: () => void this.#cursors.delete(cursor) };
    this.#cursors.add(cursor);
    return cursor;
  }

  /** A transaction ends with this entry. */
  add(id: number): void {
    if (this.#cursors.size === 0) return;
    this.#ends.add(id);
    if (this.#ends.size > most) this.#forget();
  }

  /**
   * Runs what finds out where a transaction ends. Readings wait for it, lest they read over the end before it is known.
   */
  async taken<T>(work: (end: (id: number) => void) => Promise<T>): Promise<T> {
    const taking = work((id) => this.add(id));
    this.#taking.add(taking);
    try {
      return await taking;
    } finally {
      this.#taking.delete(taking);
    }
  }

  /** Waits for what is being found out. One that is late costs a change that is told twice. */
  async settled(): Promise<void> {
    for (let round = 0; this.#taking.size > 0 && round < rounds; round++) {
      await Promise.allSettled(this.#taking);
    }
  }

  /** Parts entries at the ends that are known. */
  split<T extends { readonly id: number }>(entries: readonly T[]): T[][] {
    const parts: T[][] = [];
    let part: T[] = [];
    for (const entry of entries) {
      part.push(entry);
      if (!this.#ends.has(entry.id)) continue;
      parts.push(part);
      part = [];
    }
    if (part.length > 0) parts.push(part);
    return parts;
  }

  /** Drops what all readings have passed, and if that is not enough, the oldest. */
  #forget(): void {
    const least = Math.min(...[...this.#cursors].map(({ at }) => at));
    this.#ends = new Set([...this.#ends].filter((id) => id > least).slice(-most / 2));
  }
}
