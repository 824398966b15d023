/**
 * What aggregations take and give, typed from the model's class.
 *
 * @module
 */
import type { ColumnKeys } from "../model/keys.ts";
import type { Bare, Direction, Filter, OrderedFilter } from "./types.ts";

/** Columns that can be summed and averaged: numbers and exact decimals. */
export type SummableKeys<M> = {
  [K in ColumnKeys<M>]: Bare<M[K]> extends number | bigint | string ? K : never;
}[ColumnKeys<M>];

/** Columns whose values have an order: numbers, decimals, text, dates. */
export type OrderedKeys<M> = {
  [K in ColumnKeys<M>]: Bare<M[K]> extends number | bigint | string | Date ? K : never;
}[ColumnKeys<M>];

/** What is computed over which records; the parameters are the columns of each function. */
export interface Aggregates<
  M,
  C = true,
  S = SummableKeys<M>,
  A = SummableKeys<M>,
  Min = OrderedKeys<M>,
  Max = OrderedKeys<M>,
> extends Filter<M> {
  /** How many records. */
  readonly count?: C;
  /** Sums: of integers and `double` columns a number, of `bigint` a bigint, of `numeric` an exact string. */
  readonly sum?: readonly S[];
  /** Averages, as numbers. */
  readonly avg?: readonly A[];
  /** Least values. */
  readonly min?: readonly Min[];
  /** Greatest values. */
  readonly max?: readonly Max[];
}

/** What one function gives for its columns; NULL where there was nothing to compute over. */
export type Computed<M, Name extends string, K extends keyof M> = [K] extends [never] ? unknown
  : { readonly [N in Name]: { readonly [P in K]: Bare<M[P]> | null } };

/** What an aggregation gives. */
export type Aggregated<
  M,
  C,
  S extends keyof M,
  A extends keyof M,
  Min extends keyof M,
  Max extends keyof M,
> =
  & ([C] extends [never] ? unknown : { readonly count: number })
  & Computed<M, "sum", S>
  & ([A] extends [never] ? unknown : { readonly avg: { readonly [P in A]: number | null } })
  & Computed<M, "min", Min>
  & Computed<M, "max", Max>;

/** How groups are kept, ordered and limited. */
export interface Grouping<M, G> {
  /** One result for each combination of these columns. */
  readonly by: readonly G[];
  /** Only groups with so many records. */
  readonly having?: { readonly count?: number | OrderedFilter<number> };
  /** By the grouped columns, or by how many records a group has. */
  readonly orderBy?: { readonly [K in G & string]?: Direction } & { readonly _count?: Direction };
  /** At most so many groups. */
  readonly limit?: number;
  /** After leaving out so many groups. */
  readonly offset?: number;
}
