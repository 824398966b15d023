/**
 * Help while a program is written: options that tell where each statement came from, and that warn of loops which
 * read records one by one.
 *
 * ```ts
 * import { consoleSink, development, Logger, SQLiteAdapter } from "@rex/orm";
 *
 * Logger.configure({ level: "warn", sink: consoleSink() });
 * await using db = new SQLiteAdapter(":memory:", development());
 * ```
 *
 * @module
 */
import type { EngineOptions } from "../../engine/options.ts";
import { NPlusOneDetector } from "./n_plus_one.ts";

/** What is looked for while a program is written. */
export interface DevelopmentOptions {
  /** How many reads by key one line may do in one piece of work before it is warned of. Default: 10. */
  readonly nPlusOneThreshold?: number;
}

const THRESHOLD = 10;

/**
 * The options of a database while a program is written; spread them to add others:
 * `{ ...development(), slowQueryThreshold: 200 }`. They cost some ten
 * microseconds a statement.
 *
 * @param options what is looked for
 */
export function development(
  options: DevelopmentOptions = {},
): Required<Pick<EngineOptions, "captureCallers" | "instrument">> {
  const { nPlusOneThreshold = THRESHOLD } = options;
  return Object.freeze({
    captureCallers: true,
    instrument: [() => new NPlusOneDetector(nPlusOneThreshold)],
  });
}
