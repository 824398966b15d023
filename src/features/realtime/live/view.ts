/**
 * A view: the result of one query, for all who subscribe to it.
 *
 * @module
 */
import { QueryError } from "../../../base/errors.ts";
import type { PositionOrder } from "../../../change/source.ts";
import type { Session } from "../../../engine/session.ts";
import type { LiveChange, LiveEntry, LiveSink } from "./live.ts";
import type { ReadTask } from "./read_queue.ts";
import { difference, emptyResult, entries, type HeldRow, type Result } from "./result.ts";
import type { Subscriber, Teller } from "./teller.ts";
import type { ViewQuery } from "./view_query.ts";

/** What views have in common with each other. */
export interface ViewHost {
  /** Compares positions. */
  readonly positions: PositionOrder;
  /** Up to where batches were followed. */
  readonly position: string;
  /** The most records that one view holds. */
  readonly maxRows: number;
  /** Talks to sinks. */
  readonly teller: Teller;
  /** Has a view read. */
  read(view: View): void;
  /** A view has what its subscribers wait for: told of those who came meanwhile. */
  loaded(view: View): void;
  /** Takes a view that has failed out of all. */
  remove(view: View): void;
}

/** Waits until what changed up to now was told. */
interface Waiter {
  readonly wanted: number;
  resolve(): void;
}

/** The result of one query. */
export abstract class View implements ReadTask<readonly HeldRow[]> {
  /** What is followed. */
  readonly query: ViewQuery;
  /** Who follows it. */
  readonly subscribers = new Set<Subscriber>();
  /** What it shares with the others. */
  protected readonly host: ViewHost;
  /** The records, by key. */
  #result: Result = emptyResult;
  #entries: readonly LiveEntry[] | undefined;
  #state: "idle" | "queued" | "running" = "idle";
  #loaded = false;
  #ended = false;
  #reset: string | undefined;
  #position: string | undefined;
  /** How often a read was asked for; those that the running one serves; those that were served. */
  #wanted = 0;
  #started = 0;
  #done = 0;
  #again = false;
  #waiters: Waiter[] = [];
  #release: (() => void) | undefined;

  /** Makes a view without a result. */
  constructor(query: ViewQuery, host: ViewHost) {
    this.query = query;
    this.host = host;
  }

  /** Whether nobody needs it any more. */
  get cancelled(): boolean {
    return this.#ended;
  }

  /** Whether it has had a result. */
  get wasLoaded(): boolean {
    return this.#loaded;
  }

  /** Whether a read is asked for or under way. */
  get isReading(): boolean {
    return this.#state !== "idle";
  }

  /** Whether a read is under way. */
  get isRunning(): boolean {
    return this.#state === "running";
  }

  /** The records that it holds, in the order of the query where it has one. */
  get result(): Result {
    return this.#result;
  }

  /** How many records it holds. */
  get size(): number {
    return this.#result.size;
  }

  /** Up to where changes are in the result. */
  get position(): string {
    return this.#position ?? this.host.position;
  }

  /** The records as subscribers are told of them. */
  get entries(): readonly LiveEntry[] {
    return this.#entries ??= Object.freeze(entries(this.result, this.query.ordered));
  }

  /** Whether all that a reader at `position` has is in the result. */
  covers(position: string): boolean {
    const { positions } = this.host;
    return positions.reaches(this.position, position) ||
      positions.reaches(this.host.position, position);
  }

