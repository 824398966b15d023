/**
 * What writes take, typed from the model's class: new records, changes, and what is nested in them.
 *
 * @module
 */
import type { ColumnKeys, IsGenerated, RelationKeys } from "../model/keys.ts";
import type { Bare, Bared, Where } from "./types.ts";

/** The columns that an insert must give. */
export type RequiredColumns<M> = {
  [K in ColumnKeys<M>]-?: null extends M[K] ? never
    : undefined extends M[K] ? never
    : IsGenerated<M[K]> extends true ? never
    : K;
}[ColumnKeys<M>];

/** The declared foreign-key fields of relations, by the convention `relation` + `Id`. */
export type ForeignKeyFields<M> = `${RelationKeys<M>}Id` & keyof M;

/** The relation of a foreign-key field. */
export type RelationOf<K extends string> = K extends `${infer R}Id` ? R : never;

/** Columns of a new record, some of them required. */
export type ScalarInput<M, Required extends keyof M> =
  & { readonly [K in Required]: M[K] }
  & { readonly [K in Exclude<ColumnKeys<M>, Required>]?: M[K] };

/** Relations of a new record. */
export type RelationInputs<M> = { readonly [K in RelationKeys<M>]?: RelationInput<M[K]> };

/**
 * What a new record takes: every column that is neither nullable nor filled by the database, and relations
 * in place of (or beside) their foreign keys.
 */
export type CreateInput<M> = [ForeignKeyFields<M>] extends [never]
  ? ScalarInput<M, RequiredColumns<M>> & RelationInputs<M>
  :
    | (ScalarInput<M, RequiredColumns<M>> & RelationInputs<M>)
    | (
      & ScalarInput<M, Exclude<RequiredColumns<M>, ForeignKeyFields<M>>>
      & {
        readonly [K in RelationOf<RequiredColumns<M> & ForeignKeyFields<M>> & keyof M]:
          RelationInput<M[K]>;
      }
      & RelationInputs<M>
    );

/** A new record below another: the foreign key to the parent is filled in, so no key field is required. */
export type NestedCreateInput<M> =
  & ScalarInput<M, Exclude<RequiredColumns<M>, `${string}Id`>>
  & RelationInputs<M>;

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
export type RelationInput<V> = Bare<V> extends readonly (infer T)[] ? RelationWrites<T>
  : RelationWrites<Bare<V>> | Bared<Bare<V>> | Extract<V, null>;

/** A relation in a changed record. */
export type RelationChange<V> = Bare<V> extends readonly (infer T)[] ? RelationUpdates<T>
  : RelationUpdates<Bare<V>> | Bared<Bare<V>> | Extract<V, null>;

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
