/**
 * Live queries in Preact; needs no `preact/compat`.
 *
 * ```ts ignore
 * import { useLive } from "@rex/orm/client/preact";
 *
 * function Board() {
 *   const { rows, state } = useLive(client, "Post", { where: { published: true } });
 *   return rows.map((post) => <Line key={post.id} post={post} />);
 * }
 * ```
 *
 * @module
 */
import { useLayoutEffect, useMemo, useReducer } from "preact/hooks";
import { type Hooks, makeUseLive, type UseLive } from "./hooks.ts";

function useStore<T>(subscribe: (listener: () => void) => () => void, snapshot: () => T): T {
  const [, render] = useReducer<number, void>((count) => count + 1, 0);
  const shown = snapshot();
  useLayoutEffect(() => {
    let last = shown;
    const check = () => {
      const next = snapshot();
      if (next === last) return;
      last = next;
      render();
    };
    const end = subscribe(check);
    // It may have changed since it was rendered.
    check();
    return end;
  }, [subscribe]);
  return shown;
}

/**
 * Shows the result of a live query: subscribed to while the component is mounted, shared by all that ask for the
 * same. The query may be a new object each time: it is compared by its content.
 */
export const useLive: UseLive = makeUseLive({ useMemo: useMemo as Hooks["useMemo"], useStore });
export type { Hooks, UseLive } from "./hooks.ts";
