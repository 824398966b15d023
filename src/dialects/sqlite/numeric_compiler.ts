/**
 * Decimals, which are text in SQLite: compared, sorted, added and aggregated by functions of ours
 * (`functions.ts`) wherever the tree says that an expression is numeric.
 *
 * @module
 */
import { alias, call, column } from "../../ast/build.ts";
import type {
  AssignmentNode,
  BetweenNode,
  BinaryNode,
  ExpressionNode,
  FunctionNode,
  InNode,
  InsertNode,
  OrderNode,
  SelectNode,
} from "../../ast/nodes.ts";
import type { SqlWriter } from "../../dialect/sql_writer.ts";
import { typeOf, withType } from "../../dialect/typing.ts";
import { type ColumnType, columnType } from "../../schema/column_type.ts";
import { SqliteDdlCompiler } from "./ddl_compiler.ts";
import { inForm } from "./numeric_form.ts";
import { numericScale } from "./numeric_scale.ts";

/** Functions of one decimal that give a decimal; all but `abs` are aggregates. */
const exactFunctions: ReadonlySet<string> = new Set(["sum", "avg", "min", "max", "abs"]);
const arithmetic: Readonly<Record<string, string>> = Object.freeze({
  "+": "rex_numeric_add",
  "-": "rex_numeric_sub",
  "*": "rex_numeric_mul",
});
const equalities: ReadonlySet<string> = new Set([
  "=",
  "<>",
  "is distinct from",
  "is not distinct from",
]);
const inequalities: ReadonlySet<string> = new Set(["<", "<=", ">", ">="]);
const numeric = columnType("numeric");

/** The numeric type of an expression, where it has one. */
function numericOf(node: ExpressionNode | undefined): ColumnType | undefined {
  if (node?.kind === "Alias") return numericOf(node.expression);
  if (node?.kind === "Function") {
    const name = node.name.toLowerCase();
    return exactFunctions.has(name) || name === "coalesce" || name === "nullif"
      ? numericOf(node.args[0]) && numeric
      : undefined;
  }
  if (node?.kind === "Binary" && node.operator in arithmetic) {
    return isDouble(node.left) || isDouble(node.right)
      ? undefined
      : numericOf(node.left) ?? numericOf(node.right);
  }
  if (node?.kind === "Case") {
    const values = node.whens.map((each) => each.then);
    if (node.otherwise) values.push(node.otherwise);
    return values.some(numericOf) && !values.some(isDouble) ? numeric : undefined;
  }
  const type = typeOf(node);
  return type?.name === "numeric" ? type : undefined;
}

/** Whether an expression is a decimal that need not have the form of those in a list. */
export function isComputedDecimal(node: ExpressionNode): boolean {
  return node.kind !== "Column" && numericOf(node) !== undefined;
}

function isDouble(node: ExpressionNode): boolean {
  const name = typeOf(node)?.name;
  return name === "real" || name === "double";
}

function isBound(node: ExpressionNode): boolean {
  return node.kind === "Value" || node.kind === "Slot";
}

/** The form of an expression that compares and sorts as its numbers do. */
function keyed(node: ExpressionNode): ExpressionNode {
  return numericOf(node) ? call("rex_numeric_key", [node]) : node;
}

/** Writes what has to do with decimals. */
export abstract class NumericCompiler extends SqliteDdlCompiler {
  /** Writes `left operator right`. */
  protected override visitBinary(node: BinaryNode, out: SqlWriter): void {
    if (node.left.kind === "Tuple" && node.right.kind === "Tuple") {
      return super.visitBinary(keyedTuples(node), out);
    }
    const type = numericOf(node.left) ?? numericOf(node.right);
    if (!type) return super.visitBinary(node, out);
    const left = withType(node.left, type);
    const right = withType(node.right, type);
    const exact = !isDouble(left) && !isDouble(right);
    const name = arithmetic[node.operator];
    if (name !== undefined && exact) return this.visitFunction(call(name, [left, right]), out);
    if (needsKey({ ...node, left, right })) {
      return super.visitBinary({ ...node, left: asKey(left), right: asKey(right) }, out);
    }
    // SQLite divides two texts that look like whole numbers as integers.
    if (node.operator === "/") {
      return super.visitBinary({ ...node, left: asReal(left), right }, out);
    }
    super.visitBinary({ ...node, left, right }, out);
  }

