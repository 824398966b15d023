/**
 * A ledger of writes: what was attempted, and what of it was acknowledged.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Session } from "../../src/engine/session.ts";

/** Numbers, each written once to the table `ledger`. */
export class Ledger {
  /** Written, and known to be. */
  readonly acknowledged: Set<number> = new Set();
  /** Known not to be written. */
  readonly refused: Set<number> = new Set();
  #next = 0;

  /** How many writes were attempted. */
  get attempted(): number {
    return this.#next;
  }

  /**
   * Writes the next number; gives the error of a write that failed, of which nobody knows whether it was done.
   *
   * @param refused whether an error says that nothing was written
   */
  async attempt(
    write: (n: number) => Promise<unknown>,
    refused: (error: unknown) => boolean = () => false,
  ): Promise<unknown> {
    const n = this.#next++;
    try {
      await write(n);
    } catch (error) {
      if (refused(error)) this.refused.add(n);
      return error;
    }
    this.acknowledged.add(n);
    return undefined;
  }

  /** Expects that the table holds everything acknowledged, nothing refused, and nothing twice. */
  async check(db: Session): Promise<void> {
    const { rows } = await db.execute<{ n: number }>("SELECT n FROM ledger");
    const found = new Set(rows.map(({ n }) => n));
    const lost = [...this.acknowledged].filter((n) => !found.has(n));
    const undead = [...this.refused].filter((n) => found.has(n));
    const unknown = [...found].filter((n) => n < 0 || n >= this.#next);
    assert.deepEqual({ lost, undead, unknown }, { lost: [], undead: [], unknown: [] });
    assert.equal(rows.length, found.size, "a write was applied twice");
  }
}
