/**
 * Keeps queries true: follows the change feed, applies changes to results that are held, and runs those queries
 * again whose results cannot be told from the changes.
 *
 * A batch is handled whole before the next one. Where a source does not tell all of a row, the rows are read first,
 * those of all batches that wait together. A query that is run again holds nobody up.
 *
 * @module
 */
import { inBackground } from "../../../base/background_timer.ts";
import { ConnectionError, PoolExhaustedError, QueryError } from "../../../base/errors.ts";
import { Logger } from "../../../base/logger.ts";
import { Semaphore } from "../../../base/semaphore.ts";
import type { ChangeFeed } from "../../../change/feed.ts";
import type { BatchMark, ChangeBatch, RowChange } from "../../../change/source.ts";
import type { Semantics } from "../../../dialect/semantics.ts";
import type { Session } from "../../../engine/session.ts";
import { readQuery } from "../../../repository/find.ts";
import { ShapeReader } from "../../../repository/shape.ts";
import type { EntitySchema } from "../../../schema/entity.ts";
import { analyse } from "./analysis.ts";
import { keyText } from "./keys.ts";
import type {
  LiveChange,
  LiveExplanation,
  LiveHandle,
  LiveQueries,
  LiveRequest,
  LiveShape,
  LiveSink,
  LiveStats,
} from "./live.ts";
import { readByKeys } from "./read_keys.ts";
import { copyOfQuery, valuesText } from "./query_copy.ts";
import { readView, snapshotOptions } from "./read_view.ts";
import { type ImageLoader, RowReader, type RowValues } from "./row_values.ts";
import { type ResolvedRows, TableViews } from "./table_views.ts";
import { tableName } from "./tables.ts";
import { type ReadResult, View } from "./view.ts";

/** What live queries work on. */
export interface LiveQuerySetup {
  /** Reads results. */
  readonly session: Session;
  /** Tells changes. */
  readonly feed: ChangeFeed;
  /** Reads the values of the feed's row images. */
  readonly loader: ImageLoader;
  /** How the database compares values. */
  readonly semantics: Semantics;
  /** The most records that one query may hold. Default: 10,000. */
  readonly maxRows?: number;
  /** How many queries are read at once. Default: 4. */
  readonly concurrency?: number;
  /** Milliseconds that a query is kept true after its last subscriber has gone. Default: 30,000. */
  readonly linger?: number;
}

/** One subscriber of a view. */
interface Follower {
  readonly sink: LiveSink<unknown>;
  readonly tag: unknown;
  /** Whether it has its snapshot. */
  ready: boolean;
  /** Where it says to be, until it has been told. */
  since: string | undefined;
}

type LiveView = View<Follower>;
type Table = TableViews<Follower>;
type MissingRows = Map<Table, Map<string, Record<string, unknown>>>;

/** What is to be handled next. */
interface Task {
  /** A batch; */
  readonly batch?: ChangeBatch;
  /** for this view alone, which was being read when it came. */
  readonly only?: LiveView;
  /** Or what follows the tasks before it. */
  readonly then?: () => void;
}

const log = Logger.child("live");
/** Batches that a new view may have to be told though they were handled before: see `#recent`. */
const recentBatches = 32;
/** Batches that a view keeps while it is being read. */
const mostWaiting = 10_000;
const shortestPause = 50;
const longestPause = 5_000;
const settlingTime = 10_000;
const lostHistory = "changes since then are not kept any more";

/** Keeps queries true. */
export class LiveQueryEngine implements LiveQueries {
  readonly #setup: Required<LiveQuerySetup>;
  readonly #permits: Semaphore;
  readonly #views = new Map<string, LiveView>();
  /** Views by the name of their own table: those of each entity that is stored in it. */
  readonly #tables = new Map<string, Table[]>();
  /** Views by tables that they reach through relations. */
  readonly #reaching = new Map<string, Set<LiveView>>();
  /** Views that are being read, or have to be told what came meanwhile. */
  readonly #loading = new Set<LiveView>();
  /** Tables with rows that were read ahead of the feed. */
  readonly #fenced = new Set<Table>();
  readonly #lingering = new Map<LiveView, number>();
  #queue: Task[] = [];
  #pumping = false;
  /**
   * The newest batches that were handled. A replication stream can tell of a commit a moment before others see it, so
   * the snapshot of a view that is opened in that moment may lack it.
   */
  #recent: ChangeBatch[] = [];
  #position: string;
  #sweep: (() => void) | undefined;
  #unfollow: () => void;
  #closed = false;
  #subscriptions = 0;
  #batches = 0;
  #queries = 0;

