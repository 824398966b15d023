/**
 * What is applied and what is there: where they differ in a way that running on would make worse, that is told.
 *
 * @module
 */
import { MigrationError } from "../base/errors.ts";
import type { MigrationFile } from "./folder.ts";
import { compareNames } from "./order.ts";
import type { AppliedMigration } from "./tracker.ts";

/** A migration, as it stands. */
export interface MigrationStatus {
  /** Its name. */
  readonly name: string;
  /**
   * - `applied`, `pending`
   * - `running`, `reverting`: cut off between its statements; the next run goes on
   * - `edited`: applied, and its file changed after that
   * - `missing`: applied, and its file is gone
   * - `ahead`: applied, without a file, and later than every file: a newer version of the program has applied it
   * - `late`: pending, but a later one is applied
   */
  readonly state:
    | "applied"
    | "pending"
    | "running"
    | "reverting"
    | "edited"
    | "missing"
    | "ahead"
    | "late";
  /** When it was applied. */
  readonly appliedAt?: Date;
}

/** Puts history and files side by side, in the order of names. */
export function statusOf(
  history: readonly AppliedMigration[],
  files: readonly MigrationFile[],
): MigrationStatus[] {
  const applied = new Map(history.map((each) => [each.name, each]));
  const present = new Map(files.map((each) => [each.name, each]));
  const newest = files.at(-1)?.name;
  const latest = history.reduce((last, { name }) => compareNames(name, last) > 0 ? name : last, "");
  return [...new Set([...applied.keys(), ...present.keys()])].sort(compareNames).map((name) => {
    const past = applied.get(name);
    if (past === undefined) {
      return { name, state: compareNames(name, latest) < 0 ? "late" : "pending" };
    }
    const file = present.get(name);
    const edited = past.checksum !== undefined && file !== undefined &&
      past.checksum !== file.checksum;
    const state = past.state !== "applied"
      ? past.state
      : file === undefined
      ? newest !== undefined && compareNames(name, newest) > 0 ? "ahead" : "missing"
      : edited
      ? "edited"
      : "applied";
    return { name, state, appliedAt: past.appliedAt };
  });
}

/** What may be overlooked. */
export interface Allowances {
  /** Apply migrations that come before one that is applied. Default: `false`. */
  readonly outOfOrder?: boolean;
}

/**
 * Refuses to go on where history and files contradict each other.
 *
 * @throws {MigrationError} with all of it
 */
export function refuseContradictions(
  status: readonly MigrationStatus[],
  { outOfOrder = false }: Allowances,
): void {
  const of = (state: MigrationStatus["state"]) =>
    status.filter((each) => each.state === state).map(({ name }) => name);
  const told: string[] = [];
  const hints: string[] = [];
  const tell = (names: readonly string[], what: string, hint: string): void => {
    if (names.length === 0) return;
    told.push(`${names.join(", ")} ${what}`);
    hints.push(hint);
  };
  tell(
    of("edited"),
    "changed after being applied",
    "put the file back and write a new migration, or accept the new text with `migrate accept NAME`",
  );
  tell(
    of("missing"),
    "is applied but has no file",
    "bring the file back, or take it out of the history with `migrate forget NAME`",
  );
  if (!outOfOrder) {
    tell(
      of("late"),
      "comes before one that is applied already",
      "rename it to a later time, or allow it with `--out-of-order`",
    );
  }
  tell(
    of("reverting"),
    "was cut off while it was being reverted",
    "finish that with `migrate down`",
  );
  if (told.length === 0) return;
  throw new MigrationError(`Cannot migrate: ${told.join("; ")}`, { hint: hints.join("; ") });
}
