/**
 * The client: subscriptions, writes, and one connection for all of them.
 *
 * @module
 */
import type { ColumnKeys } from "../../../model/keys.ts";
import type { Include, NoInclude } from "../../../repository/types.ts";
import type { ClientMessage, ServerMessage, WireQuery, WireRow } from "../protocol/messages.ts";
import { decode, encode } from "../protocol/wire.ts";
import { type ClientState, Connection, type ConnectionOptions } from "./connection.ts";
import { LiveQuery } from "./live_query.ts";
import type { PendingWrite, ViewQuery } from "./overlay.ts";
import { copied, type Row } from "./rows.ts";
import { SyncError } from "./sync_error.ts";
import type {
  ClientKey,
  ClientQuery,
  CreateOptions,
  CreateValues,
  LiveResult,
  LiveStore,
  ModelName,
  ModelOf,
  PlainColumns,
  PlainFound,
  UpdateValues,
  WriteOptions,
} from "./types.ts";
import { nothing, View } from "./view.ts";

/** How a client behaves. */
export interface ClientOptions extends ConnectionOptions {
  /** What writes do without a connection: wait for one, or fail at once. Default: `queue`. */
  readonly offline?: "queue" | "fail";
  /** How many writes may wait for a connection. Default: 100. */
  readonly queueLimit?: number;
  /** How long a subscription that nobody uses any more is kept, for who comes back: milliseconds. Default: 1,000. */
  readonly linger?: number;
}

/** What a client tells, by event. */
export interface ClientEvents {
  /** A subscription was refused, or the connection has a fault. */
  error: SyncError;
  /** The connection is in another state. */
  state: ClientState;
  /** A result was read anew since changes were missed: which model's, and why. */
  reset: { readonly model: string; readonly reason: string };
}

interface Write extends PendingWrite {
  key?: Row;
  readonly message: ClientMessage;
  /** Whether it fails when the connection is lost before it was sent. */
  readonly fails: boolean;
  sent: boolean;
  settling?: ReturnType<typeof setTimeout>;
  resolve(row: Row | null): void;
  reject(error: SyncError): void;
}

/** Who listens to one event. */
type Listeners<E extends keyof ClientEvents> = Set<(event: ClientEvents[E]) => void>;

/** How long a write that was answered is still shown where its changes come by another way, in milliseconds. */
const settling = 300;
/** How long a connection that nothing needs is kept, in milliseconds. */
const resting = 5_000;
/** A failure of the server is no fault of the query, which is asked again: after so long at first, in milliseconds. */
const retry = 1_000;

/**
 * Subscribes to queries and writes records over one connection; made by `createClient()`.
 *
 * `Models` is the type of the module that has the models: `typeof import("./models.ts")`. Nothing of it is loaded.
 */
