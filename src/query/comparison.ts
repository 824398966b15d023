/**
 * Conditions of the untyped builder: column, operator, value.
 *
 * @module
 */
import { binary, isNull, literal, value as valueNode } from "../ast/build.ts";
import type { BinaryOperator, ExpressionNode, Node, SelectNode } from "../ast/nodes.ts";
import { QueryError } from "../base/errors.ts";
import { isNodeSource, type NodeSource } from "./fragment.ts";
import { parseOperand } from "./parse/operand.ts";
import { comparisons, parseOperator, type WhereOperator } from "./parse/words.ts";

/** An expression from what a caller gave as a column: a string of a known form, or a fragment. */
export function operandOf(column: string | NodeSource): ExpressionNode {
  return isNodeSource(column) ? expressionOf(column) : parseOperand(column);
}

/** The expression of a fragment or expression; a query becomes a value in parentheses. */
export function expressionOf(source: NodeSource): ExpressionNode {
  const node = source.toNode();
  if (node.kind === "Select") return Object.freeze({ kind: "Subquery", query: node });
  if (isExpression(node)) return node;
  throw new QueryError("Cannot build the query: a statement stands where a value is expected");
}

const statements: ReadonlySet<Node["kind"]> = new Set<Node["kind"]>([
  "Select",
  "Insert",
  "Update",
  "Delete",
  "Explain",
  "Order",
  "Window",
]);

function isExpression(node: Node): node is ExpressionNode {
  return !statements.has(node.kind);
}

/** A value as a caller gave it: bound, unless it stands for a node. Never undefined. */
export function valueOf(value: unknown): ExpressionNode {
  if (isNodeSource(value)) return expressionOf(value);
  if (value === undefined) {
    throw new QueryError("Cannot build the query: a value is undefined", {
      hint: "use null for a missing value",
    });
  }
  if (typeof value === "function" || typeof value === "symbol") {
    throw new QueryError(`Cannot build the query: a ${typeof value} is no value`);
  }
  return valueNode(value);
}

/** `operand [NOT] IN (values)`. Of a query, its rows. */
export function inList(
  operand: ExpressionNode,
  values: readonly unknown[] | NodeSource,
  negated: boolean,
): ExpressionNode {
  if (!isNodeSource(values)) {
    if (values.includes(null)) {
      throw new QueryError("Cannot build the query: a list for IN has a null", {
        hint: "NULL is equal to nothing; test for it with whereNull()",
      });
    }
    return Object.freeze({ kind: "In", operand, source: values.map(valueOf), negated });
  }
  const node = values.toNode();
  if (node.kind === "Select") return Object.freeze({ kind: "In", operand, source: node, negated });
  return Object.freeze({ kind: "In", operand, source: [expressionOf(values)], negated });
}

/** `operand [NOT] IN (query)`, or `operand operator (query)`. */
export function compareQuery(
  operand: ExpressionNode,
  operator: string,
  query: SelectNode,
): ExpressionNode {
  const word = parseOperator(operator);
  if (word === "IN" || word === "NOT IN") {
    return Object.freeze({ kind: "In", operand, source: query, negated: word === "NOT IN" });
  }
  const right: ExpressionNode = Object.freeze({ kind: "Subquery", query });
  const found = comparisons.get(word);
  if (found) return binary(operand, found, right);
  throw new QueryError(`Cannot build the query: ${word} takes no sub-query`, {
    hint: "accepted: IN, NOT IN, =, !=, <>, <, <=, >, >=",
  });
}

/** `operand operator value`, as the operator wants it. */
export function compare(operand: ExpressionNode, operator: string, value: unknown): ExpressionNode {
  const word = parseOperator(operator);
  switch (word) {
    case "IN":
    case "NOT IN":
      return inList(operand, listFor(word, value), word === "NOT IN");
    case "BETWEEN":
    case "NOT BETWEEN":
      return between(operand, value, word === "NOT BETWEEN");
  }
  if (Array.isArray(value)) {
    throw new QueryError(`Cannot build the query: ${word} takes one value, not an array`, {
      hint: "use whereIn() for a list, sql.array(values) for an array column",
    });
  }
  if (value === null) return nullTest(operand, word);
  return compareOne(operand, word, valueOf(value));
}

function compareOne(
  operand: ExpressionNode,
  word: WhereOperator,
  right: ExpressionNode,
): ExpressionNode {
  switch (word) {
    case "LIKE":
    case "NOT LIKE":
    case "ILIKE":
    case "NOT ILIKE":
      return Object.freeze({
        kind: "Like",
        operand,
        pattern: right,
        match: "pattern",
        insensitive: word.endsWith("ILIKE"),
        negated: word.startsWith("NOT"),
      });
    case "IS":
      return binary(operand, "is not distinct from", right);
    case "IS NOT":
      return binary(operand, "is distinct from", right);
    default:
      return binary(operand, comparisons.get(word) as BinaryOperator, right);
  }
}

function nullTest(operand: ExpressionNode, word: WhereOperator): ExpressionNode {
  if (word === "=" || word === "IS") return isNull(operand);
  if (word === "!=" || word === "<>" || word === "IS NOT") return isNull(operand, true);
  throw new QueryError(`Cannot build the query: ${word} cannot be compared with null`, {
    hint: "use whereNull() or whereNotNull()",
  });
}

function listFor(word: string, value: unknown): readonly unknown[] | NodeSource {
  if (Array.isArray(value) || isNodeSource(value)) return value;
  throw new QueryError(`Cannot build the query: ${word} takes an array or a query`);
}

/** `operand [NOT] BETWEEN low AND high`. */
export function between(operand: ExpressionNode, value: unknown, negated: boolean): ExpressionNode {
  if (!Array.isArray(value) || value.length !== 2 || value.includes(null)) {
    throw new QueryError("Cannot build the query: BETWEEN takes an array of two values");
  }
  const [low, high] = value;
  return Object.freeze({
    kind: "Between",
    operand,
    low: valueOf(low),
    high: valueOf(high),
    negated,
  });
}

/** A count for LIMIT or OFFSET, written into the statement. */
export function countOf(count: number, what: string): ExpressionNode {
  if (Number.isSafeInteger(count) && count >= 0) return literal(count);
  throw new QueryError(`Cannot build the query: ${what} is not a whole number of at least 0`);
}

/** The query of a builder. */
export function queryOf(source: NodeSource): SelectNode {
  const node = isNodeSource(source) ? source.toNode() : undefined;
  if (node?.kind === "Select") return node;
  throw notAQuery();
}

/** The error for something else in place of a query. */
export function notAQuery(): QueryError {
  return new QueryError("Cannot build the query: a query is expected, something else was given");
}

/** One item or several, as a list. */
export function listOf<T>(items: T | readonly T[]): readonly T[] {
  return Array.isArray(items) ? items : [items as T];
}
