/**
 * The messages of `rex-sync.v1`: JSON texts over a WebSocket, or events of a server-sent stream.
 *
 * Rows are JSON in which values that JSON has no form for are marked (see `wire.ts`). Records are told apart by
 * an opaque key, so that a client needs to know nothing of primary keys.
 *
 * @module
 */

/** The subprotocol's name. */
export const PROTOCOL = "rex-sync.v1";

/** A query in wire form: the repository's query shape. */
export type WireQuery = Readonly<Record<string, unknown>>;

/** A record in wire form. */
export type WireRow = Readonly<Record<string, unknown>>;

/** A record, its key, and for ordered queries its place in the result after the whole change. */
export type WireEntry = readonly [key: string, row: WireRow, at?: number];

/** What a client sends. */
export type ClientMessage =
  /** Subscribes; `since` is the last position that the client has of it, and `q` what its result said. */
  | {
    readonly t: "sub";
    readonly id: number;
    readonly model: string;
    readonly query: WireQuery;
    readonly since?: string;
    readonly q?: string;
  }
  | { readonly t: "unsub"; readonly id: number }
  /** Writes one record. `key` is the primary key by property, in wire form. */
  | {
    readonly t: "do";
    readonly id: number;
    readonly op: "create" | "update" | "delete";
    readonly model: string;
    readonly key?: WireRow;
    readonly values?: WireRow;
  }
  /** Shows who the client is, at first or again before a token expires. */
  | { readonly t: "auth"; readonly token: string }
  | { readonly t: "pong" };

/** What one subscription sees of a transaction. */
export interface WireChange {
  /** The subscription. */
  readonly id: number;
  /** Records that are gone, by key; one that the client does not have means nothing. They are taken out first. */
  readonly drop?: readonly string[];
  /**
   * Records that are new, changed or moved. With places (ordered queries): all of them are taken out, then put in one
   * after the other, each at its place; they come in the order of places. Without: one that the client has is
   * replaced where it is, one that is new comes last.
   */
  readonly put?: readonly WireEntry[];
}

/** What a server sends. */
export type ServerMessage =
  /** First of all: how often it sends something at least, in milliseconds. */
  | { readonly t: "hello"; readonly protocol: typeof PROTOCOL; readonly heartbeat: number }
  /**
   * The whole result: the first answer, or with `reset` a new beginning, and why. Replaces what the client has. `q` names
   * the query as it is run for this client, with its policies: positions are good for no other.
   */
  | {
    readonly t: "snap";
    readonly id: number;
    readonly at: string;
    readonly rows: readonly WireEntry[];
    readonly q?: string;
    readonly reset?: string;
  }
  /** The client's position was known: only changes follow. */
  | { readonly t: "resumed"; readonly id: number; readonly at: string; readonly q?: string }
  /**
   * All that a client sees of one transaction, or of several that were merged; `at` is its position afterwards, and
   * that of its other subscriptions too, as soon as they were answered themselves (`snap` or `resumed`).
   */
  | { readonly t: "change"; readonly at: string; readonly c: readonly WireChange[] }
  /** The write is committed, and all its changes were sent before this message. */
  | { readonly t: "done"; readonly id: number; readonly key?: WireRow; readonly row?: WireRow }
  /** A subscription or write was refused (`id`), or the connection is about to be closed. */
  | {
    readonly t: "error";
    readonly id?: number;
    readonly code: ErrorCode;
    readonly message: string;
    readonly issues?: readonly { readonly path: string; readonly message: string }[];
  }
  | { readonly t: "ping" };

/** What can be wrong, for programs. */
export type ErrorCode =
  | "bad_message"
  | "bad_query"
  | "forbidden"
  | "unauthenticated"
  | "invalid"
  | "conflict"
  | "not_found"
  | "limit"
  | "internal";

/** Why a connection was closed. */
export type CloseReason =
  | "goingAway"
  | "badMessage"
  | "tooBig"
  | "internal"
  | "unauthenticated"
  | "forbidden"
  | "timeout"
  | "limit"
  | "slow";

/** Close codes of the WebSocket: those of RFC 6455, and our own from 4000. */
export const CloseCode: Readonly<Record<CloseReason, number>> = Object.freeze({
  /** The server shuts down: come back soon. */
  goingAway: 1001,
  /** A frame that is no message of the protocol. */
  badMessage: 1007,
  /** A message larger than the server takes. */
  tooBig: 1009,
  /** The server failed. */
  internal: 1011,
  /** The token is missing, wrong or expired: come back with a new one. */
  unauthenticated: 4401,
  /** The origin or the user may not connect: do not come back. */
  forbidden: 4403,
  /** No answer to a ping. */
  timeout: 4408,
  /** Too many connections, subscriptions or messages: come back later. */
  limit: 4429,
  /** The client did not read fast enough, even after a reset: come back later. */
  slow: 4509,
});
