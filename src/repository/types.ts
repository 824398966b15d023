/**
 * The query shape and its results, typed from the model's class.
 *
 * @module
 */
import type { ColumnKeys, Model, OwnKeys, RelationKeys, RelationTarget } from "../model/keys.ts";
import type { LoadStrategy } from "../schema/entity.ts";

/** Values of two models' fields are compared without their `Generated` mark. */
export type Bare<V> = NonNullable<V>;

/** Operators that every column has. */
export interface EqualityFilter<V> {
  /** Equal; `null` asks for NULL. */
  readonly eq?: V;
  /** Not equal; `null` asks for anything but NULL. As in SQL, NULLs are not "not equal" to a value. */
  readonly ne?: V;
  /** One of these. An empty list matches nothing. */
  readonly in?: readonly Bare<V>[];
  /** None of these. An empty list matches everything. */
  readonly notIn?: readonly Bare<V>[];
  /** `true`: is NULL; `false`: is not NULL. Only for nullable columns. */
  readonly isNull?: null extends V ? boolean : never;
}

/** Operators of columns that have an order: numbers, dates, text. */
export interface OrderedFilter<V> extends EqualityFilter<V> {
  /** Greater than. */
  readonly gt?: Bare<V>;
  /** Greater than or equal. */
  readonly gte?: Bare<V>;
  /** Less than. */
  readonly lt?: Bare<V>;
  /** Less than or equal. */
  readonly lte?: Bare<V>;
  /** From the first to the second, both included. */
  readonly between?: readonly [Bare<V>, Bare<V>];
}

/** Operators of text columns. */
export interface TextFilter<V> extends OrderedFilter<V> {
  /** Matches an SQL pattern (`%`, `_`), minding case. */
  readonly like?: string;
  /** Matches an SQL pattern (`%`, `_`), whatever the case. */
  readonly ilike?: string;
  /** Begins with this text, taken literally. */
  readonly startsWith?: string;
  /** Ends with this text, taken literally. */
  readonly endsWith?: string;
  /** Has this text in it, taken literally. */
  readonly contains?: string;
}

/** Operators of array columns. */
export interface ListFilter<V, E> extends EqualityFilter<V> {
  /** Has all of these elements. */
  readonly contains?: readonly E[];
  /** Has at least one of these elements. */
  readonly overlaps?: readonly E[];
}

/** Operators of JSON columns. A value is always given through an operator. */
export interface JsonFilter<V> extends Pick<EqualityFilter<V>, "eq" | "ne" | "isNull"> {
  /** Contains this document: every key and element of it is there. */
  readonly contains?: unknown;
}

/** What a column can be asked: a value it equals, or operators that must all hold. */
export type ColumnFilter<V> = Bare<V> extends string ? V | TextFilter<V>
  : Bare<V> extends number | bigint | Date ? V | OrderedFilter<V>
  : Bare<V> extends boolean | Uint8Array ? V | EqualityFilter<V>
  : Bare<V> extends readonly (infer E)[] ? V | ListFilter<V, E>
  : JsonFilter<V>;

/** What a relation to many can be asked. */
export interface ManyFilter<T> {
  /** At least one related record matches. */
  readonly some?: Where<T>;
  /** All related records match (also when there are none). */
  readonly every?: Where<T>;
  /** No related record matches. */
  readonly none?: Where<T>;
  /** How many related records there are. */
  readonly _count?: number | OrderedFilter<number>;
  /** Narrows which related records the others are about. */
  readonly where?: Where<T>;
}

/** What a relation to one can be asked. */
export type OneFilter<T> =
  | Where<T>
  | { readonly is?: Where<T> | null; readonly isNot?: Where<T> | null };

/** What a relation can be asked; null only where it can be null. */
export type RelationFilter<V> = V extends readonly unknown[] ? ManyFilter<V[number]>
  : V extends Model ? OneFilter<V>
  : V & null;

