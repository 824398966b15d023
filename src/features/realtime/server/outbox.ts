/**
 * What waits for one client: bounded in bytes, whatever the client does.
 *
 * As long as the channel takes texts they go straight through. When too much waits there, changes are merged by record;
 * when that is too much as well, or cannot be done, the subscription is marked as stale and its whole result is
 * sent once the client has read what waits.
 *
 * @module
 */
import type { LiveChange, LiveSnapshot } from "../live/live.ts";
import type { Channel } from "./channel.ts";
import {
  changeFrame,
  changePart,
  encodeEntry,
  frameOf,
  mergedPart,
  snapshotFrame,
  snapshotRows,
} from "./encoding.ts";

/** A subscription, as far as its outbox knows it. */
export interface OutboxSubscription {
  /** Its number in messages. */
  readonly id: number;
  /** What clients know its query by. */
  readonly q: string;
  /** Whether records have places: changes of places cannot be merged. */
  readonly ordered: boolean;
}

/** What an outbox asks of its connection. */
export interface OutboxHost<Subscription extends OutboxSubscription> {
  /** Ends the following of a subscription until it is opened anew. */
  pause(subscription: Subscription): void;
  /** Opens a subscription anew, so that its result comes. */
  reopen(subscription: Subscription): void;
  /** Too much waits now: call `drain()` from time to time. */
  filled(): void;
  /** Messages that cannot be merged are too many. */
  overflowed(): void;
}

/** The reason that a result tells a client that was too slow for its changes. */
const slow = "slow";
/** The most bytes that a character takes in UTF-8. */
const bytesPerUnit = 3;

/** What waits for one client. */
export class Outbox<Subscription extends OutboxSubscription> {
  readonly #channel: Channel;
  readonly #limit: number;
  readonly #host: OutboxHost<Subscription>;
  /** Bytes that may wait in the channel at most, without asking it. */
  #bound = 0;
  #full = false;
  #merged = new Map<Subscription, Map<string, string | null>>();
  #mergedSize = 0;
  #position = "";
  /** The last position that the client was told with changes. */
  #told: string | undefined;
  /** Subscriptions whose result has to be sent, with the reason for the client. */
  readonly #stale = new Map<Subscription, string | undefined>();
  #opening: Subscription | undefined;
  #messages: string[] = [];
  #messagesSize = 0;

  /** Makes one for a channel that holds so many bytes. */
  constructor(channel: Channel, limit: number, host: OutboxHost<Subscription>) {
    this.#channel = channel;
    this.#limit = limit;
    this.#host = host;
  }

  /** Whether the client is behind. */
  get full(): boolean {
    return this.#full;
  }

  /** Bytes in the channel, and characters that are kept beside. */
  get waiting(): number {
    return this.#channel.buffered + this.#mergedSize + this.#messagesSize;
  }

