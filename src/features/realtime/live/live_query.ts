/**
 * A live query in this process: its result whenever it changes, or the changes themselves.
 *
 * @module
 */
import { Logger } from "../../../base/logger.ts";
import { type Consumer, iterate } from "./consumer.ts";
import type { LiveQueryEngine } from "./engine.ts";
import type {
  LiveChange,
  LiveExplanation,
  LiveHandle,
  LiveRequest,
  LiveSink,
  LiveSnapshot,
} from "./live.ts";

/** A record with its key, and for ordered queries its place. */
export interface LiveRecord<Row> {
  /** Tells it from the others: its primary key as text. */
  readonly key: string;
  /** The record. */
  readonly row: Row;
  /** Its place in the result after the whole change; only for ordered queries. */
  readonly at?: number;
}

/** What happened to a result. */
export type LiveEvent<Row> =
  /** The whole result: at first, and again where changes were lost or the reader was too slow (`reset` says why). */
  | {
    readonly kind: "snapshot";
    readonly position: string;
    readonly rows: readonly LiveRecord<Row>[];
    readonly reset?: string;
  }
  /** What one transaction changed, or several that came to one. */
  | {
    readonly kind: "change";
    readonly position: string;
    /** Keys of records that are gone. */
    readonly drop: readonly string[];
    /** Records that are new, changed or moved. */
    readonly put: readonly LiveRecord<Row>[];
  };

/** How a live query is followed. */
export interface LiveQueryOptions {
  /** Ends it; loops over it end without an error. */
  readonly signal?: AbortSignal;
}

/** How the changes of a live query are followed. */
export interface LiveChangesOptions {
  /** How many changes may wait for the reader until they are replaced by the whole result. Default: 1,000. */
  readonly buffer?: number;
}

const defaultBuffer = 1_000;
const log = Logger.child("live");

/**
 * A query that is kept true. It follows the database while somebody follows it: a loop, a subscription; the last one
 * that ends lets go of it. The records are shared with others who follow the same query: change the database, not them.
 *
 * ```ts ignore
 * const board = db.live(Post, { where: { published: true }, orderBy: { createdAt: "desc" } });
 * for await (const posts of board) console.log(posts.length);
 * ```
 */
