/**
 * Live queries in React.
 *
 * ```ts ignore
 * import { useLive } from "@rex/orm/client/react";
 *
 * function Board() {
 *   const { rows, state } = useLive(client, "Post", { where: { published: true } });
 *   return rows.map((post) => <Line key={post.id} post={post} />);
 * }
 * ```
 *
 * @module
 */
import { useMemo, useSyncExternalStore } from "react";
import { type Hooks, makeUseLive, type UseLive } from "./hooks.ts";

/**
 * Shows the result of a live query: subscribed to while the component is mounted, shared by all that ask for the
 * same. The query may be a new object each time: it is compared by its content.
 */
export const useLive: UseLive = makeUseLive({
  useMemo: useMemo as Hooks["useMemo"],
  useStore: (subscribe, snapshot) => useSyncExternalStore(subscribe, snapshot, snapshot),
});
export type { Hooks, UseLive } from "./hooks.ts";