  /** Writes `operand [NOT] BETWEEN low AND high`. */
  protected override visitBetween(node: BetweenNode, out: SqlWriter): void {
    const type = numericOf(node.operand);
    super.visitBetween(
      type
        ? {
          ...node,
          operand: asKey(node.operand),
          low: asKey(withType(node.low, type)),
          high: asKey(withType(node.high, type)),
        }
        : node,
      out,
    );
  }

  /** Writes `operand [NOT] IN (query)`; decimals by their key where either side is computed. */
  protected override visitIn(node: InNode, out: SqlWriter): void {
    const { operand, source } = node;
    const [item] = "kind" in source && source.kind === "Select" ? source.selection : [];
    if (!item || !("selection" in source)) return super.visitIn(node, out);
    const value = item.kind === "Alias" ? item.expression : item;
    const key = needsKey({ kind: "Binary", operator: "=", left: operand, right: value }) &&
      (numericOf(operand) ?? numericOf(value)) !== undefined;
    super.visitIn(
      key ? { ...node, operand: asKey(operand), source: keyedQuery(source) } : node,
      out,
    );
  }

  /** Writes a call; aggregates and `abs` of decimals are exact. */
  protected override visitFunction(node: FunctionNode, out: SqlWriter): void {
    const name = node.name.toLowerCase();
    const exact = exactFunctions.has(name) && node.args.length === 1 && numericOf(node.args[0]);
    if (exact && node.over !== undefined && (name === "min" || name === "max")) {
      throw this.unsupported(
        `${name}() of decimals over a window`,
        "Use first_value() with an order, or cast the column to double",
      );
    }
    super.visitFunction(exact ? { ...node, name: `rex_numeric_${name}` } : node, out);
  }

  /** What is stored has the digits of its column, which is the one that the expression is made from. */
  protected override visitAssignment(node: AssignmentNode, out: SqlWriter): void {
    super.visitAssignment({ ...node, value: stored(node.value) }, out);
  }

  /** What is inserted has the digits of its column too, whether it comes in rows or from a query. */
  protected override visitInsertSource(node: InsertNode, out: SqlWriter): void {
    super.visitInsertSource({ ...node, source: storedSource(node.source) }, out);
  }

  /** SQLite holds NULL for the least value. */
  protected override defaultNulls(direction: OrderNode["direction"]): "first" | "last" {
    return direction === "asc" ? "first" : "last";
  }

  /** Writes one term of `ORDER BY`; decimals by their key. */
  protected override visitOrder(node: OrderNode, out: SqlWriter): void {
    const { expression } = node;
    const nulls = isNotNull(expression) ? undefined : node.nulls;
    super.visitOrder({ ...node, expression: keyed(expression), nulls } as OrderNode, out);
  }

  /** Writes a query, its decimals in their one form. An order by the name of a result has that result's type. */
  protected override visitSelect(given: SelectNode, out: SqlWriter): void {
    const node = inForm(given, numericOf);
    const orderBy = node.orderBy?.map((term) => ({
      ...term,
      expression: withSelectedType(term.expression, node),
    }));
    if (!orderBy) return super.visitSelect(node, out);
    const byKey = orderBy.some(({ expression }) => numericOf(expression) !== undefined);
    const query = { ...node, orderBy };
    super.visitSelect(byKey && node.setOperations?.length ? wrapped(query) : query, out);
  }
}

/** A query of one decimal, giving its key. */
function keyedQuery(query: SelectNode): SelectNode {
  const [item] = query.selection as readonly [ExpressionNode];
  const name = item.kind === "Alias" ? item.alias : item.kind === "Column" ? item.name : "value_";
  const plain = item.kind === "Alias" || item.kind === "Column";
  const named = plain ? query : { ...query, selection: [alias(item, name)] };
  return {
    kind: "Select",
    selection: [asKey(column(name, "in_"))],
    from: [{ kind: "DerivedTable", query: named, alias: "in_" }],
  };
}

