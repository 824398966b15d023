/**
 * What is told of a migration that failed.
 *
 * @module
 */
import {
  DatabaseError,
  DeadlockError,
  LockTimeoutError,
  MigrationError,
  UniqueViolationError,
} from "../base/errors.ts";
import { failedStatement, type Place } from "./failed_statement.ts";

const lockedHint =
  "Others held the lock at every attempt. Find who does (on PostgreSQL pg_stat_activity), run the migration when they are " +
  "done, or give it more `lockTimeout` and `lockRetries`";

/** Which way a migration is run. */
export type Way = "up" | "down";

/** The error of a migration: its name, what was wrong, and the statement with its place. */
export function migrationFailure(error: unknown, name: string, way: Way, place?: Place): unknown {
  if (!(error instanceof Error)) return error;
  if (error instanceof MigrationError && error.message.includes(name)) return error;
  // Another process was faster: its place in the history is taken.
  if (error instanceof UniqueViolationError && error.query?.includes("migration_history")) {
    return new MigrationError(`Migration ${name} has already been applied`, { cause: error });
  }
  const shown = error instanceof DatabaseError ? failedStatement(error, place) : "";
  const own = "hint" in error && typeof error.hint === "string" ? error.hint : undefined;
  const hint = isLocked(error) ? lockedHint : own;
  const told = own === undefined ? error.message : error.message.replace(`\n  hint: ${own}`, "");
  return new MigrationError(
    `Cannot ${way === "up" ? "apply" : "revert"} ${name}: ${told}${shown}`,
    { cause: error, ...hint !== undefined && { hint } },
  );
}

/** Whether the failure is one of the moment: others held what the migration needed. */
export function isLocked(error: unknown): boolean {
  const cause = error instanceof MigrationError ? error.cause : error;
  return cause instanceof LockTimeoutError || cause instanceof DeadlockError;
}