  /** Sends a message that comes after all changes that were told before. */
  message(text: string): void {
    if (!this.#full && this.#stale.size === 0) return this.#send(text);
    this.#messages.push(text);
    this.#messagesSize += text.length;
    if (this.#messagesSize > this.#limit) this.#host.overflowed();
  }

  /** Sends something that may be left out for a client that is behind. */
  sign(text: string): void {
    if (!this.#full) this.#send(text);
  }

  /** Sends the changes of a batch. */
  changes(
    all: readonly (readonly [Subscription, LiveChange])[],
    position: string,
  ): void {
    const [first] = all;
    if (first === undefined) return;
    if (this.#takes()) {
      const at = this.#tell(position);
      if (all.length === 1) return this.#send(changeFrame(first[0].id, first[1], at));
      const parts = all.map(([{ id }, change]) => changePart(id, change)).join(",");
      return this.#send(frameOf(at, parts));
    }
    this.#position = position;
    for (const [subscription, change] of all) this.#merge(subscription, change);
  }

  /** Sends a result. */
  snapshot(subscription: Subscription, snapshot: LiveSnapshot): void {
    const reason = this.#stale.get(subscription) ?? snapshot.reset;
    if (!this.#takes()) return this.#staleNow(subscription, reason);
    this.#stale.delete(subscription);
    this.#send(snapshotFrame(subscription, snapshot, reason));
    this.#opened(subscription);
  }

  /** Sends that a subscription goes on. */
  resumed(subscription: Subscription, position: string): void {
    this.#stale.delete(subscription);
    const { id, q } = subscription;
    this.message(JSON.stringify({ t: "resumed", id, at: position, q }));
    this.#opened(subscription);
  }

  /** A subscription has another query: its result is sent, and nothing before it. */
  renew(subscription: Subscription, reason: string): void {
    this.#unmerge(subscription);
    this.#stale.set(subscription, reason);
    if (this.#opening === subscription) this.#opening = undefined;
    this.#next();
  }

  /** Forgets a subscription that has ended. */
  forget(subscription: Subscription): void {
    this.#unmerge(subscription);
    this.#stale.delete(subscription);
    this.#opened(subscription);
  }

  /** Whether a result of this size is one too many. */
  static isTooLarge(snapshot: LiveSnapshot, limit: number): boolean {
    return snapshotRows(snapshot).length > limit;
  }

  /** Sends what waits if the channel takes it. */
  drain(): void {
    if (!this.#full) return;
    this.#bound = this.#channel.buffered;
    if (this.#bound > this.#limit / 2) return;
    this.#full = false;
    const parts = [...this.#merged].map(([{ id }, merged]) => mergedPart(id, merged));
    this.#merged = new Map();
    this.#mergedSize = 0;
    if (parts.length > 0) {
      this.#send(frameOf(this.#tell(this.#position), parts.join(",")));
    }
    this.#next();
  }

  /** Asks the channel only when what was sent since it was asked last could be too much. */
  #takes(): boolean {
    if (this.#full) return false;
    if (this.#bound <= this.#limit) return true;
    this.#bound = this.#channel.buffered;
    if (this.#bound <= this.#limit) return true;
    this.#full = true;
    this.#host.filled();
    return false;
  }

  /**
   * The position that is told with changes. A client takes it for all of its subscriptions, so that it stays where it is
   * while changes of one are left out.
   */
  #tell(position: string): string {
    if (this.#stale.size === 0 || this.#told === undefined) this.#told = position;
    return this.#told;
  }

  #send(text: string): void {
    this.#bound += text.length * bytesPerUnit;
    this.#channel.send(text);
  }

  #merge(subscription: Subscription, change: LiveChange): void {
    if (this.#stale.has(subscription)) return;
    if (subscription.ordered || change.put.some(({ at }) => at !== undefined)) {
      return this.#staleNow(subscription, slow);
    }
    let merged = this.#merged.get(subscription);
    if (merged === undefined) this.#merged.set(subscription, merged = new Map());
    for (const key of change.drop) this.#put(merged, key, null);
    for (const entry of change.put) this.#put(merged, entry.key, encodeEntry(entry));
    if (this.#mergedSize <= this.#limit) return;
    for (const each of [...this.#merged.keys()]) this.#staleNow(each, slow);
  }

  #put(merged: Map<string, string | null>, key: string, text: string | null): void {
    const before = merged.get(key);
    if (before !== undefined) this.#mergedSize -= sizeOf(key, before);
    this.#mergedSize += sizeOf(key, text);
    // The last one to be put is the last one in the result.
    merged.delete(key);
    merged.set(key, text);
  }

  #unmerge(subscription: Subscription): void {
    for (const [key, text] of this.#merged.get(subscription) ?? []) {
      this.#mergedSize -= sizeOf(key, text);
    }
    this.#merged.delete(subscription);
  }

  #staleNow(subscription: Subscription, reason: string | undefined): void {
    this.#unmerge(subscription);
    this.#stale.set(subscription, reason);
    if (this.#opening === subscription) this.#opening = undefined;
    this.#host.pause(subscription);
  }

  #opened(subscription: Subscription): void {
    if (this.#opening !== subscription) return;
    this.#opening = undefined;
    this.#next();
  }

  /** Stale subscriptions are opened one after the other, so that their results need not wait here. */
  #next(): void {
    if (this.#full || this.#opening !== undefined) return;
    const [next] = this.#stale.keys();
    if (next !== undefined) {
      this.#opening = next;
      return this.#host.reopen(next);
    }
    const messages = this.#messages;
    this.#messages = [];
    this.#messagesSize = 0;
    for (const text of messages) this.#send(text);
  }
}

/** What a key and a text take, about. */
function sizeOf(key: string, text: string | null): number {
  return key.length + (text?.length ?? 0) + 8;
}
