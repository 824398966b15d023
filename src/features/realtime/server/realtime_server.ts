/**
 * The server: takes requests of any runtime, and holds all connections.
 *
 * @module
 */
import { pause } from "../../../base/abort.ts";
import { inBackground } from "../../../base/background_timer.ts";
import { Logger } from "../../../base/logger.ts";
import type { LiveQueries, LiveStats } from "../live/live.ts";
import { CloseCode, PROTOCOL } from "../protocol/messages.ts";
import type { Access } from "./access.ts";
import {
  type Authenticate,
  type Authenticated,
  endOf,
  keptRequest,
  tokenOf,
} from "./authentication.ts";
import type { Channel, Receiver } from "./channel.ts";
import { Connection, type ConnectionHost, type ConnectionSetup } from "./connection.ts";
import { answerStream, answerWrite } from "./http.ts";
import { limitsOf, type RealtimeLimits } from "./limits.ts";
import { type AllowedOrigins, crossOriginHeaders, isAllowedOrigin } from "./origins.ts";
import type { Admission, ClientInfo, Service } from "./service.ts";
import { NamedBuckets } from "./token_bucket.ts";
import { upgrade } from "./upgrade.ts";

/** How a server is set up; see `realtime()`. */
export interface RealtimeServerOptions<Context> {
  /** Tells who a client is. Left out: nobody is asked, and policies are given an empty context. */
  readonly authenticate?: Authenticate<Context>;
  /** How often clients that have shown a token are checked again, in milliseconds. Default: never. */
  readonly recheck?: number;
  /** Which pages may talk to the server beside those of its own host. Default: none. */
  readonly origins?: AllowedOrigins;
  /** What clients may ask for, where it is not the default. */
  readonly limits?: Partial<RealtimeLimits>;
  /** How often something is sent at least, in milliseconds. Default: 25,000. */
  readonly heartbeat?: number;
  /** Before the end of a token, and after a connection without one, a client gets so many milliseconds. Default: 10,000. */
  readonly grace?: number;
  /** A client that takes nothing for so many milliseconds while too much waits is closed with 4509. Default: 30,000. */
  readonly slowTimeout?: number;
  /** When a browser's `EventSource` comes back, in milliseconds. Default: 2,000. */
  readonly retry?: number;
  /**
   * The network address of a client, for the limit. Default: that of the other end of the connection. Behind a proxy
   * it has to come from the header that the proxy sets.
   */
  readonly address?: (request: Request, info: ClientInfo | undefined) => string | undefined;
}

/** What connections a server has. */
export interface RealtimeStats extends LiveStats {
  /** Connections that are open. */
  readonly connections: number;
  /** Connections that the server has closed, and whose clients have not answered that yet. */
  readonly closing: number;
  /** Connections for which too much waits. */
  readonly slow: number;
  /** Bytes that wait for clients. */
  readonly waiting: number;
  /** Connections and requests that were refused. */
  readonly refused: number;
}

interface Place {
  readonly address: string | undefined;
  user: string | undefined;
  /** Whether a socket outlives it: the place among those of its address is kept until that is gone. */
  socket: boolean;
}

const log = Logger.child("realtime");
/** How often channels that are full are asked whether they take something again, in milliseconds. */
const drainInterval = 50;
const defaults = {
  heartbeat: 25_000,
  grace: 10_000,
  slowTimeout: 30_000,
  retry: 2_000,
};

/** Serves live queries over WebSockets and server-sent events. Made by `realtime()`. */
export class RealtimeServer<Context> implements Service, AsyncDisposable {
  readonly #options: RealtimeServerOptions<Context> & typeof defaults;
  readonly #setup: ConnectionSetup<Context>;
  readonly #connections = new Map<Connection<Context>, Place>();
  readonly #closing = new Set<Receiver>();
  readonly #addresses = new Counter();
  readonly #users = new Counter();
  readonly #writes: NamedBuckets;
  readonly #full = new Set<Connection<Context>>();
  /** Connections whose clients are being asked who they are. */
  #pending = 0;
  #refused = 0;
  #closed = false;
  #stopClock: (() => void) | undefined;
  #stopDraining: (() => void) | undefined;
  #stopRechecks: (() => void) | undefined;

