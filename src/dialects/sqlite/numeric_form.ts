/**
 * The one text of each decimal that a query gives: SQLite tells equal numbers apart that are written differently, in
 * DISTINCT, UNION, GROUP BY and wherever the results of a query are compared.
 *
 * @module
 */
import { alias, call, literal } from "../../ast/build.ts";
import type { ExpressionNode, ResultColumn, SelectNode } from "../../ast/nodes.ts";
import { typeOf } from "../../dialect/typing.ts";
import type { ColumnType } from "../../schema/column_type.ts";
import { numericScale } from "./numeric_scale.ts";

/** What tells the numeric type of an expression. */
export type NumericOf = (node: ExpressionNode) => ColumnType | undefined;

/** The query with every computed decimal in the form of its column; columns have it already. */
export function inForm(node: SelectNode, numericOf: NumericOf): SelectNode {
  const selection = node.selection.map((item, index) =>
    isNumber(node.result?.[index])
      ? asNumber(item, numericOf)
      : formed(item, declaredType(node, index), numericOf)
  );
  const groupBy = node.groupBy?.map((item) => formed(item, undefined, numericOf));
  const setOperations = node.setOperations?.map((each) => ({
    ...each,
    query: { ...each.query, result: node.result ?? each.query.result },
  }));
  return {
    ...node,
    selection,
    ...(groupBy && { groupBy }),
    ...(setOperations && { setOperations }),
  } as SelectNode;
}

/** Whether a result is a number, whatever it is computed from. */
function isNumber(result: ResultColumn | undefined): boolean {
  return result?.as === "number" || result?.type?.name === "double" ||
    result?.type?.name === "real";
}

/** The type of a result where it is a decimal. */
function declaredType({ result }: SelectNode, index: number): ColumnType | undefined {
  const type = result?.[index]?.type;
  return type?.name === "numeric" && !type.array ? type : undefined;
}

/** An average of decimals is a number like any other. */
function asNumber(item: ExpressionNode, numericOf: NumericOf): ExpressionNode {
  if (item.kind === "Alias") return { ...item, expression: asNumber(item.expression, numericOf) };
  return numericOf(item) ? call("rex_numeric_real", [item]) : item;
}

function formed(
  item: ExpressionNode,
  declared: ColumnType | undefined,
  numericOf: NumericOf,
): ExpressionNode {
  if (item.kind === "Alias") {
    const expression = formed(item.expression, declared, numericOf);
    return expression === item.expression ? item : { ...item, expression };
  }
  const type = declared ?? numericOf(item);
  if (!type || hasForm(item, type)) return item;
  const scale = numericScale(type);
  const form = scale === undefined
    ? call("rex_numeric", [item])
    : call("rex_numeric_form", [item, literal(scale)]);
  return item.kind === "Column" ? alias(form, item.name) : form;
}

/** Whether a value is in the form of a type already, or nothing is known of it. */
function hasForm(item: ExpressionNode, type: ColumnType): boolean {
  switch (item.kind) {
    case "Column":
    case "Value":
    case "Slot": {
      const own = typeOf(item);
      return own?.name !== "numeric" || numericScale(own) === numericScale(type);
    }
    case "Literal":
    case "Raw":
    case "Star":
    case "Identifier":
      return true;
    case "Function":
      return item.name.startsWith("rex_numeric");
    default:
      return false;
  }
}
