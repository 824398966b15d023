/**
 * The model that the client's tests use, and what they wait with.
 *
 * @module
 */
import type { Generated, Model } from "../../../../model/keys.ts";
import { type Client, type ClientOptions, createClient } from "../mod.ts";
import type { SyncServer } from "./sync_server.ts";

/** A post. */
export interface Post extends Model {
  id: Generated<number>;
  title: string;
  board: string;
  rank: number;
  note: string | null;
}

/** What a module of models looks like. */
export interface Models {
  Post: abstract new () => Post;
}

/** A record with defaults. */
export function post(id: number, values: Partial<Record<string, unknown>> = {}) {
  return { id, title: `Post ${id}`, board: "a", rank: id, note: null, ...values };
}

/** A client that comes back fast. Closed at the end of the block. */
export function clientOf(
  server: SyncServer,
  options: ClientOptions = {},
): { readonly client: Client<Models> } & Disposable {
  const client = createClient<Models>(server.url, {
    reconnect: { min: 5, max: 40 },
    linger: 0,
    ...options,
  });
  return { client, [Symbol.dispose]: () => client.close() };
}

interface Observed {
  snapshot(): { readonly rows: readonly object[]; readonly state: string };
  subscribe(listener: () => void): () => void;
}

/** How long something may take before it counts as hanging, in milliseconds. */
const forever = 30_000;

/** Fails what would hang. */
export async function finishes<T>(work: Promise<T>, what: () => string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const never = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It hangs: ${what()}`)), forever);
  });
  try {
    return await Promise.race([work, never]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves when a result is as wanted. */
export function until<Q extends Observed>(
  live: Q,
  wanted: (result: ReturnType<Q["snapshot"]>) => boolean,
): Promise<void> {
  const done = new Promise<void>((resolve) => {
    const offs: (() => void)[] = [];
    const look = () => {
      if (!wanted(live.snapshot() as ReturnType<Q["snapshot"]>)) return;
      offs.forEach((off) => off());
      resolve();
    };
    offs.push(live.subscribe(look));
    look();
  });
  return finishes(done, () => JSON.stringify(live.snapshot()));
}

/** Resolves when a result has these titles, in this order. */
export function shows(live: Observed, ...titles: string[]): Promise<void> {
  const wanted = titles.join();
  return until(live, ({ rows }) => (rows as Post[]).map(({ title }) => title).join() === wanted);
}
