/**
 * Keeps queries true: shares the results of equal ones, and follows the feed for all of them.
 *
 * @module
 */
import { inBackground } from "../../../base/background_timer.ts";
import { ConnectionError, UnsupportedError } from "../../../base/errors.ts";
import { Logger } from "../../../base/logger.ts";
import type { ChangeFeed } from "../../../change/feed.ts";
import type { BatchMark, ChangeBatch } from "../../../change/source.ts";
import type { Semantics } from "../../../dialect/semantics.ts";
import type { Session } from "../../../engine/session.ts";
import type { EntitySchema } from "../../../schema/entity.ts";
import { Coverage } from "./coverage.ts";
import { FollowedTables } from "./followed_tables.ts";
import { Follower } from "./follower.ts";
import type {
  LiveExplanation,
  LiveHandle,
  LiveQueries,
  LiveRequest,
  LiveSink,
  LiveStats,
} from "./live.ts";
import { QueryView } from "./query_view.ts";
import { ReadQueue } from "./read_queue.ts";
import { type ImageLoader, ImageReader } from "./row_state.ts";
import { RowView } from "./row_view.ts";
import { type Subscriber, Teller } from "./teller.ts";
import { ToldBatches } from "./told_batches.ts";
import type { View, ViewHost } from "./view.ts";
import { queryKey, type ViewQuery, viewQueryOf } from "./view_query.ts";

/** How live queries behave. */
export interface LiveOptions {
  /** The most records that one query may hold. Default: 10,000. */
  readonly maxRows?: number;
  /** Queries that are read for the first time at once, and as many that are run again. Default: 4. */
  readonly parallel?: number;
  /** Milliseconds that a result is kept for the next subscriber after the last has left. Default: 30,000. */
  readonly linger?: number;
}

/** What live queries are made of. */
export interface LiveEngineOptions extends LiveOptions {
  /** Where queries run: a database, and no transaction. */
  readonly session: Session;
  /** A feed that was started. */
  readonly feed: ChangeFeed;
  /** Makes values of programs of those in row images. */
  readonly loader: ImageLoader;
  /** How the database compares values. */
  readonly semantics: Semantics;
}

const log = Logger.child("live");
/** Milliseconds that a writer waits for its changes to be told. A table that the source leaves out never is. */
const longestWait = 10_000;
/** A view of either kind. */
type AnyView = RowView | QueryView;

/** Results without subscribers that are kept at most. */
const mostLingering = 1_000;

/** Live queries over one database. */
export class LiveQueryEngine implements LiveQueries {
  readonly #options: Required<LiveOptions>;
  readonly #feed: ChangeFeed;
  readonly #loader: ImageLoader;
  readonly #semantics: Semantics;
  readonly #tables: FollowedTables;
  readonly #queue: ReadQueue;
  readonly #coverage: Coverage;
  readonly #follower: Follower;
  readonly #teller = new Teller();
  readonly #host: ViewHost;
  readonly #unsubscribe: () => void;
  readonly #views = new Map<EntitySchema, Map<string, AnyView>>();
  readonly #keys = new Map<View, string>();
  /** Views that are being read. */
  readonly #reading = new Set<View>();
  /** Views without subscribers, the longest first, with the time at which they are given up. */
  readonly #lingering = new Map<AnyView, number>();
  #stopSweeping: (() => void) | undefined;
  #reads = 0;
  #names = 0;
  #closed = false;

