/**
 * One client: its subscriptions, its writes, and who it is.
 *
 * @module
 */
import { longestDelay } from "../../../base/abort.ts";
import { Logger } from "../../../base/logger.ts";
import type {
  LiveChange,
  LiveHandle,
  LiveQueries,
  LiveRequest,
  LiveSink,
  LiveSnapshot,
} from "../live/live.ts";
import { type ClientMessage, CloseCode, type ErrorCode, PROTOCOL } from "../protocol/messages.ts";
import type { Access, SubscribeMessage, WriteMessage } from "./access.ts";
import { type Authenticated, endOf } from "./authentication.ts";
import type { Channel, Receiver } from "./channel.ts";
import { messageFrame } from "./encoding.ts";
import type { RealtimeLimits } from "./limits.ts";
import { readMessage } from "./messages.ts";
import { Outbox, type OutboxSubscription } from "./outbox.ts";
import { type Refusal, refusalOf } from "./refusal.ts";
import { queryName, sameQuery } from "./same_query.ts";
import { TokenBucket } from "./token_bucket.ts";

/** What connections share. */
export interface ConnectionSetup<Context> {
  /** Keeps queries true. */
  readonly live: LiveQueries;
  /** What clients may see and write. */
  readonly access: Access<Context>;
  /** What clients may ask for. */
  readonly limits: RealtimeLimits;
  /** How often something is sent at least, in milliseconds. */
  readonly heartbeat: number;
  /** How long before the end of its authentication a client is asked for a new token, in milliseconds. */
  readonly grace: number;
}

/** What a connection asks of its server. */
export interface ConnectionHost<Context> {
  /** Tells who has this token. */
  authenticate(token: string | undefined): Promise<Authenticated<Context> | null>;
  /** It has shown who it is; `false`: that user has too many connections. */
  identified(connection: Connection<Context>, who: Authenticated<Context>): boolean;
  /** The outbox is full: drain it from time to time. */
  filled(connection: Connection<Context>): void;
  /** It is over. */
  ended(connection: Connection<Context>): void;
}

interface Subscription extends OutboxSubscription {
  readonly message: SubscribeMessage;
  request: Omit<LiveRequest, "since">;
  q: string;
  handle: LiveHandle | undefined;
}

const log = Logger.child("realtime");

const ping = messageFrame({ t: "ping" });
/** Ticks without a word from the client: after the first number it is asked, after the second given up. */
const askedAfter = 2;
const silentFor = 6;
/** Messages that may wait for an authentication. */
const longestBacklog = 600;

/** One client. */
export class Connection<Context> implements Receiver, LiveSink<Subscription> {
  /** When the outbox became full. */
  fullSince = 0;
  readonly #setup: ConnectionSetup<Context>;
  readonly #host: ConnectionHost<Context>;
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #messages: TokenBucket;
  #writes: TokenBucket | undefined;
  #channel: Channel | undefined;
  #outbox: Outbox<Subscription> | undefined;
  #who: Authenticated<Context> | null;
  #token: string | undefined;
  #expiry: ReturnType<typeof setTimeout> | undefined;
  #ended = false;
  #changes: (readonly [Subscription, LiveChange])[] = [];
  #writing: Promise<void> | undefined;
  #waitingWrites = 0;
  #backlog: ClientMessage[] | undefined;
  #finishing = false;
  #sent = false;
  #silentTicks = 0;

  /**
   * Makes a connection that is not open yet.
   *
   * @param who the client, where it is known
   * @param token what it showed
   */
  constructor(
    setup: ConnectionSetup<Context>,
    host: ConnectionHost<Context>,
    who: Authenticated<Context> | null,
    token: string | undefined,
  ) {
    this.#setup = setup;
    this.#host = host;
    this.#who = who;
    this.#token = token;
    this.#messages = new TokenBucket(setup.limits.messages);
  }

