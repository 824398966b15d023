/**
 * Operators, directions and kinds of joins, from strings.
 *
 * @module
 */
import type { BinaryOperator, JoinNode, OrderNode } from "../../ast/nodes.ts";
import { QueryError } from "../../base/errors.ts";

/** The signs that compare, with the operators they are. */
export const comparisons: ReadonlyMap<string, BinaryOperator> = new Map<string, BinaryOperator>([
  ["=", "="],
  ["!=", "<>"],
  ["<>", "<>"],
  ["<", "<"],
  ["<=", "<="],
  [">", ">"],
  [">=", ">="],
]);

const operators = [
  "=",
  "!=",
  "<>",
  "<",
  "<=",
  ">",
  ">=",
  "LIKE",
  "NOT LIKE",
  "ILIKE",
  "NOT ILIKE",
  "IN",
  "NOT IN",
  "IS",
  "IS NOT",
  "BETWEEN",
  "NOT BETWEEN",
] as const;

/** An operator of `where`, in capitals. */
export type WhereOperator = (typeof operators)[number];

/** An operator of `where` as a caller writes it: in capitals or small letters. */
export type WhereOperatorName = WhereOperator | Lowercase<WhereOperator>;

const directions = ["ASC", "DESC"] as const;
const nullOrders = ["", " NULLS FIRST", " NULLS LAST"] as const;

/** A direction as a caller writes it. */
export type DirectionName =
  | (typeof directions)[number]
  | Lowercase<(typeof directions)[number]>
  | `${(typeof directions)[number]}${(typeof nullOrders)[number]}`;

const joins = {
  INNER: { type: "inner" },
  LEFT: { type: "left" },
  RIGHT: { type: "right" },
  FULL: { type: "full" },
  CROSS: { type: "cross" },
  LATERAL: { type: "inner", lateral: true },
  "LEFT LATERAL": { type: "left", lateral: true },
} as const satisfies Record<string, Pick<JoinNode, "type" | "lateral">>;

/** A kind of join as a caller writes it. */
export type JoinName = keyof typeof joins | Lowercase<keyof typeof joins>;

/** The word in capitals with single spaces, if it is one of those known. */
function known(text: unknown, what: string, words: readonly string[]): string {
  const word = typeof text === "string" ? text.trim().toUpperCase().replace(/ +/g, " ") : "";
  if (words.includes(word)) return word;
  throw new QueryError(`Cannot build the query: a string is not ${what}`, {
    hint: `accepted: ${words.join(", ")}`,
  });
}

/** The operator that a string names. */
export function parseOperator(text: string): WhereOperator {
  return known(text, "an operator", operators) as WhereOperator;
}

/** The direction that a string names. */
export function parseDirection(text: string): Pick<OrderNode, "direction" | "nulls"> {
  const all = directions.flatMap((direction) => nullOrders.map((nulls) => direction + nulls));
  const word = known(text, "a direction", all);
  const direction = word.startsWith("ASC") ? "asc" : "desc";
  if (word.endsWith("FIRST")) return { direction, nulls: "first" };
  return word.endsWith("LAST") ? { direction, nulls: "last" } : { direction };
}

/** The kind of join that a string names. */
export function parseJoin(text: string): Pick<JoinNode, "type" | "lateral"> {
  return joins[known(text, "a kind of join", Object.keys(joins)) as keyof typeof joins];
}