export class LiveQuery<Row extends object>
  implements AsyncIterable<readonly Row[]>, AsyncDisposable {
  readonly #open: () => Promise<LiveQueryEngine>;
  readonly #request: LiveRequest;
  readonly #consumers = new Set<Consumer<LiveEvent<Row>>>();
  readonly #signal: AbortSignal | undefined;
  #records = new Map<string, Row>();
  #value: readonly Row[] | undefined;
  #position: string | undefined;
  #pending: LiveChange | undefined;
  #handle: LiveHandle | undefined;
  #opened = 0;
  #closed = false;

  /**
   * Made by `db.live()`.
   *
   * @param open gives the live queries of the database
   * @param request what is followed
   */
  constructor(
    open: () => Promise<LiveQueryEngine>,
    request: LiveRequest,
    { signal }: LiveQueryOptions = {},
  ) {
    this.#open = open;
    this.#request = request;
    this.#signal = signal;
    if (signal?.aborted) this.#closed = true;
    else signal?.addEventListener("abort", this.#abort, { once: true });
  }

  /** The result as it is; `undefined` before the first, and while nobody follows it. A new list after each change. */
  get value(): readonly Row[] | undefined {
    if (this.#position === undefined) return undefined;
    return this.#value ??= Object.freeze([...this.#records.values()]);
  }

  /** How it is kept true: by an index, by a scan in memory, or by running the query again. */
  async explain(): Promise<LiveExplanation> {
    if (this.#handle) return this.#handle.explain();
    return (await this.#open()).explain(this.#request);
  }

  /**
   * Calls back with the result, now and after every change.
   *
   * @param told is given the whole result
   * @param failed is told why it ended; left out, that is logged
   * @returns what ends it
   */
  subscribe(told: (rows: readonly Row[]) => void, failed?: (error: unknown) => void): () => void {
    const call = () => {
      try {
        told(this.value as readonly Row[]);
      } catch (error) {
        log.error("A subscriber of a live query failed", { error });
      }
    };
    const consumer: Consumer<LiveEvent<Row>> = {
      told: call,
      ended: (error) => {
        if (error === undefined) return;
        if (failed) failed(error);
        else log.error("A live query ended", { error });
      },
    };
    this.#add(consumer);
    if (this.#position !== undefined) {
      queueMicrotask(() => this.#consumers.has(consumer) && call());
    }
    return () => this.#leave(consumer);
  }

  /**
   * The result, now and after changes: always the latest one, so that a slow loop leaves some out.
   *
   * @throws what the query fails with
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<readonly Row[], undefined> {
    let fresh = this.#position !== undefined;
    return iterate(this.#consumed, () => void (fresh = true), () => {
      if (!fresh) return undefined;
      fresh = false;
      return this.value;
    });
  }

  /**
   * The result and then each change of it. A reader that is too slow for them is given the result again.
   *
   * @throws what the query fails with
   */
  changes(
    { buffer = defaultBuffer }: LiveChangesOptions = {},
  ): AsyncIterableIterator<LiveEvent<Row>, undefined> {
    let waiting: LiveEvent<Row>[] = this.#position === undefined ? [] : [this.#snapshot()];
    let lost = false;
    return iterate(this.#consumed, (event) => {
      if (event.kind === "snapshot") [waiting, lost] = [[event], false];
      else if (waiting.length < buffer && !lost) waiting.push(event);
      else [waiting, lost] = [[], true];
    }, () => {
      if (!lost) return waiting.shift();
      lost = false;
      return this.#snapshot("the reader was too slow");
    });
  }

  /** Ends it for all who follow it; their loops end. */
  close(): void {
    this.#end(undefined);
    this.#closed = true;
    this.#signal?.removeEventListener("abort", this.#abort);
  }

  /** Ends it. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  readonly #consumed = {
    add: (consumer: Consumer<LiveEvent<Row>>): void => this.#add(consumer),
    leave: (consumer: Consumer<LiveEvent<Row>>): void => this.#leave(consumer),
  };

  readonly #abort = (): void => this.close();

  readonly #sink: LiveSink<number> = {
    snapshot: (opened, snapshot) => {
      if (opened !== this.#opened) return;
      this.#take(snapshot);
    },
    resumed: () => {},
    change: (opened, change) => {
      if (opened !== this.#opened) return;
      this.#records = applied(this.#records, change);
      this.#value = undefined;
      this.#pending = change;
    },
    flush: (position) => {
      const change = this.#pending;
      if (!change) return;
      this.#pending = undefined;
      this.#position = position;
      const { drop, put } = change;
      const records = put as readonly LiveRecord<unknown>[] as readonly LiveRecord<Row>[];
      this.#tell({ kind: "change", position, drop, put: records });
    },
    failed: (opened, error) => {
      if (opened === this.#opened) this.#end(error);
    },
  };

  #take({ entries, position, reset }: LiveSnapshot): void {
    this.#records = new Map(entries.map(({ key, row }) => [key, row as Row]));
    this.#value = undefined;
    this.#position = position;
    this.#pending = undefined;
    const rows = entries as readonly LiveRecord<unknown>[] as readonly LiveRecord<Row>[];
    this.#tell({ kind: "snapshot", position, rows, ...reset !== undefined && { reset } });
  }

  #snapshot(reset?: string): LiveEvent<Row> {
    const rows = [...this.#records].map(([key, row]) => ({ key, row }));
    const position = this.#position as string;
    return { kind: "snapshot", position, rows, ...reset !== undefined && { reset } };
  }

  #tell(event: LiveEvent<Row>): void {
    for (const consumer of [...this.#consumers]) consumer.told(event);
  }

  #add(consumer: Consumer<LiveEvent<Row>>): void {
    if (this.#closed) return consumer.ended(undefined);
    this.#consumers.add(consumer);
    if (this.#consumers.size === 1) void this.#start();
  }

  #leave(consumer: Consumer<LiveEvent<Row>>): void {
    if (this.#consumers.delete(consumer) && this.#consumers.size === 0) this.#stop();
  }

  async #start(): Promise<void> {
    const opened = ++this.#opened;
    let engine: LiveQueryEngine | undefined;
    try {
      engine = await this.#open();
      if (opened !== this.#opened) return;
      this.#handle = engine.open(this.#request, this.#closing(engine), opened);
    } catch (error) {
      if (opened === this.#opened) this.#end(error);
    }
  }

  /** The sink, which ends without an error when the database is disconnected. */
  #closing(engine: LiveQueryEngine): LiveSink<number> {
    return {
      ...this.#sink,
      failed: (opened, error) => this.#sink.failed(opened, engine.closed ? undefined : error),
    };
  }

  #stop(): void {
    this.#opened++;
    this.#handle?.close();
    this.#handle = undefined;
    this.#records = new Map();
    this.#value = undefined;
    this.#position = undefined;
    this.#pending = undefined;
  }

  #end(error: unknown): void {
    const consumers = [...this.#consumers];
    this.#consumers.clear();
    this.#stop();
    for (const consumer of consumers) consumer.ended(error);
  }
}

/** The records after a change. */
function applied<Row>(records: Map<string, Row>, { drop, put }: LiveChange): Map<string, Row> {
  for (const key of drop) records.delete(key);
  if (put[0]?.at === undefined) {
    for (const { key, row } of put) records.set(key, row as Row);
    return records;
  }
  for (const { key } of put) records.delete(key);
  const list = [...records];
  for (const { key, row, at = list.length } of put) list.splice(at, 0, [key, row as Row]);
  return new Map(list);
}
