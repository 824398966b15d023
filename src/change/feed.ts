/**
 * The feed: reads one source for a whole process, begins again where a connection failed, and keeps what was told
 * last for those who come back.
 *
 * @module
 */
import { pause } from "../base/abort.ts";
import { ConnectionError } from "../base/errors.ts";
import { Logger } from "../base/logger.ts";
import type { BatchMark, ChangeBatch, ChangeSource, SourceStep } from "./source.ts";

/** Follows a feed. What a listener throws is logged and disturbs nobody else. */
export interface FeedListener {
  /** Told every batch, in order. */
  batch(batch: ChangeBatch): void;
  /** Told where the feed is after some batches, or after none where only the position moved on. */
  moved?(position: string): void;
  /** Changes were lost: whatever is held of the data has to be read anew, at `position` or later. */
  reset(reason: string, position: string): void;
}

/** What is kept for those who come back. */
export interface FeedRetention {
  /** At most so many changes. Default: 20,000. */
  readonly changes?: number;
  /** At most for so many milliseconds. Default: five minutes. */
  readonly age?: number;
}

/** How a feed is set up. */
export interface FeedOptions {
  /** What is kept for those who come back. */
  readonly retention?: FeedRetention;
}

/** Figures of a feed. */
export interface FeedStats {
  /** The source's name. */
  readonly source: string;
  /** Whether it is being read. */
  readonly running: boolean;
  /** Where it is. */
  readonly position: string | undefined;
  /** Batches told. */
  readonly batches: number;
  /** Changes told. */
  readonly changes: number;
  /** Changes that are kept. */
  readonly kept: number;
  /** How often the reading was begun again. */
  readonly reconnects: number;
  /** How often changes were lost. */
  readonly resets: number;
  /** Figures of the source. */
  readonly details: Readonly<Record<string, number | string>>;
}

interface Kept {
  readonly batch: ChangeBatch;
  readonly time: number;
  /** The position before it. */
  readonly before: string;
}

interface Waiter {
  readonly mark: Partial<BatchMark>;
  readonly done: (told: boolean) => void;
}

/** How many transactions are known by name: who waits for one asks soon after its commit. */
const knownTransactions = 10_000;
const shortestPause = 50;
const longestPause = 10_000;
const noDetails = Object.freeze({});
const log = Logger.child("feed");

/**
 * One source, read once for all who follow it in this process.
 *
 * ```ts ignore
 * const feed = await db.feed();
 * const end = feed.subscribe({
 *   batch: ({ changes }) => console.log(changes),
 *   reset: (reason) => console.warn(`read everything anew: ${reason}`),
 * });
 * ```
 */
export class ChangeFeed implements AsyncDisposable {
  /** What it reads. */
  readonly source: ChangeSource;
  readonly #retention: Required<FeedRetention>;
  readonly #listeners = new Set<FeedListener>();
  readonly #waiters = new Set<Waiter>();
  readonly #end = new AbortController();
  /** The newest transactions that were told; the older ones of them are forgotten at once. */
  #transactions: Set<string> = new Set();
  #olderTransactions: ReadonlySet<string> = new Set();
  /** What is kept, from `#first` on: to take out each one by itself would move all others every time. */
  #kept: Kept[] = [];
  #first = 0;
  #keptChanges = 0;
  #position: string | undefined;
  #starting: Promise<void> | undefined;
  #reading: Promise<void> | undefined;
  #batches = 0;
  #changes = 0;
  #reconnects = 0;
  #resets = 0;

  /** Makes a feed; nothing is read before `start()`. */
  constructor(source: ChangeSource, options: FeedOptions = {}) {
    const { changes = 20_000, age = 5 * 60_000 } = options.retention ?? {};
    this.source = source;
    this.#retention = { changes, age };
  }

  /** Where it is: everything up to there was told. Nothing before it has started. */
  get position(): string | undefined {
    return this.#position;
  }