/** A condition on the records of a model. Everything in it must hold. */
export type Where<M> =
  & { readonly [K in ColumnKeys<M>]?: ColumnFilter<M[K]> }
  & { readonly [K in RelationKeys<M>]?: RelationFilter<M[K]> }
  & {
    /** All of these hold. */
    readonly AND?: Where<M> | readonly Where<M>[];
    /** At least one of these holds. An empty list matches nothing. */
    readonly OR?: readonly Where<M>[];
    /** None of these holds. */
    readonly NOT?: Where<M> | readonly Where<M>[];
  };

/** Ascending or descending. */
export type Direction = "asc" | "desc";

/** A direction, and where NULLs go: by default last when ascending and first when descending. */
export type OrderTerm = Direction | {
  readonly direction?: Direction;
  readonly nulls?: "first" | "last";
};

/** One or more terms to order by, in the order in which they are written. */
export type OrderBy<M> =
  & { readonly [K in ColumnKeys<M>]?: OrderTerm }
  & {
    readonly [K in RelationKeys<M>]?: Bare<M[K]> extends readonly unknown[]
      ? { readonly _count: Direction; readonly where?: Where<RelationTarget<M[K]>> }
      : OrderBy<Bare<M[K]>>;
  };

/** What of a relation is read. */
export interface IncludeOptions<T> {
  /** Only these related records. */
  readonly where?: Where<T>;
  /** Only these columns. */
  readonly select?: readonly ColumnKeys<T>[];
  /** And their relations. */
  readonly include?: Include<T>;
  /** In this order. */
  readonly orderBy?: OrderBy<T> | readonly OrderBy<T>[];
  /** At most so many for each parent. */
  readonly limit?: number;
  /** After leaving out so many for each parent. */
  readonly offset?: number;
  /** In the same statement (`join`) or in one of its own (`query`). */
  readonly strategy?: LoadStrategy;
  /** Soft-deleted ones too. */
  readonly withDeleted?: boolean;
}

/** The relations to many of a model. */
export type ManyKeys<M> = {
  [K in RelationKeys<M>]: Bare<M[K]> extends readonly unknown[] ? K : never;
}[RelationKeys<M>];

/** Which related records are counted. */
export interface CountOptions<T> {
  /** Only these. */
  readonly where: Where<T>;
}

/** Which relations are read along. */
export type Include<M> =
  & { readonly [K in RelationKeys<M>]?: boolean | IncludeOptions<RelationTarget<M[K]>> }
  & {
    /** How many related records there are, without reading them; with `where` only those for which it holds. */
    readonly _count?: {
      readonly [K in ManyKeys<M>]?: boolean | CountOptions<RelationTarget<M[K]>>;
    };
  };

/** Turns a name that a condition cannot have, at any depth, into an error at that place. */
export type CheckWhere<M, W> = {
  [P in keyof W]: P extends ColumnKeys<M> ? unknown
    : P extends RelationKeys<M> ? CheckRelated<RelationTarget<M[P]>, W[P]>
    : P extends "AND" | "OR" | "NOT" ? CheckWheres<M, W[P]>
    : never;
};

/** The same for a condition or a list of them. */
export type CheckWheres<M, W> = W extends readonly unknown[]
  ? { [N in keyof W]: CheckWhere<M, W[N]> }
  : CheckWhere<M, W>;

/** The same for the condition on a relation. */
export type CheckRelated<T, F> = F extends null ? unknown : {
  [P in keyof F]: P extends "some" | "every" | "none" | "is" | "isNot" | "where"
    ? CheckWheres<T, F[P]>
    : P extends "_count" | keyof Where<T> ? unknown
    : never;
};

/** Turns a name that is not in an order into an error at that place. */
export type CheckOrder<T, O> = O extends readonly unknown[]
  ? { [N in keyof O]: CheckOrder<T, O[N]> }
  : { [P in keyof O]: P extends ColumnKeys<T> | RelationKeys<T> ? unknown : never };

/** The options of an include that need no look inside: their types say all. */
export type PlainOption = "select" | "limit" | "offset" | "strategy" | "withDeleted";

/** Turns an option that an include does not have into an error at that place. */
export type CheckOptions<T, O> = {
  [P in keyof O]: P extends PlainOption ? unknown
    : P extends "where" ? CheckWhere<T, O[P]>
    : P extends "orderBy" ? CheckOrder<T, O[P]>
    : P extends "include" ? CheckRelations<T, O[P]>
    : never;
};

