/**
 * The one tree of errors. Every error has a stable `code` for programs, a message for people that
 * says what was wrong, and, where there is something to do about it, a `hint`.
 *
 * @module
 */

import { visible } from "./visible.ts";

/** How long a message may be, in UTF-16 units: a name that somebody sent may be as long as they like. */
const longestMessage = 3_000;

/** What an error may carry beside its message. */
export interface ErrorDetails {
  /** The error that caused this one, usually the driver's. */
  readonly cause?: unknown;
  /** What to do about it, one sentence. */
  readonly hint?: string | undefined;
}

/** The root of every error that Rex-ORM throws on purpose. */
export class RexError extends Error {
  /** Stable identifier for programs, such as `REX_UNIQUE_VIOLATION`. */
  readonly code: string = "REX_ERROR";
  /** What to do about it. */
  readonly hint: string | undefined;

  /**
   * Makes an error; the hint is appended to the message after a line break. Control characters are shown as
   * `\u001b`, and what is very long is cut.
   */
  constructor(message: string, details: ErrorDetails = {}) {
    const shown = visible(message, longestMessage);
    super(
      details.hint ? `${shown}\n  hint: ${visible(details.hint, longestMessage)}` : shown,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.name = new.target.name;
    this.hint = details.hint;
  }
}

/** A configuration that is missing, unreadable or has a bad value. */
export class ConfigError extends RexError {
  /** Always `REX_CONFIG`. */
  override readonly code = "REX_CONFIG";
}

/** A model class that is not registered, or is declared in a way that cannot work. */
export class ModelError extends RexError {
  /** Always `REX_MODEL`. */
  override readonly code = "REX_MODEL";
}

/** A query that was refused before anything was sent: a bad column, operator, direction or value. */
export class QueryError extends RexError {
  /** Always `REX_QUERY`. */
  override readonly code = "REX_QUERY";
}

/** The database in use cannot do what was asked; nothing was sent. */
export class UnsupportedError extends RexError {
  /** Always `REX_UNSUPPORTED`. */
  override readonly code = "REX_UNSUPPORTED";
}

/** A migration that cannot be made, run or reverted; nothing is half applied unless the message says so. */
export class MigrationError extends RexError {
  /** Always `REX_MIGRATION`. */
  override readonly code = "REX_MIGRATION";
}

/** A record that had to be there was not. */
export class NotFoundError extends RexError {
  /** Always `REX_NOT_FOUND`. */
  override readonly code = "REX_NOT_FOUND";
}

/**
 * A policy does not allow it: a model, column or relation that may not be read, or a write that may not be made.
 * Records that may not be seen are not forbidden but absent.
 */
export class ForbiddenError extends RexError {
  /** Always `REX_FORBIDDEN`. */
  override readonly code = "REX_FORBIDDEN";
}

/** The record was changed or deleted by somebody else since it was read (optimistic lock). */
export class StaleObjectError extends RexError {
  /** Always `REX_STALE_OBJECT`. */
  override readonly code = "REX_STALE_OBJECT";
}

/** A transaction or session that was used after its end. */
export class TransactionError extends RexError {
  /** Always `REX_TRANSACTION` here; kinds of it have their own. */
  override readonly code: string = "REX_TRANSACTION";
}

/** One rule that a value did not meet. */
export interface ValidationIssue {
  /** Where: property names and list indexes from the record down; first the place of the record, where there are many. */
  readonly path: readonly (string | number)[];
  /** What is wrong, as the rule's author wrote it. */
  readonly message: string;
}

/** How many issues a message tells of. */
const issuesShown = 50;

/** Every validation failure of one write, together. */
export class ValidationError extends RexError {
  /** Always `REX_VALIDATION`. */
  override readonly code = "REX_VALIDATION";
  /** All failures, in the order of the properties. */
  readonly issues: readonly ValidationIssue[];

  /** Makes an error that lists its first issues in its message; values are not shown. */
  constructor(model: string, issues: readonly ValidationIssue[], details: ErrorDetails = {}) {
    const lines = issues.slice(0, issuesShown).map((issue) =>
      `  - ${issue.path.join(".") || "(record)"}: ${issue.message}`
    );
    if (issues.length > issuesShown) lines.push(`  … and ${issues.length - issuesShown} more`);
    super(`Validation of ${model} failed:\n${lines.join("\n")}`, details);
    this.issues = issues;
  }
}

/** What a {@linkcode DatabaseError} may carry beside the query. */
export interface DatabaseErrorDetails extends ErrorDetails {
  /** The database's own code: an SQLSTATE such as `23505`, or an extended result code. */
  readonly databaseCode?: string | undefined;
  /** Where in the query the database found the fault: the 1-based character position. */
  readonly position?: number | undefined;
}

/**
 * A failure that the database or the way to it reported.
 *
 * `params` is not enumerable, so that printing or serialising the error does not show values.
 */
export class DatabaseError extends RexError {
  /** Always `REX_DATABASE` here; kinds of it have their own. */
  override readonly code: string = "REX_DATABASE";
  /** The SQL text that failed, where there is one. */
  readonly query: string | undefined;
  /** The values that were bound. Not enumerable: ask for it by name. */
  declare readonly params: readonly unknown[] | undefined;
  /** The database's own code, such as the SQLSTATE `23505`. */
  readonly databaseCode: string | undefined;
  /** The 1-based character position of the fault in `query`, where the database tells it. */
  readonly position: number | undefined;

