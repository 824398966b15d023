/**
 * Typed expressions and their operators.
 *
 * @module
 */
import { binary, call, isNull, value as valueNode } from "../../ast/build.ts";
import type {
  BinaryOperator,
  ExpressionNode,
  LikeNode,
  OrderNode,
  ResultColumn,
  SelectNode,
} from "../../ast/nodes.ts";
import { QueryError } from "../../base/errors.ts";
import { type ColumnType, columnType } from "../../schema/column_type.ts";
import { expressionOf, valueOf } from "../comparison.ts";
import { isNodeSource, type NodeSource, type SqlFragment } from "../fragment.ts";

/** An expression of type `T`. */
export type Expression<T> = Expr<T> | SqlFragment<T>;

/** A query of one column, as a value of type `V`. */
export interface ValueQuery<out V> {
  /** Exists only in types. */
  readonly _value?: V;
  /** Its node. */
  toNode(): SelectNode;
}

/** What a value can be compared with. */
export type Operand<T> =
  | T
  | Expression<T>
  | Expression<NonNullable<T>>
  | Expression<NonNullable<T> | null>
  | ValueQuery<NonNullable<T> | null>;

/** What is known of an expression beside its node. */
export interface ExpressionInfo {
  /** Its column type: how values compared with it are bound and how results are loaded. */
  readonly type?: ColumnType;
  /** An aggregate that is a plain number. */
  readonly as?: "number";
  /** Whether it is never NULL. */
  readonly required?: boolean;
}

/** What the operators of texts work on. */
export type TextValue = string | null;

/** What can be computed with. */
export type NumericValue = number | bigint | string | null;

/** What has an order. */
export type OrderedValue = string | number | bigint | Date | null;

const unknownInfo: ExpressionInfo = Object.freeze({});
const truth: ExpressionInfo = Object.freeze({ type: columnType("boolean") });
const texts: ReadonlySet<string> = new Set(["text", "varchar", "char", "uuid", "enum"]);

/** An SQL expression whose value is a `T`. Immutable. */
export class Expr<out T> implements NodeSource {
  /** Exists only in types. */
  declare readonly _type?: T;
  /** What is known of it. */
  readonly info: ExpressionInfo;
  /** Its node. */
  protected readonly node: ExpressionNode;

  /** Makes an expression from its node. */
  constructor(node: ExpressionNode, info: ExpressionInfo = unknownInfo) {
    this.node = node;
    this.info = info;
  }

  /** Its node. */
  toNode(): ExpressionNode {
    return this.node;
  }

  /** `this = value`; `null` asks for NULL. */
  eq(value: Operand<T>): Expr<boolean> {
    return value === null ? this.isNull() : this.#compare("=", value);
  }

  /** `this <> value`; `null` asks for anything but NULL. */
  ne(value: Operand<T>): Expr<boolean> {
    return value === null ? this.isNotNull() : this.#compare("<>", value);
  }

  /** `this > value`. */
  gt(this: Expr<T & OrderedValue>, value: Operand<NonNullable<T>>): Expr<boolean> {
    return this.#compare(">", value);
  }

  /** `this >= value`. */
  gte(this: Expr<T & OrderedValue>, value: Operand<NonNullable<T>>): Expr<boolean> {
    return this.#compare(">=", value);
  }

  /** `this < value`. */
  lt(this: Expr<T & OrderedValue>, value: Operand<NonNullable<T>>): Expr<boolean> {
    return this.#compare("<", value);
  }

  /** `this <= value`. */
  lte(this: Expr<T & OrderedValue>, value: Operand<NonNullable<T>>): Expr<boolean> {
    return this.#compare("<=", value);
  }

  /** `this BETWEEN low AND high`. */
  between(
    this: Expr<T & OrderedValue>,
    low: Operand<NonNullable<T>>,
    high: Operand<NonNullable<T>>,
  ): Expr<boolean> {
    return condition({
      kind: "Between",
      operand: this.node,
      low: valueOf(low),
      high: valueOf(high),
      negated: false,
    });
  }

  /** Equal to one of a list, or of a query's values. An empty list is false. */
  in(values: readonly NonNullable<T>[] | ValueQuery<NonNullable<T> | null>): Expr<boolean> {
    return this.#in(values, false);
  }

