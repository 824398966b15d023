/**
 * The options of `@Entity()` and of indexes.
 *
 * @module
 */
import type { Deferral, ExclusionSchema, ForeignKeySchema, IndexPart } from "../schema/table.ts";
import type { NamingStrategy } from "./naming.ts";

/** How a part of an index is sorted and compared. */
export type IndexPartSettings = Pick<
  IndexPart,
  "direction" | "nulls" | "collation" | "operatorClass"
>;

/**
 * One part of an index: a property (or a relation's foreign key), or an expression in SQL. The compiler would take an
 * object for a `K` beside strings; it does not for a template.
 */
export type IndexPartOptions<K extends string = string, P extends string = K> =
  | `${K}`
  | (IndexPartSettings & { readonly property: P })
  | (IndexPartSettings & { readonly sql: string });

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
  /** Properties that it carries beside. */
  readonly include?: readonly `${K}`[];
  /** NULLs count as equal to each other, in a unique one. */
  readonly nullsNotDistinct?: true;
  /** Storage parameters as the database spells them: `fillfactor=70`. */
  readonly options?: string;
  /** What it is for, kept in the database. */
  readonly comment?: string;
}

/** What a key can say beside its columns. */
export interface KeySettings<K extends string = string> {
  /** The constraint's name. */
  readonly name?: string;
  /** Properties that its index carries beside. */
  readonly include?: readonly `${K}`[];
  /** Whether it is checked at commit. */
  readonly deferrable?: Deferral;
}

/** A unique constraint over several properties: their names, or with a name and more of its own. */
export type UniqueSettings<K extends string = string, P extends string = K> =
  | readonly K[]
  | (KeySettings<K> & {
    readonly columns: readonly P[];
    /** NULLs count as equal to each other. */
    readonly nullsNotDistinct?: true;
  });

/** A check constraint: its condition in SQL, or with a name of its own. */
export type CheckSettings = string | { readonly sql: string; readonly name?: string };

/** An exclusion constraint: no two rows for which all operators hold. */
export interface ExclusionSettings<P extends string = string>
  extends Omit<ExclusionSchema, "parts"> {
  /** What is compared, each with its operator. */
  readonly parts: readonly (
    & IndexPartSettings
    & ({ readonly property: P } | { readonly sql: string })
    & { readonly operator: string }
  )[];
}

/** A foreign key that is no relation: to a table without a model, or one that no relation can follow. */
export interface ForeignKeySettings<K extends string = string>
  extends Omit<ForeignKeySchema, "columns"> {
  /** The properties that hold it. */
  readonly columns: readonly `${K}`[];
}

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
  /** The name of the primary key, and more. Its columns are those of `@PrimaryKey()`. */
  readonly primaryKey?: KeySettings<K>;
  /** Exclusion constraints, where the database has them. */
  readonly exclusions?: readonly ExclusionSettings<P>[];
  /** Foreign keys that are no relations. */
  readonly foreignKeys?: readonly ForeignKeySettings<K>[];
  /** What stands behind the table's definition, as the database spells it: `WITH (fillfactor=70)`, `WITHOUT ROWID`. */
  readonly options?: string;
  /** What the table is for, kept in the database. */
  readonly comment?: string;
}
