/**
 * Opens the live queries of a database.
 *
 * @module
 */
import type { ChangeFeed } from "../change/feed.ts";
import type { Engine } from "../engine/engine.ts";
import { type LiveOptions, LiveQueryEngine } from "../features/realtime/live/engine.ts";
import { imageLoader } from "./feed.ts";

/** Live queries that follow a feed and run on an engine, outside of all transactions. */
export async function openLive(
  engine: Engine,
  feed: ChangeFeed,
  options: LiveOptions = {},
): Promise<LiveQueryEngine> {
  const { dialect } = engine;
  const [loader, semantics] = await Promise.all([
    imageLoader(dialect, feed.source),
    dialect.readSemantics?.(engine) ?? dialect.semantics,
  ]);
  return new LiveQueryEngine({ ...options, session: engine, feed, loader, semantics });
}
