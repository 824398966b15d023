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

/** An operator of `where`, in capitals. */
export type WhereOperator =
  | "="
  | "!="
  | "<>"
  | "<"
  | "<="
  | ">"
  | ">="
  | "LIKE"
  | "NOT LIKE"
  | "ILIKE"
  | "NOT ILIKE"
  | "IN"
  | "NOT IN"
  | "IS"
  | "IS NOT"
  | "BETWEEN"
  | "NOT BETWEEN";

/** An operator of `where` as a caller writes it: in capitals or small letters. */
export type WhereOperatorName = WhereOperator | Lowercase<WhereOperator>;

/** A direction, in capitals. */
export type DirectionWord = "ASC" | "DESC" | `${"ASC" | "DESC"} NULLS ${"FIRST" | "LAST"}`;

/** A direction as a caller writes it: in capitals or small letters. */
export type DirectionName = DirectionWord | Lowercase<DirectionWord>;

/** A kind of join, in capitals. LATERAL: each row is joined with what a query gives for it. */
export type JoinWord =
  | "INNER"
  | "LEFT"
  | "RIGHT"
  | "FULL"
  | "CROSS"
  | "LATERAL"
  | "LEFT LATERAL";

/** A kind of join as a caller writes it: in capitals or small letters. */
export type JoinName = JoinWord | Lowercase<JoinWord>;

const operators: readonly WhereOperator[] = [
  ...["=", "!=", "<>", "<", "<=", ">", ">="] as const,
  ...["LIKE", "NOT LIKE", "ILIKE", "NOT ILIKE", "IN", "NOT IN"] as const,
  ...["IS", "IS NOT", "BETWEEN", "NOT BETWEEN"] as const,
];

const directions: Readonly<Record<DirectionWord, Pick<OrderNode, "direction" | "nulls">>> = {
  ASC: { direction: "asc" },
  DESC: { direction: "desc" },
  "ASC NULLS FIRST": { direction: "asc", nulls: "first" },
  "ASC NULLS LAST": { direction: "asc", nulls: "last" },
  "DESC NULLS FIRST": { direction: "desc", nulls: "first" },
  "DESC NULLS LAST": { direction: "desc", nulls: "last" },
};

const joins: Readonly<Record<JoinWord, Pick<JoinNode, "type" | "lateral">>> = {
  INNER: { type: "inner" },
  LEFT: { type: "left" },
  RIGHT: { type: "right" },
  FULL: { type: "full" },
  CROSS: { type: "cross" },
  LATERAL: { type: "inner", lateral: true },
  "LEFT LATERAL": { type: "left", lateral: true },
};

/** The word in capitals with single spaces, if it is one of those known. */
function known<W extends string>(text: unknown, what: string, words: readonly W[]): W {
  const word = typeof text === "string" ? text.trim().toUpperCase().replace(/ +/g, " ") : "";
  const found = words.find((each) => each === word);
  if (found) return found;
  throw new QueryError(`Cannot build the query: a string is not ${what}`, {
    hint: `accepted: ${words.join(", ")}`,
  });
}

/** The operator that a string names. */
export function parseOperator(text: string): WhereOperator {
  return known(text, "an operator", operators);
}

/** The direction that a string names. */
export function parseDirection(text: string): Pick<OrderNode, "direction" | "nulls"> {
  return directions[known(text, "a direction", Object.keys(directions) as DirectionWord[])];
}

/** The kind of join that a string names. */
export function parseJoin(text: string): Pick<JoinNode, "type" | "lateral"> {
  return joins[known(text, "a kind of join", Object.keys(joins) as JoinWord[])];
}
