/**
 * When an operand needs parentheses. Databases disagree about the finer levels (`||` binds tighter than `+`
 * on one and looser on another), so levels that any two of them order differently are kept apart by parentheses.
 *
 * @module
 */
import type { BinaryOperator, ExpressionNode, RawNode } from "../ast/nodes.ts";

/** How tightly the top of an expression binds. */
export type Level =
  | "or"
  | "and"
  | "not"
  | "predicate"
  | "operator"
  | "additive"
  | "multiplicative"
  | "negative"
  | "atom"
  | "unknown";

const comparison: ReadonlySet<BinaryOperator> = new Set<BinaryOperator>([
  "=",
  "<>",
  "<",
  "<=",
  ">",
  ">=",
  "is distinct from",
  "is not distinct from",
]);

/** The level of a binary operator. */
export function operatorLevel(operator: BinaryOperator): Level {
  if (comparison.has(operator)) return "predicate";
  if (operator === "+" || operator === "-") return "additive";
  if (operator === "*" || operator === "/" || operator === "%") return "multiplicative";
  return "operator";
}

function rawLevel(node: RawNode): Level {
  if (node.nodes.length === 0 && /^[\w.]+$/.test(node.parts.join(""))) return "atom";
  if (
    node.nodes.length === 1 && node.parts.every((part) => part === "") &&
    node.nodes[0]?.kind === "Identifier"
  ) return "atom";
  return "unknown";
}

/** The level of an expression, as the base compiler writes it. */
export function expressionLevel(node: ExpressionNode): Level {
  switch (node.kind) {
    case "Binary":
      return operatorLevel(node.operator);
    case "Logical":
      return node.operands.length === 0 ? "atom" : node.operator;
    case "Unary":
      return node.operator === "not" ? "not" : "negative";
    case "Exists":
      return node.negated ? "not" : "atom";
    case "In":
      return Array.isArray(node.source) && node.source.length === 0 ? "atom" : "predicate";
    case "NullTest":
    case "Between":
    case "Like":
      return "predicate";
    case "JsonPath":
    case "JsonContains":
    case "FullText":
      return "operator";
    case "Raw":
      return rawLevel(node);
    case "Literal":
      return (typeof node.value === "number" || typeof node.value === "bigint") && node.value < 0
        ? "negative"
        : "atom";
    case "Alias":
      return expressionLevel(node.expression);
    default:
      return "atom";
  }
}

/** What may stand bare inside each level, on the left and on the right. */
const bare: Readonly<Record<Level, { left: readonly Level[]; right: readonly Level[] }>> = (() => {
  const term: Level[] = ["additive", "multiplicative", "negative", "operator"];
  const factor: Level[] = ["multiplicative", "negative"];
  const both = (levels: readonly Level[]) => ({ left: levels, right: levels });
  return Object.freeze({
    or: both(["or", "and", "not", "predicate", ...term]),
    and: both(["and", "not", "predicate", ...term]),
    not: both([]),
    predicate: both(term),
    operator: both(["negative"]),
    additive: { left: ["additive", ...factor], right: factor },
    multiplicative: { left: factor, right: ["negative"] },
    negative: both([]),
    atom: both([]),
    unknown: both([]),
  });
})();

/** Whether an operand of level `child` needs parentheses inside `parent`. */
export function needsParentheses(parent: Level, child: Level, side: "left" | "right"): boolean {
  return child !== "atom" && !bare[parent][side].includes(child);
}