  /** Equal to none of a list, or of a query's values. An empty list is true. */
  notIn(values: readonly NonNullable<T>[] | ValueQuery<NonNullable<T> | null>): Expr<boolean> {
    return this.#in(values, true);
  }

  /** `this IS NULL`. */
  isNull(): Expr<boolean> {
    return condition(isNull(this.node));
  }

  /** `this IS NOT NULL`. */
  isNotNull(): Expr<boolean> {
    return condition(isNull(this.node, true));
  }

  /** Whether both are equal, where NULL is equal to NULL. */
  isSame(value: Operand<T> | null): Expr<boolean> {
    return this.#compare("is not distinct from", value);
  }

  /** Matches an SQL pattern (`%`, `_`), minding case. */
  like(this: Expr<T & TextValue>, pattern: Operand<string>): Expr<boolean> {
    return this.#like("pattern", pattern, false);
  }

  /** Matches an SQL pattern (`%`, `_`), whatever the case. */
  ilike(this: Expr<T & TextValue>, pattern: Operand<string>): Expr<boolean> {
    return this.#like("pattern", pattern, true);
  }

  /** Begins with this text, taken literally. */
  startsWith(this: Expr<T & TextValue>, text: Operand<string>): Expr<boolean> {
    return this.#like("prefix", text, false);
  }

  /** Ends with this text, taken literally. */
  endsWith(this: Expr<T & TextValue>, text: Operand<string>): Expr<boolean> {
    return this.#like("suffix", text, false);
  }

  /** Has this text in it, taken literally; of JSON and arrays: contains this document or these elements. */
  contains(value: T extends TextValue ? Operand<string> : unknown): Expr<boolean> {
    const { type } = this.info;
    if (type && texts.has(type.name) && !type.array) return this.#like("infix", value, false);
    return condition({
      kind: "JsonContains",
      operand: this.node,
      value: isNodeSource(value) ? expressionOf(value) : valueNode(value, type),
    });
  }

  /** `this + value`. */
  plus(this: Expr<T & NumericValue>, value: Operand<NonNullable<T>>): Expr<T> {
    return this.#arithmetic("+", value);
  }

  /** `this - value`. */
  minus(this: Expr<T & NumericValue>, value: Operand<NonNullable<T>>): Expr<T> {
    return this.#arithmetic("-", value);
  }

  /** `this * value`. */
  times(this: Expr<T & NumericValue>, value: Operand<NonNullable<T>> | Operand<number>): Expr<T> {
    return this.#arithmetic("*", value);
  }

  /** `this / value`; of two integers, without its fraction. */
  dividedBy(
    this: Expr<T & NumericValue>,
    value: Operand<NonNullable<T>> | Operand<number>,
  ): Expr<T> {
    return this.#arithmetic("/", value);
  }

  /** Both texts, one after the other. */
  concat(this: Expr<T & TextValue>, text: Operand<string>): Expr<T> {
    return new Expr(binary(this.node, "||", valueOf(text)), this.#with(text));
  }

  /** This, or `fallback` where this is NULL. */
  orElse<F extends NonNullable<T>>(fallback: F | Expression<F>): Expr<NonNullable<T>> {
    const other = isNodeSource(fallback) ? expressionOf(fallback) : this.value(fallback);
    return new Expr(call("COALESCE", Object.freeze([this.node, other])), {
      ...this.info,
      required: true,
    });
  }

  /** A value inside a JSON document: property names and list indexes from its root down. */
  path(
    this: Expr<T extends string | number | bigint | boolean | Date | Uint8Array ? never : T>,
    ...steps: readonly (string | number)[]
  ): JsonExpr {
    return jsonPath(this.node, steps);
  }

  /** A value with the type of this expression. */
  protected value(value: unknown): ExpressionNode {
    if (value === undefined) valueOf(value);
    return valueNode(value, this.info.type);
  }

  #compare(operator: BinaryOperator, value: unknown): Expr<boolean> {
    const right = isNodeSource(value) ? expressionOf(value) : this.value(value);
    return condition(binary(this.node, operator, right));
  }

  #arithmetic(operator: BinaryOperator, value: unknown): Expr<T> {
    const right = isNodeSource(value) ? expressionOf(value) : this.value(value);
    return new Expr(binary(this.node, operator, right), this.#with(value));
  }

