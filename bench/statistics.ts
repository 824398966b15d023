/**
 * What is told of a list of measurements.
 *
 * @module
 */

/** The middle of some measurements, and the range in which half of them lie. */
export interface Summary {
  readonly median: number;
  /** A quarter lies below. */
  readonly low: number;
  /** A quarter lies above. */
  readonly high: number;
}

/** Summarises measurements, of which there is at least one. */
export function summarise(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    low: quantile(sorted, 0.25),
    high: quantile(sorted, 0.75),
  };
}

function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)]!;
  const above = sorted[Math.ceil(place)]!;
  return below + (above - below) * (place - Math.floor(place));
}