  /** Makes an error for a failed `query`; parameter values never enter the message. */
  constructor(
    message: string,
    query?: string,
    params?: readonly unknown[],
    details: DatabaseErrorDetails = {},
  ) {
    super(message, details);
    this.query = query;
    this.databaseCode = details.databaseCode;
    this.position = details.position;
    Object.defineProperty(this, "params", { value: params, enumerable: false });
  }
}

/** The database cannot be reached, or the connection broke. */
export class ConnectionError extends DatabaseError {
  /** Always `REX_CONNECTION` here; kinds of it have their own. */
  override readonly code: string = "REX_CONNECTION";
}

/** No connection became free in time, or the waiting queue is full. */
export class PoolExhaustedError extends DatabaseError {
  /** Always `REX_POOL_EXHAUSTED`. */
  override readonly code = "REX_POOL_EXHAUSTED";
}

/** The query took longer than its timeout and was cancelled on the server. */
export class QueryTimeoutError extends DatabaseError {
  /** Always `REX_QUERY_TIMEOUT`. */
  override readonly code = "REX_QUERY_TIMEOUT";
}

/** A lock was not granted in time (`lock_timeout`, SQLite's `BUSY`). */
export class LockTimeoutError extends DatabaseError {
  /** Always `REX_LOCK_TIMEOUT`. */
  override readonly code = "REX_LOCK_TIMEOUT";
}

/** The transaction could not be serialised with others; it may be run again. */
export class SerializationError extends DatabaseError {
  /** Always `REX_SERIALIZATION`. */
  override readonly code = "REX_SERIALIZATION";
}

/** The database broke a deadlock by ending this transaction; it may be run again. */
export class DeadlockError extends DatabaseError {
  /** Always `REX_DEADLOCK`. */
  override readonly code = "REX_DEADLOCK";
}

/** The SQL is wrong: a syntax error, or a table, column or function that does not exist. */
export class QuerySyntaxError extends DatabaseError {
  /** Always `REX_SYNTAX`. */
  override readonly code = "REX_SYNTAX";
}

/** A value that the database cannot store: out of range, wrong format, too long. */
export class DataError extends DatabaseError {
  /** Always `REX_DATA`. */
  override readonly code = "REX_DATA";
}

/** What a constraint violation names, as far as the database tells it. */
export interface ConstraintDetails extends DatabaseErrorDetails {
  /** The constraint's name. */
  readonly constraint?: string | undefined;
  /** The table it is on. */
  readonly table?: string | undefined;
  /** The columns it covers. */
  readonly columns?: readonly string[];
}

/** A constraint refused a write. */
export class ConstraintError extends DatabaseError {
  /** Always `REX_CONSTRAINT` here; kinds of it have their own. */
  override readonly code: string = "REX_CONSTRAINT";
  /** The constraint's name, where the database tells it. */
  readonly constraint: string | undefined;
  /** The table, where the database tells it. */
  readonly table: string | undefined;
  /** The columns, where the database tells them. */
  readonly columns: readonly string[];

  /** Makes an error from what the database told of the constraint. */
  constructor(
    message: string,
    query?: string,
    params?: readonly unknown[],
    details: ConstraintDetails = {},
  ) {
    super(message, query, params, details);
    this.constraint = details.constraint;
    this.table = details.table;
    this.columns = details.columns ?? [];
  }
}

/** A row with the same unique values is there already. */
export class UniqueViolationError extends ConstraintError {
  /** Always `REX_UNIQUE_VIOLATION`. */
  override readonly code = "REX_UNIQUE_VIOLATION";
}

/** The row that a foreign key points to is not there, or one still points to this row. */
export class ForeignKeyViolationError extends ConstraintError {
  /** Always `REX_FOREIGN_KEY_VIOLATION`. */
  override readonly code = "REX_FOREIGN_KEY_VIOLATION";
}

/** A column that must have a value got none. */
export class NotNullViolationError extends ConstraintError {
  /** Always `REX_NOT_NULL_VIOLATION`. */
  override readonly code = "REX_NOT_NULL_VIOLATION";
}

/** A check (or exclusion) constraint refused the row. */
export class CheckViolationError extends ConstraintError {
  /** Always `REX_CHECK_VIOLATION`. */
  override readonly code = "REX_CHECK_VIOLATION";
}
