/**
 * What a transaction may ask for, and what its failures mean.
 *
 * @module
 */
import {
  ConnectionError,
  DatabaseError,
  DeadlockError,
  QueryTimeoutError,
  RexError,
  SerializationError,
  TransactionError,
  UnsupportedError,
} from "../base/errors.ts";
import type { Dialect } from "../dialect/dialect.ts";
import type { TransactionRunOptions } from "./session.ts";

/**
 * Refuses what the database cannot do, before any SQL is sent.
 *
 * @throws {UnsupportedError} naming what it can do
 */
export function checkOptions(dialect: Dialect, options: TransactionRunOptions): void {
  const { capabilities, name } = dialect;
  const { isolation, readOnly, deferrable } = options;
  if (isolation !== undefined && !capabilities.isolationLevels.includes(isolation)) {
    throw new UnsupportedError(
      `Cannot begin a transaction with isolation "${isolation}" on ${name}`,
      {
        hint: `It has: ${capabilities.isolationLevels.join(", ")}.`,
      },
    );
  }
  if (readOnly && !capabilities.supportsReadOnly) {
    throw new UnsupportedError(`Cannot begin a read-only transaction on ${name}`);
  }
  if (deferrable && !capabilities.supportsDeferrable) {
    throw new UnsupportedError(`Cannot begin a deferrable transaction on ${name}`);
  }
}

/**
 * Refuses options that only an outermost transaction can have. `retries` is not among them: a nested
 * transaction leaves running again to the outermost one, whose snapshot is what failed.
 *
 * @throws {TransactionError} naming the option
 */
export function checkNestedOptions(options: TransactionRunOptions): void {
  for (const name of ["isolation", "readOnly", "deferrable"] as const) {
    if (options[name] === undefined) continue;
    throw new TransactionError(`Cannot set ${name} for a nested transaction: it is a savepoint`, {
      hint: `Give ${name} to the outermost transaction.`,
    });
  }
}

/** Whether a failed statement ends the transaction around it, so that only a rollback is left. */
export function endsTransaction(error: unknown, dialect: Dialect): boolean {
  // A refusal of ours: the database has not seen the statement.
  if (error instanceof RexError && !(error instanceof DatabaseError)) return false;
  return !dialect.capabilities.supportsStatementRollback ||
    error instanceof ConnectionError || isConcurrencyFailure(error);
}

/** Whether the transaction may succeed when it is run again: the error, or what caused it. */
export function isRetryable(error: unknown): boolean {
  const seen = new Set<unknown>();
  for (let cause = error; cause instanceof Error && !seen.has(cause); cause = cause.cause) {
    if (isConcurrencyFailure(cause)) return true;
    seen.add(cause);
  }
  return false;
}

function isConcurrencyFailure(error: unknown): boolean {
  return error instanceof SerializationError || error instanceof DeadlockError;
}

/** A statement came after the end. */
export function endedError(action: string): TransactionError {
  return new TransactionError(`Cannot ${action}: the transaction has ended`, {
    hint: "Await every statement before the callback returns, and use the database for later ones.",
  });
}

/** A statement came to an outer transaction while an inner one is open. */
export function innerOpenError(action: string): TransactionError {
  return new TransactionError(`Cannot ${action}: a nested transaction is open in this one`, {
    hint: "Use the nested transaction, or end it first.",
  });
}

/** A commit that the database would turn into a rollback. */
export function cannotCommitError(cause: unknown): TransactionError {
  if (cause instanceof TransactionError) return cause;
  return new TransactionError("Cannot commit: a statement of the transaction failed", {
    cause,
    hint:
      "Nothing was stored. To go on after a failure, run what may fail in a nested transaction.",
  });
}

/** The error of a failed commit: as it came, unless it leaves open whether the commit was done. */
export function commitError(error: unknown): unknown {
  if (!(error instanceof ConnectionError)) return error;
  return new ConnectionError(
    "Cannot tell whether the transaction was committed: the connection broke during COMMIT",
    "COMMIT",
    undefined,
    { cause: error, hint: "Read back what it wrote before running it again." },
  );
}

/** A transaction took longer than it may. */
export function timeUpError(timeout: number | undefined): QueryTimeoutError {
  return new QueryTimeoutError(`Cannot finish the transaction: it took longer than ${timeout} ms`);
}

/** Anything thrown, as text for a log record. */
export function described(error: unknown): string {
  return error instanceof RexError ? `${error.name}: ${error.message}` : String(error);
}
