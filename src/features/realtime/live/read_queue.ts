/**
 * Reads for views: each in a transaction that sees one snapshot whose position is known, so many at a time.
 *
 * @module
 */
import { pause } from "../../../base/abort.ts";
import {
  ConnectionError,
  DeadlockError,
  LockTimeoutError,
  PoolExhaustedError,
  SerializationError,
} from "../../../base/errors.ts";
import { Logger } from "../../../base/logger.ts";
import type { ChangeSource } from "../../../change/source.ts";
import type { Session } from "../../../engine/session.ts";
import type { ToldBatches } from "./told_batches.ts";

/** Something to be read. */
export interface ReadTask<T = unknown> {
  /** Whether nobody needs it any more. */
  readonly cancelled: boolean;
  /** Told before the snapshot is taken; again when it is taken again. */
  begin(): void;
  /** Reads. */
  read(snapshot: Session): Promise<T>;
  /** Takes what was read, and the position of the snapshot. */
  finish(position: string, value: T): void;
  /** Told of a failure that will not go away by itself. */
  fail(error: unknown): void;
}

/** How many read at once. */
export interface ReadQueueOptions {
  /** First reads at once. */
  readonly first: number;
  /** Repeated reads at once. */
  readonly again: number;
}

const shortestPause = 50;
const longestPause = 5_000;
/** How many reads share a snapshot where many wait. */
const groupSize = 32;
const log = Logger.child("live");
/** Ends a snapshot that does not have all that was told. */
const notYetVisible = new SerializationError("A change that was told cannot be seen yet");

/** One kind of reads. */
class Lane {
  readonly waiting: ReadTask[] = [];
  running = 0;

  constructor(readonly width: number) {}
}

/** Reads what is asked for, first reads apart from repeated ones, so that neither waits for the other. */
export class ReadQueue {
  readonly #session: Session;
  readonly #source: ChangeSource;
  readonly #told: ToldBatches;
  readonly #end = new AbortController();
  readonly #lanes: Readonly<Record<"first" | "again", Lane>>;
  readonly #workers = new Set<Promise<void>>();

  /** Makes a queue; its snapshots have all batches that were told before. */
  constructor(
    session: Session,
    source: ChangeSource,
    told: ToldBatches,
    { first, again }: ReadQueueOptions,
  ) {
    this.#session = session;
    this.#source = source;
    this.#told = told;
    this.#lanes = { first: new Lane(first), again: new Lane(again) };
  }

  /** Whether it was closed. */
  get closed(): boolean {
    return this.#end.signal.aborted;
  }

  /** Reads as soon as it is its turn. */
  add(task: ReadTask, kind: "first" | "again"): void {
    const lane = this.#lanes[kind];
    lane.waiting.push(task);
    if (lane.running >= lane.width || this.closed) return;
    lane.running++;
    // Not at once: what is asked for in one go is then read in one go.
    const work = Promise.resolve().then(() => this.#work(lane)).finally(() => {
      this.#workers.delete(work);
    });
    this.#workers.add(work);
  }

  /**
   * Runs work on a snapshot that has all that was told before. Connections that fail are tried again until it is closed.
   */
  async snapshot<T>(
    work: (snapshot: Session) => Promise<T>,
    begin?: () => void,
  ): Promise<{ readonly position: string; readonly value: T }> {
    for (let failures = 0;; failures++) {
      this.#end.signal.throwIfAborted();
      try {
        begin?.();
        return await this.#once(work);
      } catch (error) {
        const unseen = error === notYetVisible;
        if (!unseen && !isTransient(error)) throw error;
        if (!unseen) log.warn("Live queries cannot be read: trying again", { error });
        const first = unseen ? 1 : shortestPause;
        const longest = Math.min(first * 2 ** failures, longestPause);
        await pause(longest * (0.5 + Math.random() / 2), this.#end.signal);
      }
    }
  }

  /** Ends it: what waits is not read any more. */
  async close(): Promise<void> {
    this.#end.abort(new ConnectionError("Live queries were closed"));
    await Promise.allSettled([...this.#workers]);
  }

  #once<T>(
    work: (snapshot: Session) => Promise<T>,
  ): Promise<{ readonly position: string; readonly value: T }> {
    const { isolationLevels, supportsReadOnly } = this.#session.dialect.capabilities;
    const level = "repeatable read";
    const hasTold = this.#told.expect();
    return this.#session.transaction(async (tx) => {
      const position = await this.#source.positionOf(tx);
      if (!hasTold(position)) throw notYetVisible;
      return { position, value: await work(tx) };
    }, {
      ...supportsReadOnly && { readOnly: true },
      ...isolationLevels.includes(level) && { isolation: level },
    });
  }

  async #work(lane: Lane): Promise<void> {
    while (lane.waiting.length > 0 && !this.closed) {
      const share = Math.ceil(lane.waiting.length / lane.width);
      const tasks = lane.waiting.splice(0, Math.min(groupSize, share));
      await this.#readAll(tasks);
    }
    lane.running--;
  }

  async #readAll(given: readonly ReadTask[]): Promise<void> {
    const tasks = given.filter((task) => !task.cancelled);
    if (tasks.length === 0) return;
    try {
      const { position, value } = await this.snapshot(
        (tx) => allOf(tasks.map((task) => task.read(tx))),
        () => tasks.forEach((task) => task.begin()),
      );
      tasks.forEach((task, i) => this.#deliver(task, position, value[i]));
    } catch (error) {
      if (this.closed) return;
      const [only] = tasks;
      if (only && tasks.length === 1) return only.fail(error);
      // One of them failed: each is read alone, so that it fails alone.
      for (const task of tasks) await this.#readAll([task]);
    }
  }

  #deliver(task: ReadTask, position: string, value: unknown): void {
    if (task.cancelled || this.closed) return;
    try {
      task.finish(position, value);
    } catch (error) {
      task.fail(error);
    }
  }
}

/** Waits for all, also where one fails: the transaction ends only then. */
async function allOf<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(work);
  for (const each of settled) if (each.status === "rejected") throw each.reason;
  return settled.map((each) => (each as PromiseFulfilledResult<T>).value);
}

/** Whether a failure goes away by itself: the way to the database, or others in it. */
function isTransient(error: unknown): boolean {
  return error instanceof ConnectionError || error instanceof PoolExhaustedError ||
    error instanceof SerializationError || error instanceof DeadlockError ||
    error instanceof LockTimeoutError;
}
