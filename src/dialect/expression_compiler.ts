/**
 * Expressions: how each kind of value is written.
 *
 * @module
 */
import type {
  BetweenNode,
  BinaryNode,
  ColumnNode,
  ExcludedNode,
  ExistsNode,
  ExpressionNode,
  FullTextNode,
  IdentifierNode,
  InNode,
  JsonContainsNode,
  JsonPathNode,
  JsonRowsNode,
  ListValueNode,
  LogicalNode,
  NullTestNode,
  RawNode,
  SelectNode,
  StarNode,
  TupleNode,
  UnaryNode,
} from "../ast/nodes.ts";
import { literal, logical } from "../ast/build.ts";
import type { ColumnType } from "../schema/column_type.ts";
import { expressionLevel, type Level, needsParentheses, operatorLevel } from "./precedence.ts";
import type { SqlWriter } from "./sql_writer.ts";
import { FunctionCompiler } from "./function_compiler.ts";
import { typeOf, withType } from "./typing.ts";

/** The most operands side by side: a parser nests them, and some go only 1,000 levels deep. */
const longestChain = 100;

/** The operands of a long chain as at most {@linkcode longestChain} shorter ones. */
function inGroups({ operator, operands }: LogicalNode): readonly ExpressionNode[] {
  const size = Math.ceil(operands.length / longestChain);
  return Array.from(
    { length: Math.ceil(operands.length / size) },
    (_, group) => logical(operator, operands.slice(group * size, (group + 1) * size)),
  );
}

/** Writes expressions in standard SQL; what the standard lacks is refused and left to dialects. */
export abstract class ExpressionCompiler extends FunctionCompiler {
  /** Writes a query without parentheses. */
  protected abstract visitSelect(node: SelectNode, out: SqlWriter): void;

  /** Writes a column. */
  protected visitColumn(node: ColumnNode, out: SqlWriter): void {
    out.write(
      node.table === undefined ? this.identifier(node.name) : this.path(node.table, node.name),
    );
  }

  /** Writes `*` or `t.*`. */
  protected visitStar(node: StarNode, out: SqlWriter): void {
    out.write(node.table === undefined ? "*" : `${this.identifier(node.table)}.*`);
  }

  /** Writes text with nodes between its parts. */
  protected visitRaw(node: RawNode, out: SqlWriter): void {
    node.parts.forEach((part, index) => {
      out.write(part);
      const inner = node.nodes[index];
      if (inner) this.visit(inner, out);
    });
  }

  /** Writes a dotted name. */
  protected visitIdentifier(node: IdentifierNode, out: SqlWriter): void {
    out.write(this.path(...node.path));
  }

  /** The level of an expression as this dialect writes it. */
  protected level(node: ExpressionNode): Level {
    return expressionLevel(node);
  }

  /** Writes an operand, in parentheses when its level asks for them. */
  protected operand(
    node: ExpressionNode,
    parent: Level,
    side: "left" | "right",
    out: SqlWriter,
  ): void {
    if (!needsParentheses(parent, this.level(node), side)) return this.visit(node, out);
    out.write("(");
    this.visit(node, out);
    out.write(")");
  }

  /** Writes `left operator right`; a value takes the type of the other side. */
  protected visitBinary(node: BinaryNode, out: SqlWriter): void {
    const left = withType(node.left, this.operandType(node, node.right));
    const right = withType(node.right, this.operandType(node, node.left));
    const parent = operatorLevel(node.operator);
    const chained = node.operator === "||" && left.kind === "Binary" && left.operator === "||";
    if (chained) this.visit(left, out);
    else this.operand(left, parent, "left", out);
    out.write(` ${this.operatorSql(node)} `);
    this.operand(right, parent, "right", out);
  }

  /** The type that a value on one side of `node` takes from `other`, the operand on the other side. */
  protected operandType(node: BinaryNode, other: ExpressionNode): ColumnType | undefined {
    switch (node.operator) {
      case "?":
      case "?|":
      case "?&":
      case "@@":
        return undefined;
      default:
        return typeOf(other);
    }
  }

  /** The operator's spelling. */
  protected operatorSql(node: BinaryNode): string {
    return node.operator.toUpperCase();
  }

  /** Writes `a AND b`, `a OR b`; without operands, true or false. */
  protected visitLogical(node: LogicalNode, out: SqlWriter): void {
    if (node.operands.length === 0) return this.visit(literal(node.operator === "and"), out);
    const [only] = node.operands;
    if (node.operands.length === 1 && only) return this.visit(only, out);
    const separator = ` ${node.operator.toUpperCase()} `;
    if (node.operands.length > longestChain) {
      return void out.list(inGroups(node), (group) => this.parenthesized(group, out), separator);
    }
    out.list(
      node.operands,
      (operand) => this.operand(operand, node.operator, "left", out),
      separator,
    );
  }

