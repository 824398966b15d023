/**
 * Live queries in a browser: results that stay true, and writes that show at once.
 *
 * ```ts ignore
 * import { createClient } from "@rex/orm/client";
 *
 * const client = createClient<typeof import("./models.ts")>("/live", { token: () => login.token });
 * const posts = client.live("Post", {
 *   where: { published: true },
 *   include: { author: true },
 *   orderBy: { createdAt: "desc" },
 *   limit: 20,
 * });
 * posts.subscribe((rows, state) => render(rows, state));
 *
 * await client.update("Post", 5, { title: "Shown at once, and kept once the server has it" });
 * ```
 *
 * Only types are taken of the models: no class, decorator or driver gets into the page. Records are frozen plain
 * objects, and what did not change keeps its identity.
 *
 * @module
 */
import { Client, type ClientOptions } from "./client.ts";

export { Client, type ClientEvents, type ClientOptions } from "./client.ts";
export type { ErrorCode } from "../protocol/messages.ts";
export type { ClientState, ConnectionOptions, TokenSource } from "./connection.ts";
export { LiveQuery } from "./live_query.ts";
export { SyncError, type SyncErrorCode, type SyncIssue } from "./sync_error.ts";
export type {
  ClientKey,
  ClientQuery,
  CreateOptions,
  CreateValues,
  LiveResult,
  LiveState,
  LiveStore,
  ModelName,
  ModelOf,
  Plain,
  PlainColumns,
  PlainFound,
  PlainRelated,
  PlainRelations,
  PlainTarget,
  UpdateValues,
  WriteOptions,
} from "./types.ts";

/**
 * Makes a client. It connects when it is first used.
 *
 * @param url where the server handles live queries: `wss:`, `https:`, or a path of the page's own host
 * @example
 * ```ts ignore
 * const client = createClient<typeof import("./models.ts")>("wss://example.org/live");
 * ```
 */
export function createClient<Models>(url: string, options: ClientOptions = {}): Client<Models> {
  const { location } = globalThis as { location?: { href: string } };
  return new Client(new URL(url, location?.href).href, options);
}
