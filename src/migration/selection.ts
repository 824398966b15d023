/**
 * Which migrations are to be run.
 *
 * @module
 */
import { MigrationError } from "../base/errors.ts";
import type { MigrationFile } from "./folder.ts";
import type { DownOptions } from "./options.ts";
import { compareNames } from "./order.ts";
import type { MigrationStatus } from "./status.ts";
import type { AppliedMigration } from "./tracker.ts";

const open: ReadonlySet<MigrationStatus["state"]> = new Set(["pending", "late", "running"]);

/**
 * The files to apply, in order.
 *
 * @param to the last one; all when it is left out
 * @throws {MigrationError} when there is no file of that name
 */
export function pendingFiles<F extends MigrationFile>(
  files: readonly F[],
  status: readonly MigrationStatus[],
  to: string | undefined,
): F[] {
  if (to !== undefined && !files.some(({ name }) => name === to)) throw unknownError(to);
  const names = new Set(status.filter(({ state }) => open.has(state)).map(({ name }) => name));
  return files.filter(({ name }) =>
    names.has(name) && (to === undefined || compareNames(name, to) <= 0)
  );
}

/**
 * The files to revert, the last that was applied first.
 *
 * @throws {MigrationError} when one has no file
 */
export function revertibleFiles<F extends MigrationFile>(
  files: readonly F[],
  history: readonly AppliedMigration[],
  { count = 1, to }: DownOptions,
): F[] {
  const latest = history.toReversed();
  const end = to === undefined || to === ""
    ? latest.length
    : latest.findIndex(({ name }) => name === to);
  if (end < 0) throw unknownError(to ?? "");
  const chosen = to === undefined ? latest.slice(0, count) : latest.slice(0, end);
  const byName = new Map(files.map((file) => [file.name, file]));
  return chosen.map(({ name }) => {
    const file = byName.get(name);
    if (file) return file;
    throw new MigrationError(`Cannot revert ${name}: its file is gone`, {
      hint: "bring it back, or take it out of the history with `migrate forget NAME`",
    });
  });
}

/** The error for a name that no migration has. */
export function unknownError(name: string): MigrationError {
  return new MigrationError(`Cannot find the migration ${name}`, {
    hint: "`rex-orm migrate status` lists them",
  });
}