  /** Writes an expression in parentheses. */
  protected parenthesized(node: ExpressionNode, out: SqlWriter): void {
    out.write("(");
    this.visit(node, out);
    out.write(")");
  }

  /** Writes `NOT operand`, `-operand`. */
  protected visitUnary(node: UnaryNode, out: SqlWriter): void {
    out.write(node.operator === "not" ? "NOT " : "-");
    this.operand(node.operand, node.operator === "not" ? "not" : "negative", "right", out);
  }

  /** Writes `operand IS [NOT] NULL`. */
  protected visitNullTest(node: NullTestNode, out: SqlWriter): void {
    this.operand(node.operand, "predicate", "left", out);
    out.write(node.negated ? " IS NOT NULL" : " IS NULL");
  }

  /** Writes `operand [NOT] BETWEEN low AND high`. */
  protected visitBetween(node: BetweenNode, out: SqlWriter): void {
    const type = typeOf(node.operand);
    this.operand(node.operand, "predicate", "left", out);
    out.write(node.negated ? " NOT BETWEEN " : " BETWEEN ");
    this.operand(withType(node.low, type), "predicate", "right", out);
    out.write(" AND ");
    this.operand(withType(node.high, type), "predicate", "right", out);
  }

  /** Writes `operand [NOT] IN (…)`; an empty list is false (or true, negated). */
  protected visitIn(node: InNode, out: SqlWriter): void {
    const { source } = node;
    if ("kind" in source && source.kind === "ListValue") {
      const type = source.type ?? typeOf(node.operand);
      return this.visitInList(node, type ? { ...source, type } : source, out);
    }
    if (!("kind" in source) && source.length === 0) return this.visit(literal(node.negated), out);
    this.operand(node.operand, "predicate", "left", out);
    out.write(node.negated ? " NOT IN (" : " IN (");
    if ("kind" in source) this.visitSelect(source, out);
    else {
      out.list(source, (item) => this.visit(this.typedLike(item, node.operand), out));
    }
    out.write(")");
  }

  /** Writes `operand [NOT] IN` for a list that may be bound as one parameter. Here: one for each value. */
  protected visitInList(node: InNode, list: ListValueNode, out: SqlWriter): void {
    if ("slot" in list.values) {
      throw this.unsupported("parameter that holds a list of unknown length");
    }
    const type = list.type;
    const source = list.values.map((value) =>
      Object.freeze({ kind: "Value" as const, value, ...(type && { type }) })
    );
    this.visitIn({ ...node, source }, out);
  }

  /** Gives the values of `node` the types of `model`: a column's, or item by item a row's. */
  protected typedLike(node: ExpressionNode, model: ExpressionNode): ExpressionNode {
    if (node.kind !== "Tuple" || model.kind !== "Tuple") return withType(node, typeOf(model));
    return {
      kind: "Tuple",
      items: node.items.map((item, index) => withType(item, typeOf(model.items[index]))),
    };
  }

  /** Writes a list bound as one parameter. */
  protected visitListValue(_node: ListValueNode, _out: SqlWriter): void {
    throw this.unsupported("parameter that holds a list");
  }

  /** Writes `[NOT] EXISTS (query)`. */
  protected visitExists(node: ExistsNode, out: SqlWriter): void {
    out.write(node.negated ? "NOT EXISTS " : "EXISTS ");
    this.subquery(node.query, out);
  }

  /** Writes a query in parentheses. */
  protected subquery(query: SelectNode | RawNode, out: SqlWriter): void {
    out.write("(");
    this.visit(query, out);
    out.write(")");
  }

  /** Writes `(a, b)`. */
  protected visitTuple(node: TupleNode, out: SqlWriter): void {
    out.write("(").list(node.items, (item) => this.visit(item, out)).write(")");
  }

  /** Writes a value inside a JSON document. */
  protected visitJsonPath(_node: JsonPathNode, _out: SqlWriter): void {
    throw this.unsupported("paths into JSON documents");
  }

  /** Writes whether a document contains another. */
  protected visitJsonContains(_node: JsonContainsNode, _out: SqlWriter): void {
    throw this.unsupported("test of what a JSON document contains");
  }

  /** Writes the rows of a query as one JSON array of arrays. */
  protected visitJsonRows(_node: JsonRowsNode, _out: SqlWriter): void {
    throw this.unsupported("aggregation of rows as JSON");
  }

  /** Writes a full-text search. */
  protected visitFullText(_node: FullTextNode, _out: SqlWriter): void {
    throw this.unsupported("full-text search");
  }

  /** Writes `excluded.column`. */
  protected visitExcluded(node: ExcludedNode, out: SqlWriter): void {
    out.write(`excluded.${this.identifier(node.name)}`);
  }
}
