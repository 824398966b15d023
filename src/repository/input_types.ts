/**
 * What writes take, typed from the model's class: new records, changes, and what is nested in them.
 *
 * @module
 */
import type { ColumnKeys, generated, Model, RelationKeys } from "../model/keys.ts";
import type { Bare, Bared, Where } from "./types.ts";

/**
 * The names of a model's columns by what a new record needs of them: those that are needed, foreign keys that
 * stand beside their relation (`authorId` and `author`), other keys (`…Id`), and those that may be left out.
 */
export type ColumnsByNeed<M> = {
  [
    K in ColumnKeys<M> as M[K] extends NonNullable<unknown>
      ? typeof generated extends keyof M[K] ? "optional"
      : K extends `${string}Id` ? K extends `${RelationKeys<M>}Id` ? "foreign" : "key"
      : "needed"
      : "optional"
  ]: K;
};

/** The columns that every new record needs, nested ones too. */
export type NeededColumns<M> = ColumnsByNeed<M> extends { needed: infer K } ? K & keyof M : never;

/** The columns that a new record needs which is not nested below another. */
export type NeededKeys<M> = ColumnsByNeed<M> extends { key: infer K } ? K & keyof M : never;

/** The needed foreign keys that stand beside their relation. */
export type ForeignKeys<M> = ColumnsByNeed<M> extends { foreign: infer K } ? K & keyof M : never;

/** For each of the foreign keys `K` the key or its relation. */
export type KeyOrRelation<M, K> = K extends `${infer R extends RelationKeys<M>}Id` ? (
    give: { readonly [P in K & keyof M]: M[P] } | { readonly [P in R]: RelationInput<M[P]> },
  ) => void
  : never;

/** All of them together. */
export type EachKeyOrRelation<M> = KeyOrRelation<M, ForeignKeys<M>> extends
  (give: infer All) => void ? All
  : never;

/** Columns and relations of a new record, all of them optional. */
export type RecordInput<M> =
  & { readonly [K in ColumnKeys<M>]?: M[K] }
  & { readonly [K in RelationKeys<M>]?: RelationInput<M[K]> };

/** A new record below another: the foreign key to the parent is filled in, so no key field is required. */
export type NestedCreateInput<M> =
  & RecordInput<M>
  & { readonly [K in NeededColumns<M>]: M[K] };

/**
 * What a new record takes: every column that is neither nullable nor filled by the database, and relations
 * in place of (or beside) their foreign keys.
 */
export type CreateInput<M> =
  & RecordInput<M>
  & { readonly [K in NeededColumns<M> | NeededKeys<M>]: M[K] }
  & EachKeyOrRelation<M>;

/** One, or a list. */
export type OneOrMany<T> = T | readonly T[];

/** Writes related records together with a new one. */
export interface RelationWrites<T> {
  /** Make new ones. */
  readonly create?: OneOrMany<NestedCreateInput<T>>;
  /** Link existing ones; each condition must match exactly one record. */
  readonly connect?: OneOrMany<Where<T>>;
  /** Link an existing one, or make it. */
  readonly connectOrCreate?: OneOrMany<
    { readonly where: Where<T>; readonly create: NestedCreateInput<T> }
  >;
}

/** Writes related records together with a changed one. */
export interface RelationUpdates<T> extends RelationWrites<T> {
  /** Unlink: `true` for a relation to one, conditions for a relation to many. */
  readonly disconnect?: true | OneOrMany<Where<T>>;
  /** Link exactly these and unlink all others. */
  readonly set?: readonly Where<T>[];
}

/** A relation in a new record: nested writes, or for relations to one the record itself. */
export type RelationInput<V> = V extends readonly unknown[] ? RelationWrites<V[number]>
  : V extends Model ? RelationWrites<V> | Bared<V>
  : V & null;

/** A relation in a changed record. */
export type RelationChange<V> = V extends readonly unknown[] ? RelationUpdates<V[number]>
  : V extends Model ? RelationUpdates<V> | Bared<V>
  : V & null;

/** What changes in a record. Absent is unchanged. */
export type UpdateInput<M> =
  & { readonly [K in ColumnKeys<M>]?: M[K] }
  & { readonly [K in RelationKeys<M>]?: RelationChange<M[K]> };

/** Only columns: what a change of many records takes. */
export type ColumnChanges<M> = { readonly [K in ColumnKeys<M>]?: M[K] };

/** The numeric columns of a model. */
export type NumericKeys<M> = {
  [K in ColumnKeys<M>]: Bare<M[K]> extends number | bigint ? K : never;
}[ColumnKeys<M>];

/** By how much numeric columns grow. */
export type Increments<M> = { readonly [K in NumericKeys<M>]?: Bare<M[K]> };