/** A union is sorted by its columns alone: for a sort by an expression it becomes a derived table. */
function wrapped(node: SelectNode): SelectNode {
  const { orderBy, limit, offset, with: withs, ...query } = node;
  return {
    kind: "Select",
    selection: [{ kind: "Star" }],
    from: [{ kind: "DerivedTable", query, alias: "union_" }],
    ...(withs && { with: withs }),
    ...(orderBy && { orderBy }),
    ...(limit && { limit }),
    ...(offset && { offset }),
  };
}

function isNotNull(node: ExpressionNode): boolean {
  return node.kind === "Column" && node.notNull === true;
}

function withSelectedType(expression: ExpressionNode, query: SelectNode): ExpressionNode {
  if (expression.kind !== "Column" || expression.type || expression.table !== undefined) {
    return expression;
  }
  const index = query.selection.findIndex((item) =>
    item.kind === "Alias" && item.alias === expression.name
  );
  const selected = query.selection[index];
  const type = query.result?.[index]?.type ?? numericOf(selected);
  if (type?.name !== "numeric") return expression;
  // Inside a call a name means a column of a source before it means a result.
  return selected?.kind === "Alias" && !query.setOperations?.length
    ? asKey(selected.expression)
    : column(expression.name, undefined, type);
}

/** Equal text is enough where both sides have a column's form; an index can serve it. */
function needsKey({ operator, left, right }: BinaryNode): boolean {
  if (inequalities.has(operator)) return true;
  if (!equalities.has(operator)) return false;
  if (isBound(left) || isBound(right)) return left.kind !== "Column" && right.kind !== "Column";
  const [a, b] = [left, right].map((side) => side.kind === "Column" ? numericOf(side) : undefined);
  return !a || !b || numericScale(a) !== numericScale(b);
}

/** The key of a decimal, by which it compares and sorts as numbers do. */
export function asKey(node: ExpressionNode): ExpressionNode {
  return call("rex_numeric_key", [node]);
}

function asReal(node: ExpressionNode): ExpressionNode {
  return Object.freeze({ kind: "Cast", operand: node, type: columnType("double") });
}

function storedSource(source: InsertNode["source"]): InsertNode["source"] {
  if (source.kind === "Rows") return { ...source, rows: source.rows.map((row) => row.map(stored)) };
  if (source.kind !== "Query" || source.query.kind === "Raw") return source;
  return { ...source, query: storedQuery(source.query) };
}

function storedQuery(query: SelectNode): SelectNode {
  const setOperations = query.setOperations?.map((each) => ({
    ...each,
    query: storedQuery(each.query),
  }));
  return {
    ...query,
    selection: query.selection.map((item) =>
      item.kind === "Alias" ? { ...item, expression: stored(item.expression) } : stored(item)
    ),
    ...(setOperations && { setOperations }),
  };
}

/** The value in the form of the column that it is made from. */
function stored(node: ExpressionNode): ExpressionNode {
  const type = isBound(node) || node.kind === "Column" ? undefined : numericOf(node);
  if (!type) return node;
  const scale = numericScale(type);
  if (scale === undefined) return call("rex_numeric", [node]);
  return call("rex_numeric_round", [node, Object.freeze({ kind: "Literal", value: scale })]);
}

/** Row values, compared item by item; each takes the type of the one that it meets. */
function keyedTuples(node: BinaryNode): BinaryNode {
  const { left, right } = node;
  if (left.kind !== "Tuple" || right.kind !== "Tuple") return node;
  const items = (side: readonly ExpressionNode[], other: readonly ExpressionNode[]) =>
    side.map((item, index) => {
      const type = numericOf(item) ?? numericOf(other[index]);
      return type ? asKey(withType(item, type)) : withType(item, typeOf(other[index]));
    });
  return {
    ...node,
    left: { ...left, items: items(left.items, right.items) },
    right: { ...right, items: items(right.items, left.items) },
  };
}