  /** What is known after computing with another value: NULL where either is. */
  #with(value: unknown): ExpressionInfo {
    const required = !isNodeSource(value) ||
      (value instanceof Expr && value.info.required === true);
    return required || !this.info.required ? this.info : { ...this.info, required: false };
  }

  #like(match: LikeNode["match"], pattern: unknown, insensitive: boolean): Expr<boolean> {
    return condition({
      kind: "Like",
      operand: this.node,
      pattern: valueOf(pattern),
      match,
      insensitive,
      negated: false,
    });
  }

  #in(values: readonly unknown[] | ValueQuery<unknown>, negated: boolean): Expr<boolean> {
    if (isNodeSource(values)) {
      const query = singleColumn(values);
      return condition({ kind: "In", operand: this.node, source: query, negated });
    }
    if (values.some((value) => value === null || value === undefined)) {
      throw new QueryError("Cannot build the query: a list for IN has a null", {
        hint: "NULL is equal to nothing; add .isNull() with or()",
      });
    }
    const { type } = this.info;
    const source = Object.freeze({
      kind: "ListValue" as const,
      values: Object.freeze([...values]),
      ...(type && { type }),
    });
    return condition({ kind: "In", operand: this.node, source, negated });
  }
}

/** A value inside a JSON document. Compared as JSON; as text or number it has the operators of those. */
export class JsonExpr extends Expr<unknown> {
  readonly #operand: ExpressionNode;
  readonly #path: readonly (string | number)[];

  /** Makes an expression for the value at `path` of a document. */
  constructor(operand: ExpressionNode, path: readonly (string | number)[]) {
    super(Object.freeze({ kind: "JsonPath", operand, path, as: "json" }), {
      type: columnType("jsonb"),
    });
    this.#operand = operand;
    this.#path = path;
  }

  /** The value as text; NULL where there is none. */
  asText(): Expr<string | null> {
    return new Expr(this.#text(), { type: columnType("text") });
  }

  /** The value as a number; NULL where there is none. */
  asNumber(): Expr<number | null> {
    const type = columnType("double");
    return new Expr(Object.freeze({ kind: "Cast", operand: this.#text(), type }), { type });
  }

  #text(): ExpressionNode {
    return Object.freeze({
      kind: "JsonPath",
      operand: this.#operand,
      path: this.#path,
      as: "text",
    });
  }
}

function jsonPath(operand: ExpressionNode, steps: readonly (string | number)[]): JsonExpr {
  return new JsonExpr(operand, Object.freeze([...steps]));
}

/** An expression that is true or false. */
export function condition(node: ExpressionNode): Expr<boolean> {
  return new Expr(Object.freeze(node), truth);
}

/** The node of a query of exactly one column. */
export function singleColumn(query: ValueQuery<unknown>): SelectNode {
  const node = query.toNode();
  if (node.kind === "Select" && node.selection.length === 1) return node;
  throw new QueryError("Cannot build the query: a sub-query in place of a value needs one column", {
    hint: 'select one column, such as .select("id")',
  });
}

/** What is known of the result of an expression. */
export function resultOf(name: string, source: NodeSource): ResultColumn {
  if (!(source instanceof Expr)) {
    const node = source.toNode();
    const column = node.kind === "Select" ? node.result?.[0] : undefined;
    return Object.freeze({ ...column, name });
  }
  const { type, as } = source.info;
  return Object.freeze({ name, ...(as ? { as } : type && { type }) });
}

/** A term of ORDER BY. NULLs go last when ascending and first when descending, on every database. */
export function orderTerm(
  source: NodeSource,
  direction: OrderNode["direction"],
  nulls?: OrderNode["nulls"],
): OrderNode {
  if (direction !== "asc" && direction !== "desc") {
    throw new QueryError('Cannot build the query: a direction is "asc" or "desc"');
  }
  if (nulls !== undefined && nulls !== "first" && nulls !== "last") {
    throw new QueryError('Cannot build the query: nulls go "first" or "last"');
  }
  const required = source instanceof Expr && source.info.required === true;
  const place = nulls ?? (required ? undefined : direction === "asc" ? "last" : "first");
  return Object.freeze({
    kind: "Order",
    expression: expressionOf(source),
    direction,
    ...(place && { nulls: place }),
  });
}
