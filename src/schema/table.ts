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
  /** What it is for. */
  readonly comment?: string;
}

/** A primary key or unique constraint. */
export interface KeySchema {
  /** The constraint's name. */
  readonly name?: string;
  /** Its columns, in order. */
  readonly columns: readonly string[];
}

/** One part of an index: a column or an expression. */
export interface IndexPart {
  /** The column. */
  readonly column?: string;
  /** Or an expression in SQL. */
  readonly sql?: string;
  /** Its order. */
  readonly direction?: "asc" | "desc";
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
}

/** A check constraint. */
export interface CheckSchema {
  /** Its name. */
  readonly name: string;
  /** The condition, in SQL. */
  readonly sql: string;
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
  readonly deferrable?: "initially deferred" | "initially immediate";
}

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
  /** What it is for. */
  readonly comment?: string;
}
