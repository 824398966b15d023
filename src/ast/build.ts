/**
 * Factories of the nodes that are made in many places. Every node is frozen.
 *
 * @module
 */
import type { ColumnType } from "../schema/column_type.ts";
import type {
  AliasNode,
  BinaryNode,
  BinaryOperator,
  CastNode,
  ColumnNode,
  ExpressionNode,
  FunctionNode,
  LiteralNode,
  LogicalNode,
  NullTestNode,
  OrderNode,
  SelectNode,
  SlotNode,
  TableNode,
  ValueNode,
} from "./nodes.ts";

/** A column, perhaps of a table or alias. */
export function column(name: string, table?: string, type?: ColumnType): ColumnNode {
  return Object.freeze({ kind: "Column", name, table, type } as ColumnNode);
}

/** A table by name. */
export function table(name: string, alias?: string, schema?: string): TableNode {
  return Object.freeze({ kind: "Table", name, alias, schema } as TableNode);
}

/** A bound value. */
export function value(value: unknown, type?: ColumnType): ValueNode {
  return Object.freeze({ kind: "Value", value, type } as ValueNode);
}

/** A parameter whose value comes at run time. */
export function slot(index: number, type?: ColumnType): SlotNode {
  return Object.freeze({ kind: "Slot", index, type } as SlotNode);
}

/** A constant in the SQL text; never a caller's string. */
export function literal(value: LiteralNode["value"]): LiteralNode {
  return Object.freeze({ kind: "Literal", value });
}

/** `left operator right`. */
export function binary(
  left: ExpressionNode,
  operator: BinaryOperator,
  right: ExpressionNode,
): BinaryNode {
  return Object.freeze({ kind: "Binary", operator, left, right });
}

/** `a AND b AND …`; one operand is given back as it is. */
export function and(operands: readonly ExpressionNode[]): ExpressionNode {
  return logical("and", operands);
}

/** `a OR b OR …`; one operand is given back as it is. */
export function or(operands: readonly ExpressionNode[]): ExpressionNode {
  return logical("or", operands);
}

/** Joins operands by `AND` or `OR`; one operand is given back as it is. */
export function logical(
  operator: LogicalNode["operator"],
  operands: readonly ExpressionNode[],
): ExpressionNode {
  const [only] = operands;
  if (operands.length === 1 && only) return only;
  return Object.freeze({ kind: "Logical", operator, operands });
}

/** `NOT operand`. */
export function not(operand: ExpressionNode): ExpressionNode {
  return Object.freeze({ kind: "Unary", operator: "not", operand });
}

/** `operand IS NULL`, `operand IS NOT NULL`. */
export function isNull(operand: ExpressionNode, negated = false): NullTestNode {
  return Object.freeze({ kind: "NullTest", operand, negated });
}

/** A function call. */
export function call(
  name: string,
  args: readonly ExpressionNode[],
  rest: Omit<Partial<FunctionNode>, "kind" | "name" | "args"> = {},
): FunctionNode {
  return Object.freeze({ kind: "Function", name, args, ...rest });
}

/** `CAST(operand AS type)`. */
export function cast(operand: ExpressionNode, type: ColumnType): CastNode {
  return Object.freeze({ kind: "Cast", operand, type });
}

/** `expression AS alias`. */
export function alias(expression: ExpressionNode, alias: string): AliasNode {
  return Object.freeze({ kind: "Alias", expression, alias });
}

/** A term of `ORDER BY`. */
export function order(
  expression: ExpressionNode,
  direction: OrderNode["direction"] = "asc",
  nulls?: OrderNode["nulls"],
): OrderNode {
  return Object.freeze({ kind: "Order", expression, direction, nulls } as OrderNode);
}

/** A query; what is left out is empty. */
export function select(parts: Omit<SelectNode, "kind">): SelectNode {
  return Object.freeze({ kind: "Select", ...parts });
}
