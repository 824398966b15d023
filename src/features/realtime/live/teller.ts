/**
 * Tells sinks what changed, and up to where.
 *
 * @module
 */
import { Logger } from "../../../base/logger.ts";
import type { LiveChange, LiveSink, LiveSnapshot } from "./live.ts";

/** Somebody who follows a view. */
export interface Subscriber {
  /** Who is told. */
  readonly sink: LiveSink<unknown>;
  /** What the sink knows the subscription by. */
  readonly tag: unknown;
  /** The position that it has, until it was answered. */
  since: string | undefined;
  /** It has the result, and is told of changes. */
  live: boolean;
}

/** Positions that may not be told yet. */
interface Hold {
  readonly position: string;
  count: number;
}

const log = Logger.child("live");

/**
 * The one who talks to sinks. A sink is told positions up to which all its subscriptions have been told, so that whoever
 * comes back with one lacks nothing: while one of them lags behind, its sink is told the position before that.
 */
export class Teller {
  readonly #touched = new Set<LiveSink<unknown>>();
  readonly #holds = new Map<LiveSink<unknown>, Hold>();

  /** Tells subscribers that have the result. */
  change(subscribers: Iterable<Subscriber>, change: LiveChange): void {
    for (const subscriber of subscribers) {
      if (!subscriber.live) continue;
      this.#call(() => subscriber.sink.change(subscriber.tag, change));
      this.#touched.add(subscriber.sink);
    }
  }

  /** Gives a subscriber the result. */
  snapshot(subscriber: Subscriber, snapshot: LiveSnapshot): void {
    subscriber.live = true;
    subscriber.since = undefined;
    this.#call(() => subscriber.sink.snapshot(subscriber.tag, snapshot));
  }

  /** Tells a subscriber that it lacks only this. */
  resumed(subscriber: Subscriber, position: string, change: LiveChange | undefined): void {
    subscriber.live = true;
    subscriber.since = undefined;
    this.#call(() => subscriber.sink.resumed(subscriber.tag, position));
    if (change) this.change([subscriber], change);
  }

  /** Tells a subscriber that it has ended. */
  failed(subscriber: Subscriber, error: unknown): void {
    subscriber.live = false;
    this.#call(() => subscriber.sink.failed(subscriber.tag, error));
  }

  /** Tells all sinks that were told something up to where that is. */
  flush(position: string): void {
    if (this.#touched.size === 0) return;
    const touched = [...this.#touched];
    this.#touched.clear();
    for (const sink of touched) {
      this.#call(() => sink.flush(this.#holds.get(sink)?.position ?? position));
    }
  }

  /**
   * Keeps back positions after `position` from sinks; returns what ends that.
   *
   * @param sinks those with a subscription that lags behind from there on
   */
  hold(sinks: ReadonlySet<LiveSink<unknown>>, position: string): () => void {
    for (const sink of sinks) {
      const known = this.#holds.get(sink);
      if (known) known.count++;
      else this.#holds.set(sink, { position, count: 1 });
    }
    return () => {
      for (const sink of sinks) {
        const known = this.#holds.get(sink);
        if (known && --known.count === 0) this.#holds.delete(sink);
      }
    };
  }

  #call(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      log.error("A sink of live queries failed", { error });
    }
  }
}