  /** Makes live queries that follow a feed. */
  constructor(options: LiveEngineOptions) {
    const { session, feed, loader, semantics, maxRows = 10_000, parallel = 4, linger = 30_000 } =
      options;
    const { source } = feed;
    this.#options = { maxRows, parallel, linger };
    this.#feed = feed;
    this.#loader = loader;
    this.#semantics = semantics;
    this.#tables = new FollowedTables(loader);
    this.#coverage = new Coverage(source);
    const told = new ToldBatches(source.positions);
    this.#queue = new ReadQueue(session, source, told, { first: parallel, again: parallel });
    this.#follower = new Follower({
      source,
      tables: this.#tables,
      teller: this.#teller,
      queue: this.#queue,
      told,
      position: feed.position ?? "",
    });
    this.#host = this.#makeHost();
    this.#unsubscribe = feed.subscribe({
      batch: (batch) => this.#follower.batch(batch),
      moved: (position) => this.#follower.moved(position),
      reset: (reason, position) => this.#follower.reset(reason, position),
    });
  }

  /**
   * Subscribes. The sink is told the result (or that it has it) later, never before this returns.
   *
   * @throws {QueryError} for a query that the model does not have, or one without a primary key to tell records apart
   */
  open<Tag>(request: LiveRequest, sink: LiveSink<Tag>, tag: Tag): LiveHandle {
    if (this.#closed) throw closedError();
    const view = this.#view(request);
    const subscriber: Subscriber = {
      sink: sink as LiveSink<unknown>,
      tag,
      since: request.since,
      live: false,
    };
    view.subscribers.add(subscriber);
    if (view.wasLoaded && !view.isReading) {
      queueMicrotask(() => {
        if (!subscriber.live && view.subscribers.has(subscriber) && !view.isReading) {
          this.#answer(view, subscriber);
          this.#teller.flush(this.#follower.position);
        }
      });
    }
    return {
      explain: () => view.query.explanation,
      close: () => {
        subscriber.live = false;
        if (view.subscribers.delete(subscriber) && view.subscribers.size === 0) this.#leave(view);
      },
    };
  }

  /**
   * How a query would be kept true, without subscribing.
   *
   * @throws {QueryError} for a query that the model does not have
   */
  explain({ entity, query }: Pick<LiveRequest, "entity" | "query">): LiveExplanation {
    queryKey(entity, query);
    return this.#queryOf(entity, query).explanation;
  }

  /** Resolves when the batch that `mark` tells was followed and every sink was told all that it changed. */
  async settled(mark: Partial<BatchMark>): Promise<void> {
    const told = await this.#feed.delivered(mark, { timeout: longestWait });
    if (!told && !this.#closed) {
      const { name: source } = this.#feed.source;
      log.warn("A commit was not told in time: does the source tell of its tables?", { source });
    }
    if (this.#closed) return;
    await this.#follower.idle();
    await Promise.all([...this.#reading].map((view) => view.settled()));
  }

  /** Figures since it was made. */
  stats(): LiveStats {
    let subscriptions = 0;
    let rows = 0;
    for (const view of this.#keys.keys()) {
      subscriptions += view.subscribers.size;
      rows += view.size;
    }
    return Object.freeze({
      subscriptions,
      views: this.#keys.size,
      rows,
      batches: this.#follower.batches,
      queries: this.#reads,
    });
  }

  /** Whether it was closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Ends all subscriptions. Their sinks are told that they failed. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#unsubscribe();
    this.#follower.close();
    this.#stopSweeping?.();
    const error = closedError();
    for (const view of [...this.#keys.keys()]) view.fail(error);
    await this.#queue.close();
  }

  #makeHost(): ViewHost {
    const follower = this.#follower;
    return {
      positions: this.#feed.source.positions,
      get position() {
        return follower.position;
      },
      maxRows: this.#options.maxRows,
      teller: this.#teller,
      read: (view) => {
        // What nobody follows any more is not worth it.
        if (this.#lingering.has(view as AnyView)) return this.#remove(view as AnyView);
        this.#reading.add(view);
        if (view.wasLoaded) {
          this.#reads++;
          this.#queue.add(view, "again");
        } else this.#readFirst(view);
      },
      loaded: (view) => {
        this.#reading.delete(view);
        for (const each of [...view.subscribers]) if (!each.live) this.#answer(view, each);
        this.#teller.flush(follower.position);
      },
      remove: (view) => this.#remove(view as AnyView),
    };
  }

  /** Reads a view for the first time, if changes of its tables are told at all. */
  #readFirst(view: View): void {
    this.#coverage.missing(view.query.explanation.tables).then((missing) => {
      if (missing.length === 0) return this.#queue.add(view, "first");
      view.fail(notFollowed(view.query.entity, missing));
    }, (error) => view.fail(error));
  }

  /** The view of a query, made when there is none. */
  #view({ entity, query }: LiveRequest): View {
    const key = queryKey(entity, query) ?? `#${++this.#names}`;
    let views = this.#views.get(entity);
    const known = views?.get(key);
    if (known) {
      this.#lingering.delete(known);
      return known;
    }
    const viewQuery = this.#queryOf(entity, query);
    const followed = this.#tables.follow(entity);
    const view = viewQuery.inMemory
      ? new RowView(viewQuery, this.#host, followed)
      : new QueryView(viewQuery, this.#host, followed);
    if (!views) this.#views.set(entity, views = new Map());
    views.set(key, view);
    this.#keys.set(view, key);
    this.#tables.add(view);
    view.want();
    return view;
  }

  #queryOf(entity: EntitySchema, query: LiveRequest["query"]): ViewQuery {
    return viewQueryOf(entity, query, this.#semantics, this.#feed.source.images);
  }

  /** Gives a subscriber what it waits for. */
  #answer(view: View, subscriber: Subscriber): void {
    const { since } = subscriber;
    const { entries, position } = view;
    if (since === undefined) return this.#teller.snapshot(subscriber, { entries, position });
    subscriber.since = undefined;
    // It is ahead of the view: a result that is read now has all that it has.
    if (!view.covers(since)) return view.want();
    const batches = this.#feed.since(since);
    if (batches === undefined) {
      const reset = "the position is older than the changes that are kept";
      return this.#teller.snapshot(subscriber, { entries, position, reset });
    }
    const keys = view instanceof RowView ? this.#touched(view, batches) : undefined;
    const change = keys && (view as RowView).changeSince(since, keys);
    if (!change) return this.#teller.snapshot(subscriber, { entries, position });
    const none = change.drop.length === 0 && change.put.length === 0;
    this.#teller.resumed(subscriber, position, none ? undefined : change);
  }

  /** The keys of a view's rows that batches changed; `undefined` where they do not tell them. */
  #touched(view: View, batches: readonly ChangeBatch[]): ReadonlySet<string> | undefined {
    const { entity } = view.query;
    const { table } = entity;
    const reader = new ImageReader(entity, this.#loader);
    const keys = new Set<string>();
    for (const { changes, unseen } of batches) {
      if (unseen && (unseen === "all" || unseen.includes(table.name))) return undefined;
      for (const { schema, table: name, kind, after } of changes) {
        if (name !== table.name || schema !== table.schema) continue;
        if (kind === "truncate") return undefined;
        const key = reader.keyOf(after);
        if (key !== undefined) keys.add(key);
      }
    }
    return keys;
  }

  /** The last subscriber has left. */
  #leave(view: View): void {
    const { linger } = this.#options;
    if (!view.wasLoaded || linger <= 0 || this.#closed) return this.#remove(view as AnyView);
    this.#lingering.set(view as AnyView, Date.now() + linger);
    if (this.#lingering.size > mostLingering) {
      for (const oldest of this.#lingering.keys()) {
        this.#remove(oldest);
        break;
      }
    }
    this.#stopSweeping ??= inBackground(() => this.#sweep(), linger);
  }

  #sweep(): void {
    this.#stopSweeping = undefined;
    const now = Date.now();
    for (const [view, until] of [...this.#lingering]) if (until <= now) this.#remove(view);
    for (const until of this.#lingering.values()) {
      this.#stopSweeping = inBackground(() => this.#sweep(), Math.max(1, until - now));
      break;
    }
  }

  #remove(view: AnyView): void {
    const key = this.#keys.get(view);
    if (key === undefined) return;
    this.#keys.delete(view);
    const views = this.#views.get(view.query.entity);
    views?.delete(key);
    if (views?.size === 0) this.#views.delete(view.query.entity);
    this.#lingering.delete(view);
    this.#reading.delete(view);
    this.#tables.remove(view);
    view.end();
  }
}

function notFollowed({ name }: EntitySchema, missing: readonly string[]): UnsupportedError {
  const tables = missing.map((each) => JSON.stringify(each)).join(", ");
  return new UnsupportedError(
    `Cannot follow ${name}: changes of ${missing.join(", ")} are not logged`,
    {
      hint: `follow them: await db.schema.followChanges([${tables}])`,
    },
  );
}

function closedError(): ConnectionError {
  return new ConnectionError(
    "Cannot follow a query: live queries are closed",
    undefined,
    undefined,
    {
      hint: "connect the database again",
    },
  );
}
