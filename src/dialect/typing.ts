/**
 * What is known of the types of expressions, so that bound values are converted by the column they meet.
 *
 * @module
 */
import type { ExpressionNode } from "../ast/nodes.ts";
import type { ColumnType } from "../schema/column_type.ts";

const keepsType: ReadonlySet<string> = new Set(["min", "max", "coalesce", "nullif"]);

/** The column type of an expression, where the tree tells it. */
export function typeOf(node: ExpressionNode | undefined): ColumnType | undefined {
  switch (node?.kind) {
    case "Column":
    case "Value":
    case "Slot":
    case "Cast":
      return node.type;
    case "Alias":
      return typeOf(node.expression);
    case "Binary":
      return node.operator === "+" || node.operator === "-" || node.operator === "*"
        ? typeOf(node.left) ?? typeOf(node.right)
        : undefined;
    case "Function":
      return keepsType.has(node.name.toLowerCase()) ? typeOf(node.args[0]) : undefined;
    case "Subquery":
      return node.query.result?.[0]?.type ?? typeOf(node.query.selection[0]);
    default:
      return undefined;
  }
}

/** The node, with `type` if it is a value that has none of its own. */
export function withType(node: ExpressionNode, type: ColumnType | undefined): ExpressionNode {
  if (!type) return node;
  if ((node.kind === "Value" || node.kind === "Slot" || node.kind === "ListValue") && !node.type) {
    return { ...node, type };
  }
  return node;
}
