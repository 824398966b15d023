/**
 * The specification's `RealtimeSync`: a plain WebSocket, or a stream of events, is told of every model that is saved
 * or deleted.
 *
 * @module
 */
import { Logger } from "../../../base/logger.ts";
import type { ChangeFeed } from "../../../change/feed.ts";
import { type ModelEvent, realTimeEmitter } from "../../../change/model_events.ts";
import type { ChangeBatch } from "../../../change/source.ts";
import type { Session } from "../../../engine/session.ts";
import type { Model, ModelClass } from "../../../model/keys.ts";
import { entityOf } from "../../../model/registry.ts";
import type { EntitySchema } from "../../../schema/entity.ts";
import type { FollowedRows } from "./followed_rows.ts";
import { keyOf, type PlainMessage } from "./plain_filter.ts";
import { RealtimeWebSocketServer, type RealtimeWebSocketServerOptions } from "./plain_server.ts";

/** What of a `Database` is used. */
export interface SyncDatabase extends Session {
  /** Its change feed. */
  feed(): Promise<ChangeFeed>;
}

/** What is told to whom. */
export interface RealtimeSyncOptions extends RealtimeWebSocketServerOptions {
  /**
   * A database whose feed is followed, so that changes by repositories, builders and other programs are told as well. Left
   * out: what `save()` and `delete()` of models write in this process.
   */
  readonly db?: SyncDatabase;
  /** The models that are told of. Default: all. */
  readonly models?: readonly ModelClass[];
  /** The properties that are told, by the model's name; models that are left out are told whole. */
  readonly fields?: Readonly<Record<string, readonly string[]>>;
  /** The topic of a message, for clients that ask for `?topic=…`. */
  readonly topic?: (message: PlainMessage) => string | undefined;
}

const log = Logger.child("realtime");
/** Changes that may wait for rows to be read. */
const longestBacklog = 10_000;

/**
 * Tells plain WebSockets and streams of events (`/events`) of models that were saved and deleted, as
 * `{ "event": "save", "model": "User", "data": { … } }`. A client asks for less with `?model=User&id=5&topic=…&where={…}`.
 *
 * ```ts ignore
 * const sync = new RealtimeSync(8080);
 * await user.save(db); // ws://localhost:8080 is told {event: "save", model: "User", data: {…}}
 * await sync.close();
 * ```
 *
 * It knows no policies: whoever may connect sees whatever is told. So it listens on this computer alone unless
 * `hostname` says otherwise; give it `authorize` and `fields` then, or use `realtime()`.
 */
export class RealtimeSync implements AsyncDisposable {
  /** The server that tells. */
  readonly server: RealtimeWebSocketServer;
  /** Resolves when it listens and follows changes; rejects when it cannot. */
  readonly ready: Promise<void>;
  readonly #options: RealtimeSyncOptions;
  readonly #models: ReadonlySet<object> | undefined;
  readonly #ends: (() => void)[] = [];
  #reading: Promise<void> = Promise.resolve();
  #waiting = 0;
  #closed = false;

  /**
   * Begins to listen at once.
   *
   * @param port 0: one that is free, see `port`
   * @throws what keeps the port from being opened
   */
  constructor(port = 8080, options: RealtimeSyncOptions = {}) {
    this.#options = options;
    this.#models = options.models && new Set(options.models);
    this.server = new RealtimeWebSocketServer(port, options);
    this.server.start();
    const following = options.db ? this.#followFeed(options.db) : this.#followModels();
    this.ready = Promise.all([this.server.listen(), following]).then(() => {});
    this.ready.catch((error) => log.error("Changes cannot be told", { error }));
  }

  /** The port that it listens on. */
  get port(): number {
    return this.server.port;
  }

  /** Tells something of the program's own to all who ask for this topic, or for none. */
  publish(topic: string, data: unknown): void {
    this.server.broadcast(textOf({ event: topic, data }), { topic }, data);
  }

  /** Tells no more, and closes all connections and the port. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const end of this.#ends.splice(0)) end();
    await this.server.close();
    await this.#reading;
  }

  /** Closes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #followModels(): void {
    for (const event of ["save", "delete"] as const) {
      const listener = (model: object) => this.#saved(event, model);
      realTimeEmitter.on(event, listener);
      this.#ends.push(() => realTimeEmitter.off(event, listener));
    }
  }

  #saved(event: ModelEvent, model: object): void {
    const entity = entityOf(model.constructor as ModelClass<Model>);
    this.#tell(event, entity, model as Readonly<Record<string, unknown>>);
  }

  async #followFeed(db: SyncDatabase): Promise<void> {
    const [feed, { FollowedRows }] = await Promise.all([db.feed(), import("./followed_rows.ts")]);
    const rows = await FollowedRows.of(db, feed.source);
    if (this.#closed) return;
    this.#ends.push(feed.subscribe({
      batch: (batch) => this.#take(rows, batch),
      reset: (reason) => this.#lost(reason),
    }));
  }

  #take(rows: FollowedRows, batch: ChangeBatch): void {
    const size = batch.changes.length;
    if (this.#waiting + size > longestBacklog) return this.#lost("too many changes wait");
    this.#waiting += size;
    this.#reading = this.#reading.then(async () => {
      if (this.#closed) return;
      for (const { event, entity, values } of await rows.read(batch)) {
        this.#tell(event, entity, values);
      }
    }).catch((error) => {
      log.error("Changes could not be read", { error });
      this.#lost("changes could not be read");
    }).finally(() => this.#waiting -= size);
  }

  /** Clients that hold data read it anew. */
  #lost(reason: string): void {
    if (!this.#closed) this.server.broadcast(textOf({ event: "reset", data: { reason } }));
  }

  #tell(
    event: ModelEvent,
    entity: EntitySchema,
    values: Readonly<Record<string, unknown>>,
  ): void {
    if (this.#models?.has(entity.model) === false) return;
    const { fields, topic: topicOf } = this.#options;
    const shown = fields && Object.hasOwn(fields, entity.name) ? fields[entity.name] : undefined;
    const data: Record<string, unknown> = {};
    for (const { name, hidden } of entity.properties) {
      if (hidden || values[name] === undefined || shown?.includes(name) === false) continue;
      data[name] = values[name];
    }
    const message: PlainMessage = { event, model: entity.name, data };
    const topic = topicOf?.(message);
    const address = {
      model: entity.name,
      id: keyOf(entity, values),
      ...topic !== undefined && { topic },
    };
    this.server.broadcast(textOf(message), address, data);
  }
}

/** Plain JSON: dates as ISO texts, bigints as texts, bytes in base64. */
function textOf(message: PlainMessage): string {
  return JSON.stringify(message, (_, value: unknown) => {
    if (typeof value === "bigint") return String(value);
    if (!(value instanceof Uint8Array)) return value;
    let text = "";
    for (const byte of value) text += String.fromCharCode(byte);
    return btoa(text);
  });
}
