/**
 * The seam between the connection and what carries its messages.
 *
 * @module
 */
import type { ClientMessage, ServerMessage } from "../protocol/messages.ts";

/** Up to where a client has a result. */
export interface Place {
  /** The position. */
  readonly since?: string;
  /** Of which query, by the server's name. */
  readonly q?: string;
}

/** What a transport tells. */
export interface TransportEvents {
  /** Messages can be sent. */
  opened(): void;
  /** A message came. */
  message(message: ServerMessage): void;
  /** The write's answer is lost: it may have been made, or not. */
  unanswered(id: number): void;
  /** It is over; nothing follows. */
  closed(code: number): void;
  /** Where a subscription is, for those who have to ask anew. */
  placeOf(id: number): Place;
}

/** Carries messages to a server and back. */
export interface Transport {
  /** Whether an answer to a write comes after all changes of it. */
  readonly ordered: boolean;
  /** Sends. */
  send(message: ClientMessage): void;
  /** Ends it; nothing more is told. */
  close(): void;
}

/** Opens a transport. */
export type OpenTransport = (
  url: string,
  token: string | undefined,
  events: TransportEvents,
) => Transport;
