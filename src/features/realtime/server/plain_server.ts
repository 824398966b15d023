/**
 * The specification's `RealtimeWebSocketServer`: tells texts to whoever is connected, over plain WebSockets and
 * server-sent events.
 *
 * @module
 */
import { inBackground } from "../../../base/background_timer.ts";
import { Logger } from "../../../base/logger.ts";
import { CloseCode } from "../protocol/messages.ts";
import type { Channel, Receiver } from "./channel.ts";
import { listen, type Listener, type ListenOptions } from "./listen.ts";
import { type AllowedOrigins, isAllowedOrigin } from "./origins.ts";
import { type PlainAddress, type PlainFilter, readFilter, wants } from "./plain_filter.ts";
import type { Admission, ClientInfo, Service } from "./service.ts";
import { streamHeaders, TextStream } from "./text_stream.ts";

/** How a server is set up. */
export interface RealtimeWebSocketServerOptions extends Omit<ListenOptions, "port"> {
  /**
   * Whether a client may connect, and is told what it asks for. Left out: everybody who can reach the port, which is
   * why that is only this computer unless `hostname` says otherwise.
   */
  readonly authorize?: (
    request: Request,
    filter: PlainFilter,
  ) => boolean | Promise<boolean>;
  /** Which pages may connect. Default: those that this computer serves, when it listens there alone; else its own. */
  readonly origins?: AllowedOrigins;
  /** Connections in all. Default: 10,000. */
  readonly connections?: number;
  /** Bytes that may wait for a client; one for whom more wait is closed with 4509. Default: 1 MiB. */
  readonly queue?: number;
}

interface Client {
  readonly channel: Channel;
  readonly filter: PlainFilter;
}

/** Streams of events have no signs of life of their own. */
interface PlainStream {
  readonly text: TextStream;
  readonly receiver: Receiver;
}

const log = Logger.child("realtime");
const loopback: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]", "::1"]);
/** In seconds; the runtime asks clients for signs of life by itself. */
const idleTimeout = 30;
/** Clients have nothing to say. */
const longestMessage = 65_536;
const pingInterval = 25_000;

/**
 * Tells texts to all who are connected. WebSockets connect anywhere, streams of events at `/events`.
 *
 * ```ts ignore
 * const server = new RealtimeWebSocketServer(8080);
 * await server.listen();
 * server.broadcast(JSON.stringify({ event: "news", data: "hello" }));
 * await server.close();
 * ```
 */
export class RealtimeWebSocketServer implements AsyncDisposable {
  readonly #port: number;
  readonly #options: RealtimeWebSocketServerOptions;
  readonly #clients = new Set<Client>();
  #admitted = 0;
  #listener: Listener | undefined;
  readonly #streams = new Set<PlainStream>();
  #stopPings: (() => void) | undefined;

  /**
   * Makes a server that does not listen yet.
   *
   * @param port 0: one that is free
   */
  constructor(port = 8080, options: RealtimeWebSocketServerOptions = {}) {
    this.#port = port;
    this.#options = options;
  }

  /** The port that it listens on, or is to listen on. */
  get port(): number {
    return this.#listener?.port ?? this.#port;
  }

  /** How many clients are connected. */
  get clients(): number {
    return this.#clients.size;
  }

  /**
   * Begins to listen.
   *
   * @throws what keeps the port from being opened
   */
  async listen(): Promise<void> {
    this.start();
    await this.#listener?.ready;
  }

