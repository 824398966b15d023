/**
 * The types that tell a model's columns, relations and methods apart.
 *
 * @module
 */

declare const generated: unique symbol;
declare const entity: unique symbol;

/** Marks a field that the database or the model fills, so that an insert may leave it out. */
export type Generated<T> = T & { readonly [generated]?: true };

/** What every model instance has: a mark that exists only in types. */
export interface Model {
  readonly [entity]: true;
}

/** A class whose instances are `M`. */
export type ModelClass<M extends object = object> = abstract new (...args: never[]) => M;

/** The names of a model's relations. */
export type RelationKeys<M> = {
  [K in keyof M & string]-?: NonNullable<M[K]> extends Model | readonly Model[] ? K : never;
}[keyof M & string];

type FieldKeys<M> = {
  [K in keyof M & string]-?: M[K] extends (...args: never[]) => unknown ? never
    : NonNullable<M[K]> extends Model | readonly Model[] ? never
    : K;
}[keyof M & string];

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true
  : false;

type WritableKeys<M, F extends keyof M> = {
  [K in F]-?: Same<Pick<M, K>, { -readonly [P in K]: M[P] }> extends true ? K : never;
}[F];

type Writable<M, F extends keyof M> = Same<Pick<M, F>, { -readonly [P in F]: M[P] }> extends true
  ? F
  : WritableKeys<M, F>;

/** The names of a model's columns: its fields that are neither relations nor methods nor getters. */
export type ColumnKeys<M> = Writable<M, FieldKeys<M>>;

/** The model that a relation leads to. */
export type RelationTarget<V> = NonNullable<V> extends readonly (infer U)[] ? U : NonNullable<V>;

/** `true` for a type marked by {@linkcode Generated}. */
export type IsGenerated<V> = typeof generated extends keyof V ? true : false;