  /** Whether it has ended. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Who it is. */
  get who(): Authenticated<Context> | null {
    return this.#who;
  }

  /** Subscriptions that are open. */
  get subscriptions(): number {
    return this.#subscriptions.size;
  }

  /** Bytes that wait for the client. */
  get waiting(): number {
    return this.#outbox?.waiting ?? 0;
  }

  /** Whether too much waits. */
  get full(): boolean {
    return this.#outbox?.full ?? false;
  }

  /** Greets the client. */
  opened(channel: Channel): void {
    this.#channel = channel;
    if (this.#ended) return channel.close(CloseCode.goingAway, "");
    this.#outbox = new Outbox(channel, this.#setup.limits.queue, {
      pause: (subscription) => this.#pause(subscription),
      reopen: (subscription) => this.#open(subscription, undefined),
      filled: () => this.#host.filled(this),
      overflowed: () => this.close(CloseCode.slow, "slow"),
    });
    const { heartbeat } = this.#setup;
    this.#message(messageFrame({ t: "hello", protocol: PROTOCOL, heartbeat }));
    if (this.#who === null) this.#ask("Show a token with an auth message");
    this.#watchExpiry();
  }

  /** Takes a message. */
  received(data: unknown): void {
    if (this.#ended || this.#finishing) return;
    this.#silentTicks = 0;
    if (typeof data !== "string") return this.#bad("Binary messages are not of the protocol");
    if (data.length > this.#setup.limits.messageSize) {
      return this.#refuseAll("limit", "The message is too large", CloseCode.tooBig);
    }
    if (!this.#messages.take()) {
      return this.#refuseAll("limit", "Too many messages", CloseCode.limit);
    }
    const message = readMessage(data);
    if ("fault" in message) return this.#bad(message.fault);
    if (this.#backlog === undefined) this.#take(message);
    else if (this.#backlog.length < longestBacklog) this.#backlog.push(message);
    else this.#refuseAll("limit", "Too many messages", CloseCode.limit);
  }

  /** Ends everything; the client is gone. */
  closed(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#expiry);
    for (const { handle } of this.#subscriptions.values()) handle?.close();
    this.#subscriptions.clear();
    this.#changes = [];
    this.#backlog = undefined;
    this.#outbox = undefined;
    this.#host.ended(this);
  }

  /** Ends everything, and tells the client why. */
  close(code: number, reason: string): void {
    if (this.#ended) return;
    this.closed();
    this.#channel?.close(code, reason);
  }

  /** Ends everything at once. */
  terminate(code: number, reason: string): void {
    this.close(code, reason);
    this.#channel?.terminate();
  }

  /** Takes no more messages; resolves when the writes that came before are answered. */
  async finish(): Promise<void> {
    this.#finishing = true;
    await this.#writing;
  }

  /** Sends what waits, if it can be. */
  drain(): void {
    this.#outbox?.drain();
  }

  /** Called twice in a heartbeat: sends a sign of life where nothing else was sent, and looks for one. */
  tick(): void {
    if (this.#channel?.oneWay !== true) this.#silentTicks++;
    const asks = this.#silentTicks > askedAfter;
    if (this.#silentTicks > silentFor) return this.terminate(CloseCode.timeout, "timeout");
    if (!this.#sent || asks) this.#outbox?.sign(ping);
    this.#sent = false;
  }

  /** Asks again who the client is, by the token that it has shown. */
  recheck(): void {
    if (this.#who !== null && this.#backlog === undefined) this.#authenticate(this.#token);
  }

  /** A result. */
  snapshot(subscription: Subscription, snapshot: LiveSnapshot): void {
    this.#dropChanges(subscription);
    if (Outbox.isTooLarge(snapshot, this.#setup.limits.resultSize)) {
      const message = "The result is too large: ask for less, such as with a limit";
      return this.#fail(subscription, { code: "limit", message });
    }
    this.#sent = true;
    this.#outbox?.snapshot(subscription, snapshot);
  }

  /** It goes on. */
  resumed(subscription: Subscription, position: string): void {
    this.#sent = true;
    this.#outbox?.resumed(subscription, position);
  }

  /** A change; it is sent with the others of its batch. */
  change(subscription: Subscription, change: LiveChange): void {
    this.#changes.push([subscription, change]);
  }

  /** Sends the changes of a batch. */
  flush(position: string): void {
    if (this.#changes.length === 0) return;
    const changes = this.#changes;
    this.#changes = [];
    this.#sent = true;
    this.#outbox?.changes(changes, position);
  }

  /** It cannot be kept true. */
  failed(subscription: Subscription, error: unknown): void {
    this.#fail(subscription, refusalOf(error));
  }

  #message(text: string): void {
    this.#sent = true;
    this.#outbox?.message(text);
  }

  #error(refusal: Refusal, id?: number): void {
    this.#message(messageFrame({ t: "error", ...id !== undefined && { id }, ...refusal }));
  }

  #bad(fault: string): void {
    this.#refuseAll("bad_message", fault, CloseCode.badMessage);
  }

  #refuseAll(code: ErrorCode, message: string, close: number): void {
    log.debug("A connection is closed", { code, message });
    this.#error({ code, message });
    this.close(close, code);
  }

  #ask(message: string): void {
    this.#error({ code: "unauthenticated", message });
  }

  #take(message: ClientMessage): void {
    switch (message.t) {
      case "sub":
        return this.subscribe(message);
      case "unsub":
        return this.#unsubscribe(message.id);
      case "do":
        return this.#write(message);
      case "auth":
        return this.#authenticate(message.token);
      case "pong":
        return;
    }
  }

  /** Subscribes. */
  subscribe(message: SubscribeMessage): void {
    const { id } = message;
    const { limits, access } = this.#setup;
    if (this.#who === null) {
      return this.#error({ code: "unauthenticated", message: "Show a token first" }, id);
    }
    if (this.#subscriptions.has(id)) {
      return this.#error({ code: "bad_message", message: "There is such a subscription" }, id);
    }
    if (this.#subscriptions.size >= limits.subscriptions) {
      return this.#error({ code: "limit", message: "Too many subscriptions" }, id);
    }
    let request: Omit<LiveRequest, "since">;
    try {
      request = access.request(this.#who.context, message);
    } catch (error) {
      return this.#error(refusalOf(error), id);
    }
    const ordered = request.query.orderBy !== undefined || request.query.limit !== undefined;
    const q = queryName(request);
    const subscription = { id, q, ordered, message, request, handle: undefined };
    this.#subscriptions.set(id, subscription);
    // A position in the result of another query, such as that before a policy changed, is none in this one.
    this.#open(subscription, message.q === q ? message.since : undefined);
  }

  #open(subscription: Subscription, since: string | undefined): void {
    if (this.#ended) return;
    try {
      const request = { ...subscription.request, ...since !== undefined && { since } };
      subscription.handle = this.#setup.live.open(request, this, subscription);
    } catch (error) {
      this.#fail(subscription, refusalOf(error));
    }
  }

  #pause(subscription: Subscription): void {
    subscription.handle?.close();
    subscription.handle = undefined;
  }

  #unsubscribe(id: number): void {
    const subscription = this.#subscriptions.get(id);
    if (subscription) this.#remove(subscription);
  }

  #remove(subscription: Subscription): void {
    this.#subscriptions.delete(subscription.id);
    this.#pause(subscription);
    this.#dropChanges(subscription);
    this.#outbox?.forget(subscription);
  }

  #dropChanges(subscription: Subscription): void {
    if (this.#changes.length === 0) return;
    this.#changes = this.#changes.filter(([each]) => each !== subscription);
  }

  #fail(subscription: Subscription, refusal: Refusal): void {
    this.#remove(subscription);
    this.#error(refusal, subscription.id);
  }

  /** Writes are made one after the other, in the order of their messages. */
  #write(message: WriteMessage): void {
    const { limits } = this.#setup;
    const { id } = message;
    if (this.#who === null) {
      return this.#error({ code: "unauthenticated", message: "Show a token first" }, id);
    }
    this.#writes ??= new TokenBucket(limits.writes);
    if (this.#waitingWrites >= limits.waitingWrites || !this.#writes.take()) {
      return this.#error({ code: "limit", message: "Too many writes" }, id);
    }
    this.#waitingWrites++;
    const before = this.#writing ?? Promise.resolve();
    this.#writing = before.then(() => this.#writeNow(message)).finally(() => this.#waitingWrites--);
  }

  async #writeNow(message: WriteMessage): Promise<void> {
    const { id } = message;
    // Who the client is may have changed since the message came.
    if (this.#ended || this.#who === null) return;
    try {
      const { access, live } = this.#setup;
      const { mark, ...written } = await access.write(this.#who.context, message);
      await live.settled(mark);
      this.#message(messageFrame({ t: "done", id, ...written }));
    } catch (error) {
      this.#error(refusalOf(error), id);
    }
  }

  /** What comes meanwhile waits for the answer. */
  #authenticate(token: string | undefined): void {
    this.#backlog = [];
    this.#host.authenticate(token).then(
      (who) => this.#authenticated(who, token),
      (error) => {
        log.error("A client could not be authenticated", { error });
        this.close(CloseCode.internal, "internal");
      },
    );
  }

