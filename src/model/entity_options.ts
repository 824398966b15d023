/**
 * The options of `@Entity()` and of indexes.
 *
 * @module
 */
import type { Deferral, ForeignKeySchema, PartitionSchema } from "../schema/table.ts";
import type { NamingStrategy } from "./naming.ts";

/** How a part of an index sorts. */
export interface IndexOrder {
  /** Its order. */
  readonly direction?: "asc" | "desc";
  /** Where its NULLs are, when not where the order puts them. */
  readonly nulls?: "first" | "last";
  /** The collation it sorts by, when not the column's. */
  readonly collation?: string;
  /** The operator class, when not the type's default one: `text_pattern_ops`. */
  readonly operatorClass?: string;
}

/**
 * One part of an index: a property (or a relation's foreign key), or an expression in SQL. The compiler would take an
 * object for a `K` beside strings; it does not for a template.
 */
export type IndexPartOptions<K extends string = string, P extends string = K> =
  | `${K}`
  | { readonly property: P } & IndexOrder
  | { readonly sql: string } & IndexOrder;

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
  /** NULLs count as equal to each other. */
  readonly nullsNotDistinct?: boolean;
  /** Storage parameters as the database spells them: `fillfactor=70`. */
  readonly options?: string;
  /** What it is for, kept in the database. */
  readonly comment?: string;
}

/** What a primary key or unique constraint has beside its columns. `P` are names of properties. */
export interface KeyOptions<P extends string = string> {
  /** The constraint's name. Default: from the table and the columns. */
  readonly name?: string;
  /** Properties that its index carries beside. */
  readonly include?: readonly P[];
  /** Whether it is checked at commit; `true` is `"initially deferred"`. */
  readonly deferrable?: boolean | Deferral;
}

/** What a unique constraint has beside its columns. `P` are names of properties. */
export interface UniqueOptions<P extends string = string> extends KeyOptions<P> {
  /** NULLs count as equal to each other. */
  readonly nullsNotDistinct?: boolean;
}

/** A unique constraint over several properties: their names, or with what belongs to it. */
export type UniqueSettings<K extends string = string, P extends string = K> =
  | readonly K[]
  | { readonly columns: readonly P[] } & UniqueOptions<P>;

/** An exclusion constraint: no two rows for which all operators hold. `P` are names of properties. */
export interface ExclusionSettings<P extends string = string> {
  /** Its name. Default: `ex_` with the table and the columns. */
  readonly name?: string;
  /** The index method. Default: `gist`. */
  readonly method?: string;
  /** What is compared, each with its operator: `{ property: "room", operator: "=" }`. */
  readonly parts: readonly (({ readonly property: P } | { readonly sql: string }) & IndexOrder & {
    /** The operator: `=`, `&&`. */
    readonly operator: string;
  })[];
  /** Only for rows that fulfil this condition, in SQL. */
  readonly where?: string;
  /** Whether it is checked at commit; `true` is `"initially deferred"`. */
  readonly deferrable?: boolean | Deferral;
}

/** A foreign key that is no relation: to a table without a model, or one that no relation can follow. */
export interface ForeignKeySettings<P extends string = string>
  extends Omit<ForeignKeySchema, "columns"> {
  /** The properties that hold it. */
  readonly columns: readonly P[];
}

/** A check constraint: its condition in SQL, or with a name of its own. */
export type CheckSettings = string | { readonly sql: string; readonly name?: string };

/**
 * The options of `@Entity()`. `K` are the names of properties that they mention, `P` those in objects: the
 * compiler infers one or the other.
 */
export interface EntityOptions<K extends string = string, P extends string = K> {
  /** The table's name. Default: by the naming strategy. */
  readonly tableName?: string;
  /** The table's name before: a migration renames it where the database still has that one. */
  readonly renamedFrom?: string;
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
  /** What the primary key has beside its columns. */
  readonly primaryKey?: KeyOptions<P>;
  /** Exclusion constraints, where the database has them. */
  readonly exclusions?: readonly ExclusionSettings<P>[];
  /** Foreign keys that are no relations. */
  readonly foreignKeys?: readonly ForeignKeySettings<P>[];
  /** How the table is divided (`{ kind: "by", sql: "RANGE (day)" }`), or what it is a part of. */
  readonly partition?: PartitionSchema;
  /** What stands behind the table's definition, as the database spells it: `WITH (fillfactor=70)`. */
  readonly options?: string;
  /** What the table is for, kept in the database. */
  readonly comment?: string;
}
