/**
 * The one connection of a client: opened when it is needed, and opened again when it is lost.
 *
 * @module
 */
import { type ClientMessage, CloseCode, type ServerMessage } from "../protocol/messages.ts";
import { openEventStream } from "./event_stream.ts";
import { SyncError } from "./sync_error.ts";
import type { Place, Transport } from "./transport.ts";
import { openWebSocket } from "./web_socket.ts";

/** Tells who the user is; `null`: nobody. */
export type TokenSource =
  | string
  | (() => string | null | undefined | Promise<string | null | undefined>);

/** How a client connects. */
export interface ConnectionOptions {
  /**
   * Shows the server who the user is. A function is asked for each connection, when the token is about to expire, and
   * when it was refused. Cookies need no token.
   */
  readonly token?: TokenSource;
  /** Default `auto`: a WebSocket, or where none gets through a stream of events. */
  readonly transport?: "auto" | "websocket" | "sse";
  /** How long at most to wait before the first new attempt, and before any: milliseconds. Default: 500 and 30,000. */
  readonly reconnect?: { readonly min?: number; readonly max?: number };
  /** How long a server may take to greet, in milliseconds. Default: 10,000. */
  readonly timeout?: number;
}

/**
 * `idle`: nothing needs a connection; `connecting`: an attempt is made; `live`: it stands; `offline`: it is lost, and
 * tried again before long; `stopped`: the server does not want us, until `authenticate()`; `closed`: for good.
 */
export type ClientState = "idle" | "connecting" | "live" | "offline" | "stopped" | "closed";

/** Who has a connection. */
export interface ConnectionOwner {
  /** Messages can be sent; the server knows nothing of any before. */
  opened(): void;
  /** A message that is not the connection's own. */
  received(message: ServerMessage): void;
  /** The answer to a write will not come. */
  unanswered(id: number): void;
  /** It is lost; it comes back by itself. */
  lost(): void;
  /** It does not come back by itself. */
  stopped(error: SyncError): void;
  /** Something went wrong that need not be the end. */
  failed(error: SyncError): void;
  /** The state is another. */
  changed(): void;
  /** The next connection may be somebody else's. */
  renamed(): void;
  /** Where a subscription is. */
  placeOf(id: number): Place;
}

/** Of so many attempts in vain one is made with a stream of events. */
const attemptsOfTransport = 3;
/** At most so long after a server that went away on purpose is looked for, in milliseconds. */
const soon = 2_000;

/** A connection that comes back. */
export class Connection {
  /** What it is doing. */
  state: ClientState = "idle";
  readonly #url: string;
  readonly #options: ConnectionOptions;
  readonly #owner: ConnectionOwner;
  readonly #longest: number;
  #transport: Transport | undefined;
  #open = false;
  /** Tells events of this attempt from those of attempts that were given up. */
  #run = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setTimeout> | undefined;
  #attempts = 0;
  #sse: boolean;
  #vain = 0;
  #proven = false;
  #heartbeat = 0;
  #heard = 0;
  #fresh = false;
  #given: string | undefined;
  #token: string | null | undefined;
  #refused = false;

  /** Makes one that is not open. */
  constructor(url: string, options: ConnectionOptions, owner: ConnectionOwner) {
    this.#url = url;
    this.#options = options;
    this.#owner = owner;
    this.#longest = options.reconnect?.max ?? 30_000;
    this.#sse = options.transport === "sse";
  }

  /** Whether messages can be sent. */
  get open(): boolean {
    return this.#open;
  }

  /** Whether an answer to a write comes after all changes of it. */
  get ordered(): boolean {
    return this.#transport?.ordered ?? true;
  }

  /** Connects, if it is not already about to. */
  start(): void {
    if (this.state !== "idle") return;
    this.#listen("addEventListener");
    this.#connect();
  }

  /** Sends; only while it is open. */
  send(message: ClientMessage): void {
    this.#transport?.send(message);
  }

  /** Shows another token, and tries again where the last one was refused. */
  authenticate(token: string): void {
    this.#given = token;
    this.#refused = false;
    if (this.#open) {
      this.#token = token;
      this.send({ t: "auth", token });
      // Should it be lost before the server has taken that in.
      this.#owner.renamed();
    } else if (this.state !== "idle" && this.state !== "closed") {
      this.#connect();
    }
  }

  /** Ends it, until it is started again. */
  rest(): void {
    this.#end("idle");
  }

  /** Ends it for good. */
  close(): void {
    this.#end("closed");
  }

