/**
 * What a client reads and writes, typed from the models' classes.
 *
 * @module
 */
import type { NeededColumns } from "../../../repository/input_types.ts";
import type { ColumnKeys, Model, RelationKeys, UpdateColumns } from "../../../model/keys.ts";
import type {
  CheckInclude,
  Cursor,
  Include,
  IncludeOf,
  NoInclude,
  OrderBy,
  Where,
} from "../../../repository/types.ts";

/** The names of the models in a module; whatever else it exports is left alone. */
export type ModelName<Models> =
  & {
    [K in keyof Models]: Models[K] extends abstract new (...args: never[]) => infer M
      ? M extends Model ? K : never
      : never;
  }[keyof Models]
  & string;

/** The model of that name. */
export type ModelOf<Models, K extends keyof Models> = Models[K] extends
  abstract new (...args: never[]) => infer M ? M : never;

/** What is subscribed to, in the repository's query shape. */
export interface ClientQuery<M, I = Include<M>, S = ColumnKeys<M>> {
  /** Only records for which this holds. */
  readonly where?: Where<M>;
  /** Only these columns. */
  readonly select?: readonly S[];
  /** And these relations. */
  readonly include?: I & CheckInclude<M, I>;
  /** In this order. */
  readonly orderBy?: OrderBy<M> | readonly OrderBy<M>[];
  /** At most so many. */
  readonly limit?: number;
  /** After leaving out so many. */
  readonly offset?: number;
  /** Soft-deleted records too, where the server allows it. */
  readonly withDeleted?: boolean;
}

/** A record's columns. Records come as plain data: methods and getters stay on the server. */
export type PlainColumns<M> = { readonly [K in ColumnKeys<M>]: M[K] };

/** What an included relation holds. */
export type PlainRelated<V, O> = V extends readonly unknown[] ? readonly PlainTarget<V[number], O>[]
  : V extends Model ? PlainTarget<V, O> | (O extends { where: unknown } ? null : never)
  : V & null;

/** One related record, with what was asked of it. */
export type PlainTarget<T, O> = O extends boolean ? PlainColumns<T>
  : O extends { readonly select: infer S extends readonly (keyof T)[] }
    ? Readonly<Pick<T, S[number]>> & PlainRelations<T, IncludeOf<O>>
  : Plain<T, IncludeOf<O>>;

/** The relations that an include adds. */
export type PlainRelations<M, I> =
  & {
    readonly [K in keyof I & RelationKeys<M> as I[K] extends false ? never : K]: PlainRelated<
      M[K],
      I[K]
    >;
  }
  & (I extends { readonly _count: infer C }
    ? { readonly _count: { readonly [K in keyof C as C[K] extends false ? never : K]: number } }
    : unknown);

/** A record with exactly the relations that were included. */
export type Plain<M, I = NoInclude> = [keyof I] extends [never] ? PlainColumns<M>
  : PlainColumns<M> & PlainRelations<M, I>;

/** A record of a query: whole, or the selected columns; with the included relations. */
export type PlainFound<M, I, S extends keyof M> = [S] extends [never] ? Plain<M, I>
  : Readonly<Pick<M, S>> & PlainRelations<M, I>;

/** A primary key: an object by property, or for a model whose key is `id` its value. */
export type ClientKey<M> = "id" extends keyof M ? NonNullable<M["id"]> | Cursor<M> : Cursor<M>;

/**
 * The columns of a new record: those that the database fills or that can be null may be left out, and keys of other
 * records (`authorId`), which the policy may fill.
 */
export type CreateValues<M> =
  & { readonly [K in NeededColumns<M>]: M[K] }
  & { readonly [K in Exclude<ColumnKeys<M>, NeededColumns<M>>]?: M[K] };

/** The columns to change. */
export type UpdateValues<M> = Readonly<UpdateColumns<M>>;

/**
 * How true a result is. `connecting`: nothing has come yet; `live`: it is kept true; `offline`: the connection is lost
 * and the records are those of before; `failed`: it was refused, see `error`; `closed`: nobody keeps it any more.
 */
export type LiveState = "connecting" | "live" | "offline" | "failed" | "closed";

/** A result at a moment. The same object as long as nothing of it changes. */
export interface LiveResult<Row> {
  /** The records; the same list, and in it the same objects, for what did not change. Frozen. */
  readonly rows: readonly Row[];
  /** How true they are. */
  readonly state: LiveState;
  /** Why it failed. */
  readonly error?: Error;
}

/** A result that is kept true while somebody is subscribed to it: the store contract of React and others. */
export interface LiveStore<Row> {
  /** Equal for equal queries. */
  readonly name: string;
  /** Calls back whenever the result has changed. Returns what ends it. */
  readonly subscribe: (listener: () => void) => () => void;
  /** The result as it is now; empty and `connecting` while nobody is subscribed. */
  readonly snapshot: () => LiveResult<Row>;
}

/** How a write is made. */
export interface WriteOptions {
  /** Without a connection: wait for one, or fail at once. Default: that of the client. */
  readonly offline?: "queue" | "fail";
}

/** How a new record is made. */
export interface CreateOptions<M> extends WriteOptions {
  /**
   * What the database will fill in, as shown until it has: such as `{ id, createdAt }`. It is not sent. A record that
   * is not complete without it is shown when the server's comes.
   */
  readonly preview?: Readonly<Partial<PlainColumns<M>>> & Readonly<Record<string, unknown>>;
}
