/**
 * What was told and may not be visible yet: a database tells of a transaction a moment before other transactions can
 * see it, and longer where commits wait for a standby.
 *
 * @module
 */
import type { BatchMark, PositionOrder } from "../../../change/source.ts";

/** Batches that no snapshot has been seen to have. */
export class ToldBatches {
  readonly #positions: PositionOrder;
  #marks: BatchMark[] = [];
  /** How many have been confirmed. */
  #confirmed = 0;

  /** Begins without any. */
  constructor(positions: PositionOrder) {
    this.#positions = positions;
  }

  /** How many there are. */
  get size(): number {
    return this.#marks.length;
  }

  /** A batch was told. */
  add({ position, transaction }: BatchMark): void {
    this.#marks.push({ position, ...transaction !== undefined && { transaction } });
  }

  /** Forgets all: what they changed is of no interest any more. */
  clear(): void {
    this.#confirmed += this.#marks.length;
    this.#marks = [];
  }

  /**
   * To be called before a snapshot is taken.
   *
   * @returns tells whether the snapshot at a position has all that was told by now
   */
  expect(): (position: string) => boolean {
    const marks = [...this.#marks];
    const end = this.#confirmed + marks.length;
    return (position) => {
      if (!marks.every((mark) => this.#positions.has(position, mark))) return false;
      const count = end - this.#confirmed;
      if (count > 0) {
        this.#marks.splice(0, count);
        this.#confirmed = end;
      }
      return true;
    };
  }
}