  /**
   * Begins to listen, and does not wait for it where the runtime takes its time.
   *
   * @throws what keeps the port from being opened
   */
  start(): void {
    if (this.#listener !== undefined) return;
    const service: Service = { admit: (request, info) => this.#admit(request, info) };
    const listener = listen(service, { ...this.#options, port: this.#port });
    this.#listener = listener;
    listener.ready.catch((error) => {
      log.error("The realtime server cannot listen", { error });
      if (this.#listener === listener) this.#listener = undefined;
    });
  }

  /**
   * Sends a text to all who want to be told.
   *
   * @param message the text, usually JSON
   * @param address whom it concerns; clients that have asked for something else are left out
   * @param data the values that filters of clients are about
   */
  broadcast(message: string, address: PlainAddress = {}, data?: unknown): void {
    const { queue = 1_048_576 } = this.#options;
    for (const client of [...this.#clients]) {
      if (!wants(client.filter, address, data)) continue;
      const { channel } = client;
      channel.send(message);
      if (channel.buffered <= queue) continue;
      this.#clients.delete(client);
      channel.close(CloseCode.slow, "slow");
      channel.terminate();
    }
  }

  /** Closes all connections and the port. */
  async close(): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    this.#stopPings?.();
    for (const { channel } of this.#clients) channel.close(CloseCode.goingAway, "shutdown");
    this.#clients.clear();
    await listener?.close();
  }

  /** Closes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #admit(request: Request, _info?: ClientInfo): Promise<Response | Admission> {
    const { authorize, connections = 10_000 } = this.#options;
    const url = new URL(request.url);
    const socket = request.headers.get("upgrade")?.toLowerCase() === "websocket";
    const path = url.pathname.replace(/\/$/, "");
    if (!socket && (path !== "/events" || request.method !== "GET")) {
      return new Response("Connect a WebSocket, or get /events", { status: 404 });
    }
    if (!this.#allowsOrigin(request)) return new Response("Origin not allowed", { status: 403 });
    if (this.#admitted >= connections) {
      return new Response("Too many connections", { status: 503, headers: { "retry-after": "5" } });
    }
    const filter = readFilter(url);
    if (filter === undefined) return new Response("where is no JSON object", { status: 400 });
    if (authorize && !await authorize(request, filter)) {
      return new Response("Not allowed", { status: 403 });
    }
    const receiver = this.#receiver(filter);
    return socket ? { receiver, idleTimeout } : this.#stream(receiver);
  }

  #receiver(filter: PlainFilter): Receiver {
    let client: Client | undefined;
    let gone = false;
    this.#admitted++;
    return {
      opened: (channel) => {
        if (this.#listener === undefined) return channel.close(CloseCode.goingAway, "shutdown");
        client = { channel, filter };
        this.#clients.add(client);
      },
      received: (data) => {
        if (typeof data === "string" && data.length <= longestMessage) return;
        client?.channel.close(CloseCode.tooBig, "");
      },
      closed: () => {
        if (client) this.#clients.delete(client);
        if (!gone) this.#admitted--;
        gone = true;
      },
    };
  }

  #stream(receiver: Receiver): Response {
    const text = new TextStream(() => ended());
    const stream: PlainStream = { text, receiver };
    const ended = () => {
      this.#streams.delete(stream);
      receiver.closed();
    };
    text.write("retry: 2000\n\n");
    this.#streams.add(stream);
    receiver.opened({
      get buffered() {
        return text.buffered;
      },
      send: (message) => text.write(eventOf(message)),
      close: () => {
        text.close();
        ended();
      },
      terminate: () => text.terminate(),
    });
    this.#stopPings ??= inBackground(() => this.#ping(), pingInterval);
    return new Response(text.body, { headers: streamHeaders });
  }

  #ping(): void {
    for (const { text } of this.#streams) if (text.buffered === 0) text.write(": ping\n\n");
    this.#stopPings = this.#streams.size > 0
      ? inBackground(() => this.#ping(), pingInterval)
      : undefined;
  }

  /** A page from elsewhere could reach a port of this computer through its user's browser. */
  #allowsOrigin(request: Request): boolean {
    const { hostname = "127.0.0.1", origins } = this.#options;
    const origin = request.headers.get("origin");
    if (origin === null || origins !== undefined || !loopback.has(hostname)) {
      return isAllowedOrigin(request, origins);
    }
    return URL.canParse(origin) && loopback.has(new URL(origin).hostname);
  }
}

/** A line of a text is a line of the event's data. */
function eventOf(message: string): string {
  return `${message.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`).join("")}\n`;
}
