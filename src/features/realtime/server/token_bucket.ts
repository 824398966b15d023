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
    this.#fill(now);
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** Whether it is as a new one. */
  isFull(now: number): boolean {
    this.#fill(now);
    return this.#tokens >= this.#rate.burst;
  }

  #fill(now: number): void {
    const { perSecond, burst } = this.#rate;
    this.#tokens = Math.min(burst, this.#tokens + (now - this.#time) / 1000 * perSecond);
    this.#time = now;
  }
}

/** Names that are kept at most before those that may do everything again are forgotten. */
const mostNames = 10_000;

/** A bucket for each name. */
export class NamedBuckets {
  readonly #rate: Rate;
  readonly #buckets = new Map<string, TokenBucket>();

  /** Makes none yet. */
  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Takes a token of a name; `false`: there is none. */
  take(name: string, now: number = performance.now()): boolean {
    let bucket = this.#buckets.get(name);
    if (bucket === undefined) {
      if (this.#buckets.size >= mostNames) this.#forget(now);
      this.#buckets.set(name, bucket = new TokenBucket(this.#rate, now));
    }
    return bucket.take(now);
  }

  /** Memory is bounded first, and rates second. */
  #forget(now: number): void {
    for (const [name, bucket] of this.#buckets) {
      if (bucket.isFull(now)) this.#buckets.delete(name);
    }
    if (this.#buckets.size >= mostNames) this.#buckets.clear();
  }
}
