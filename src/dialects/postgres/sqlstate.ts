/**
 * SQLSTATE codes that have an error class and a message of their own.
 *
 * @module
 */
import {
  ConnectionError,
  DatabaseError,
  type DatabaseErrorDetails,
  DeadlockError,
  LockTimeoutError,
  SerializationError,
} from "../../base/errors.ts";

/** The class of an error of the database. */
export type DatabaseErrorClass = new (
  message: string,
  query?: string,
  params?: readonly unknown[],
  details?: DatabaseErrorDetails,
) => DatabaseError;

/** Codes with a class and a message of their own: `[class, message, hint]`. */
export const knownStates: Readonly<Record<string, readonly [DatabaseErrorClass, string, string?]>> =
  {
    "25006": [
      DatabaseError,
      "Cannot write: the transaction or the server is read-only",
      "use a transaction that is not read-only, or a server that takes writes",
    ],
    "25P02": [
      DatabaseError,
      "Cannot run the statement: an earlier one of this transaction failed",
      "let the error of the earlier statement end the transaction, or run that statement in a savepoint",
    ],
    "40001": [
      SerializationError,
      "Cannot complete the transaction: it conflicts with another one",
      "run the whole transaction again",
    ],
    "40P01": [
      DeadlockError,
      "Cannot complete the transaction: it is in a deadlock with another one",
      "run the whole transaction again, and lock rows in the same order everywhere",
    ],
    "55P03": [LockTimeoutError, "Cannot lock a row or table: another transaction holds it"],
    "57014": [DatabaseError, "Cannot complete the query: it was cancelled on the server"],
    "28P01": [
      ConnectionError,
      "Cannot connect to PostgreSQL: the password is wrong",
      "check user and password of the configuration",
    ],
    "28000": [
      ConnectionError,
      "Cannot connect to PostgreSQL: the server does not let this user in",
      "check the user, and the server's pg_hba.conf",
    ],
    "3D000": [
      ConnectionError,
      "Cannot connect to PostgreSQL: the database does not exist",
      "check databaseName of the configuration, or create the database",
    ],
    "53300": [
      ConnectionError,
      "Cannot connect to PostgreSQL: the server has too many connections",
      "lower poolSize, or raise the server's max_connections",
    ],
    "57P03": [
      ConnectionError,
      "Cannot connect to PostgreSQL: the server is starting or shutting down",
      "try again in a moment",
    ],
  };