  /** Makes a server. */
  constructor(
    live: LiveQueries,
    access: Access<Context>,
    options: RealtimeServerOptions<Context> = {},
  ) {
    this.#options = { ...defaults, ...options };
    const { heartbeat, grace, limits } = this.#options;
    this.#setup = { live, access, limits: limitsOf(limits), heartbeat, grace };
    this.#writes = new NamedBuckets(this.#setup.limits.writes);
  }

  /**
   * Answers a request: a WebSocket with the subprotocol `rex-sync.v1`, a `GET` with `?subscriptions=[…]` that is
   * answered by a stream of events, or a `POST` of a write. For `Deno.serve`, and for frameworks that hand requests on.
   *
   * @param info what the runtime tells beside the request
   */
  async handle(request: Request, info?: ClientInfo): Promise<Response> {
    const admitted = await this.admit(request, info);
    return admitted instanceof Response ? admitted : upgrade(request, admitted);
  }

  /** As `handle()`, and leaves it to the caller to make the WebSocket. */
  async admit(request: Request, info?: ClientInfo): Promise<Response | Admission> {
    try {
      return await this.#admit(request, info);
    } catch (error) {
      log.error("A request could not be answered", { error });
      return this.#refuse(500, "The server failed");
    }
  }

  async #admit(request: Request, info?: ClientInfo): Promise<Response | Admission> {
    if (this.#closed) return this.#refuse(503, "The server shuts down", { "retry-after": "1" });
    if (!isAllowedOrigin(request, this.#options.origins)) {
      log.warn("A page of another origin was refused", { origin: request.headers.get("origin") });
      const socket = wantsSocket(request);
      return socket
        ? this.#dismissal(CloseCode.forbidden)
        : this.#refuse(403, "Origin not allowed");
    }
    const headers = crossOriginHeaders(request);
    if (request.method === "OPTIONS") return new Response(null, { status: 204, headers });
    const { limits } = this.#setup;
    const address = this.#addressOf(request, info);
    if (this.#connections.size + this.#closing.size + this.#pending >= limits.connections) {
      return this.#refuse(503, "Too many connections", { ...headers, "retry-after": "5" });
    }
    if (address !== undefined && this.#addresses.of(address) >= limits.perAddress) {
      log.warn("An address has too many connections: see limits.perAddress", { address });
      return this.#refuse(429, "Too many connections", { ...headers, "retry-after": "5" });
    }
    if (wantsSocket(request)) return await this.#admitSocket(request, address);
    const response = await this.#answer(request, address);
    for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
    return response;
  }

  /** Figures of the moment. */
  stats(): RealtimeStats {
    let waiting = 0;
    for (const connection of this.#connections.keys()) waiting += connection.waiting;
    return {
      ...this.#setup.live.stats(),
      connections: this.#connections.size,
      closing: this.#closing.size,
      slow: this.#full.size,
      waiting,
      refused: this.#refused,
    };
  }

  /**
   * Refuses new clients, answers the writes that were begun, and tells those that are there to come back soon (1001).
   *
   * @param patience milliseconds that writes get. Default: 5,000
   */
  async close(patience = 5_000): Promise<void> {
    this.#closed = true;
    const finished = [...this.#connections.keys()].map((connection) => connection.finish());
    const clock = new AbortController();
    await Promise.race([Promise.all(finished), pause(patience, clock.signal).catch(() => {})]);
    clock.abort();
    this.#stopClock?.();
    this.#stopDraining?.();
    this.#stopRechecks?.();
    for (const connection of [...this.#connections.keys()]) {
      connection.close(CloseCode.goingAway, "shutdown");
    }
  }

  /** Closes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #admitSocket(request: Request, address: string | undefined): Promise<Response | Admission> {
    const offered = request.headers.get("sec-websocket-protocol")?.split(/\s*,\s*/) ?? [];
    if (!offered.includes(PROTOCOL)) {
      return this.#refuse(400, `This server speaks the WebSocket subprotocol ${PROTOCOL}`);
    }
    const connection = await this.#connect(request, address);
    return connection instanceof Response
      ? this.#dismissal(CloseCode.limit)
      : admission(this.#watched(connection));
  }

  async #answer(request: Request, address: string | undefined): Promise<Response> {
    const { access, live, limits } = this.#setup;
    if (request.method === "POST") {
      const who = await this.#who(request, tokenOf(request));
      const mayWrite = ({ user = "" }: Authenticated<Context>) =>
        this.#writes.take(user === "" ? `address ${address ?? ""}` : `user ${user}`);
      return await answerWrite(request, who, { access, live, limits, mayWrite });
    }
    if (request.method !== "GET") return this.#refuse(405, "GET or POST", { allow: "GET, POST" });
    const connection = await this.#connect(request, address);
    if (connection instanceof Response) return connection;
    const stream = connection.who && answerStream(request, connection, this.#options.retry);
    if (stream instanceof Response) return stream;
    connection.closed();
    return stream === null
      ? this.#refuse(401, "Show a token", { "www-authenticate": "Bearer" })
      : this.#refuse(400, stream.fault);
  }

  /** Makes a connection for a request, with its place among the others. */
  async #connect(
    request: Request,
    address: string | undefined,
  ): Promise<Connection<Context> | Response> {
    const token = tokenOf(request);
    const kept = this.#options.authenticate && keptRequest(request);
    const place: Place = { address, user: undefined, socket: false };
    if (address !== undefined) this.#addresses.add(address, 1);
    this.#pending++;
    let who: Authenticated<Context> | null | undefined;
    try {
      who = await this.#who(request, token);
    } finally {
      this.#pending--;
      if (who === undefined || this.#closed) this.#leave(place);
    }
    if (this.#closed) return this.#refuse(503, "The server shuts down");
    const host: ConnectionHost<Context> = {
      authenticate: (token) => this.#who(kept ?? request, token),
      identified: (each, known) => this.#identified(each, known),
      filled: (each) => this.#filled(each),
      ended: (each) => this.#ended(each),
    };
    const connection = new Connection(this.#setup, host, who, token);
    this.#connections.set(connection, place);
    this.#startClocks();
    if (who === null || this.#identified(connection, who)) return connection;
    connection.closed();
    return this.#refuse(429, "Too many connections", { "retry-after": "5" });
  }

  async #who(request: Request, token: string | undefined): Promise<Authenticated<Context> | null> {
    const { authenticate } = this.#options;
    if (authenticate === undefined) return { context: {} as Context };
    const who = await authenticate(request, token);
    return who !== null && endOf(who) > Date.now() ? who : null;
  }

  #identified(connection: Connection<Context>, { user }: Authenticated<Context>): boolean {
    const place = this.#connections.get(connection);
    if (place === undefined || place.user === user) return true;
    if (user !== undefined && this.#users.of(user) >= this.#setup.limits.perUser) return false;
    if (place.user !== undefined) this.#users.add(place.user, -1);
    if (user !== undefined) this.#users.add(user, 1);
    place.user = user;
    return true;
  }

  #ended(connection: Connection<Context>): void {
    const place = this.#connections.get(connection);
    this.#connections.delete(connection);
    this.#full.delete(connection);
    if (place?.socket === false) this.#leave(place);
    if (place?.user !== undefined) this.#users.add(place.user, -1);
    if (this.#connections.size === 0) this.#stopClock?.();
  }

  #leave({ address }: Place): void {
    if (address !== undefined) this.#addresses.add(address, -1);
  }

  /** Counts a connection until its socket is gone: a client that does not answer a close keeps it. */
  #watched(connection: Connection<Context>): Receiver {
    const place = this.#connections.get(connection);
    let gone = false;
    const receiver: Receiver = {
      opened: (channel) => {
        if (place) place.socket = true;
        connection.opened(closingSeen(channel, () => gone || this.#closing.add(receiver)));
      },
      received: (data) => connection.received(data),
      closed: () => {
        this.#closing.delete(receiver);
        connection.closed();
        if (place?.socket && !gone) this.#leave(place);
        gone = true;
      },
    };
    return receiver;
  }

  /** A connection that is closed as soon as it is open, so that a browser learns why. */
  #dismissal(code: number): Admission {
    this.#refused++;
    const receiver: Receiver = {
      opened: (channel) => channel.close(code, ""),
      received: () => {},
      closed: () => void this.#closing.delete(receiver),
    };
    this.#closing.add(receiver);
    return admission(receiver);
  }

  #refuse(status: number, text: string, headers: Record<string, string> = {}): Response {
    this.#refused++;
    return new Response(text, { status, headers });
  }

  #addressOf(request: Request, info: ClientInfo | undefined): string | undefined {
    const { address } = this.#options;
    if (address) return address(request, info);
    return info?.remoteAddr?.hostname;
  }

  #filled(connection: Connection<Context>): void {
    connection.fullSince = performance.now();
    this.#full.add(connection);
    this.#stopDraining ??= inBackground(() => this.#drain(), drainInterval);
  }

  #drain(): void {
    this.#stopDraining = undefined;
    const late = performance.now() - this.#options.slowTimeout;
    for (const connection of [...this.#full]) {
      connection.drain();
      if (!connection.full) this.#full.delete(connection);
      else if (connection.fullSince < late) connection.terminate(CloseCode.slow, "slow");
    }
    if (this.#full.size > 0) {
      this.#stopDraining ??= inBackground(() => this.#drain(), drainInterval);
    }
  }

  #startClocks(): void {
    const { heartbeat, recheck } = this.#options;
    this.#stopClock ??= repeated(heartbeat / 2, () => {
      for (const connection of [...this.#connections.keys()]) connection.tick();
      return this.#connections.size > 0;
    }, () => this.#stopClock = undefined);
    if (recheck === undefined) return;
    this.#stopRechecks ??= repeated(recheck, () => {
      for (const connection of [...this.#connections.keys()]) connection.recheck();
      return this.#connections.size > 0;
    }, () => this.#stopRechecks = undefined);
  }
}

/** Counts by name. */
class Counter {
  readonly #counts = new Map<string, number>();

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  add(name: string, number: number): void {
    const count = this.of(name) + number;
    if (count > 0) this.#counts.set(name, count);
    else this.#counts.delete(name);
  }
}

/** Works again and again, as long as the work says so; returns what ends it. */
function repeated(delay: number, work: () => boolean, ended: () => void): () => void {
  let stop = inBackground(next, delay);
  function next(): void {
    if (work()) stop = inBackground(next, delay);
    else ended();
  }
  return () => {
    stop();
    ended();
  };
}

/** A channel that tells when it is closed from here. */
function closingSeen(channel: Channel, closing: () => void): Channel {
  return {
    get buffered() {
      return channel.buffered;
    },
    send: (text) => channel.send(text),
    close(code, reason) {
      closing();
      channel.close(code, reason);
    },
    terminate: () => channel.terminate(),
  };
}

/** The protocol has its own signs of life: a browser answers a runtime's even when the page is stuck. */
function admission(receiver: Receiver): Admission {
  return { protocol: PROTOCOL, receiver, idleTimeout: 0 };
}

function wantsSocket(request: Request): boolean {
  return request.headers.get("upgrade")?.toLowerCase() === "websocket";
}
