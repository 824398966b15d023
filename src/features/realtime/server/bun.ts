/**
 * A server on Bun, whose WebSockets come by handlers of the whole server.
 *
 * @module
 */
import type { Channel, Receiver } from "./channel.ts";
import type { Service } from "./service.ts";

/** What of Bun's `Server` is used. */
export interface BunServer {
  /** Makes a WebSocket of a request. */
  upgrade(
    request: Request,
    options: { data: BunSocketData; headers?: Record<string, string> },
  ): boolean;
  /** The other end of the connection. */
  requestIP(request: Request): { readonly address: string } | null;
}

/** What a socket carries. */
export interface BunSocketData {
  /** Takes what comes. */
  readonly receiver: Receiver;
}

/** What of Bun's `ServerWebSocket` is used. */
export interface BunSocket {
  /** What `upgrade()` was given. */
  readonly data: BunSocketData;
  /** Sends. */
  send(text: string): number;
  /** Closes. */
  close(code?: number, reason?: string): void;
  /** Ends at once. */
  terminate(): void;
  /** Bytes that wait. */
  getBufferedAmount(): number;
}

/** The handlers that `Bun.serve` takes. */
export interface BunHandlers {
  /** Answers a request; nothing when it became a WebSocket. */
  fetch(request: Request, server: BunServer): Promise<Response | undefined>;
  /** Handlers of WebSockets. */
  readonly websocket: {
    /** Bytes of a message. */
    readonly maxPayloadLength: number;
    /** Seconds without a word; 0: for ever. */
    readonly idleTimeout: number;
    /** Bytes that wait before texts are dropped: the server bounds them itself. */
    readonly backpressureLimit: number;
    /** A socket was opened. */
    open(socket: BunSocket): void;
    /** A message came. */
    message(socket: BunSocket, data: unknown): void;
    /** A socket was closed. */
    close(socket: BunSocket): void;
  };
}

/** The largest message that is read at all; the server's own limit is answered by a close code. */
const longestPayload = 16_777_216;
const longestBacklog = 268_435_456;

/**
 * The handlers of a server for `Bun.serve`.
 *
 * ```ts ignore
 * Bun.serve({ port: 8080, ...bunHandlers(server) });
 * ```
 */
export function bunHandlers(service: Service): BunHandlers {
  return {
    async fetch(request, server) {
      const hostname = server.requestIP(request)?.address;
      const info = hostname === undefined ? {} : { remoteAddr: { hostname } };
      const admitted = await service.admit(request, info);
      if (admitted instanceof Response) return admitted;
      const { protocol, receiver } = admitted;
      const headers: Record<string, string> = protocol === undefined
        ? {}
        : { "sec-websocket-protocol": protocol };
      if (server.upgrade(request, { data: { receiver }, headers })) return undefined;
      receiver.closed();
      return new Response("Bad WebSocket request", { status: 400 });
    },
    websocket: {
      maxPayloadLength: longestPayload,
      idleTimeout: 0,
      backpressureLimit: longestBacklog,
      open: (socket) => socket.data.receiver.opened(new BunChannel(socket)),
      message: (socket, data) => socket.data.receiver.received(data),
      close: (socket) => socket.data.receiver.closed(),
    },
  };
}

/** The channel of a WebSocket of Bun. */
class BunChannel implements Channel {
  readonly #socket: BunSocket;

  constructor(socket: BunSocket) {
    this.#socket = socket;
  }

  get buffered(): number {
    return this.#socket.getBufferedAmount();
  }

  send(text: string): void {
    this.#socket.send(text);
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }
}
