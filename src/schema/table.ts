/**
 * Tables as frozen data: what models declare, what introspection finds, what DDL creates.
 *
 * @module
 */
import type { ColumnType } from "./column_type.ts";

/** What a foreign key does when the row it points to is deleted or its key changes. */
export type ReferentialAction = "no action" | "restrict" | "cascade" | "set null" | "set default";

/** The value a column gets when an insert leaves it out. */
export type ColumnDefault =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "now" }
  | { readonly kind: "uuid" }
  | { readonly kind: "sql"; readonly sql: string };

/** One column. */
export interface ColumnSchema {
  /** Its name in the database. */
  readonly name: string;
  /** Its type. */
  readonly type: ColumnType;
  /** Whether it may be NULL. */
  readonly nullable: boolean;
  /** What the database fills in. */
  readonly default?: ColumnDefault;
  /** Whether the database numbers it: `serial`, `IDENTITY`, `INTEGER PRIMARY KEY`. */
  readonly identity?: "always" | "by default";
  /** The expression it is computed from, in SQL. */
  readonly generated?: { readonly sql: string; readonly stored: boolean };
  /** The database numbers it in another form than Rex-ORM's: `serial`, or a key without `AUTOINCREMENT`. */
  readonly serial?: true;
  /** The type as the definition spells it, where others made the table and spell it in their own way. */
  readonly declared?: string;
  /** The collation it sorts and compares by, where it is not the database's. */
  readonly collation?: string;
  /** What it is for. */
  readonly comment?: string;
}

/** When a constraint is checked, where that is not at once. */
export type Deferral = "initially deferred" | "initially immediate";

/** A primary key or unique constraint. */
export interface KeySchema {
  /** The constraint's name. */
  readonly name?: string;
  /** Its columns, in order. */
  readonly columns: readonly string[];
  /** Columns that its index carries beside. */
  readonly include?: readonly string[];
  /** NULLs count as equal to each other. */
  readonly nullsNotDistinct?: true;
  /** Whether it is checked at commit. */
  readonly deferrable?: Deferral;
}

/** One part of an index: a column or an expression. */
export interface IndexPart {
  /** The column. */
  readonly column?: string;
  /** Or an expression in SQL. */
  readonly sql?: string;
  /** Its order. */
  readonly direction?: "asc" | "desc";
  /** Where its NULLs are, when not where the order puts them. */
  readonly nulls?: "first" | "last";
  /** The collation it sorts by, when not the column's. */
  readonly collation?: string;
  /** The operator class, when not the type's default one. */
  readonly operatorClass?: string;
}

/** An index. */
export interface IndexSchema {
  /** Its name. */
  readonly name: string;
  /** What it is over. */
  readonly parts: readonly IndexPart[];
  /** Whether it forbids equal entries. */
  readonly unique: boolean;
  /** The access method, such as `gin`, where the database has several. */
  readonly method?: string;
  /** The condition of a partial index, in SQL. */
  readonly where?: string;
  /** Columns that it carries beside. */
  readonly include?: readonly string[];
  /** NULLs count as equal to each other. */
  readonly nullsNotDistinct?: true;
  /** Storage parameters as the database spells them: `fillfactor=70`. */
  readonly options?: string;
  /** What it is for. */
  readonly comment?: string;
}

/** A check constraint. */
export interface CheckSchema {
  /** Its name; only SQLite has checks without one. */
  readonly name?: string;
  /** The condition, in SQL. */
  readonly sql: string;
}

/** An exclusion constraint: no two rows for which all operators hold. */
export interface ExclusionSchema {
  /** Its name. */
  readonly name: string;
  /** The index method, such as `gist`. */
  readonly method: string;
  /** What is compared, each with its operator. */
  readonly parts: readonly (IndexPart & { readonly operator: string })[];
  /** Only for rows that fulfil this condition, in SQL. */
  readonly where?: string;
  /** Whether it is checked at commit. */
  readonly deferrable?: Deferral;
}

/** A foreign key. */
export interface ForeignKeySchema {
  /** The constraint's name. */
  readonly name?: string;
  /** The columns here. */
  readonly columns: readonly string[];
  /** The table it points to. */
  readonly table: string;
  /** The schema of that table, where the database has schemas. */
  readonly schema?: string;
  /** The columns there. */
  readonly references: readonly string[];
  /** When the row it points to is deleted. */
  readonly onDelete?: ReferentialAction;
  /** When the key it points to changes. */
  readonly onUpdate?: ReferentialAction;
  /** Whether it is checked at commit. */
  readonly deferrable?: Deferral;
  /** How a key with NULLs in it is taken, when not the simple way. */
  readonly match?: "full";
}

/** How a table is divided, or which part of another it is. */
export type PartitionSchema =
  | { readonly kind: "by"; readonly sql: string }
  | {
    readonly kind: "of";
    readonly table: string;
    readonly schema?: string;
    readonly bound: string;
  };

/** A table. Frozen, all the way down. */
export interface TableSchema {
  /** Its name. */
  readonly name: string;
  /** The schema it is in, where the database has schemas. */
  readonly schema?: string;
  /** Its columns, in order. */
  readonly columns: readonly ColumnSchema[];
  /** Its primary key. */
  readonly primaryKey?: KeySchema;
  /** Its unique constraints. */
  readonly uniques: readonly KeySchema[];
  /** Its indexes. */
  readonly indexes: readonly IndexSchema[];
  /** Its check constraints. */
  readonly checks: readonly CheckSchema[];
  /** Its foreign keys. */
  readonly foreignKeys: readonly ForeignKeySchema[];
  /** Its exclusion constraints. */
  readonly exclusions?: readonly ExclusionSchema[];
  /** How it is divided (`by`: `RANGE (day)`), or what it is a part of. */
  readonly partition?: PartitionSchema;
  /** What stands behind its definition, as the database spells it: `WITHOUT ROWID`, `WITH (fillfactor=70)`. */
  readonly options?: string;
  /** The database does not hold its columns to their types: a table of SQLite that is not `STRICT`. */
  readonly loose?: true;
  /** What it is for. */
  readonly comment?: string;
}