/** Turns a key that is no relation, or an option that does not exist, into an error at that place. */
export type CheckRelations<M, I> = {
  [K in keyof I]: K extends RelationKeys<M>
    ? I[K] extends boolean ? unknown : CheckOptions<RelationTarget<M[K]>, I[K]>
    : K extends "_count" ? {
        [C in keyof I[K]]: C extends ManyKeys<M> & keyof M
          ? I[K][C] extends boolean ? unknown : CheckOptions<RelationTarget<M[C]>, I[K][C]>
          : never;
      }
    : never;
};

/**
 * {@linkcode CheckRelations} once the include is known: the condition keeps the compiler from looking into
 * the check while it infers what the include is.
 */
export type CheckInclude<M, I> = [I] extends [never] ? unknown : CheckRelations<M, I>;

/** Nothing included. */
export type NoInclude = Record<never, never>;

/** A record without its relations, but with its methods. */
export type Bared<M> = Pick<M, OwnKeys<M>>;

/** What one included relation holds. */
export type LoadedOne<V, O> = V extends readonly unknown[] ? LoadedTarget<V[number], O>[]
  : V extends Model ? LoadedTarget<V, O> | (O extends { where: unknown } ? null : never)
  : V & null;

/** One related record, with what was asked of it. */
export type LoadedTarget<T, O> = O extends boolean ? Bared<T>
  : O extends { readonly select: infer S extends readonly (keyof T)[] }
    ? Pick<T, S[number]> & LoadedRelations<T, IncludeOf<O>>
  : Loaded<T, IncludeOf<O>>;

/** What an include option includes in turn. */
export type IncludeOf<O> = O extends { readonly include: infer J } ? J : NoInclude;

/** The relations that an include adds. */
export type LoadedRelations<M, I> =
  & { [K in keyof I & keyof M as I[K] extends false ? never : K]: LoadedOne<M[K], I[K]> }
  & (I extends { readonly _count: infer C }
    ? { readonly _count: { readonly [K in keyof C as C[K] extends false ? never : K]: number } }
    : unknown);

/** A record with exactly the relations that were included. */
export type Loaded<M, I = NoInclude> = [keyof I] extends [never] ? Bared<M>
  : Bared<M> & LoadedRelations<M, I>;

/** What a query gives: whole records, or the selected columns; with the included relations. */
export type Found<M, I, S extends keyof M> = [S] extends [never] ? Loaded<M, I>
  : Pick<M, S> & LoadedRelations<M, I>;

/** Values of the columns that a page is ordered by, taken from the last record seen. */
export type Cursor<M> = { readonly [K in ColumnKeys<M>]?: M[K] };

/** Which records. */
export interface Filter<M> {
  /** Only records for which this holds. */
  readonly where?: Where<M>;
  /** Soft-deleted records too. */
  readonly withDeleted?: boolean;
}

/** Which records, in which order, and what of them: plain data that can travel as JSON. */
export interface Query<M, I = Include<M>, S = ColumnKeys<M>> extends Filter<M> {
  /** Only these columns; the result is then plain data. */
  readonly select?: readonly S[];
  /** And these relations. */
  readonly include?: I & CheckInclude<M, I>;
  /** In this order. */
  readonly orderBy?: OrderBy<M> | readonly OrderBy<M>[];
  /** At most so many. */
  readonly limit?: number;
  /** After leaving out so many. */
  readonly offset?: number;
  /**
   * Only what comes after this record in the order of `orderBy` (and the primary key, which is always the
   * last term). Right for ties and NULLs.
   */
  readonly cursor?: Cursor<M>;
  /** How relations are read, where the include does not say it; wins over what the model says. */
  readonly strategy?: LoadStrategy;
}

/**
 * A primary key: its value, or an object by property, as composite keys need it. Types do not know which
 * properties are the key, so the value has the type of `id` where there is such a property, and any key's type
 * where there is none; a key of another name beside an `id` is given as an object.
 */
export type Id<M> = "id" extends keyof M ? NonNullable<M["id"]> | Cursor<M>
  : string | number | bigint | Date | Uint8Array | Cursor<M>;
