/**
 * Common table expressions: queries with a name.
 *
 * @module
 */
import type { SelectNode } from "../../ast/nodes.ts";
import { aligned } from "./select_state.ts";
import { Cte, resultOfQuery } from "./source.ts";
import type { QueryOf } from "./types.ts";

/** How a common table expression is declared. */
export interface CteOptions {
  /** Whether its rows are computed once and kept, or it is merged into the query. The database decides unless told. */
  readonly materialized?: boolean;
}

/**
 * Gives a query a name. What it gives can be queried and joined like a model; a statement that uses it declares it
 * by itself.
 *
 * @example
 * ```ts ignore
 * const active = cte("active", db.query(User).where("active", "=", true).select("id", "name"));
 * await db.query(active).innerJoin(Post, "p", (c) => c.p.userId.eq(c.id)).execute();
 * ```
 */
export function cte<R extends object>(
  name: string,
  query: QueryOf<R>,
  options: CteOptions = {},
): Cte<R> {
  const node = query.toNode();
  return new Cte<R>(name, resultOfQuery(node), {
    kind: "With",
    name,
    query: node,
    recursive: false,
    ...(options.materialized !== undefined && { materialized: options.materialized }),
  });
}

/**
 * A query that begins with the rows of `anchor` and adds what `step` makes of the rows added last, until it adds none.
 *
 * @example
 * ```ts ignore
 * const tree = recursiveCte(
 *   "tree",
 *   db.query(Category).where("parentId", "is", null).select("id", "name"),
 *   (tree) => db.query(Category).innerJoin(tree, "t", (c) => c.parentId.eq(c.t.id)).select("id", "name"),
 * );
 * await db.query(tree).execute();
 * ```
 */
export function recursiveCte<R extends object>(
  name: string,
  anchor: QueryOf<R>,
  step: (self: Cte<R>) => QueryOf<R>,
): Cte<R> {
  const first = anchor.toNode();
  const result = resultOfQuery(first);
  const next = aligned(step(new Cte<R>(name, result)).toNode(), result);
  const query: SelectNode = Object.freeze({
    ...first,
    setOperations: Object.freeze([
      ...(first.setOperations ?? []),
      Object.freeze({ kind: "SetOperation", operator: "union", all: true, query: next }),
    ]),
  });
  return new Cte<R>(name, result, { kind: "With", name, query, recursive: true });
}
