/**
 * Functions, and what joins conditions.
 *
 * @module
 */
import { and as andNode, call, not as notNode, or as orNode, value } from "../../ast/build.ts";
import type { ColumnNode, ExpressionNode } from "../../ast/nodes.ts";
import { QueryError } from "../../base/errors.ts";
import { type ColumnType, columnType } from "../../schema/column_type.ts";
import { expressionOf, valueOf } from "../comparison.ts";
import type { NodeSource } from "../fragment.ts";
import { condition, Expr, type ExpressionInfo } from "./expression.ts";
import type { Condition, Expression, QueryOf, ValueQuery } from "./types.ts";
import { FunctionExpr } from "./window.ts";

/** A condition, or nothing: what a test that was switched off gives. */
export type OptionalCondition = Condition | false | null | undefined | "" | 0;

function present(conditions: readonly OptionalCondition[]): ExpressionNode[] {
  return conditions.filter((each) => typeof each === "object" && each !== null).map(expressionOf);
}

/** All hold. What is falsy is left out; of none, true. */
export function and(...conditions: readonly OptionalCondition[]): Expr<boolean> {
  return condition(andNode(Object.freeze(present(conditions))));
}

/** At least one holds. What is falsy is left out; of none, false. */
export function or(...conditions: readonly OptionalCondition[]): Expr<boolean> {
  return condition(orNode(Object.freeze(present(conditions))));
}

/** It does not hold. */
export function not(operand: Condition): Expr<boolean> {
  return condition(notNode(expressionOf(operand)));
}

/** The query has a row. */
export function exists(query: QueryOf<never> | NodeSource): Expr<boolean> {
  return existence(query, false);
}

/** The query has no row. */
export function notExists(query: QueryOf<never> | NodeSource): Expr<boolean> {
  return existence(query, true);
}

function existence(source: NodeSource, negated: boolean): Expr<boolean> {
  const query = source.toNode();
  if (query.kind === "Select") return condition({ kind: "Exists", query, negated });
  throw new QueryError("Cannot build the query: exists() takes a query");
}

/** What a query of one column gives, as a value; NULL where it gives no row. */
export function scalar<V>(query: ValueQuery<V>): Expr<V | null> {
  const [column] = query.toNode().result ?? [];
  return new Expr<V | null>(expressionOf(query), { ...column });
}

/** A text-search configuration, perhaps of a schema. */
const configuration = /^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/i;

/**
 * The columns have these words in them.
 *
 * @param columns Text columns
 * @param words What is looked for
 * @param language The text-search configuration, such as `english`, where the database has them
 */
export function fullText(
  columns: readonly Expr<string | null>[] | readonly Expr<string>[],
  words: string,
  language?: string,
): Expr<boolean> {
  const nodes = columns.map((column) => column.toNode());
  if (!nodes.every((node): node is ColumnNode => node.kind === "Column")) {
    throw new QueryError("Cannot build the query: fullText() searches columns only");
  }
  if (language !== undefined && !configuration.test(language)) {
    throw new QueryError("Cannot build the query: the language of fullText() is no plain name", {
      hint: "use the name of a text-search configuration, such as english",
    });
  }
  return condition({
    kind: "FullText",
    columns: Object.freeze(nodes),
    query: value(words),
    ...(language !== undefined && { language }),
  });
}

/** A constant, bound as a parameter; with a column type where the value does not tell it. */
export function constant<V extends string | number | bigint | boolean | Date | Uint8Array | null>(
  constant: V,
  type?: ColumnType,
): Expr<V> {
  return new Expr<V>(
    type ? Object.freeze({ ...value(constant, type), cast: true }) : value(constant),
    {
      ...(type && { type }),
    },
  );
}

/** `CASE WHEN … THEN … ELSE … END`: the first value whose condition holds. */
export function caseWhen<V>(
  cases: readonly (readonly [when: Condition, then: Expression<V>])[],
  otherwise?: Expression<V>,
): Expr<V | null> {
  const info = cases[0]?.[1] instanceof Expr ? cases[0][1].info : {};
  return new Expr<V | null>(
    Object.freeze({
      kind: "Case",
      whens: Object.freeze(
        cases.map(([when, then]) => ({ when: expressionOf(when), then: expressionOf(then) })),
      ),
      ...(otherwise && { otherwise: expressionOf(otherwise) }),
    }),
    { ...info, required: false },
  );
}

/** `CAST(expression AS type)`. */
export function cast<V>(expression: Expression<unknown>, type: ColumnType): Expr<V> {
  const node = Object.freeze({ kind: "Cast" as const, operand: expressionOf(expression), type });
  return new Expr<V>(node, { type });
}

const star: ExpressionNode = Object.freeze({ kind: "Star" });
const number: ExpressionInfo = Object.freeze({ as: "number" });
const count: ExpressionInfo = Object.freeze({ as: "number", required: true });

function aggregate<T>(
  name: string,
  args: readonly NodeSource[],
  info: ExpressionInfo,
): FunctionExpr<T> {
  return new FunctionExpr<T>(call(name, Object.freeze(args.map(expressionOf))), info);
}

function sumInfo({ type }: ExpressionInfo): ExpressionInfo {
  switch (type?.name) {
    case "bigint":
      return { type };
    case "numeric":
      // As many digits after the point as the column has, and any number before it.
      return { type: columnType("numeric", type.scale === undefined ? {} : { scale: type.scale }) };
    default:
      return number;
  }
}

