/**
 * The options of `@Entity()` and of indexes.
 *
 * @module
 */
import type { NamingStrategy } from "./naming.ts";

/**
 * One part of an index: a property (or a relation's foreign key), or an expression in SQL. The compiler would take an
 * object for a `K` beside strings; it does not for a template.
 */
export type IndexPartOptions<K extends string = string, P extends string = K> =
  | `${K}`
  | { readonly property: P; readonly direction?: "asc" | "desc" }
  | { readonly sql: string; readonly direction?: "asc" | "desc" };

/** An index over one or several properties. */
export interface IndexSettings<K extends string = string, P extends string = K> {
  /** What it is over: names of properties or of relations to one. */
  readonly columns: readonly IndexPartOptions<K, P>[];
  /** Its name. Default: `ix_` with the table and the columns. */
  readonly name?: string;
  /** Whether it forbids equal entries. */
  readonly unique?: boolean;
  /** The access method, such as `gin`, where the database has several. */
  readonly method?: string;
  /** The condition of a partial index, in SQL. */
  readonly where?: string;
}

/** A unique constraint over several properties: their names, or with a name of its own. */
export type UniqueSettings<K extends string = string, P extends string = K> =
  | readonly K[]
  | { readonly columns: readonly P[]; readonly name?: string };

/** A check constraint: its condition in SQL, or with a name of its own. */
export type CheckSettings = string | { readonly sql: string; readonly name?: string };

/**
 * The options of `@Entity()`. `K` are the names of properties that they mention, `P` those in objects: the
 * compiler infers one or the other.
 */
export interface EntityOptions<K extends string = string, P extends string = K> {
  /** The table's name. Default: by the naming strategy. */
  readonly tableName?: string;
  /** The schema the table is in, where the database has schemas. */
  readonly schema?: string;
  /** How names are derived. Default: the registry's, which is `snakeCase`. */
  readonly naming?: NamingStrategy;
  /** Indexes over several columns. */
  readonly indexes?: readonly IndexSettings<K, P>[];
  /** Unique constraints over several columns. */
  readonly uniques?: readonly UniqueSettings<K, P>[];
  /** Check constraints. */
  readonly checks?: readonly CheckSettings[];
  /** What the table is for, kept in the database. */
  readonly comment?: string;
}
