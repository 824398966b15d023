/**
 * The database: connection, transactions, repositories, queries and schema in one object.
 *
 * @module
 */
import type { QueryResult, RunOptions } from "../ast/executor.ts";
import type { DatabaseConfig } from "../base/config.ts";
import { ConfigError } from "../base/errors.ts";
import { validateConfig } from "../base/config_rules.ts";
import type { CommitListener } from "../change/change.ts";
import type { ChangeFeed } from "../change/feed.ts";
import type { Dialect } from "../dialect/dialect.ts";
import { AmbientTransactions } from "../engine/ambient.ts";
import { noteEndOfLibrary } from "../engine/caller.ts";
import { Engine, type EngineStats } from "../engine/engine.ts";
import type { EngineOptions } from "../engine/options.ts";
import type { QueryListener } from "../engine/query_event.ts";
import type { Session, TransactionRunOptions } from "../engine/session.ts";
import type { ChangeBroker } from "../features/realtime/broker/broker.ts";
import type { ChangeRelay } from "../features/realtime/broker/relay.ts";
import type { LiveOptions, LiveQueryEngine } from "../features/realtime/live/engine.ts";
import { LiveQuery, type LiveQueryOptions } from "../features/realtime/live/live_query.ts";
import type { MigrationOptions, UpOptions } from "../migration/manager.ts";
import { SchemaCreator } from "../migration/schema_creator.ts";
import type { ColumnKeys, ModelClass } from "../model/keys.ts";
import { entityOf } from "../model/registry.ts";
import type { Found, Include, NoInclude, Query } from "../repository/types.ts";
import type { FeedSettings } from "./feed.ts";
import { OpenTransaction, Scope, type TransactionScope } from "./scope.ts";

/** The specification's interface of every adapter. */
export interface DatabaseAdapter {
  /** Opens and verifies the connection. */
  connect(): Promise<void>;
  /** Lets running statements finish and closes every connection. */
  disconnect(): Promise<void>;
  /** Runs SQL text; rows are objects keyed by column, `rowCount` counts returned or affected rows. */
  execute<Row = Record<string, unknown>>(
    sql: string,
    params?: readonly unknown[],
    options?: RunOptions,
  ): Promise<QueryResult<Row>>;
  /** Begins a transaction for the caller. */
  beginTransaction(options?: TransactionRunOptions): Promise<OpenTransaction>;
  /** Commits the caller's transaction. */
  commit(): Promise<void>;
  /** Rolls the caller's transaction back. */
  rollback(): Promise<void>;
}

/**
 * A database. Made by `connect()`, `DatabaseFactory.createAdapter()` or as an adapter; connects by itself at
 * the first statement.
 *
 * ```ts ignore
 * await using db = new SQLiteAdapter("blog.db");
 * await db.schema.create();
 * const users = await db.repository(User).find({ where: { name: { startsWith: "A" } } });
 * ```
 */
export class Database extends Scope implements DatabaseAdapter, AsyncDisposable {
  readonly #engine: Engine;
  readonly #ambient = new AmbientTransactions();
  readonly #relays = new Set<ChangeRelay>();
  #feed: Promise<ChangeFeed> | undefined;
  #live: Promise<LiveQueryEngine> | undefined;
  /** Creates and drops the tables of models. */
  readonly schema: SchemaCreator = new SchemaCreator(() => this.session);

  /**
   * Makes a database of a dialect; nothing is opened yet.
   *
   * @throws {ConfigError} for unknown keys and bad values, all of them together
   */
  constructor(dialect: Dialect, config: DatabaseConfig, options?: EngineOptions) {
    super();
    tellEnd();
    this.#engine = new Engine(dialect, validateConfig(config), options);
  }

  /** The dialect of the database. */
  override get dialect(): Dialect {
    return this.#engine.dialect;
  }

  /** The transaction that the caller began with `beginTransaction()`, or any connection. */
  protected override get session(): Session {
    return this.#ambient.current() ?? this.#engine;
  }

  /**
   * Opens and verifies the connection. Concurrent calls share one attempt.
   *
   * @throws {ConnectionError} when the database cannot be reached
   */
  async connect(): Promise<void> {
    await this.#engine.connect();
  }

