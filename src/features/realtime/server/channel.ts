/**
 * The seam between a client's connection and what carries it: a WebSocket of any runtime, or a stream of events.
 *
 * @module
 */

/** Carries texts to one client. */
export interface Channel {
  /** Bytes that were sent but are not on the network yet. */
  readonly buffered: number;
  /** Whether the client cannot answer, so that its silence means nothing. */
  readonly oneWay?: boolean;
  /** Sends a text. Never throws; after the end it does nothing. */
  send(text: string): void;
  /** Ends it in an orderly way. */
  close(code: number, reason: string): void;
  /** Ends it at once where the runtime can do so. */
  terminate(): void;
}

/** Takes what comes from one client. */
export interface Receiver {
  /** The connection stands. */
  opened(channel: Channel): void;
  /** A message; anything but a text is binary. */
  received(data: unknown): void;
  /** The connection is gone. May be called twice. */
  closed(): void;
}

/** A WebSocket as browsers, Deno and `npm:ws` have it. */
export interface SocketLike {
  /** Bytes that wait. */
  readonly bufferedAmount: number;
  /** Sends. */
  send(text: string): void;
  /** Closes. */
  close(code?: number, reason?: string): void;
  /** Ends without a handshake; where there is one. */
  terminate?(): void;
}

/** A close frame holds 123 bytes of text. */
const longestReason = 40;

/** The channel of a WebSocket. */
export class SocketChannel implements Channel {
  readonly #socket: SocketLike;

  /** Makes it. */
  constructor(socket: SocketLike) {
    this.#socket = socket;
  }

  /** Bytes that wait. */
  get buffered(): number {
    return this.#socket.bufferedAmount;
  }

  /** Sends. */
  send(text: string): void {
    try {
      this.#socket.send(text);
    } catch {
      // It is being closed. To ask it before would take as long as a send.
    }
  }

  /** Closes. */
  close(code: number, reason: string): void {
    try {
      this.#socket.close(code, reason.slice(0, longestReason));
    } catch {
      // It is closed, or was never open.
    }
  }

  /** Ends it. */
  terminate(): void {
    this.#socket.terminate?.();
  }
}

/** An `EventTarget` that is a WebSocket of Deno. */
export type EventSocket = SocketLike & Pick<EventTarget, "addEventListener">;

/** Hands the events of a WebSocket to a receiver. */
export function attach(socket: EventSocket, receiver: Receiver): void {
  socket.addEventListener("open", () => receiver.opened(new SocketChannel(socket)));
  socket.addEventListener("message", (event) => receiver.received((event as MessageEvent).data));
  socket.addEventListener("close", () => receiver.closed());
  // Its close follows.
  socket.addEventListener("error", (event) => event.preventDefault());
}
