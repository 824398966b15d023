/**
 * Joins, orders and locks of a typed query, on its state.
 *
 * @module
 */
import { column, literal } from "../../ast/build.ts";
import type { JoinNode, LockNode, OrderNode } from "../../ast/nodes.ts";
import { QueryError } from "../../base/errors.ts";
import { expressionOf } from "../comparison.ts";
import { orderTerm } from "./expression.ts";
import { references } from "./references.ts";
import { addSource, type SelectState } from "./select_state.ts";
import { columnOf, optional, type Source } from "./source.ts";
import type { Condition } from "./types.ts";

/** How rows are locked. */
export interface LockOptions {
  /** Leave out rows that are locked. */
  readonly skipLocked?: boolean;
  /** Fail at once when a row is locked. */
  readonly noWait?: boolean;
  /** Only the rows of these sources. */
  readonly of?: readonly string[];
}

/** Which side of a join may be missing. */
const mayMiss: Readonly<Record<JoinNode["type"], { joined: boolean; before: boolean }>> = {
  inner: { joined: false, before: false },
  left: { joined: true, before: false },
  right: { joined: false, before: true },
  full: { joined: true, before: true },
  cross: { joined: false, before: false },
};

/** The state with one more source. */
export function joined<R>(
  state: SelectState,
  type: JoinNode["type"],
  source: Source,
  on?: (refs: R) => Condition,
  lateral = false,
): SelectState {
  // The condition compares rows that are there: only what comes after the join sees NULLs.
  const scope = addSource(state, source);
  const refs = references(scope.root, scope.named) as R;
  const join: JoinNode = Object.freeze({
    kind: "Join",
    type,
    source: source.node,
    ...(on ? { on: expressionOf(on(refs)) } : type !== "cross" && { on: literal(true) }),
    ...(lateral && { lateral }),
  });
  const missing = mayMiss[type];
  const before = missing.before ? optionalSources(state) : state;
  const after = addSource(before, missing.joined ? optional(source) : source);
  return { ...after, joins: Object.freeze([...state.joins, join]) };
}

function optionalSources(state: SelectState): SelectState {
  const named = new Map(Array.from(state.named, ([name, source]) => [name, optional(source)]));
  return { ...state, root: optional(state.root), named };
}

/** A term of ORDER BY for a result or a column of the first source, by name. */
export function orderByName(
  { items, root, setOperations }: SelectState,
  name: string,
  direction: OrderNode["direction"],
  nulls?: OrderNode["nulls"],
): OrderNode {
  const item = items.find((each) => each.name === name);
  // A result is NULL where any of the queries gives one, whatever the first of them says.
  const place = nulls ??
    (setOperations.length > 0 ? direction === "asc" ? "last" : "first" : undefined);
  const term = orderTerm(item?.source ?? columnOf(root, name), direction, place);
  const byResult = setOperations.length > 0 || (item && term.expression.kind !== "Column");
  return byResult ? Object.freeze({ ...term, expression: column(name) }) : term;
}

/** A lock of the rows that are read. */
export function lockOf(strength: LockNode["strength"], options: LockOptions): LockNode {
  if (options.skipLocked && options.noWait) {
    throw new QueryError(
      "Cannot build the query: a lock either skips locked rows or does not wait",
    );
  }
  const wait = options.skipLocked ? "skip locked" : options.noWait ? "nowait" : undefined;
  return Object.freeze({
    kind: "Lock",
    strength,
    ...(options.of && { of: options.of }),
    ...(wait && { wait }),
  });
}
