/**
 * The options of column decorators, and the compile-time check of a field's type against its column's.
 *
 * @module
 */

/** Any JSON but `null`, for fields of which no more is known. */
export type Json = string | number | bigint | boolean | object;

/** The TypeScript type of the values of each column type; `unknown` where the field says what it is. */
export interface ColumnValues {
  /** 16-bit integer. */
  smallint: number;
  /** 32-bit integer. */
  integer: number;
  /** Alias of `integer`. */
  int: number;
  /** An `integer` that the database numbers. */
  serial: number;
  /** 64-bit integer. */
  bigint: bigint;
  /** A `bigint` that the database numbers. */
  bigserial: bigint;
  /** Exact decimal, as text. */
  numeric: string;
  /** Alias of `numeric`. */
  decimal: string;
  /** 32-bit floating point. */
  real: number;
  /** 64-bit floating point. */
  double: number;
  /** Alias of `double`. */
  float: number;
  /** True or false. */
  boolean: boolean;
  /** Text of any length. */
  text: string;
  /** Text of at most `length` characters. */
  varchar: string;
  /** Text of exactly `length` characters. */
  char: string;
  /** UUID in its canonical text form. */
  uuid: string;
  /** `YYYY-MM-DD`. */
  date: string;
  /** `HH:MM:SS[.ffffff]`. */
  time: string;
  /** A moment, stored as UTC without zone. */
  timestamp: Date;
  /** A moment. */
  timestamptz: Date;
  /** JSON, of the field's type. */
  json: unknown;
  /** JSON that can be indexed, of the field's type. */
  jsonb: unknown;
  /** Bytes. */
  bytes: Uint8Array;
  /** Alias of `bytes`. */
  blob: Uint8Array;
  /** One of `values`. */
  enum: string;
  /** A type of the database's own, in its text form. */
  other: string;
}

/** The names a column's `type` can have. */
export type ColumnTypeInput = keyof ColumnValues;

/** The options that belong to some types only, by type. */
export interface TypeOptions {
  /** Text has a length. */
  varchar: LengthOption;
  /** Text has a length. */
  char: LengthOption;
  /** Decimals have digits. */
  numeric: NumericOptions;
  /** Decimals have digits. */
  decimal: NumericOptions;
  /** Times have a precision. */
  time: PrecisionOption;
  /** Times have a precision. */
  timestamp: PrecisionOption;
  /** Times have a precision. */
  timestamptz: PrecisionOption;
  /** Integers may be numbered. */
  smallint: IdentityOption;
  /** Integers may be numbered. */
  integer: IdentityOption;
  /** Integers may be numbered. */
  int: IdentityOption;
  /** Integers may be numbered. */
  bigint: IdentityOption;
  /** An enum has values. */
  enum: EnumOptions;
  /** A type of the database's own has a spelling. */
  other: SqlTypeOption;
}

/** The option of text types. */
export interface LengthOption {
  /** The most characters that fit. */
  readonly length?: number;
}

/** The options of exact decimals. */
export interface NumericOptions {
  /** Digits in all. */
  readonly precision?: number;
  /** Digits after the point. */
  readonly scale?: number;
}

/** The option of times. */
export interface PrecisionOption {
  /** Digits of a second. */
  readonly precision?: number;
}

/** The option of integers. */
export interface IdentityOption {
  /** Whether the database numbers the rows: `true` is `"by default"`, which lets an insert choose. */
  readonly identity?: boolean | "always" | "by default";
}

/** The options of an enum. */
export interface EnumOptions {
  /** The allowed values, in order. */
  readonly values: readonly string[];
  /** The name of the database's own enum type. Default: table and column joined by `_`. */
  readonly enumName?: string;
}

/** The option of a type of the database's own. */
export interface SqlTypeOption {
  /** The type as the database spells it. */
  readonly sql: string;
}

/** The options that only this type has; the discriminating part of {@linkcode ColumnOptions}. */
export type OptionsOfType<T extends ColumnTypeInput> = T extends keyof TypeOptions ? TypeOptions[T]
  : unknown;

