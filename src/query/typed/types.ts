/**
 * The types of typed queries. A source is an object type: a model, or the row of a query. What can be referred to is
 * the columns of the first source and, under their aliases, those of the others.
 *
 * @module
 */
import type { SelectNode } from "../../ast/nodes.ts";
import type { ColumnKeys, Generated, IsGenerated, ModelClass } from "../../model/keys.ts";
import type { SqlFragment } from "../fragment.ts";
import type { Expr, Expression, Operand, ValueQuery } from "./expression.ts";

export type { Expression, Operand, ValueQuery } from "./expression.ts";

/** A column's value as results have it: without the mark of {@linkcode Generated}. */
export type Plain<V> = V extends Generated<infer T> ? T : V;

/** The value of column `K` of `M`. */
export type ColumnValue<M, K extends keyof M> = Plain<Exclude<M[K], undefined>>;

/** The whole row of a source. */
export type RowOf<M> = { [K in ColumnKeys<M>]: ColumnValue<M, K> };

/** The row of a source that an outer join may leave out. */
export type NullableRow<M> = { [K in ColumnKeys<M>]: ColumnValue<M, K> | null };

/** The rows of several sources that an outer join may leave out. */
export type NullableRows<J> = { [A in keyof J]: NullableRow<J[A]> };

/** What was selected before an outer join that may leave out what it was selected from. */
export type NullableSelected<Row> = [Row] extends [never] ? never
  : { [K in keyof Row]: Row[K] | null };

/** The columns of a source, as expressions. */
export type Columns<M> = { readonly [K in ColumnKeys<M>]: Expr<ColumnValue<M, K>> };

/** What a callback refers to: the columns of the first source, and the others under their aliases. */
export type Refs<Root, Joined> =
  & Columns<Root>
  & { readonly [A in keyof Joined]: Columns<Joined[A]> };

/** Nothing joined, nothing selected so far. */
export type Nothing = Record<never, never>;

/** A condition. */
export type Condition = Expression<boolean> | Expression<boolean | null>;

/** A query whose rows are `R`. */
export interface QueryOf<in out R> {
  /** Exists only in types; a row type is to be met exactly. */
  readonly _rows?: (row: R) => R;
  /** Its node. */
  toNode(): SelectNode;
}

/** What can be queried and joined: a model, or a query. */
export type Target<T extends object> = ModelClass<T> | QueryOf<T>;

/** What a callback of `select` gives: expressions by the names of their results. */
export type Selection = { readonly [name: string]: Expression<unknown> | ValueQuery<unknown> };

/**
 * The value of a selected expression or query. It is read off the mark `_type`: inferred from the whole of `Expr`,
 * the constraints of its methods would come in as well.
 */
export type ValueOf<S> = S extends { readonly _type?: infer V; readonly info: unknown } ? V
  : S extends SqlFragment<infer V> ? V
  : S extends ValueQuery<infer V> ? V | null
  : never;

/** The row that a selection makes. */
export type Selected<X> = { -readonly [K in keyof X]: ValueOf<X[K]> };

/** What was selected so far and what is selected too. `never` is: nothing so far. */
export type Add<Row, More> = [Row] extends [never] ? More : Row & More;

/** The rows of a query: what was selected, or else every column of the first source. */
export type Result<Root, Row> = [Row] extends [never] ? RowOf<Root> : { [K in keyof Row]: Row[K] };

/** The operators of `where("column", operator, value)`. */
export type Operator<V> =
  | "="
  | "!="
  | "<>"
  | "in"
  | "not in"
  | "is"
  | "is not"
  | (NonNullable<V> extends string | number | bigint | Date ? "<" | "<=" | ">" | ">=" | "between"
    : never)
  | (NonNullable<V> extends string ? "like" | "not like" | "ilike" | "not ilike" : never);

/** The value that an operator takes. */
export type OperatorValue<V, O> = O extends "in" | "not in"
  ? readonly NonNullable<V>[] | ValueQuery<NonNullable<V> | null>
  : O extends "between" ? readonly [NonNullable<V>, NonNullable<V>]
  : O extends "like" | "not like" | "ilike" | "not ilike" ? string
  : O extends "is" | "is not" ? V | null
  : Operand<NonNullable<V>>;

/** The columns that an insert must give: never NULL, and filled by nobody else. */
export type RequiredKeys<M> = {
  [K in ColumnKeys<M>]-?: null extends M[K] ? never
    : undefined extends M[K] ? never
    : IsGenerated<M[K]> extends true ? never
    : K;
}[ColumnKeys<M>];

/** A value to write: of the column's type, or an expression. */
export type Written<V> = V | Expression<V> | Expression<NonNullable<V>> | ValueQuery<V>;

/** A row to insert: columns that may be NULL or are filled by the database or the model may be left out. */
export type InsertRow<M> =
  & { readonly [K in RequiredKeys<M>]: Written<ColumnValue<M, K>> }
  & { readonly [K in ColumnKeys<M>]?: Written<ColumnValue<M, K>> };

/** The columns of a query that an insert takes its rows from. */
export type InsertedRow<M> =
  & { [K in RequiredKeys<M>]: ColumnValue<M, K> }
  & { [K in ColumnKeys<M>]?: ColumnValue<M, K> };

/** What an update sets. */
export type Changes<M> = { readonly [K in ColumnKeys<M>]?: Written<ColumnValue<M, K>> };
