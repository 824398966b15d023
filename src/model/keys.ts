/**
 * The types that tell a model's columns, relations and methods apart.
 *
 * @module
 */

/** The key of the mark of generated fields. It exists in types only. */
export declare const generated: unique symbol;
/** The key of a model's mark. It exists in types only. */
export declare const entity: unique symbol;

/**
 * Marks a field that the database or the model fills, so that an insert may leave it out. It is a `T` in every
 * other way. A nullable field may be left out without it; one with a default is a `Generated<T> | null`.
 */
export type Generated<T> = T & { readonly [generated]?: true };

/** What every model instance has: a mark that exists only in types. */
export interface Model {
  /** The mark: no such property exists. */
  [entity]: typeof entity;
}

/** A class whose instances are `M`. */
export type ModelClass<M extends object = object> = abstract new (...args: never[]) => M;

/** A method: neither a column nor a relation. */
export type Method = (...args: never[]) => unknown;

/** What the field of a relation holds. */
export type Related = Model | readonly Model[] | null | undefined;

/**
 * The names of a model's properties by what they are: several names under one key become a union. It is the
 * one pass over a model that all other types build on.
 */
export type KeysByKind<M> = {
  [
    K in keyof M as M[K] extends Method | typeof entity | Related
      ? M[K] extends Related ? "relation" : "other"
      : "field"
  ]-?: K;
};

/** The names of a model's fields: columns and getters. */
export type FieldKeys<M> = KeysByKind<M> extends { field: infer K } ? K & keyof M & string : never;

/** The names of a model's relations. */
export type RelationKeys<M> = KeysByKind<M> extends { relation: infer K } ? K & keyof M & string
  : never;

/** The names of a model's properties that are no relations: fields and methods. */
export type OwnKeys<M> = KeysByKind<M> extends { other: infer K } ? FieldKeys<M> | (K & keyof M)
  : FieldKeys<M>;

/** Whether two types are the same to the letter, `readonly` included. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true
  : false;

/** Those of the names `F` that are not read-only, looked at one by one. */
export type WritableKeys<M, F extends keyof M> = {
  [K in F]-?: Same<Pick<M, K>, { -readonly [P in K]: M[P] }> extends true ? K : never;
}[F];

/** Whether a model has no read-only property: usually so, which is one comparison of its names. */
export type IsWritable<M> = Same<{ [P in keyof M]: 1 }, { -readonly [P in keyof M]: 1 }>;

/** The names of a model's columns: its fields that are neither relations nor methods nor getters. */
export type ColumnKeys<M> = IsWritable<M> extends true ? FieldKeys<M>
  : WritableKeys<M, FieldKeys<M>>;

/** The model that a relation leads to. */
export type RelationTarget<V> = V extends readonly unknown[] ? V[number]
  : V extends Model ? V
  : never;

/** `true` for a type marked by {@linkcode Generated}. */
export type IsGenerated<V> = typeof generated extends keyof V ? true : false;

/** Those of the columns `C` that an insert may leave out. */
export type OptionalKeys<M, C extends keyof M> = {
  [K in C]-?: null extends M[K] ? K : typeof generated extends keyof M[K] ? K : never;
}[C];

/** The columns `C` of an insert, of which `O` are optional. */
export type InsertOf<M, C extends keyof M, O extends C> =
  & { [K in Exclude<C, O>]: M[K] }
  & { [K in O]?: M[K] };

/** The columns of an insert: required, unless they are `Generated` or can be null. */
export type InsertColumns<M> = InsertOf<M, ColumnKeys<M>, OptionalKeys<M, ColumnKeys<M>>>;

/** The columns of an update: any of them. */
export type UpdateColumns<M> = { [K in ColumnKeys<M>]?: M[K] };
