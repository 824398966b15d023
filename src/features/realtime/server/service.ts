/**
 * The seam between a server and the runtime that it listens on.
 *
 * @module
 */
import type { Receiver } from "./channel.ts";

/** A WebSocket that may be opened. */
export interface Admission {
  /** The subprotocol to answer with; absent: none. */
  readonly protocol?: string;
  /** Takes what comes. */
  readonly receiver: Receiver;
  /** After how many seconds without an answer to its own signs of life the runtime gives a client up; 0: never. */
  readonly idleTimeout: number;
}

/** Answers requests, and says which WebSockets may be opened. */
export interface Service {
  /** Answers, or lets in; `info` is what the runtime tells beside the request. */
  admit(request: Request, info?: ClientInfo): Promise<Response | Admission>;
}

/** What a runtime tells of a client. */
export interface ClientInfo {
  /** The other end of the connection. */
  readonly remoteAddr?: { readonly hostname?: string };
}
