/**
 * How a class maps to a table: properties to columns, relations to joins. Frozen data that the model
 * layer makes and everything above reads.
 *
 * @module
 */
import type { ColumnSchema, TableSchema } from "./table.ts";
import type { ColumnType } from "./column_type.ts";

/** What a property does beside holding a value. */
export type PropertyRole = "createdAt" | "updatedAt" | "deletedAt" | "version";

/** One mapped property of a class. */
export interface PropertySchema {
  /** The property's name on the class; for a hidden foreign key, the column's name. */
  readonly name: string;
  /** The column it is stored in. */
  readonly column: ColumnSchema;
  /** The column's type. */
  readonly type: ColumnType;
  /** Part of the primary key. */
  readonly primary: boolean;
  /** A foreign key that only a relation declares: no property of its own on the class. */
  readonly hidden: boolean;
  /** The database fills it when an insert leaves it out. */
  readonly generated: boolean;
  /** Never written: a computed column. */
  readonly readonly: boolean;
  /** Makes the value when an insert leaves it out. */
  readonly default?: () => unknown;
  /** What it does beside holding a value. */
  readonly role?: PropertyRole;
}

/** The kinds of relations. */
export type RelationKind = "one-to-one" | "one-to-many" | "many-to-one" | "many-to-many";

/** How a relation is read: in the same statement as JSON, or in one more statement per level. */
export type LoadStrategy = "join" | "query";

/** The join table of a many-to-many relation, seen from one side. */
export interface ThroughSchema {
  /** The join table. */
  readonly table: TableSchema;
  /** The class mapped to the join table, where there is one (extra columns). */
  readonly entity?: EntitySchema;
  /** Columns of the join table that point here, in the order of `RelationSchema.local`. */
  readonly local: readonly string[];
  /** Columns of the join table that point to the target, in the order of `RelationSchema.foreign`. */
  readonly foreign: readonly string[];
}

/** A relation, with its ends resolved to properties. */
export interface RelationSchema {
  /** The property's name. */
  readonly name: string;
  /** Its kind. */
  readonly kind: RelationKind;
  /** Whether it holds a list. */
  readonly many: boolean;
  /** Whether the foreign key is on this side. */
  readonly owner: boolean;
  /** Whether it can be absent. Only for relations to one. */
  readonly nullable: boolean;
  /** The class it leads to. */
  readonly target: EntitySchema;
  /** Properties here that are compared… */
  readonly local: readonly PropertySchema[];
  /** …with these there (or through the join table). */
  readonly foreign: readonly PropertySchema[];
  /** The join table, for many-to-many. */
  readonly through?: ThroughSchema;
  /** The same relation seen from the other side, where it is declared. */
  readonly inverse?: RelationSchema;
  /** What `save()` and `delete()` pass on to the related records. */
  readonly cascade: { readonly save: boolean; readonly delete: boolean };
  /** How it is read, where the model says so. */
  readonly strategy?: LoadStrategy;
}

/** The moments at which a hook runs. */
export type HookName =
  | "beforeValidate"
  | "beforeInsert"
  | "afterInsert"
  | "beforeUpdate"
  | "afterUpdate"
  | "beforeDelete"
  | "afterDelete"
  | "afterLoad";

/** A class and its table. Frozen; relations resolve when first asked for, because models import each other. */
export interface EntitySchema {
  /** The class's name. */
  readonly name: string;
  /** The class. */
  readonly model: abstract new (...args: never[]) => object;
  /** The table it is stored in. */
  readonly table: TableSchema;
  /** Every mapped property, hidden foreign keys last. */
  readonly properties: readonly PropertySchema[];
  /** By property name (hidden foreign keys by column name). */
  readonly byName: ReadonlyMap<string, PropertySchema>;
  /** By column name. */
  readonly byColumn: ReadonlyMap<string, PropertySchema>;
  /** The properties of the primary key, in order; empty where the table has none. */
  readonly primaryKey: readonly PropertySchema[];
  /** By relation name. */
  readonly relations: ReadonlyMap<string, RelationSchema>;
  /** The property of a role, where there is one. */
  readonly roles: Readonly<Partial<Record<PropertyRole, PropertySchema>>>;
  /** Names of the methods that run at each moment, in order. */
  readonly hooks: Readonly<Partial<Record<HookName, readonly string[]>>>;
  /** Whether the class has validation rules. */
  readonly validated: boolean;
}
