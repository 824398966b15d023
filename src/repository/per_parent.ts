/**
 * Limits that hold for each parent, in a statement that reads the children of all parents at once.
 *
 * @module
 */
import { alias, binary, call, column, order, select } from "../ast/build.ts";
import type { ExpressionNode, SelectNode } from "../ast/nodes.ts";
import { countNode, whereAll } from "./condition.ts";
import { orderNodes, type Term } from "./order.ts";

/** How many rows each parent gets, and after how many. */
export interface PerParent {
  /** At most so many: a slot or a number. */
  readonly limit?: unknown;
  /** After leaving out so many: a slot or a number. */
  readonly offset?: unknown;
}

/**
 * Keeps `limit` rows after `offset` of each parent, by their number in the parent's list.
 *
 * @param node the statement that reads all children, in any order
 * @param keys what tells the parent of a row
 * @param terms the order within a parent
 */
export function perParent(
  node: SelectNode,
  keys: readonly ExpressionNode[],
  terms: readonly Term[],
  { limit, offset }: PerParent,
): SelectNode {
  const number = call("row_number", [], {
    over: { kind: "Window", partitionBy: keys, orderBy: orderNodes(terms) },
  });
  const { orderBy: _orderBy, selection, ...rest } = node;
  const inner = select({
    ...rest,
    selection: [...selection.map((each, i) => alias(each, `c${i}`)), alias(number, "n")],
  });
  const rank = column("n", "s");
  const skipped = offset === undefined ? undefined : countNode(offset);
  const counted = skipped ? binary(rank, "-", skipped) : rank;
  return select({
    selection: selection.map((each, i) =>
      column(`c${i}`, "s", each.kind === "Column" ? each.type : undefined)
    ),
    from: [{ kind: "DerivedTable", query: inner, alias: "s" }],
    ...whereAll([
      skipped && binary(rank, ">", skipped),
      limit === undefined ? undefined : binary(counted, "<=", countNode(limit)),
    ]),
    orderBy: [order(rank)],
  });
}
