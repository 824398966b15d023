/**
 * Columns, calls and lists of what to select, from strings.
 *
 * @module
 */
import { alias, call, column, literal, value } from "../../ast/build.ts";
import type { ExpressionNode } from "../../ast/nodes.ts";
import { Tokens } from "./tokens.ts";

const functions: ReadonlySet<string> = new Set([
  "ABS",
  "AVG",
  "CEIL",
  "COALESCE",
  "COUNT",
  "FLOOR",
  "LENGTH",
  "LOWER",
  "LTRIM",
  "MAX",
  "MIN",
  "NULLIF",
  "REPLACE",
  "ROUND",
  "RTRIM",
  "SUBSTR",
  "SUM",
  "TRIM",
  "UPPER",
]);

const forms = "name, table.name, schema.table.name, FUNCTION(name) with one of " +
  `${[...functions].join(", ")}`;
const selected = `*, table.*, ${forms}, each perhaps followed by AS alias`;

/** A column or call: what stands in WHERE, ORDER BY, GROUP BY and HAVING. */
export function parseOperand(text: string): ExpressionNode {
  const tokens = new Tokens(text, "a column", forms);
  return tokens.end(operand(tokens));
}

/** What stands in SELECT and RETURNING: a column, a star or a call, perhaps with an alias. */
export function parseSelected(text: string): ExpressionNode {
  const tokens = new Tokens(text, "a column to select", selected);
  if (tokens.take("sign", "*")) return tokens.end(star());
  const node = operand(tokens, true);
  if (node.kind === "Star" || !tokens.take("name", "AS")) return tokens.end(node);
  return tokens.end(alias(node, tokens.expect("name")));
}

/** One plain name: a column that is written, an alias. */
export function parseName(text: string, what = "a name"): string {
  const tokens = new Tokens(text, what, "a name of letters, digits and underscores");
  return tokens.end(tokens.expect("name"));
}

/** A column or call; where stars are taken, also `table.*`. */
export function operand(tokens: Tokens, stars = false): ExpressionNode {
  if (tokens.followedBy("(")) return functionCall(tokens);
  const path = [tokens.expect("name")];
  while (tokens.take("sign", ".")) {
    if (stars && path.length === 1 && tokens.take("sign", "*")) return star(path[0]);
    path.push(tokens.expect("name"));
  }
  return columnOf(path, tokens);
}

function columnOf(path: readonly string[], tokens: Tokens): ExpressionNode {
  const [first = "", second, third] = path;
  if (second === undefined) return column(first);
  if (third === undefined) return column(second, first);
  if (path.length > 3) throw tokens.refusal();
  return Object.freeze({ kind: "Identifier", path: Object.freeze(path) });
}

function functionCall(tokens: Tokens): ExpressionNode {
  const name = tokens.expect("name").toUpperCase();
  if (!functions.has(name)) throw tokens.refusal();
  tokens.expect("sign", "(");
  if (name === "COUNT" && tokens.take("sign", "*")) {
    tokens.expect("sign", ")");
    return call(name, [star()]);
  }
  // `COUNT(distinct)` counts a column of that name: DISTINCT must be followed by something to be a keyword.
  const distinct = !tokens.followedBy(")") && tokens.take("name", "DISTINCT") !== undefined;
  const args = [argument(tokens)];
  while (tokens.take("sign", ",")) args.push(argument(tokens));
  tokens.expect("sign", ")");
  return call(name, Object.freeze(args), distinct ? { distinct } : {});
}

/** An argument: texts are bound, numbers are written. */
function argument(tokens: Tokens): ExpressionNode {
  const text = tokens.take("string");
  if (text) return value(text.text.replaceAll("''", "'"));
  return number(tokens) ?? operand(tokens);
}

/** A number, if one comes next. */
export function number(tokens: Tokens): ExpressionNode | undefined {
  const token = tokens.take("number");
  if (!token) return undefined;
  const parsed = Number(token.text);
  if (Math.abs(parsed) > Number.MAX_SAFE_INTEGER) throw tokens.refusal();
  return literal(parsed);
}

function star(table?: string): ExpressionNode {
  return Object.freeze(table === undefined ? { kind: "Star" } : { kind: "Star", table });
}