export class Client<Models> {
  readonly #options: ClientOptions;
  readonly #connection: Connection;
  readonly #names = new Map<string, View>();
  readonly #views = new Map<number, View>();
  readonly #writes = new Map<number, Write>();
  readonly #changed = new Set<View>();
  readonly #listeners: { [E in keyof ClientEvents]: Listeners<E> } = {
    error: new Set(),
    state: new Set(),
    reset: new Set(),
  };
  #numbers = 0;
  #flushing = false;
  #offline = false;
  #resting: ReturnType<typeof setTimeout> | undefined;
  #stopped: SyncError | undefined;

  /** Made by `createClient()`. */
  constructor(url: string, options: ClientOptions) {
    this.#options = options;
    this.#connection = new Connection(url, options, {
      opened: () => this.#opened(),
      received: (message) => this.#received(message),
      unanswered: (id) => this.#answered(id, lostAnswer()),
      lost: () => this.#lost(),
      stopped: (error) => this.#stop(error),
      failed: (error) => this.#emit("error", error),
      changed: () => this.#emit("state", this.#connection.state),
      renamed: () => this.#views.forEach((view) => view.forget()),
      placeOf: (id) => this.#views.get(id)?.resume() ?? {},
    });
  }

  /** What the connection is doing. */
  get state(): ClientState {
    return this.#connection.state;
  }

  /**
   * Subscribes to a query until it is closed. Equal queries share one subscription.
   *
   * ```ts ignore
   * const posts = client.live("Post", { where: { authorId: 7 }, include: { author: true } });
   * const rows = await posts.ready; // rows[0].author.name: string
   * ```
   *
   * @param model the name under which the class is exported, which has to be the class's own
   * @param query `where`, `select`, `include`, `orderBy`, `limit`, `offset`, as a repository takes them
   */
  live<
    K extends ModelName<Models>,
    const I extends Include<ModelOf<Models, K>> = NoInclude,
    const S extends ColumnKeys<ModelOf<Models, K>> = never,
  >(
    model: K,
    query: ClientQuery<ModelOf<Models, K>, I, S> = {},
  ): LiveQuery<PlainFound<ModelOf<Models, K>, NoInfer<I>, NoInfer<S>>> {
    const wire = wireOf(query);
    const view = this.#hold(nameOf(model, wire), model, query, wire);
    return new LiveQuery(view, () => this.#release(view, false));
  }

  /**
   * The same as a store that is subscribed to only while somebody subscribes to it, as user interfaces need it: for
   * `useSyncExternalStore` and its like.
   */
  store<
    K extends ModelName<Models>,
    const I extends Include<ModelOf<Models, K>> = NoInclude,
    const S extends ColumnKeys<ModelOf<Models, K>> = never,
  >(
    model: K,
    query: ClientQuery<ModelOf<Models, K>, I, S> = {},
  ): LiveStore<PlainFound<ModelOf<Models, K>, NoInfer<I>, NoInfer<S>>> {
    const wire = wireOf(query);
    const name = nameOf(model, wire);
    return {
      name,
      snapshot: () => (this.#names.get(name)?.result ?? nothing) as LiveResult<never>,
      subscribe: (listener) => {
        const view = this.#hold(name, model, query, wire);
        const own = () => listener();
        view.listeners.add(own);
        return () => {
          if (view.listeners.delete(own)) this.#release(view, true);
        };
      },
    };
  }

  /**
   * Makes a record. It is shown at once in results whose condition it certainly meets, where it is complete.
   *
   * @returns the record as the user may see it; `null` when they may not
   * @throws {SyncError} when it is refused: it is then shown no more
   */
  create<K extends ModelName<Models>>(
    model: K,
    values: CreateValues<ModelOf<Models, K>>,
    options: CreateOptions<ModelOf<Models, K>> = {},
  ): Promise<PlainColumns<ModelOf<Models, K>> | null> {
    const { preview, offline } = options as CreateOptions<unknown>;
    return this.#write({ op: "create", model, values, preview }, offline) as Promise<
      PlainColumns<ModelOf<Models, K>> | null
    >;
  }

  /**
   * Changes a record. The change is shown at once in all results that have the record.
   *
   * @param key the value of `id`, or the primary key by property
   * @returns the record as the user may see it; `null` when they may not
   * @throws {SyncError} when it is refused: the record is then shown as it was
   */
  update<K extends ModelName<Models>>(
    model: K,
    key: ClientKey<ModelOf<Models, K>>,
    changes: UpdateValues<ModelOf<Models, K>>,
    options: WriteOptions = {},
  ): Promise<PlainColumns<ModelOf<Models, K>> | null> {
    return this.#write({ op: "update", model, key, values: changes }, options.offline) as Promise<
      PlainColumns<ModelOf<Models, K>> | null
    >;
  }

  /**
   * Deletes a record. It is gone at once from all results.
   *
   * @param key the value of `id`, or the primary key by property
   * @throws {SyncError} when it is refused: the record is then back
   */
  async delete<K extends ModelName<Models>>(
    model: K,
    key: ClientKey<ModelOf<Models, K>>,
    options: WriteOptions = {},
  ): Promise<void> {
    await this.#write({ op: "delete", model, key }, options.offline);
  }

  /** Whether a record of a result has changes that the server has not confirmed. */
  isPending(row: object): boolean {
    return [...this.#views.values()].some((view) => view.isPending(row));
  }

  /** Shows the server another token: after a login, or to get in again where the last one was refused. */
  authenticate(token: string): void {
    const stopped = this.#stopped;
    this.#stopped = undefined;
    const open = this.#connection.open;
    this.#connection.authenticate(token);
    for (const view of this.#views.values()) {
      const error = view.result.error as SyncError | undefined;
      const { code } = error ?? {};
      if (error && (error === stopped || code === "unauthenticated" || code === "forbidden")) {
        this.#again(view, open);
      }
    }
    this.#flush();
  }

  /** Calls back for an event; returns what ends it. */
  on<E extends keyof ClientEvents>(
    event: E,
    listener: (value: ClientEvents[E]) => void,
  ): () => void {
    const own = (value: ClientEvents[E]) => listener(value);
    this.#listeners[event].add(own);
    return () => void this.#listeners[event].delete(own);
  }

  /** Ends all subscriptions; writes without an answer fail. */
  close(): void {
    const closed = new SyncError("closed", "The client was closed");
    this.#connection.close();
    clearTimeout(this.#resting);
    for (const { id, sent } of [...this.#writes.values()]) {
      this.#answered(id, sent ? lostAnswer() : closed);
    }
    for (const view of this.#views.values()) {
      clearTimeout(view.lingering);
      clearTimeout(view.retrying);
      view.become("closed");
      this.#changed.add(view);
    }
    this.#flush();
    this.#views.clear();
    this.#names.clear();
  }

  #hold(name: string, model: string, query: object, wire: WireQuery): View {
    if (this.state === "closed") throw new SyncError("closed", "The client was closed");
    let view = this.#names.get(name);
    if (!view) {
      view = new View(++this.#numbers, name, model, wire, copied(query) as ViewQuery);
      this.#names.set(name, view);
      this.#views.set(view.id, view);
      if (this.#stopped) view.become("failed", this.#stopped);
      this.#changed.add(view);
      this.#flush();
      if (this.#connection.open) this.#subscribe(view);
      this.#need();
    } else if (view.state === "failed" && !this.#stopped) {
      this.#again(view, this.#connection.open);
      this.#flush();
    }
    view.users++;
    clearTimeout(view.lingering);
    return view;
  }

  #release(view: View, lingers: boolean): void {
    if (--view.users > 0 || this.state === "closed") return;
    const end = () => {
      clearTimeout(view.retrying);
      this.#names.delete(view.name);
      this.#views.delete(view.id);
      if (this.#connection.open) this.#connection.send({ t: "unsub", id: view.id });
      this.#rest();
    };
    if (lingers) view.lingering = setTimeout(end, this.#options.linger ?? 1_000);
    else end();
  }

  /** Connects, since something needs it. */
  #need(): void {
    clearTimeout(this.#resting);
    this.#connection.start();
  }

  /** Lets the connection go when nothing has needed it for a while. */
  #rest(): void {
    clearTimeout(this.#resting);
    if (this.#views.size > 0 || this.#writes.size > 0 || this.state === "closed") return;
    this.#resting = setTimeout(() => this.#connection.rest(), resting);
  }

  /** Tries a subscription again that was refused. */
  #again(view: View, open: boolean): void {
    view.become(view.loaded ? "offline" : "connecting");
    this.#changed.add(view);
    if (open) this.#subscribe(view);
  }

  #subscribe(view: View): void {
    const { id, model, wire: query } = view;
    if (view.state === "failed" || this.#views.get(id) !== view) return;
    this.#connection.send({ t: "sub", id, model, query, ...view.resume() });
  }

  #write(
    { op, model, key, values = {}, preview }: {
      op: Write["op"];
      model: string;
      key?: unknown;
      values?: object;
      preview?: object | undefined;
    },
    offline = this.#options.offline,
  ): Promise<Row | null> {
    const waits = !this.#connection.open;
    const fails = offline === "fail";
    const queued = [...this.#writes.values()].filter(({ sent }) => !sent).length;
    const refusal = this.state === "closed"
      ? new SyncError("closed", "The client was closed")
      : waits && this.#stopped
      ? this.#stopped
      : this.#offline && fails
      ? new SyncError("offline", "There is no connection")
      : queued >= (this.#options.queueLimit ?? 100)
      ? new SyncError("queue_full", "Too many writes wait for a connection")
      : undefined;
    if (refusal) return Promise.reject(refusal);
    const id = ++this.#numbers;
    const message = {
      t: "do",
      id,
      op,
      model,
      ...key !== undefined && { key: encode(keyOf(key)) as WireRow },
      ...op !== "delete" && { values: encode(values) as WireRow },
    } as const;
    return new Promise((resolve, reject) => {
      this.#writes.set(id, {
        id,
        op,
        model,
        values: copied(values) as Row,
        ...key !== undefined && { key: copied(keyOf(key)) },
        ...preview && { preview: copied(preview) as Row },
        message,
        fails,
        sent: false,
        resolve,
        reject,
      });
      this.#touch(model);
      this.#need();
      if (this.#connection.open) this.#sendWrites();
      this.#flush();
    });
  }

  #sendWrites(): void {
    for (const write of this.#writes.values()) {
      if (write.sent) continue;
      write.sent = true;
      this.#connection.send(write.message);
    }
  }

  /** A write has its answer: what it laid over the records goes. */
  #answered(id: number, answer: SyncError | Row | null, key?: Row): void {
    const write = this.#writes.get(id);
    if (!write) return;
    clearTimeout(write.settling);
    const done = () => {
      this.#writes.delete(id);
      this.#touch(write.model);
      this.#flush();
      this.#rest();
    };
    if (answer instanceof SyncError) {
      done();
      return write.reject(answer);
    }
    if (this.#connection.ordered) done();
    else {
      if (key) write.key = key;
      this.#touch(write.model);
      write.settling = setTimeout(done, settling);
    }
    write.resolve(answer);
  }

  #opened(): void {
    this.#offline = false;
    for (const view of this.#views.values()) this.#subscribe(view);
    this.#sendWrites();
  }

  #lost(): void {
    this.#offline = true;
    for (const view of this.#views.values()) {
      if (view.state === "failed") continue;
      view.become("offline");
      this.#changed.add(view);
    }
    for (const { id, sent, fails } of [...this.#writes.values()]) {
      if (sent) this.#answered(id, lostAnswer());
      else if (fails) this.#answered(id, new SyncError("offline", "There is no connection"));
    }
    this.#flush();
  }

  #stop(error: SyncError): void {
    this.#stopped = error;
    for (const view of this.#views.values()) {
      if (view.state !== "failed") view.become("failed", error);
      this.#changed.add(view);
    }
    for (const { id, sent } of [...this.#writes.values()]) {
      this.#answered(id, sent ? lostAnswer() : error);
    }
    this.#flush();
    this.#emit("error", error);
  }

  #received(message: ServerMessage): void {
    switch (message.t) {
      case "snap":
        this.#update(message.id, (view) => {
          view.snapshot(message, this.#writesOf(view.model));
          const { model } = view;
          if (message.reset) this.#emit("reset", { model, reason: message.reset });
        });
        break;
      case "resumed":
        this.#update(message.id, (view) => view.become("live"));
        break;
      case "change":
        for (const view of this.#views.values()) view.passed(message.at);
        for (const each of message.c) {
          this.#update(each.id, (view) => {
            if (view.loaded) view.change(each, message.at, this.#writesOf(view.model));
          });
        }
        break;
      case "done":
        this.#answered(
          message.id,
          message.row ? decode(message.row) as Row : null,
          message.key && decode(message.key) as Row,
        );
        break;
      case "error":
        this.#refused(message);
    }
    this.#flush();
  }

  #refused(
    { id = 0, code, message, issues }: Extract<ServerMessage, { t: "error" }>,
  ): void {
    const error = new SyncError(code, message, issues);
    this.#answered(id, error);
    this.#update(id, (view) => {
      if (code !== "internal") {
        view.become("failed", error);
      } else {
        view.become("offline");
        const delay = Math.min(retry * 2 ** view.failures++, 30_000) * (1 + Math.random()) / 2;
        clearTimeout(view.retrying);
        view.retrying = setTimeout(() => {
          if (this.#connection.open && view.state === "offline") this.#subscribe(view);
        }, delay);
      }
      this.#emit("error", error);
    });
  }

  #update(id: number, work: (view: View) => void): void {
    const view = this.#views.get(id);
    if (!view) return;
    work(view);
    this.#changed.add(view);
  }

  #writesOf(model: string): Write[] {
    return [...this.#writes.values()].filter((write) => write.model === model);
  }

  #touch(model: string): void {
    for (const view of this.#views.values()) if (view.model === model) this.#changed.add(view);
  }

  /** Makes anew what is shown of all views that changed, and only then tells of it. */
  #flush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    while (this.#changed.size > 0) {
      const views = [...this.#changed];
      this.#changed.clear();
      const told = views.filter((view) => view.refresh(this.#writesOf(view.model)));
      for (const { listeners } of told) for (const listener of [...listeners]) call(listener);
    }
    this.#flushing = false;
  }

  #emit<E extends keyof ClientEvents>(event: E, value: ClientEvents[E]): void {
    for (const listener of [...this.#listeners[event]]) call(() => listener(value));
  }
}

/** An error in a program's own callback is its own: it must not disturb others. */
function call(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

function wireOf(query: object): WireQuery {
  return encode(query) as WireQuery;
}

function nameOf(model: string, wire: WireQuery): string {
  return model + JSON.stringify(wire);
}

/** A bare value is the key of a model that has an `id`. */
function keyOf(key: unknown): Row {
  const isObject = typeof key === "object" && Object.getPrototypeOf(key) === Object.prototype;
  return isObject ? key as Row : { id: key };
}

function lostAnswer(): SyncError {
  return new SyncError(
    "unknown_outcome",
    "The connection was lost before the answer: the write may have been made, or not",
  );
}