  /**
   * Begins to read; from its end on everything that is committed is told. Further calls wait for the first.
   *
   * @throws what keeps the source from being read: it can be started again then
   * @throws {ConnectionError} when it is closed
   */
  start(): Promise<void> {
    if (this.#end.signal.aborted) return Promise.reject(closedError());
    this.#starting ??= this.#begin().catch((error) => {
      this.#starting = undefined;
      throw error;
    });
    return this.#starting;
  }

  /** Follows it from now on; returns what ends that. */
  subscribe(listener: FeedListener): () => void {
    const entry = { ...bound(listener) };
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  /**
   * The batches that a reader at `position` has not had.
   *
   * @returns `undefined` when not all of them are kept any more
   */
  since(position: string): readonly ChangeBatch[] | undefined {
    const { positions } = this.source;
    if (this.#position === undefined) return undefined;
    const start = this.#kept[this.#first]?.before ?? this.#position;
    if (!positions.reaches(position, start)) return undefined;
    return this.#kept.slice(this.#first).map(({ batch }) => batch).filter((batch) =>
      !positions.has(position, batch)
    );
  }

  /**
   * Waits until the batch of a transaction was told to all listeners.
   *
   * @param mark what `source.markOf()` gave for it
   * @param options `timeout` in milliseconds; left out: for as long as it takes
   * @returns `false` when the time is up or the feed was closed
   */
  delivered(
    mark: Partial<BatchMark>,
    options: { readonly signal?: AbortSignal; readonly timeout?: number } = {},
  ): Promise<boolean> {
    if (this.#told(mark)) return Promise.resolve(true);
    const { signal, timeout } = options;
    if (this.#end.signal.aborted || signal?.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const stop = () => waiter.done(false);
      const timer = timeout === undefined ? undefined : setTimeout(stop, timeout);
      const waiter: Waiter = {
        mark,
        done: (told) => {
          this.#waiters.delete(waiter);
          clearTimeout(timer);
          signal?.removeEventListener("abort", stop);
          resolve(told);
        },
      };
      signal?.addEventListener("abort", stop, { once: true });
      this.#waiters.add(waiter);
    });
  }

  /** Figures since it was made. Reading them costs no statement. */
  stats(): FeedStats {
    return Object.freeze({
      source: this.source.name,
      running: this.#reading !== undefined && !this.#end.signal.aborted,
      position: this.#position,
      batches: this.#batches,
      changes: this.#changes,
      kept: this.#keptChanges,
      reconnects: this.#reconnects,
      resets: this.#resets,
      details: this.source.stats?.() ?? noDetails,
    });
  }

  /** Ends the reading. Listeners hear nothing more. */
  async close(): Promise<void> {
    this.#end.abort(closedError());
    this.#listeners.clear();
    for (const waiter of [...this.#waiters]) waiter.done(false);
    this.#forget();
    await this.#reading;
  }

  /** Ends the reading. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #begin(): Promise<void> {
    return new Promise((resolve, reject) => {
      const failed = (error: unknown) => {
        this.#reading = undefined;
        reject(error);
      };
      this.#reading = this.#run(resolve, failed);
    });
  }

  /** Reads until the feed is closed; a failure before the first step ends it. */
  async #run(started: () => void, failed: (error: unknown) => void): Promise<void> {
    const { signal } = this.#end;
    let begun = false;
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        for await (const step of this.source.read({ after: this.#position, signal })) {
          if (signal.aborted) break;
          failures = 0;
          this.#take(step);
          if (!begun) started();
          begun = true;
        }
        if (!signal.aborted) throw new ConnectionError(`The feed ended: ${this.source.name}`);
      } catch (error) {
        if (signal.aborted) break;
        if (!begun) return failed(error);
        this.#reconnects++;
        log.warn("Changes cannot be read: trying again", { source: this.source.name, error });
      }
      const longest = Math.min(shortestPause * 2 ** failures, longestPause);
      await pause(longest * (0.5 + Math.random() / 2), signal).catch(() => {});
    }
    if (!begun) failed(closedError());
  }

  #take(step: SourceStep): void {
    if (step.reset !== undefined) {
      this.#reset(step.reset, step.batches[0]?.position ?? step.position);
    }
    for (const batch of step.batches) {
      this.#keep(batch);
      this.#position = batch.position;
      this.#batches++;
      this.#changes += batch.changes.length;
      this.#note(batch);
      this.#tell((listener) => listener.batch(batch));
    }
    const moved = this.#position !== step.position || step.batches.length > 0;
    this.#position = step.position;
    if (moved) this.#tell((listener) => listener.moved?.(step.position));
    for (const waiter of [...this.#waiters]) if (this.#told(waiter.mark)) waiter.done(true);
  }

  #reset(reason: string, position: string): void {
    this.#resets++;
    this.#forget();
    log.warn("Changes were lost: what is held of the data is read anew", {
      source: this.source.name,
      reason,
    });
    this.#tell((listener) => listener.reset(reason, position));
    // Whoever waits for a batch that may be among the lost ones would wait for ever.
    for (const waiter of [...this.#waiters]) waiter.done(true);
  }

  #keep(batch: ChangeBatch): void {
    const now = Date.now();
    this.#kept.push({ batch, time: now, before: this.#position ?? batch.position });
    this.#keptChanges += batch.changes.length;
    const { changes, age } = this.#retention;
    for (; this.#first < this.#kept.length; this.#first++) {
      const { batch, time } = this.#kept[this.#first] as Kept;
      if (this.#keptChanges <= changes && now - time <= age) break;
      this.#keptChanges -= batch.changes.length;
    }
    if (this.#first < 1000 || this.#first * 2 < this.#kept.length) return;
    this.#kept.splice(0, this.#first);
    this.#first = 0;
  }

  #forget(): void {
    this.#kept = [];
    this.#first = 0;
    this.#keptChanges = 0;
  }

  /** Whether the batch with this mark was told. */
  #told({ position, transaction }: Partial<BatchMark>): boolean {
    if (position === undefined && transaction === undefined) return true;
    if (this.#position === undefined) return false;
    if (position !== undefined) return this.source.positions.reaches(this.#position, position);
    return transaction !== undefined &&
      (this.#transactions.has(transaction) || this.#olderTransactions.has(transaction));
  }

  #note({ transaction }: ChangeBatch): void {
    if (transaction === undefined) return;
    this.#transactions.add(transaction);
    if (this.#transactions.size < knownTransactions) return;
    // To take out the oldest one of a set by itself would walk over those that were taken out before.
    this.#olderTransactions = this.#transactions;
    this.#transactions = new Set();
  }

  #tell(call: (listener: FeedListener) => void): void {
    for (const listener of [...this.#listeners]) {
      try {
        call(listener);
      } catch (error) {
        log.error("A listener of the feed failed", { error });
      }
    }
  }
}

function bound(listener: FeedListener): FeedListener {
  return {
    batch: (batch) => listener.batch(batch),
    moved: (position) => listener.moved?.(position),
    reset: (reason, position) => listener.reset(reason, position),
  };
}

function closedError(): ConnectionError {
  return new ConnectionError("Cannot follow changes: the feed is closed", undefined, undefined, {
    hint: "Ask the database for a new one with db.feed().",
  });
}
