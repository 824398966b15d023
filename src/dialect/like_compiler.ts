/**
 * Patterns: the statement is the same whatever the value, so escaping happens when the value is bound.
 *
 * @module
 */
import { binary, call, literal } from "../ast/build.ts";
import type { ExpressionNode, LikeNode } from "../ast/nodes.ts";
import { columnType } from "../schema/column_type.ts";
import { ExpressionCompiler } from "./expression_compiler.ts";
import type { SqlWriter } from "./sql_writer.ts";
import { withType } from "./typing.ts";

/** How the pattern of a LIKE is made from its value. */
export type Match = LikeNode["match"];

const text = columnType("text");

function pattern(match: Match, value: string): string {
  // Escaping nothing, a last backslash stands for itself: databases differ in what else they make of it.
  if (match === "pattern") return /(?:^|[^\\])(?:\\\\)*\\$/.test(value) ? `${value}\\` : value;
  const escaped = value.replace(/[\\%_]/g, "\\$&");
  return `${match === "prefix" ? "" : "%"}${escaped}${match === "suffix" ? "" : "%"}`;
}

/** Writes `LIKE`. */
export abstract class LikeCompiler extends ExpressionCompiler {
  readonly #dumps = new Map<Match, (value: unknown) => unknown>();

  /** Writes `operand [NOT] LIKE pattern`. */
  protected visitLike(node: LikeNode, out: SqlWriter): void {
    const lower = (write: () => void) => {
      out.write("LOWER(");
      write();
      out.write(")");
    };
    const operand = () => this.operand(node.operand, "predicate", "left", out);
    const like = () => this.likePattern(node, out);
    if (node.insensitive) lower(operand);
    else operand();
    out.write(node.negated ? " NOT LIKE " : " LIKE ");
    if (node.insensitive) lower(like);
    else like();
    out.write(this.likeEscape(node));
  }

  /** What follows the pattern: it must make `\` the escape character, where it is not that already. */
  protected likeEscape(node: LikeNode): string {
    return node.match === "pattern" ? "" : " ESCAPE '\\'";
  }

  /** Writes the pattern: the value is turned into one when it is bound; other expressions are in SQL. */
  protected likePattern(node: LikeNode, out: SqlWriter): void {
    const operand = node.pattern;
    if (operand.kind === "Value" || operand.kind === "Slot") {
      this.bound({ ...operand, type: operand.type ?? text }, this.likeDump(node.match), out);
    } else if (operand.kind === "Literal") {
      this.visit(literal(pattern(node.match, String(operand.value))), out);
    } else if (node.match === "pattern") {
      this.operand(withType(operand, text), "predicate", "right", out);
    } else {
      this.operand(likeExpression(node.match, operand), "predicate", "right", out);
    }
  }

  /** Turns a bound value into a pattern; the same function for the same kind of match. */
  protected likeDump(match: Match): (value: unknown) => unknown {
    let dump = this.#dumps.get(match);
    if (!dump) {
      const inner = this.codecs.codec(text).dump;
      dump = (value) => {
        const result = pattern(match, String(value));
        return inner ? inner(result) : result;
      };
      this.#dumps.set(match, dump);
    }
    return dump;
  }
}

function likeExpression(match: Match, operand: ExpressionNode): ExpressionNode {
  let result: ExpressionNode = operand;
  for (const character of ["\\", "%", "_"]) {
    result = call("REPLACE", [result, literal(character), literal(`\\${character}`)]);
  }
  if (match !== "prefix") result = binary(literal("%"), "||", result);
  if (match !== "suffix") result = binary(result, "||", literal("%"));
  return result;
}
