/**
 * Decorators of fields that are columns.
 *
 * @module
 */
import type { PropertyRole } from "../schema/entity.ts";
import type {
  ColumnOptions,
  ColumnSettings,
  ColumnTypeInput,
  CommonColumnOptions,
  FieldCheck,
  OptionsOfType,
} from "./column_options.ts";
import { type Place, place } from "./declarations.ts";
import { uuidV7 } from "./uuid.ts";

/** A decorator that fits fields of the column's type only. */
export type ColumnDecorator<
  T extends ColumnTypeInput,
  N = false,
  E = never,
  A = false,
  D = never,
> = <This, V>(
  value: undefined,
  context: ClassFieldDecoratorContext<This, V> & FieldCheck<V, T, N, E, A, D>,
) => void;

/**
 * Maps a field to a column. A field whose type is not the column's is a compile error.
 *
 * ```ts ignore
 * @Column({ type: "varchar", length: 255, unique: true }) email!: string;
 * @Column({ type: "enum", values: ["admin", "user"], default: "user" }) role!: Generated<"admin" | "user">;
 * @Column({ type: "text", nullable: true }) bio!: string | null;
 * ```
 *
 * A column with a default stays required on insert unless its field is `Generated<T>`.
 */
export function Column<
  const T extends ColumnTypeInput,
  const N extends boolean = false,
  const E extends string = never,
  const A extends boolean = false,
  const D = never,
>(options: ColumnOptions<T, N, E, A, D>): ColumnDecorator<T, N, E, A, D> {
  return (_value, context) => declareColumn(context, "Column", options as ColumnSettings);
}

/** The types a primary key can have. */
export type KeyTypeInput = Exclude<
  ColumnTypeInput,
  "json" | "jsonb" | "boolean" | "real" | "double" | "float" | "other"
>;

/** The options of `@PrimaryKey()`. */
export type PrimaryKeyOptions<T extends KeyTypeInput, E extends string = never, D = never> =
  & Omit<CommonColumnOptions<D>, "primary" | "unique" | "index" | "generatedAs">
  & {
    /** The key's type. Default: `integer`. */
    readonly type?: T;
    /** `false` where the caller chooses the key. Integers and UUIDs are generated otherwise. */
    readonly generated?: boolean;
    /** The values of an `enum`. */
    readonly values?: readonly E[];
  }
  & OptionsOfType<T>;

/**
 * Maps a field to the primary key, or to a part of it when a class has several.
 *
 * Without options the key is an integer that the database numbers. `{ type: "bigint" }` does the same in 64
 * bits, `{ type: "uuid" }` makes a UUID of version 7 in JavaScript: those sort by time, so the newest rows
 * stay together in the index. Other types, and `{ generated: false }`, are keys that the caller chooses.
 */
export function PrimaryKey<
  const T extends KeyTypeInput = "integer",
  const E extends string = never,
  const D = never,
>(options?: PrimaryKeyOptions<T, E, D>): ColumnDecorator<T, false, E, false, D> {
  return (_value, context) => declareColumn(context, "PrimaryKey", keySettings(options ?? {}));
}

const IDENTITY_TYPES: ReadonlySet<string> = new Set(["smallint", "integer", "int", "bigint"]);

function keySettings(
  { generated, ...options }: Partial<ColumnSettings> & { readonly generated?: boolean },
): ColumnSettings {
  const type = options.type ?? "integer";
  const filled = options.default !== undefined || options.defaultSql !== undefined;
  const settings: ColumnSettings = { ...options, type, primary: true };
  if (generated === false || filled) return settings;
  if (type === "uuid") return { ...settings, default: uuidV7 };
  if (IDENTITY_TYPES.has(type)) return { ...settings, identity: options.identity ?? true };
  return settings;
}

/** The options of columns that hold a moment. */
export interface MomentOptions {
  /** With or without zone. Default: `timestamptz`. */
  readonly type?: "timestamp" | "timestamptz";
  /** Digits of a second. */
  readonly precision?: number;
  /** The column's name. Default: by the naming strategy. */
  readonly name?: string;
  /** Adds an index. */
  readonly index?: boolean;
  /** What it is for, kept in the database. */
  readonly comment?: string;
}

/** A field that holds when the row was inserted: a `Generated<Date>`. */
export function CreatedAt(options: MomentOptions = {}): ColumnDecorator<"timestamptz"> {
  const settings = { type: "timestamptz", ...options, default: now, defaultSql: "now" };
  return (_value, context) => declareColumn(context, "CreatedAt", settings, "createdAt");
}

/** A field that holds when the row was last written: a `Generated<Date>`. */
export function UpdatedAt(options: MomentOptions = {}): ColumnDecorator<"timestamptz"> {
  const settings = { type: "timestamptz", ...options, default: now, defaultSql: "now" };
  return (_value, context) => declareColumn(context, "UpdatedAt", settings, "updatedAt");
}

/**
 * A field that holds when the record was deleted: a `Date | null`. Records of a class that has one are not
 * deleted but marked, and not found any more.
 */
export function DeletedAt(options: MomentOptions = {}): ColumnDecorator<"timestamptz", true> {
  const settings = { type: "timestamptz", ...options, nullable: true };
  return (_value, context) => declareColumn(context, "DeletedAt", settings, "deletedAt");
}

/** The options of `@Version()`. */
export interface VersionOptions {
  /** The column's name. Default: by the naming strategy. */
  readonly name?: string;
}

/**
 * A field that counts the writes of a row, from 1: a `Generated<number>`. An update or delete of a record that
 * somebody else has written since is refused with a `StaleObjectError`.
 */
export function Version(options: VersionOptions = {}): ColumnDecorator<"integer"> {
  const settings = { type: "integer", ...options, default: 1 };
  return (_value, context) => declareColumn(context, "Version", settings, "version");
}

function now(): Date {
  return new Date();
}

function declareColumn(
  context: Place,
  decorator: string,
  settings: ColumnSettings,
  role?: PropertyRole,
): void {
  const here = place(context, decorator);
  if (here === undefined) return;
  const { own, property } = here;
  own.fields.push({ kind: "column", property, settings, ...(role && { role }) });
}