  /** Lets running statements finish, refuses new ones and closes every connection. */
  async disconnect(): Promise<void> {
    if (this.#live ?? this.#feed ?? this.#relays.size > 0) await this.#endFollowing();
    await this.#engine.close();
  }

  /** Ends what follows changes, those who are furthest from the database first. */
  async #endFollowing(): Promise<void> {
    const [live, feed, relays] = [this.#live, this.#feed, [...this.#relays]];
    this.#live = undefined;
    this.#feed = undefined;
    this.#relays.clear();
    await live?.then((open) => open.close(), () => {});
    await feed?.then((open) => open.close(), () => {});
    for (const relay of relays) await relay.close();
  }

  /** Closes every connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.disconnect();
  }

  /**
   * Begins a transaction that is ended by hand. What it returns is a session of its own and rolls back when it
   * is disposed of:
   *
   * ```ts ignore
   * await using tx = await db.beginTransaction();
   * await tx.execute("UPDATE accounts SET balance = balance - 10 WHERE id = $1", [1]);
   * await tx.commit();
   * ```
   *
   * Until it is used, it is also the transaction of the caller: what the same asynchronous flow (and no other)
   * runs on this database is in it, up to `commit()` or `rollback()`.
   */
  beginTransaction(options?: TransactionRunOptions): Promise<OpenTransaction> {
    return this.#ambient.begin(this.#engine, options, (tx) => new OpenTransaction(tx));
  }

  /**
   * Commits the transaction that the caller began with `beginTransaction()`.
   *
   * @throws {TransactionError} when there is none
   */
  commit(): Promise<void> {
    return this.#ambient.commit();
  }

  /**
   * Rolls back the transaction that the caller began with `beginTransaction()`.
   *
   * @throws {TransactionError} when there is none
   */
  rollback(): Promise<void> {
    return this.#ambient.rollback();
  }

  /**
   * Applies the migrations that are pending: for the start of a program. Several processes may call it at once.
   *
   * @returns the names of those that were applied
   * @throws {MigrationError} when one fails; those before it stay applied
   */
  async migrate(options?: MigrationOptions & UpOptions): Promise<string[]> {
    const { MigrationManager } = await import("../migration/manager.ts");
    return await new MigrationManager<TransactionScope>(this, options).up(options);
  }

  /** Tells a listener of every statement, with its duration and rows; returns what ends that. */
  onQuery(listener: QueryListener): () => void {
    return this.#engine.onQuery(listener);
  }

  /** Tells a listener of what was committed, transaction by transaction; returns what ends that. */
  onCommit(listener: CommitListener): () => void {
    return this.#engine.changes.subscribe(listener);
  }

  /**
   * The change feed of this database: every transaction that is committed, once for all who follow it. Opened at the
   * first call, and closed with the database.
   *
   * ```ts ignore
   * const feed = await db.feed({ source: "log" });
   * feed.subscribe({ batch: ({ changes }) => console.log(changes), reset: (reason) => console.warn(reason) });
   * ```
   *
   * @param settings where changes come from; only for the first call
   * @throws {ConfigError} when settings are given for a feed that is open
   * @throws {UnsupportedError} when the database has no such source, or is not set up for it
   */
  feed(settings?: FeedSettings): Promise<ChangeFeed> {
    if (this.#feed !== undefined) {
      if (settings === undefined) return this.#feed;
      return Promise.reject(
        new ConfigError("Cannot set up the feed: it is open already", {
          hint: "call db.feed(settings) before db.live() and db.feed()",
        }),
      );
    }
    const opening = import("./feed.ts").then(({ openFeed }) =>
      openFeed(this.#engine, settings ?? {})
    );
    this.#feed = opening;
    // One that could not be opened can be asked for again; its caller hears why.
    opening.catch(() => {
      if (this.#feed === opening) this.#feed = undefined;
    });
    return opening;
  }

  /**
   * A query whose result is kept true: the same as `db.repository(Model).find(query)` gives, now and after every
   * transaction that changes it, whoever makes it (as far as the feed tells of them: see {@linkcode Database.feed}).
   *
   * ```ts ignore
   * const board = db.live(Post, { where: { published: true }, orderBy: { createdAt: "desc" } });
   * for await (const posts of board) console.log(posts.map((post) => post.title));
   * ```
   *
   * Loops and subscriptions fail with a `QueryError` when the query names what the model does not have.
   *
   * @throws {ModelError} when the class is not registered
   */
  live<
    M extends object,
    const I extends Include<M> = NoInclude,
    const S extends ColumnKeys<M> = never,
  >(
    model: ModelClass<M>,
    query?: Query<M, I, S>,
    options?: LiveQueryOptions,
  ): LiveQuery<Found<M, NoInfer<I>, NoInfer<S>>> {
    const request = {
      entity: entityOf(model),
      query: (query ?? {}) as Readonly<Record<string, unknown>>,
    };
    return new LiveQuery(() => this.liveQueries(), request, options);
  }

  /**
   * The live queries of this database, for who shows them to others. Opened, with the feed, at the first call, and
   * closed with the database.
   *
   * @param options only for the first call
   * @throws {ConfigError} when options are given for what is open
   */
  liveQueries(options?: LiveOptions): Promise<LiveQueryEngine> {
    if (this.#live !== undefined) {
      if (options === undefined) return this.#live;
      return Promise.reject(
        new ConfigError("Cannot set up live queries: they are open already", {
          hint: "call db.liveQueries(options) before db.live()",
        }),
      );
    }
    const opening = Promise.all([this.feed(), import("./live.ts")]).then(([feed, { openLive }]) =>
      openLive(this.#engine, feed, options)
    );
    this.#live = opening;
    opening.catch(() => {
      if (this.#live === opening) this.#live = undefined;
    });
    return opening;
  }

  /**
   * Carries the changes of this database into a broker, for processes that are to follow them without reading the
   * database's own feed: they give the same settings and the broker to `db.feed()`. Runs until it is closed.
   *
   * @throws {ConfigError} for the source `process`, which tells only what this process writes
   */
  async relay(
    broker: ChangeBroker,
    settings: Omit<FeedSettings, "broker"> = {},
  ): Promise<ChangeRelay> {
    const { openRelay } = await import("./feed.ts");
    const relay = await openRelay(this.#engine, broker, settings);
    this.#relays.add(relay);
    return relay;
  }

  /**
   * Figures of the pool, the statements, the caches and the transactions. Reading them costs no statement.
   *
   * ```ts ignore
   * const { pool, statements, errors } = db.stats();
   * console.log(`${pool.inUse} of ${pool.max} in use, ${pool.waiting} wait; ${statements} ran, ${errors} failed`);
   * ```
   */
  stats(): EngineStats {
    return this.#engine.stats();
  }

  /** Asks the database for an answer; gives the milliseconds that took. */
  ping(options?: RunOptions): Promise<number> {
    return this.#engine.ping(options);
  }
}

/** Stands last, so that in a bundle everything before it is the library's. */
function tellEnd(): void {
  noteEndOfLibrary();
}
