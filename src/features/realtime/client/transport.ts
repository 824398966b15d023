/**
 * The seam between the connection and what carries its messages.
 *
 * @module
 */
import type { ClientMessage, ServerMessage } from "../protocol/messages.ts";

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
  /** The position of a subscription, for those who have to ask anew. */
  since(id: number): string | undefined;
  /** What the server calls a subscription's query. */
  queryOf(id: number): string | undefined;
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