  /** Whether a batch is in the result already, since the result was read after it. */
  protected hasHad(batch: { readonly position: string }): boolean {
    const { positions, position } = this.host;
    if (this.#position === undefined) return false;
    if (positions.reaches(position, this.#position)) {
      this.#position = undefined;
      return false;
    }
    return positions.has(this.#position, batch);
  }

  /**
   * Has the result read anew.
   *
   * @param reset why what subscribers have cannot be changed into it; they are then given the whole
   */
  want(reset?: string): void {
    this.#again = true;
    this.#reset = reset ?? this.#reset;
    this.asked();
  }

  /** Something may have changed: reads, unless a read is under way that may see it. */
  protected asked(): void {
    this.#wanted++;
    if (this.#state !== "idle" || this.#ended) return;
    this.#enqueue();
  }

  /** Asks for a read; subscribers have been told all up to `position`, and are not told more until then. */
  #enqueue(position = this.host.position): void {
    if (this.#loaded && this.query.inMemory) this.#lag(position);
    this.#state = "queued";
    this.host.read(this);
  }

  /** Called before the snapshot is taken. */
  begin(): void {
    this.#state = "running";
    this.#started = this.#wanted;
    this.#again = false;
  }

  /** Reads the result. */
  abstract read(snapshot: Session): Promise<readonly HeldRow[]>;

  /** Takes a result that was read. */
  finish(position: string, rows: readonly HeldRow[]): void {
    this.refuseTooMany(rows.length);
    const brought = this.brought(position, rows);
    const current = brought.current && !this.#again;
    this.#position = position;
    this.#replace(brought.result, current);
    this.#loaded = true;
    this.#done = current ? this.#wanted : this.#started;
    this.#state = "idle";
    const release = this.#release;
    this.#release = undefined;
    if (current) release?.();
    this.host.loaded(this);
    if (!current) {
      // Those who have it now are as far as its snapshot, and no further.
      if (!this.#ended && !this.isReading) this.#enqueue(position);
      release?.();
    }
    this.#tellWaiters();
  }

  /**
   * Brings a result that was read up to what was followed meanwhile.
   *
   * @returns the result, and whether it is up to date; where not it is read again
   */
  protected abstract brought(
    position: string,
    rows: readonly HeldRow[],
  ): { readonly result: Result; readonly current: boolean };

  /** Takes note of a result that was read; the map is the view's own. */
  protected replaced(_result: Result): void {}

  /** Ends it for all: a failure that does not go away. */
  fail(error: unknown): void {
    if (this.#ended) return;
    const subscribers = [...this.subscribers];
    this.host.remove(this);
    for (const each of subscribers) this.host.teller.failed(each, error);
  }

  /** Takes it out of all; whoever waits for it waits no more. */
  end(): void {
    this.#ended = true;
    this.subscribers.clear();
    this.#release?.();
    this.#release = undefined;
    this.#result = emptyResult;
    this.#entries = undefined;
    this.#done = this.#wanted;
    this.#tellWaiters();
  }

  /** Resolves when subscribers were told all that changed up to now. */
  settled(): Promise<void> {
    if (this.#done >= this.#wanted || this.#ended) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ wanted: this.#wanted, resolve }));
  }

  /** Tells what changed in the result. */
  protected changed(change: LiveChange): void {
    this.#entries = undefined;
    this.host.teller.change(this.subscribers, change);
  }

  /** Keeps back later positions from its subscribers' sinks: they will not have been told all. */
  #lag(position: string): void {
    if (this.#release) return;
    const sinks = new Set<LiveSink<unknown>>();
    for (const { live, sink } of this.subscribers) if (live) sinks.add(sink);
    this.#release = this.host.teller.hold(sinks, position);
  }

  /** Refuses a result that is larger than what a view may hold. */
  protected refuseTooMany(count: number): void {
    const { maxRows } = this.host;
    if (count <= maxRows) return;
    throw new QueryError(
      `Cannot follow this query of ${this.query.entity.name}: it has more than ${maxRows} records`,
      { hint: "narrow it by where or limit, or allow more with maxRows" },
    );
  }

  /** Tells live subscribers of a result that was read. */
  #replace(after: Result, current: boolean): void {
    const { teller, positions, position } = this.host;
    const { result, change } = difference(this.result, after, this.query.ordered);
    this.#entries = undefined;
    this.#result = result;
    this.replaced(result);
    const reset = this.#reset;
    this.#reset = undefined;
    if (current && positions.reaches(position, this.#position as string)) {
      this.#position = undefined;
    }
    if (reset === undefined) {
      if (change) teller.change(this.subscribers, change);
      return;
    }
    const snapshot = Object.freeze({ entries: this.entries, position: this.position, reset });
    for (const each of [...this.subscribers]) if (each.live) teller.snapshot(each, snapshot);
  }

  #tellWaiters(): void {
    const waiting = this.#waiters;
    if (waiting.length === 0) return;
    this.#waiters = waiting.filter((each) => each.wanted > this.#done);
    for (const each of waiting) if (each.wanted <= this.#done) each.resolve();
  }
}