  #authenticated(who: Authenticated<Context> | null, token: string | undefined): void {
    if (this.#ended) return;
    if (who === null || endOf(who) <= Date.now()) {
      this.#who = null;
      return this.#refuseAll(
        "unauthenticated",
        "The token is not valid",
        CloseCode.unauthenticated,
      );
    }
    if (!this.#host.identified(this, who)) {
      return this.#refuseAll("limit", "Too many connections", CloseCode.limit);
    }
    this.#who = who;
    this.#token = token;
    this.#watchExpiry();
    for (const subscription of [...this.#subscriptions.values()]) this.#recheck(subscription, who);
    const backlog = this.#backlog ?? [];
    this.#backlog = undefined;
    while (backlog.length > 0 && this.#backlog === undefined) {
      this.#take(backlog.shift() as ClientMessage);
    }
    // One of them was another authentication: the rest waits for that.
    (this.#backlog as ClientMessage[] | undefined)?.unshift(...backlog);
  }

  /** Under another query what the client had may be more than it may see now. */
  #recheck(subscription: Subscription, { context }: Authenticated<Context>): void {
    let request: Omit<LiveRequest, "since">;
    try {
      request = this.#setup.access.request(context, subscription.message);
    } catch (error) {
      return this.#fail(subscription, refusalOf(error));
    }
    if (sameQuery(request.query, subscription.request.query)) return;
    subscription.request = request;
    subscription.q = queryName(request);
    this.#pause(subscription);
    this.#dropChanges(subscription);
    this.#outbox?.renew(subscription, "access");
  }

  #watchExpiry(): void {
    clearTimeout(this.#expiry);
    const end = this.#who === null ? Date.now() + this.#setup.grace : endOf(this.#who);
    if (end === Infinity) return;
    const left = end - Date.now();
    const asked = this.#who === null ? left : left - Math.min(this.#setup.grace, left / 2);
    if (asked > longestDelay) {
      this.#expiry = setTimeout(() => this.#watchExpiry(), longestDelay);
      return;
    }
    this.#expiry = setTimeout(() => {
      if (this.#who !== null) this.#ask("The token expires soon: show a new one");
      this.#expiry = setTimeout(() => this.#expired(), Math.max(0, end - Date.now()));
    }, asked);
  }

  #expired(): void {
    this.#refuseAll("unauthenticated", "No valid token was shown", CloseCode.unauthenticated);
  }
}