/** The options of every column. */
export interface CommonColumnOptions<D = unknown> {
  /** Forbids two rows with the same value. */
  readonly unique?: boolean;
  /** Adds an index. */
  readonly index?: boolean;
  /** The value of an insert that leaves the column out: a value (the database knows it too) or a function. */
  readonly default?: D | (() => D);
  /** The same, filled in by the database: `"now"`, `"uuid"` or an SQL expression. */
  readonly defaultSql?: "now" | "uuid" | (string & Record<never, never>);
  /** The column's name. Default: by the naming strategy. */
  readonly name?: string;
  /** The column's name before: a migration renames it where the database still has that one. */
  readonly renamedFrom?: string;
  /** A condition in SQL that every row meets. */
  readonly check?: string;
  /** The collation it sorts and compares by, where it is not the database's. */
  readonly collation?: string;
  /** Part of the primary key. */
  readonly primary?: boolean;
  /** What it is for, kept in the database. */
  readonly comment?: string;
  /** The SQL expression that it is computed from; the column is never written. */
  readonly generatedAs?: string | { readonly sql: string; readonly stored: boolean };
}

/** The options of `@Column()`, with the types that its field is checked against. */
export type ColumnOptions<
  T extends ColumnTypeInput,
  N extends boolean = false,
  E extends string = never,
  A extends boolean = false,
  D = unknown,
> =
  & CommonColumnOptions<D>
  & {
    /** The column's type. */
    readonly type: T;
    /** Whether it may be NULL; then the field's type has `| null`. */
    readonly nullable?: N;
    /** Whether it holds a list; then the field is an array. */
    readonly array?: A;
    /** The values of an `enum`. */
    readonly values?: readonly E[];
  }
  & OptionsOfType<T>;

/** Options as decorators store them: every type's. */
export interface ColumnSettings
  extends
    CommonColumnOptions,
    LengthOption,
    NumericOptions,
    IdentityOption,
    Partial<EnumOptions>,
    Partial<SqlTypeOption> {
  /** The column's type, as it was written. */
  readonly type: string;
  /** Whether it may be NULL. */
  readonly nullable?: boolean;
  /** Whether it holds a list. */
  readonly array?: boolean;
}

/** What the compiler shows where a decorator does not fit its field. */
export interface Mismatch<Message extends string> {
  /** What is wrong. */
  readonly "decorator does not fit": Message;
}

/** Whether `V`, without null, holds the values of a column of type `T`. Elements of a list may be null. */
export type Holds<V, T extends ColumnTypeInput, E, A> = [A] extends [true]
  ? V extends readonly (infer U)[] ? HoldsOne<Exclude<U, null>, T, E> : false
  : HoldsOne<V, T, E>;

/** Whether `V` holds one value of a column of type `T`. */
export type HoldsOne<V, T extends ColumnTypeInput, E> = T extends "enum"
  ? [V] extends [E] ? [E] extends [V] ? true : false : false
  : [V] extends [ColumnValues[T]] ? true
  : false;

/** The type of a field as a message says it. */
export type Wanted<T extends ColumnTypeInput, A> = `the field's type is not that of ${A extends true
  ? "an array of "
  : ""}${T}`;

/**
 * `unknown` where a field of type `V` fits a column of type `T`, nullable as `N` says, with values `E` of an
 * enum, an array as `A` says and a default of type `D`; a {@linkcode Mismatch} where not. A `type` that is none
 * is an error of its own.
 */
export type FieldCheck<V, T extends ColumnTypeInput, N, E, A, D> = [ColumnTypeInput] extends [T]
  ? unknown
  : unknown extends V ? unknown extends ColumnValues[T] ? unknown : Mismatch<Wanted<T, A>>
  : undefined extends V ? Mismatch<
      "a column is never undefined: use `!:`, `| null` where nullable, Generated<T> where filled"
    >
  : null extends V ? [N] extends [true] ? BaseCheck<NonNullable<V>, T, E, A, Exclude<D, null>>
    : Mismatch<"the field can be null: add `nullable: true`, or drop `| null`">
  : [N] extends [true]
    ? Mismatch<"the column is nullable: add `| null` to the field's type, or drop `nullable`">
  : BaseCheck<V, T, E, A, D>;

/** {@linkcode FieldCheck} of a type without null. */
export type BaseCheck<V, T extends ColumnTypeInput, E, A, D> = Holds<V, T, E, A> extends true
  ? [D] extends [Defaults<V, T>] ? unknown : Mismatch<"the default is not of the field's type">
  : Mismatch<Wanted<T, A>>;

/** What a default of a field of type `V` may be: options are inferred as constants, so lists are read-only. */
export type Defaults<V, T extends ColumnTypeInput> = unknown extends ColumnValues[T] ? unknown
  : V extends readonly (infer U)[] ? readonly U[]
  : V;
