/**
 * Makes a server of a database and its policies.
 *
 * @module
 */
import type { ChangeFeed } from "../../../change/feed.ts";
import type { ChangeSource } from "../../../change/source.ts";
import type { Session } from "../../../engine/session.ts";
import type { Policies } from "../../../repository/policy/mod.ts";
import type { LiveHandle, LiveQueries, LiveRequest, LiveSink, LiveStats } from "../live/live.ts";
import type { ClientQueryLimits } from "../policy/client_query.ts";
import type { Authenticate } from "./authentication.ts";
import { PolicyAccess } from "./policy_access.ts";
import { RealtimeServer, type RealtimeServerOptions } from "./realtime_server.ts";

/** What of a `Database` a server uses. */
export interface RealtimeDatabase extends Session {
  /** Its change feed. */
  feed(): Promise<ChangeFeed>;
  /** Keeps its queries true. */
  liveQueries(): Promise<LiveQueries>;
}

/** How a server is made. */
export type RealtimeOptions<Context> =
  & Omit<RealtimeServerOptions<Context>, "authenticate">
  & {
    /** The database. */
    readonly db: RealtimeDatabase;
    /** Who may see and write what. A model without a policy can be neither read nor written. */
    readonly policies: Policies<Context>;
    /** What a query of a client may cost. */
    readonly queries?: ClientQueryLimits;
    /** Milliseconds that a write of a client may take. Default: 30,000. */
    readonly writeTimeout?: number;
  }
  & Authentication<Context>;

/** Policies that look at who asks need to know it: `authenticate` can be left out only where they do not. */
export type Authentication<Context> = Record<never, never> extends Context ? {
    /** Tells who a client is. */
    readonly authenticate?: Authenticate<Context>;
  }
  : {
    /** Tells who a client is. */
    readonly authenticate: Authenticate<Context>;
  };

/**
 * Serves live queries of a database over WebSockets (`rex-sync.v1`) and server-sent events.
 *
 * ```ts ignore
 * const policies = new Policies<{ user?: number }>()
 *   .allow(Post, { read: ({ user }) => user ? true : { published: true } });
 * const live = realtime({ db, policies, authenticate: (request, token) => whoHas(token) });
 * Deno.serve((request, info) => live.handle(request, info));
 * ```
 *
 * @throws {ConfigError} for limits that are none
 */
export function realtime<Context>(options: RealtimeOptions<Context>): RealtimeServer<Context> {
  const { db, policies, queries, writeTimeout = 30_000, ...rest } = options;
  const live = new LazyLive(() => db.liveQueries());
  const access = new PolicyAccess<Context>({
    policies,
    session: db,
    source: async (): Promise<ChangeSource> => (await db.feed()).source,
    writeTimeout,
    ...queries && { queries },
  });
  return new RealtimeServer<Context>(live, access, rest as RealtimeServerOptions<Context>);
}

const nothing: LiveStats = { subscriptions: 0, views: 0, rows: 0, batches: 0, queries: 0 };

/** Live queries that are opened with the first subscription. */
class LazyLive implements LiveQueries {
  readonly #load: () => Promise<LiveQueries>;
  #loading: Promise<LiveQueries> | undefined;
  #live: LiveQueries | undefined;

  constructor(load: () => Promise<LiveQueries>) {
    this.#load = load;
  }

  open<Tag>(request: LiveRequest, sink: LiveSink<Tag>, tag: Tag): LiveHandle {
    if (this.#live) return this.#live.open(request, sink, tag);
    let handle: LiveHandle | undefined;
    let open = true;
    this.#loaded().then((live) => {
      if (open) handle = live.open(request, sink, tag);
    }).catch((error) => {
      if (open) sink.failed(tag, error);
    });
    return {
      explain: () =>
        handle?.explain() ??
          { way: "query", columns: [], tables: [], reasons: ["It is not open yet"] },
      close: () => {
        open = false;
        handle?.close();
      },
    };
  }

  async settled(mark: Parameters<LiveQueries["settled"]>[0]): Promise<void> {
    await (await this.#loaded()).settled(mark);
  }

  stats(): LiveStats {
    return this.#live?.stats() ?? nothing;
  }

  async close(): Promise<void> {
    await this.#live?.close();
  }

  #loaded(): Promise<LiveQueries> {
    this.#loading ??= this.#load().then((live) => this.#live = live, (error) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }
}
