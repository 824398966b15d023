/**
 * What the server refuses, and what that means for a reader.
 *
 * @module
 */
import { ConnectionError, DatabaseError, UnsupportedError } from "../../../base/errors.ts";

/** Why a stream did not begin or ended: another reads the slot, or nobody can any more; else it may be tried again. */
export function refusal(error: unknown): "active" | "lost" | undefined {
  switch (codeOf(error)) {
    case "55006":
      return "active";
    case "42704": // the publication was not there when a change was made
    case "55000": // neither, or the slot was invalidated
    case "58P01": // the log was removed
      return "lost";
  }
  return undefined;
}

/** Turns what the server refuses for its settings into an error that says so. */
export function explained(error: unknown): unknown {
  const code = codeOf(error);
  if (code === "42501") {
    return new UnsupportedError("Cannot follow changes: the user may not replicate", {
      cause: error,
      hint: "as superuser, run ALTER ROLE … REPLICATION for the user of the configuration",
    });
  }
  if (code === "53400") {
    return new UnsupportedError("Cannot follow changes: all replication slots are in use", {
      cause: error,
      hint: "raise the server's max_replication_slots, or drop a slot that nobody reads",
    });
  }
  if (code === "53300") {
    return new ConnectionError(
      "Cannot follow changes: the server has no connection left for it",
      undefined,
      undefined,
      {
        cause: error,
        databaseCode: code,
        hint: "raise the server's max_wal_senders or max_connections",
      },
    );
  }
  return error;
}

/** PostgreSQL's code of an error. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.databaseCode : undefined;
}
