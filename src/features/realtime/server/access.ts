/**
 * The seam between connections and what a client may see and write.
 *
 * @module
 */
import type { BatchMark } from "../../../change/source.ts";
import type { LiveRequest } from "../live/live.ts";
import type { ClientMessage, WireRow } from "../protocol/messages.ts";

/** A client's wish to write. */
export type WriteMessage = Extract<ClientMessage, { t: "do" }>;

/** A client's wish to subscribe. */
export type SubscribeMessage = Extract<ClientMessage, { t: "sub" }>;

/** A write that is committed. */
export interface Written {
  /** The primary key, in wire form. */
  readonly key?: WireRow;
  /** What the client may see of the record, in wire form. */
  readonly row?: WireRow;
  /** Tells the batch in the feed. */
  readonly mark: Partial<BatchMark>;
}

/** What clients may see and write, by their context. */
export interface Access<Context> {
  /**
   * The query that is run for a client's: validated, with what the client may see built in.
   *
   * @throws {QueryError} for a query that the model does not have
   * @throws {ForbiddenError} for what the client may not read
   */
  request(context: Context, message: SubscribeMessage): Omit<LiveRequest, "since">;
  /**
   * Writes in a transaction.
   *
   * @throws {ForbiddenError} for what the client may not write
   * @throws {ValidationError} for values that are not valid
   */
  write(context: Context, message: WriteMessage): Promise<Written>;
}
