/**
 * What clients are told of errors: what was wrong with their message, and nothing of statements, values or the
 * server's inside.
 *
 * @module
 */
import { RexError, ValidationError } from "../../../base/errors.ts";
import { Logger } from "../../../base/logger.ts";
import type { ErrorCode, ServerMessage } from "../protocol/messages.ts";

/** An error message of the protocol, without its subscription. */
export type Refusal = Omit<Extract<ServerMessage, { t: "error" }>, "t" | "id">;

const log = Logger.child("realtime");

const conflict = "Somebody else's record or change is in the way";
const unstorable = "The database does not take these values";

/** Codes of errors whose own message is about the client's message; the others get a fixed one. */
const own: Readonly<Record<string, ErrorCode>> = {
  REX_QUERY: "bad_query",
  REX_UNSUPPORTED: "bad_query",
  REX_FORBIDDEN: "forbidden",
  REX_NOT_FOUND: "not_found",
  REX_LIMIT: "limit",
};

/** The messages of databases quote values. */
const fixed: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  REX_UNIQUE_VIOLATION: ["conflict", "There is such a record already"],
  REX_FOREIGN_KEY_VIOLATION: [
    "conflict",
    "A record that it points to is not there, or others need it",
  ],
  REX_STALE_OBJECT: ["conflict", "The record was changed by somebody else since it was read"],
  REX_SERIALIZATION: ["conflict", conflict],
  REX_DEADLOCK: ["conflict", conflict],
  REX_LOCK_TIMEOUT: ["conflict", conflict],
  REX_NOT_NULL_VIOLATION: ["invalid", unstorable],
  REX_CHECK_VIOLATION: ["invalid", unstorable],
  REX_DATA: ["invalid", unstorable],
};

/** What a client is told of an error; one that is the server's own is logged. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof ValidationError) {
    const issues = error.issues.map(({ path, message }) => ({ path: path.join("."), message }));
    return { code: "invalid", message: "The values are not valid", issues };
  }
  const code = error instanceof RexError ? error.code : "";
  const known = own[code];
  if (known !== undefined) return { code: known, message: (error as RexError).message };
  const told = fixed[code];
  if (told !== undefined) return { code: told[0], message: told[1] };
  log.error("A client's message could not be answered", { error });
  return { code: "internal", message: "The server failed" };
}

/** The HTTP status for a code. */
export function statusOf(code: ErrorCode): number {
  return statuses[code];
}

const statuses: Readonly<Record<ErrorCode, number>> = {
  bad_message: 400,
  bad_query: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  invalid: 422,
  limit: 429,
  internal: 500,
};
