/**
 * How a command ends.
 *
 * @module
 */
import { RexError } from "../base/errors.ts";

/** Exit codes: what scripts can rely on. */
export const exitCodes = Object.freeze({
  /** Done. */
  done: 0,
  /** It failed; the message says why. */
  failed: 1,
  /** The command line is wrong: nothing was done. */
  usage: 2,
  /** A check found something: pending migrations, drift, differences. */
  found: 3,
  /** Stopped by whoever was asked. */
  stopped: 130,
});

/** A command line that says nothing that can be done. */
export class UsageError extends RexError {
  /** Always `REX_USAGE`. */
  override readonly code = "REX_USAGE";
}

/** The end of what somebody stopped. */
export class StoppedError extends RexError {
  /** Always `REX_STOPPED`. */
  override readonly code = "REX_STOPPED";
}

/** The exit code of an error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return exitCodes.usage;
  return error instanceof StoppedError ? exitCodes.stopped : exitCodes.failed;
}
