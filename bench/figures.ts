/**
 * What the benchmark found, as `--json` writes it.
 *
 * @module
 */
import type { DatabaseName, DriverName } from "./candidate.ts";
import type { Summary } from "./statistics.ts";

/** What one candidate reached in one row of the table. */
export interface Figure {
  /** The candidate's name; a raw driver's is that of the driver. */
  readonly candidate: string;
  /** What it ran on. */
  readonly driver: DriverName;
  /** A ratio to the raw driver, milliseconds or kilobytes, as the row's `unit` says. */
  readonly value: Summary;
  /** Where `value` is a ratio: seconds that one operation took. */
  readonly seconds?: Summary;
}

/** One row of the table. */
export interface Row {
  readonly title: string;
  readonly database: DatabaseName;
  /** `"×"` is a ratio to the raw driver. */
  readonly unit: "×" | "ms" | "kB";
  /** Whether a good value is high or low. */
  readonly better: "higher" | "lower";
  /** What Rex-ORM has to reach. */
  readonly bar?: number;
  /** All candidates, raw drivers first. */
  readonly figures: readonly Figure[];
}

/** Everything that a run found. */
export interface Report {
  readonly rows: readonly Row[];
  readonly rounds: number;
  /** When it began, in ISO form. */
  readonly date: string;
  readonly machine: string;
  /** Names and versions of the runtime, the databases, drivers and peers. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Whether a figure reaches the row's bar; undefined where there is none. */
export function reaches({ bar, better }: Row, { value }: Figure): boolean | undefined {
  if (bar === undefined) return undefined;
  return better === "higher" ? value.median >= bar : value.median <= bar;
}
