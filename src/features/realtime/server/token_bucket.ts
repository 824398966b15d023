/**
 * How often something may happen.
 *
 * @module
 */

/** A rate. */
export interface Rate {
  /** How often in a second, in the long run. */
  readonly perSecond: number;
  /** How often at once. */
  readonly burst: number;
}

/** A bucket that fills with time; each event takes one token out. */
export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #time: number;

  /** Makes a full bucket. */
  constructor(rate: Rate, now = performance.now()) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#time = now;
  }

  /** Takes a token; `false`: there is none. */
  take(now: number = performance.now()): boolean {
    const { perSecond, burst } = this.#rate;
    const gained = (now - this.#time) / 1000 * perSecond;
    this.#tokens = Math.min(burst, this.#tokens + gained);
    this.#time = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