  #end(state: ClientState): void {
    this.#listen("removeEventListener");
    this.#drop();
    this.#set(state);
  }

  #set(state: ClientState): void {
    if (this.state === state) return;
    this.state = state;
    this.#owner.changed();
  }

  /** Takes the transport down; nothing is heard of it any more. */
  #drop(): void {
    this.#run++;
    clearTimeout(this.#timer);
    clearTimeout(this.#watch);
    this.#transport?.close();
    this.#transport = undefined;
    this.#open = false;
  }

  async #connect(): Promise<void> {
    this.#drop();
    const run = this.#run;
    this.#set("connecting");
    const last = this.#token;
    try {
      const { token } = this.#options;
      this.#token = this.#given ?? (typeof token === "function" ? await token() : token);
    } catch (error) {
      if (run !== this.#run) return;
      this.#owner.failed(new SyncError("unauthenticated", `No token: ${messageOf(error)}`));
      return this.#lost(CloseCode.internal);
    }
    if (run !== this.#run) return;
    if (this.#token !== last) this.#owner.renamed();
    if (this.#refused && this.#token === last) {
      return this.#stop(new SyncError("unauthenticated", "The server refused the token"));
    }
    const { timeout = 10_000 } = this.#options;
    this.#timer = setTimeout(() => this.#lost(CloseCode.timeout), timeout);
    const own = () => run === this.#run;
    try {
      const open = this.#sse ? openEventStream : openWebSocket;
      this.#transport = open(this.#url, this.#token ?? undefined, {
        opened: () => own() && this.#opened(),
        message: (message) => own() && this.#received(message),
        unanswered: (id) => own() && this.#owner.unanswered(id),
        closed: (code) => own() && this.#lost(code),
        placeOf: (id) => this.#owner.placeOf(id),
      });
    } catch (error) {
      this.#stop(new SyncError("internal", `Cannot connect: ${messageOf(error)}`));
    }
  }

  #opened(): void {
    clearTimeout(this.#timer);
    this.#open = true;
    this.#set("live");
    this.#owner.opened();
  }

  #received(message: ServerMessage): void {
    this.#heard = Date.now();
    const fresh = this.#fresh;
    this.#fresh = message.t === "hello";
    if (message.t === "hello") {
      this.#heartbeat = message.heartbeat * 2;
      this.#vain = 0;
      this.#proven ||= !this.#sse;
      clearTimeout(this.#watch);
      return this.#listenOn();
    }
    if (message.t === "error" && message.id === undefined) {
      // A greeting that asks for a token has crossed the one that is on its way.
      if (message.code === "unauthenticated") {
        if (fresh && this.#token) return;
        this.#renew();
      }
      return this.#owner.failed(new SyncError(message.code, message.message));
    }
    if (message.t !== "error") {
      this.#attempts = 0;
      this.#refused = false;
    }
    if (message.t === "ping") this.send({ t: "pong" });
    else this.#owner.received(message);
  }

  /** A server that says nothing for two heartbeats is gone. */
  #listenOn(): void {
    const silent = Date.now() - this.#heard;
    if (silent >= this.#heartbeat) return this.#lost(CloseCode.timeout);
    this.#watch = setTimeout(() => this.#listenOn(), this.#heartbeat - silent);
  }

  /** The token is about to expire. */
  async #renew(): Promise<void> {
    const { token } = this.#options;
    if (typeof token !== "function") return;
    const run = this.#run;
    try {
      const next = await token();
      if (!next || run !== this.#run) return;
      this.#given = undefined;
      this.#token = next;
      this.send({ t: "auth", token: next });
    } catch (error) {
      this.#owner.failed(new SyncError("unauthenticated", `No token: ${messageOf(error)}`));
    }
  }

  #lost(code: number): void {
    this.#chooseTransport(code);
    this.#heartbeat = 0;
    this.#drop();
    if (code === CloseCode.forbidden) {
      return this.#stop(new SyncError("forbidden", "The server refused the connection"));
    }
    this.#set("offline");
    this.#owner.lost();
    if (code === CloseCode.unauthenticated) {
      this.#refused = true;
      this.#given = undefined;
      // A new token is tried at once, but not one after the other.
      if (this.#attempts++ === 0) return void this.#connect();
    }
    this.#timer = setTimeout(() => this.#connect(), this.#delay(code));
  }

  /** Some proxies let no WebSocket through; one that has got through once is waited for. */
  #chooseTransport(code: number): void {
    if ((this.#options.transport ?? "auto") !== "auto") return;
    const answered = this.#heartbeat > 0 ||
      code >= CloseCode.unauthenticated && code !== CloseCode.timeout;
    if (this.#transport && !answered) this.#vain++;
    this.#sse = !this.#proven && this.#vain % attemptsOfTransport === attemptsOfTransport - 1;
  }

  #stop(error: SyncError): void {
    this.#drop();
    this.#set("stopped");
    this.#owner.stopped(error);
  }

  /** Any time up to a bound that doubles, so that clients who were lost together do not come back together. */
  #delay(code: number): number {
    const max = this.#longest;
    if (code === CloseCode.limit || code === CloseCode.slow) return max * (1 + Math.random()) / 2;
    if (code === CloseCode.goingAway && this.#attempts === 0) {
      return Math.min(soon, max) * Math.random();
    }
    const { min = 500 } = this.#options.reconnect ?? {};
    return Math.min(max, min * 2 ** this.#attempts++) * Math.random();
  }

  /** What browsers tell of the network and of the page; other runtimes tell nothing. */
  #listen(method: "addEventListener" | "removeEventListener"): void {
    const { document } = globalThis as { document?: EventTarget };
    globalThis[method]?.("online", this.#wake);
    globalThis[method]?.("offline", this.#sleep);
    document?.[method]("visibilitychange", this.#wake);
  }

  readonly #wake = (): void => {
    const { document } = globalThis as { document?: { visibilityState?: string } };
    if (document?.visibilityState === "hidden") return;
    if (this.state === "offline") void this.#connect();
    // Timers may have slept with the page.
    else if (this.#heartbeat > 0 && Date.now() - this.#heard > this.#heartbeat) {
      this.#lost(CloseCode.timeout);
    }
  };

  readonly #sleep = (): void => {
    if (this.#open || this.state === "connecting") this.#lost(CloseCode.timeout);
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