/** The same type, but NULL where there are no rows. */
function nullable({ type, as }: ExpressionInfo): ExpressionInfo {
  return { ...(type && { type }), ...(as && { as }) };
}

/** Aggregates, window functions and other functions: see {@linkcode fn}. */
export interface Functions {
  /** How many rows; of an expression, how many that are not NULL. */
  count(of?: Expression<unknown>): FunctionExpr<number>;
  /** The sum: of `number` columns a number, of `bigint` a bigint, of `numeric` an exact string. NULL of no rows. */
  sum<V extends number | bigint | string | null>(of: Expr<V>): FunctionExpr<NonNullable<V> | null>;
  /** The average, as a number. NULL of no rows. */
  avg(
    of: Expr<number | null> | Expr<bigint | null> | Expr<string | null>,
  ): FunctionExpr<number | null>;
  /** The least value. NULL of no rows. */
  min<V>(of: Expr<V>): FunctionExpr<V | null>;
  /** The greatest value. NULL of no rows. */
  max<V>(of: Expr<V>): FunctionExpr<V | null>;
  /** Text in small letters. */
  lower<V extends string | null>(of: Expr<V>): Expr<V>;
  /** Text in capitals. */
  upper<V extends string | null>(of: Expr<V>): Expr<V>;
  /** Text without spaces around it. */
  trim<V extends string | null>(of: Expr<V>): Expr<V>;
  /** How many characters. */
  length<V extends string | null>(of: Expr<V>): Expr<number | Extract<V, null>>;
  /** Without its sign. */
  abs<V extends number | bigint | string | null>(of: Expr<V>): Expr<V>;
  /** The number of this row in its window, from 1. */
  rowNumber(): FunctionExpr<number>;
  /** The rank of this row in its window, with gaps after ties. */
  rank(): FunctionExpr<number>;
  /** The rank of this row in its window, without gaps. */
  denseRank(): FunctionExpr<number>;
  /** The value of the row before this one in its window. NULL where there is none. */
  lag<V>(of: Expr<V>): FunctionExpr<V | null>;
  /** The value of the row after this one in its window. NULL where there is none. */
  lead<V>(of: Expr<V>): FunctionExpr<V | null>;
  /** The value of the first row of its window. */
  firstValue<V>(of: Expr<V>): FunctionExpr<V | null>;
  /** The value of the last row of its window. */
  lastValue<V>(of: Expr<V>): FunctionExpr<V | null>;
  /** Any function of the database, by name; `type` says how its result is loaded. */
  call<V>(name: string, args: readonly unknown[], type?: ColumnType): FunctionExpr<V>;
}

/** Aggregates, window functions and other functions. */
export const fn: Functions = Object.freeze<Functions>({
  count: (of?: Expression<unknown>): FunctionExpr<number> =>
    of ? aggregate("COUNT", [of], count) : new FunctionExpr(call("COUNT", [star]), count),
  sum: <V extends number | bigint | string | null>(
    of: Expr<V>,
  ): FunctionExpr<NonNullable<V> | null> => aggregate("SUM", [of], sumInfo(of.info)),
  avg: (
    of: Expr<number | null> | Expr<bigint | null> | Expr<string | null>,
  ): FunctionExpr<number | null> => aggregate("AVG", [of], number),
  min: <V>(of: Expr<V>): FunctionExpr<V | null> => aggregate("MIN", [of], nullable(of.info)),
  max: <V>(of: Expr<V>): FunctionExpr<V | null> => aggregate("MAX", [of], nullable(of.info)),
  lower: <V extends string | null>(of: Expr<V>): Expr<V> =>
    new Expr<V>(call("LOWER", [of.toNode()]), of.info),
  upper: <V extends string | null>(of: Expr<V>): Expr<V> =>
    new Expr<V>(call("UPPER", [of.toNode()]), of.info),
  trim: <V extends string | null>(of: Expr<V>): Expr<V> =>
    new Expr<V>(call("TRIM", [of.toNode()]), of.info),
  length: <V extends string | null>(of: Expr<V>): Expr<number | Extract<V, null>> =>
    new Expr(call("LENGTH", [of.toNode()]), { ...number, required: of.info.required === true }),
  abs: <V extends number | bigint | string | null>(of: Expr<V>): Expr<V> =>
    new Expr<V>(call("ABS", [of.toNode()]), of.info),
  rowNumber: (): FunctionExpr<number> => aggregate("ROW_NUMBER", [], count),
  rank: (): FunctionExpr<number> => aggregate("RANK", [], count),
  denseRank: (): FunctionExpr<number> => aggregate("DENSE_RANK", [], count),
  lag: <V>(of: Expr<V>): FunctionExpr<V | null> => aggregate("LAG", [of], nullable(of.info)),
  lead: <V>(of: Expr<V>): FunctionExpr<V | null> => aggregate("LEAD", [of], nullable(of.info)),
  firstValue: <V>(of: Expr<V>): FunctionExpr<V | null> =>
    aggregate("FIRST_VALUE", [of], nullable(of.info)),
  lastValue: <V>(of: Expr<V>): FunctionExpr<V | null> =>
    aggregate("LAST_VALUE", [of], nullable(of.info)),
  call: <V>(name: string, args: readonly unknown[], type?: ColumnType): FunctionExpr<V> =>
    new FunctionExpr<V>(call(name, Object.freeze(args.map(valueOf))), { ...(type && { type }) }),
});
