/**
 * A whole schema as frozen data: what models ask for, what introspection finds, what a snapshot file holds.
 * JSON-able throughout.
 *
 * @module
 */
import type { ColumnDefault, IndexSchema, TableSchema } from "./table.ts";
import type { ColumnType } from "./column_type.ts";

/** What something is called, and the schema it is in where that is not the database's default one. */
export interface QualifiedName {
  /** Its name. */
  readonly name: string;
  /** The schema it is in; left out for the default one (`public`, `main`). */
  readonly schema?: string;
}

/** The key of a named object; two of the same name in different schemas have different ones. */
export function nameKey({ name, schema }: QualifiedName): string {
  return schema === undefined ? name : `${schema}\0${name}`;
}

/** An enum type. */
export interface EnumSchema extends QualifiedName {
  /** Its values, in order. */
  readonly values: readonly string[];
  /** What it is for. */
  readonly comment?: string;
}

/** A domain: a type with conditions. */
export interface DomainSchema extends QualifiedName {
  /** The type below it. */
  readonly type: ColumnType;
  /** Whether it may be NULL. */
  readonly nullable: boolean;
  /** What the database fills in. */
  readonly default?: ColumnDefault;
  /** Its conditions, in SQL. */
  readonly checks: readonly { readonly name: string; readonly sql: string }[];
  /** What it is for. */
  readonly comment?: string;
}

/** A sequence that no column owns. */
export interface SequenceSchema extends QualifiedName {
  /** What follows its name in `CREATE SEQUENCE`, in canonical order: `AS bigint INCREMENT BY 1 …`. */
  readonly sql: string;
}

/** A view. */
export interface ViewSchema extends QualifiedName {
  /** Its query. */
  readonly sql: string;
  /** Its columns' names, in order. */
  readonly columns: readonly string[];
  /** Whether its rows are stored. */
  readonly materialized: boolean;
  /** Indexes of a stored one. */
  readonly indexes: readonly IndexSchema[];
  /** What it is for. */
  readonly comment?: string;
}

/** A trigger, kept as the database spells it. */
export interface TriggerSchema {
  /** Its name. */
  readonly name: string;
  /** The table or view it is on. */
  readonly table: string;
  /** The schema of that; left out for the default one. */
  readonly schema?: string;
  /** The whole statement that creates it. */
  readonly sql: string;
}

/** What is there but has no form in this data: told of, never dropped. */
export interface OtherObject extends QualifiedName {
  /** What it is: `function`, `extension`, `rule`, `policy`, `composite type`, … */
  readonly kind: string;
  /** The table it belongs to. */
  readonly table?: string;
  /** The statement that creates it, where the database tells. */
  readonly sql?: string;
}

/** A whole schema. Frozen, all the way down; each list in the order of names, but columns in their own. */
export interface DatabaseSchema {
  /** Schemas beside the default one. */
  readonly schemas: readonly string[];
  /** Enum types. */
  readonly enums: readonly EnumSchema[];
  /** Domains. */
  readonly domains: readonly DomainSchema[];
  /** Sequences that no column owns. */
  readonly sequences: readonly SequenceSchema[];
  /** Tables, the partitions of others among them. */
  readonly tables: readonly TableSchema[];
  /** Views. */
  readonly views: readonly ViewSchema[];
  /** Triggers. */
  readonly triggers: readonly TriggerSchema[];
  /** The rest. */
  readonly others: readonly OtherObject[];
}

/** A schema with nothing in it. */
export const emptySchema: DatabaseSchema = Object.freeze({
  schemas: [],
  enums: [],
  domains: [],
  sequences: [],
  tables: [],
  views: [],
  triggers: [],
  others: [],
});