  /** Begins to follow a feed, which has to be started. */
  constructor(setup: LiveQuerySetup) {
    this.#setup = { maxRows: 10_000, concurrency: 4, linger: 30_000, ...setup };
    this.#permits = new Semaphore({
      permits: this.#setup.concurrency,
      subject: "a live query to be read",
    });
    this.#position = setup.feed.position ?? "";
    this.#unfollow = setup.feed.subscribe({
      batch: (batch) => this.#take(batch),
      moved: (position) => this.#moved(position),
      reset: (reason) => this.#reset(reason),
    });
  }

  /** Up to where subscribers have been told. */
  get position(): string {
    return this.#position;
  }

  /**
   * Subscribes; the sink is told later.
   *
   * @throws {QueryError} for a query that the model does not have, or a model without a primary key
   */
  open<Tag>(request: LiveRequest, sink: LiveSink<Tag>, tag: Tag): LiveHandle {
    if (this.#closed) throw closedError();
    const view = this.#viewOf(request.entity, request.query);
    const follower: Follower = {
      sink: sink as LiveSink<unknown>,
      tag,
      ready: false,
      since: request.since,
    };
    view.followers.add(follower);
    this.#lingering.delete(view);
    this.#subscriptions++;
    queueMicrotask(() => this.#welcome(view, follower));
    return {
      explain: (): LiveExplanation => view.analysis.explanation,
      close: () => this.#leave(view, follower),
    };
  }

  /** Resolves when a batch was followed and every sink was told all that it changed. */
  async settled(mark: Partial<BatchMark>): Promise<void> {
    const told = await this.#setup.feed.delivered(mark, { timeout: settlingTime });
    const source = this.#setup.feed.source.name;
    if (!told) log.warn("A commit was not told by the feed in time", { source });
    await new Promise<void>((resolve) => this.#enqueue([{ then: resolve }]));
    await Promise.all(
      [...this.#loading].map((view) =>
        new Promise<void>((settled) => view.settling.push({ number: this.#batches, settled }))
      ),
    );
  }

  /** Figures since it was made. */
  stats(): LiveStats {
    let rows = 0;
    for (const view of this.#views.values()) rows += view.size;
    return Object.freeze({
      subscriptions: this.#subscriptions,
      views: this.#views.size,
      rows,
      batches: this.#batches,
      queries: this.#queries,
    });
  }

  /** Ends all subscriptions; nobody is told anything more. */
  close(): Promise<void> {
    this.#closed = true;
    this.#unfollow();
    this.#sweep?.();
    for (const { then } of this.#queue.splice(0)) then?.();
    for (const view of [...this.#views.values()]) this.#remove(view);
    this.#permits.close(closedError());
    return Promise.resolve();
  }

  // Views

  #viewOf(entity: EntitySchema, query: LiveShape): LiveView {
    const shape = new ShapeReader(false);
    readQuery(shape, entity, query);
    const table = tableName(entity.table);
    const name = `${entity.name}|${table}|${shape.key}|${valuesText(shape.values)}`;
    const known = this.#views.get(name);
    if (known) return known;
    const analysis = analyse(entity, query, this.#setup.semantics);
    const view: LiveView = new View(name, entity, copyOfQuery(query), analysis);
    this.#views.set(name, view);
    this.#tableOf(entity).add(view);
    for (const table of analysis.reached) {
      const views = this.#reaching.get(table);
      if (views) views.add(view);
      else this.#reaching.set(table, new Set([view]));
    }
    this.#load(view);
    return view;
  }

  #tableOf(entity: EntitySchema): Table {
    const name = tableName(entity.table);
    let tables = this.#tables.get(name);
    if (!tables) this.#tables.set(name, tables = []);
    let table = tables.find((each) => each.entity === entity);
    if (!table) {
      const { session, loader } = this.#setup;
      table = new TableViews(entity, new RowReader(entity, session.dialect.codecs, loader));
      tables.push(table);
    }
    return table;
  }

  #remove(view: LiveView): void {
    if (view.closed) return;
    view.closed = true;
    this.#views.delete(view.name);
    this.#loading.delete(view);
    this.#lingering.delete(view);
    const name = tableName(view.entity.table);
    const table = this.#tableOf(view.entity);
    table.remove(view);
    if (table.views.size === 0) {
      const others = (this.#tables.get(name) ?? []).filter((each) => each !== table);
      if (others.length > 0) this.#tables.set(name, others);
      else this.#tables.delete(name);
      this.#fenced.delete(table);
    }
    for (const reached of view.analysis.reached) {
      const views = this.#reaching.get(reached);
      if (views?.delete(view) && views.size === 0) this.#reaching.delete(reached);
    }
    this.#subscriptions -= view.followers.size;
    view.followers.clear();
    for (const { settled } of view.settling.splice(0)) settled();
  }

  #leave(view: LiveView, follower: Follower): void {
    if (!view.followers.delete(follower)) return;
    this.#subscriptions--;
    if (view.followers.size > 0 || view.closed) return;
    this.#lingering.set(view, Date.now() + this.#setup.linger);
    this.#sweepLater();
  }

  /** Views that nobody follows any more go together, with one timer. */
  #sweepLater(): void {
    this.#sweep ??= inBackground(() => {
      this.#sweep = undefined;
      const now = Date.now();
      for (const [view, end] of this.#lingering) if (end <= now) this.#remove(view);
      if (this.#lingering.size > 0) this.#sweepLater();
    }, Math.max(this.#setup.linger, 1));
  }

  // Reading

  /** Reads a view, also again: what changes meanwhile is told it afterwards. */
  #load(view: LiveView): void {
    if (this.#loading.has(view) || view.closed) return;
    this.#loading.add(view);
    const { images } = this.#setup.feed.source;
    view.waiting = images === "rows" ? [...this.#recent] : [];
    view.stale = [];
    this.#read(view).then(
      (result) => result && this.#arrived(view, result),
      (error) => this.#fail(view, error),
    );
  }

  async #read(view: LiveView): Promise<ReadResult | undefined> {
    const { session, feed, maxRows } = this.#setup;
    for (let failures = 0; !view.closed && !this.#closed; failures++) {
      await this.#permits.acquire();
      try {
        this.#queries++;
        return await readView(session, feed.source, view, maxRows);
      } catch (error) {
        if (!(error instanceof ConnectionError || error instanceof PoolExhaustedError)) throw error;
        log.warn("A live query cannot be read: trying again", { model: view.entity.name, error });
      } finally {
        this.#permits.release();
      }
      await backgroundPause(pauseAfter(failures));
    }
    return undefined;
  }

  #arrived(view: LiveView, result: ReadResult): void {
    if (view.closed) return;
    const table = this.#tableOf(view.entity);
    const before = [...view.keys()];
    const change = view.replace(result);
    for (const key of before) if (!view.has(key)) table.release(key, view);
    for (const key of view.keys()) table.hold(key, view);
    const isNew = !view.filled;
    view.filled = true;
    if (change && !isNew && view.resetting === undefined) this.#tellView(view, change);
    this.#catchUp(view);
  }

  /** Has a view told what came while it was being read, before anything that comes later. */
  #catchUp(view: LiveView): void {
    const missing = view.waiting.filter((batch) => !this.#has(view, batch));
    view.waiting = [];
    const tasks = missing.map((batch): Task => ({ batch, only: view }));
    this.#enqueue([...tasks, { then: () => this.#loaded(view) }], true);
  }

  /** A view has its result and was told what came meanwhile. */
  #loaded(view: LiveView): void {
    if (view.closed) return;
    // Batches that were being handled when it arrived.
    if (view.waiting.length > 0) return this.#catchUp(view);
    const { positions } = this.#setup.feed.source;
    this.#loading.delete(view);
    const reset = view.resetting;
    view.resetting = undefined;
    for (const follower of [...view.followers]) {
      if (follower.ready && reset !== undefined) {
        follower.sink.snapshot(follower.tag, view.snapshot(this.#position, reset));
      } else this.#welcome(view, follower);
    }
    const { ahead } = view;
    const stale = view.stale.filter(({ mark }) =>
      mark === undefined || ahead === undefined || !positions.has(ahead, mark)
    );
    view.stale = stale;
    for (const waiter of view.settling.splice(0)) {
      if (stale.every(({ number }) => number > waiter.number)) waiter.settled();
      else view.settling.push(waiter);
    }
    if (stale.length > 0) this.#load(view);
  }

  /** Tells a follower what it has to know to begin. */
  #welcome(view: LiveView, follower: Follower): void {
    if (follower.ready || view.closed || this.#loading.has(view) || !view.followers.has(follower)) {
      return;
    }
    follower.ready = true;
    const { sink, tag, since } = follower;
    follower.since = undefined;
    const batches = since === undefined ? undefined : this.#setup.feed.since(since);
    const keys = batches && this.#keysTouched(view, batches);
    if (keys === undefined) {
      const lost = since !== undefined && batches === undefined ? lostHistory : undefined;
      sink.snapshot(tag, view.snapshot(this.#position, lost));
      return;
    }
    sink.resumed(tag, this.#position);
    const change = view.only(keys);
    if (change.drop.length > 0 || change.put.length > 0) sink.change(tag, change);
    sink.flush(this.#position);
  }

  /** The records that batches tell of; nothing where that is not known for all of them. */
  #keysTouched(view: LiveView, batches: readonly ChangeBatch[]): Set<string> | undefined {
    const { analysis, entity } = view;
    if (!analysis.inMemory) return undefined;
    const { reader } = this.#tableOf(entity);
    const own = tableName(entity.table);
    const keys = new Set<string>();
    for (const { changes, unseen } of batches) {
      if (unseen === "all" || unseen?.includes(entity.table.name)) return undefined;
      for (const { schema, table, kind, before, after } of changes) {
        if (tableName({ schema, name: table }) !== own) continue;
        const found = [before, after].flatMap((image) => image ? [reader.keyOfImage(image)] : []);
        if (kind === "truncate" || found.length === 0) return undefined;
        for (const key of found) {
          if (key === undefined) return undefined;
          keys.add(key);
        }
      }
    }
    return keys;
  }

  #fail(view: LiveView, error: unknown): void {
    if (view.closed) return;
    const followers = [...view.followers];
    this.#remove(view);
    for (const { sink, tag } of followers) sink.failed(tag, error);
  }

  // Batches

  #take(batch: ChangeBatch): void {
    if (this.#views.size === 0 && this.#queue.length === 0 && !this.#pumping) this.#handled(batch);
    else this.#enqueue([{ batch }]);
  }

  #enqueue(tasks: readonly Task[], first = false): void {
    this.#queue = first ? [...tasks, ...this.#queue] : this.#queue.concat(tasks);
    this.#pump();
  }

  /** Handles what waits: at once, as long as no row has to be read. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#queue.length > 0) {
      const count = this.#setup.feed.source.images === "keys" ? this.#queue.length : 1;
      const tasks = this.#queue.splice(0, count);
      const missing = this.#missingRows(tasks);
      if (missing.size === 0) {
        for (const task of tasks) this.#handle(task);
        continue;
      }
      this.#readRows(tasks, missing).then((resolved) => {
        for (const task of tasks) this.#handle(task, resolved);
        this.#pumping = false;
        this.#pump();
      });
      return;
    }
    this.#pumping = false;
  }

  #handle({ batch, only, then }: Task, resolved?: ReadonlyMap<Table, ResolvedRows>): void {
    if (batch && !this.#closed) {
      try {
        this.#apply(batch, only, resolved);
      } catch (error) {
        log.error("A change could not be applied: live queries are read again", { error });
        this.#reset("a change could not be applied");
      }
    }
    then?.();
  }

  #moved(position: string): void {
    if (this.#queue.length === 0 && !this.#pumping) this.#position = position;
  }

  #reset(reason: string): void {
    for (const view of this.#views.values()) {
      if (view.filled) view.resetting = reason;
      if (this.#loading.has(view)) view.stale.push({ number: 0 });
      else this.#load(view);
    }
  }

  #handled(batch: ChangeBatch): void {
    this.#batches++;
    this.#position = batch.position;
    this.#recent.push(batch);
    if (this.#recent.length > recentBatches) this.#recent.shift();
    const { positions } = this.#setup.feed.source;
    for (const table of this.#fenced) {
      for (const [key, { position }] of table.fences) {
        if (positions.reaches(batch.position, position)) table.fences.delete(key);
      }
      if (table.fences.size === 0) this.#fenced.delete(table);
    }
  }

  /** The rows that have to be read before batches can be applied: by table, by key. */
  #missingRows(tasks: readonly Task[]): MissingRows {
    const missing: MissingRows = new Map();
    const keysOnly = this.#setup.feed.source.images === "keys";
    for (const { batch } of tasks) {
      for (const change of batch?.changes ?? []) {
        const { after } = change;
        if (after === undefined) continue;
        for (const table of this.#tablesOf(change)) {
          if (!table.inMemory || (!keysOnly && table.reader.isComplete(after))) continue;
          const key = table.reader.keyOfImage(after);
          if (key === undefined || (!keysOnly && !table.concernsMemory(change))) continue;
          const keys = missing.get(table) ?? new Map<string, Record<string, unknown>>();
          missing.set(table, keys.set(key, table.reader.keyValues(after)));
        }
      }
    }
    return missing;
  }

  /**
   * Reads rows until that succeeds, or this is closed: what the feed has told must not be lost because a connection was.
   */
  async #readRows(
    tasks: readonly Task[],
    missing: MissingRows,
  ): Promise<ReadonlyMap<Table, ResolvedRows> | undefined> {
    const { session, feed: { source } } = this.#setup;
    for (let failures = 0; !this.#closed; failures++) {
      try {
        const { position, resolved } = await session.transaction(async (tx) => {
          const position = await source.positionOf(tx);
          const resolved = new Map<Table, Map<string, RowValues | null>>();
          for (const [table, keys] of missing) resolved.set(table, await rowsOf(tx, table, keys));
          return { position, resolved };
        }, snapshotOptions(session));
        // A stream can tell of a commit a moment before others see it.
        if (tasks.every(({ batch }) => !batch || source.positions.has(position, batch))) {
          if (source.images === "rows") this.#fence(resolved, position);
          return resolved;
        }
      } catch (error) {
        if (this.#closed) return undefined;
        log.warn("Rows cannot be read for live queries: trying again", { error });
      }
      await backgroundPause(failures === 0 ? 1 : pauseAfter(failures));
    }
    return undefined;
  }

  #fence(resolved: ReadonlyMap<Table, ResolvedRows>, position: string): void {
    for (const [table, rows] of resolved) {
      for (const [key, values] of rows) table.fences.set(key, { position, values });
      this.#fenced.add(table);
    }
  }

  /** Applies one batch to all views, or to one alone, and tells their followers. */
  #apply(
    batch: ChangeBatch,
    only: LiveView | undefined,
    resolved: ReadonlyMap<Table, ResolvedRows> | undefined,
  ): void {
    if (only === undefined) { for (const view of this.#loading) this.#keepFor(view, batch); }
    const touched = new Set<LiveView>();
    // What is told to one view alone is older than anything that somebody waits for.
    const number = only === undefined ? this.#batches + 1 : 0;
    const skips = (view: LiveView): boolean => {
      if (only !== undefined) return view !== only || this.#has(view, batch);
      return view.closed || (view.analysis.inMemory && this.#loading.has(view)) ||
        this.#has(view, batch);
    };
    const outcome = {
      skips,
      touched: (view: LiveView): void => void touched.add(view),
      stale: (view: LiveView): void => this.#stale(view, batch, number),
    };
    for (const change of batch.changes) {
      for (const view of this.#reachingViews(change)) {
        if (!skips(view)) this.#stale(view, batch, number);
      }
      for (const table of this.#tablesOf(change)) {
        table.apply(change, resolved?.get(table) ?? this.#rowsAhead(table, change, batch), outcome);
      }
    }
    for (const view of this.#unseenViews(batch)) {
      if (!skips(view)) this.#stale(view, batch, number);
    }
    if (only === undefined) this.#handled(batch);
    this.#tell(touched);
  }

  /** Keeps a batch for a view that is being read. */
  #keepFor(view: LiveView, batch: ChangeBatch): void {
    if (!view.analysis.inMemory) return;
    view.waiting.push(batch);
    if (view.waiting.length <= mostWaiting) return;
    // More than is worth keeping: it is read again, once this reading has ended.
    view.waiting = [];
    view.stale.push({ number: 0 });
  }

  #stale(view: LiveView, mark: ChangeBatch, number: number): void {
    const last = view.stale.at(-1)?.mark;
    if (last?.position !== mark.position) view.stale.push({ mark, number });
    this.#load(view);
  }

  #has(view: LiveView, batch: ChangeBatch): boolean {
    if (view.ahead === undefined) return false;
    const { positions } = this.#setup.feed.source;
    if (positions.has(view.ahead, batch)) return true;
    if (positions.reaches(this.#position, view.ahead)) view.ahead = undefined;
    return false;
  }

  /** A row that was read at a position that has the batch: what the batch tells of it would take it back in time. */
  #rowsAhead(table: Table, { after }: RowChange, batch: ChangeBatch): ResolvedRows | undefined {
    if (table.fences.size === 0 || after === undefined) return undefined;
    const key = table.reader.keyOfImage(after);
    const fence = key === undefined ? undefined : table.fences.get(key);
    if (fence === undefined || key === undefined) return undefined;
    const ahead = this.#setup.feed.source.positions.has(fence.position, batch);
    return ahead ? new Map([[key, fence.values]]) : undefined;
  }

  #tablesOf({ schema, table }: RowChange): readonly Table[] {
    return this.#tables.get(tableName({ schema, name: table })) ?? [];
  }

  #reachingViews({ schema, table }: RowChange): Iterable<LiveView> {
    return this.#reaching.get(tableName({ schema, name: table })) ?? [];
  }

  #unseenViews({ unseen = [] }: ChangeBatch): LiveView[] {
    if (unseen.length === 0) return [];
    return [...this.#views.values()].filter(({ entity, analysis }) =>
      unseen === "all" || unseen.some((name) =>
        name === entity.table.name ||
        [...analysis.reached].some((each) => each === name || each.endsWith(`.${name}`))
      )
    );
  }

  // Telling

  #tell(touched: ReadonlySet<LiveView>): void {
    const sinks = new Set<LiveSink<unknown>>();
    for (const view of touched) {
      const change = view.settle();
      if (!change) continue;
      const table = this.#tableOf(view.entity);
      for (const key of change.drop) table.release(key, view);
      this.#pass(view, change, sinks);
      if (view.size > this.#setup.maxRows) {
        this.#fail(view, tooManyError(view.entity, this.#setup.maxRows));
      }
    }
    for (const sink of sinks) sink.flush(this.#position);
  }

  #tellView(view: LiveView, change: LiveChange): void {
    const sinks = new Set<LiveSink<unknown>>();
    this.#pass(view, change, sinks);
    for (const sink of sinks) sink.flush(this.#position);
  }

  #pass(view: LiveView, change: LiveChange, sinks: Set<LiveSink<unknown>>): void {
    for (const { sink, tag, ready } of view.followers) {
      if (!ready) continue;
      sink.change(tag, change);
      sinks.add(sink);
    }
  }
}

async function rowsOf(
  session: Session,
  { entity, reader }: Table,
  keys: ReadonlyMap<string, Record<string, unknown>>,
): Promise<Map<string, RowValues | null>> {
  const rows = new Map<string, RowValues | null>();
  for (const key of keys.keys()) rows.set(key, null);
  for (const row of await readByKeys(session, entity, reader.level, [...keys.values()])) {
    const values = reader.ofRow(row);
    rows.set(keyText(entity.primaryKey.map((each) => values.get(each))), values);
  }
  return rows;
}

function pauseAfter(failures: number): number {
  const longest = Math.min(shortestPause * 2 ** failures, longestPause);
  return longest * (0.5 + Math.random() / 2);
}

function backgroundPause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => void inBackground(resolve, milliseconds));
}

function tooManyError(entity: EntitySchema, maxRows: number): QueryError {
  return new QueryError(
    `Cannot follow ${entity.name} any more: the result has more than ${maxRows} records`,
    { hint: "narrow it with where, or give it a limit" },
  );
}

function closedError(): ConnectionError {
  return new ConnectionError(
    "Cannot follow a query: live queries are closed",
    undefined,
    undefined,
    { hint: "The database was disconnected." },
  );
}
