/**
 * Join conditions from strings: comparisons of columns and numbers, joined by AND, OR and parentheses.
 *
 * @module
 */
import { and, binary, isNull, literal, or } from "../../ast/build.ts";
import type { ExpressionNode } from "../../ast/nodes.ts";
import { number, operand } from "./operand.ts";
import { Tokens } from "./tokens.ts";
import { comparisons } from "./words.ts";

const accepted =
  "a.x = b.y, also with <> != < <= > >=, IS NULL, IS NOT NULL, numbers, TRUE, FALSE, AND, OR, ( )";

/** How many parentheses may stand in one another. */
const deepest = 100;

/** A join condition: `u.id = p.user_id AND (p.kind = 1 OR p.kind IS NULL)`. */
export function parseCondition(text: string): ExpressionNode {
  const tokens = new Tokens(text, "a join condition", accepted);
  return tokens.end(disjunction(tokens, 0));
}

function disjunction(tokens: Tokens, depth: number): ExpressionNode {
  const operands = [conjunction(tokens, depth)];
  while (tokens.take("name", "OR")) operands.push(conjunction(tokens, depth));
  return or(Object.freeze(operands));
}

function conjunction(tokens: Tokens, depth: number): ExpressionNode {
  const operands = [predicate(tokens, depth)];
  while (tokens.take("name", "AND")) operands.push(predicate(tokens, depth));
  return and(Object.freeze(operands));
}

function predicate(tokens: Tokens, depth: number): ExpressionNode {
  if (tokens.take("sign", "(")) {
    if (depth >= deepest) throw tokens.refusal();
    const inner = disjunction(tokens, depth + 1);
    tokens.expect("sign", ")");
    return inner;
  }
  const left = constant(tokens) ?? operand(tokens);
  if (tokens.take("name", "IS")) {
    const negated = tokens.take("name", "NOT") !== undefined;
    tokens.expect("name", "NULL");
    return isNull(left, negated);
  }
  const operator = comparisons.get(tokens.expect("sign"));
  if (!operator) throw tokens.refusal();
  const right = constant(tokens) ?? operand(tokens);
  // `1 = 1` joins everything with everything: nobody means that, but somebody may smuggle it in.
  if (left.kind === "Literal" && right.kind === "Literal") throw tokens.refusal();
  return binary(left, operator, right);
}

function constant(tokens: Tokens): ExpressionNode | undefined {
  if (tokens.take("name", "TRUE")) return literal(true);
  return tokens.take("name", "FALSE") ? literal(false) : number(tokens);
}
