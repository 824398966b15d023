/**
 * The hook for user interfaces, made of a library's own hooks.
 *
 * @module
 */
import type { ColumnKeys } from "../../../model/keys.ts";
import type { Include, NoInclude } from "../../../repository/types.ts";
import type { Client } from "./client.ts";
import type {
  ClientQuery,
  LiveResult,
  LiveStore,
  ModelName,
  ModelOf,
  PlainFound,
} from "./types.ts";

/** What is needed of a library. */
export interface Hooks {
  /** Remembers a value until its dependencies change. */
  useMemo<T>(make: () => T, dependencies: readonly unknown[]): T;
  /** Shows a store, and renders again when it changes. */
  useStore<T>(
    subscribe: (listener: () => void) => () => void,
    snapshot: () => T,
  ): T;
}

/**
 * Shows the result of a live query: subscribed to while the component is mounted, shared by all that ask for the
 * same.
 *
 * @param client made once, outside of components
 * @param query may be a new object each time: it is compared by its content
 */
export type UseLive = <
  Models,
  K extends ModelName<Models>,
  const I extends Include<ModelOf<Models, K>> = NoInclude,
  const S extends ColumnKeys<ModelOf<Models, K>> = never,
>(
  client: Client<Models>,
  model: K,
  query?: ClientQuery<ModelOf<Models, K>, I, S>,
) => LiveResult<PlainFound<ModelOf<Models, K>, NoInfer<I>, NoInfer<S>>>;

/** Makes the hook. */
export function makeUseLive({ useMemo, useStore }: Hooks): UseLive {
  const useLive = (client: Client<unknown>, model: never, query?: never) => {
    const next = client.store(model, query);
    const store = useMemo(() => next, [client, next.name]) as LiveStore<never>;
    return useStore(store.subscribe, store.snapshot);
  };
  return useLive as unknown as UseLive;
}
