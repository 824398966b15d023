/**
 * A server on Node, whose HTTP server knows neither `Request` nor WebSockets.
 *
 * @module
 */
import { SocketChannel, type SocketLike } from "./channel.ts";
import type { Service } from "./service.ts";

/** What of Node's `IncomingMessage` is used. */
export interface NodeRequest {
  /** The method. */
  readonly method?: string | undefined;
  /** The path and query. */
  readonly url?: string | undefined;
  /** The headers, each with all its values. */
  readonly headersDistinct: Readonly<Record<string, readonly string[] | undefined>>;
  /** The connection. */
  readonly socket: { readonly remoteAddress?: string | undefined };
  /** Calls back at a failure. */
  on(event: "error", listener: () => void): unknown;
}

/** What of Node's `ServerResponse` is used. */
export interface NodeResponse {
  /** Begins the answer. */
  writeHead(status: number, headers?: Record<string, string>): { end(): unknown };
  /** Sends the headers now. */
  flushHeaders(): void;
  /** Writes; `false`: wait for `drain`. */
  write(chunk: Uint8Array): boolean;
  /** Ends the answer. */
  end(): unknown;
  /** Ends the connection. */
  destroy(): unknown;
  /** Calls back at an event. */
  on(event: "close" | "drain", listener: () => void): unknown;
  /** Calls back at the next event. */
  once(event: "close" | "drain", listener: () => void): unknown;
}

/** What of a connection of Node is used. */
export interface NodeConnection {
  /** Whether it is gone. */
  readonly destroyed: boolean;
  /** Writes a last text. */
  end(text: string): unknown;
  /** Ends it. */
  destroy(): unknown;
  /** Calls back at an event. */
  on(event: "close" | "error", listener: () => void): unknown;
}

/** A socket of `npm:ws`. */
export interface NodeSocket extends SocketLike {
  /** Calls back at events. */
  on(event: "message", listener: (data: unknown, isBinary: boolean) => void): unknown;
  /** Calls back at events. */
  on(event: "close" | "error", listener: () => void): unknown;
}

/** What of the class `WebSocketServer` of `npm:ws` is used. */
export type NodeSocketServer = new (options: {
  noServer: boolean;
  maxPayload: number;
  perMessageDeflate: boolean;
  handleProtocols: (offered: Set<string>) => string | false;
}) => {
  handleUpgrade(
    request: NodeRequest,
    socket: NodeConnection,
    head: Uint8Array,
    opened: (socket: NodeSocket) => void,
  ): void;
};

/** What Node's HTTP server takes. */
export interface NodeHandlers {
  /** Answers a request: for `createServer()`. */
  request(request: NodeRequest, response: NodeResponse): Promise<void>;
  /** Opens a WebSocket: for the event `upgrade`. */
  upgrade(request: NodeRequest, socket: NodeConnection, head: Uint8Array): Promise<void>;
}

/** The largest message that is read at all; the server's own limit is answered by a close code. */
const longestPayload = 16_777_216;

/**
 * The handlers of a server for Node's `http` or `https`.
 *
 * ```ts ignore
 * import { createServer } from "node:http";
 * import { WebSocketServer } from "ws";
 *
 * const { request, upgrade } = nodeHandlers(server, { WebSocketServer });
 * createServer(request).on("upgrade", upgrade).listen(8080);
 * ```
 *
 * @param options `WebSocketServer` of the package `ws`; without it WebSockets are answered 501
 */
export function nodeHandlers(
  service: Service,
  { WebSocketServer }: { readonly WebSocketServer?: NodeSocketServer } = {},
): NodeHandlers {
  let wanted: string | undefined;
  const sockets = WebSocketServer && new WebSocketServer({
    noServer: true,
    maxPayload: longestPayload,
    perMessageDeflate: false,
    // Asked while `handleUpgrade` runs.
    handleProtocols: () => wanted ?? false,
  });
  return {
    async request(request, response) {
      const answered = await service.admit(requestOf(request), infoOf(request));
      if (answered instanceof Response) return await send(answered, request, response);
      answered.receiver.closed();
      response.writeHead(400).end();
    },
    async upgrade(request, socket, head) {
      // A peer that is gone must not end the process.
      socket.on("error", () => socket.destroy());
      const answered = await service.admit(requestOf(request), infoOf(request));
      if (answered instanceof Response) return refuse(answered.status, socket);
      const { receiver, protocol } = answered;
      if (sockets === undefined || socket.destroyed) {
        receiver.closed();
        return refuse(501, socket);
      }
      socket.on("close", () => receiver.closed());
      wanted = protocol;
      sockets.handleUpgrade(request, socket, head, (opened) => {
        opened.on("message", (data, isBinary) => {
          receiver.received(isBinary ? data : String(data));
        });
        opened.on("close", () => receiver.closed());
        opened.on("error", () => receiver.closed());
        receiver.opened(new SocketChannel(opened));
      });
    },
  };
}

function infoOf({ socket }: NodeRequest): { remoteAddr: { hostname?: string } } {
  const { remoteAddress: hostname } = socket;
  return { remoteAddr: hostname === undefined ? {} : { hostname } };
}

function requestOf(incoming: NodeRequest): Request {
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const { method = "GET", url = "/" } = incoming;
  const host = headers.get("host") ?? "localhost";
  const address = new URL(url.startsWith("/") ? url : "/", `http://${host}`);
  if (method === "GET" || method === "HEAD") return new Request(address, { method, headers });
  const { Readable } = globalThis.process.getBuiltinModule("node:stream");
  const body = Readable.toWeb(incoming as never) as unknown as ReadableStream<
    Uint8Array<ArrayBuffer>
  >;
  return new Request(address, { method, headers, body, duplex: "half" } as RequestInit);
}

async function send(
  { status, headers, body }: Response,
  request: NodeRequest,
  response: NodeResponse,
): Promise<void> {
  response.writeHead(status, Object.fromEntries(headers));
  if (body === null) return void response.end();
  response.flushHeaders();
  const reader = body.getReader();
  const ended = () => void reader.cancel().catch(() => {});
  response.on("close", ended);
  request.on("error", ended);
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) break;
      if (!response.write(value)) await drained(response);
    }
    response.end();
  } catch {
    // The server has thrown away what waits: the client did not read.
    response.destroy();
  }
}

function drained(response: NodeResponse): Promise<void> {
  return new Promise((resolve) => {
    response.once("drain", resolve);
    response.once("close", resolve);
  });
}

function refuse(status: number, socket: NodeConnection): void {
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
