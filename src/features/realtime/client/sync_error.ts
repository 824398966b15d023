/**
 * What the client fails with.
 *
 * @module
 */
import type { ErrorCode } from "../protocol/messages.ts";

/** What is wrong, for programs: what the server answered, or what the client found itself. */
export type SyncErrorCode =
  | ErrorCode
  /** There is no connection, and the write was not to wait for one. */
  | "offline"
  /** The connection broke before the answer came: the write may have been made, or not. */
  | "unknown_outcome"
  /** Too many writes wait for a connection. */
  | "queue_full"
  /** The client was closed. */
  | "closed";

/** A value that the server did not take. */
export interface SyncIssue {
  /** The property. */
  readonly path: string;
  /** What is wrong with it. */
  readonly message: string;
}

/** A subscription or a write that was refused, or a connection that failed for good. */
export class SyncError extends Error {
  /** What is wrong, for programs. */
  readonly code: SyncErrorCode;
  /** The values that were not valid; only for `invalid`. */
  readonly issues: readonly SyncIssue[];

  /** Makes an error. */
  constructor(code: SyncErrorCode, message: string, issues: readonly SyncIssue[] = []) {
    super(message);
    this.name = "SyncError";
    this.code = code;
    this.issues = issues;
  }
}
