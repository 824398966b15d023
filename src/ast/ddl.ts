/**
 * Nodes that create and change tables.
 *
 * @module
 */
import type { ForeignKeySchema, IndexSchema, TableSchema } from "../schema/table.ts";
import type { ColumnType } from "../schema/column_type.ts";
import type { Step } from "../schema/step.ts";

/** `CREATE TABLE`, with its columns, keys, checks and foreign keys; indexes apart. */
export interface CreateTableNode {
  /** The tag of this kind of node. */
  readonly kind: "CreateTable";
  /** The table with its columns and constraints. */
  readonly table: TableSchema;
  /** Do nothing when it is there already. */
  readonly ifNotExists: boolean;
  /** Leave out these foreign keys: they are added when the tables they point to are there. */
  readonly withoutForeignKeys?: readonly ForeignKeySchema[];
}

/** `DROP TABLE`. */
export interface DropTableNode {
  /** The tag of this kind of node. */
  readonly kind: "DropTable";
  /** The table's name. */
  readonly table: string;
  /** The schema it is in, where the database has schemas. */
  readonly schema?: string;
  /** Do nothing when it is not there. */
  readonly ifExists: boolean;
  /** Drop what depends on it too. */
  readonly cascade: boolean;
}

/** `CREATE INDEX`. */
export interface CreateIndexNode {
  /** The tag of this kind of node. */
  readonly kind: "CreateIndex";
  /** The table's name. */
  readonly table: string;
  /** The schema it is in, where the database has schemas. */
  readonly schema?: string;
  /** The index. */
  readonly index: IndexSchema;
  /** Do nothing when it is there already. */
  readonly ifNotExists: boolean;
}

/** `ALTER TABLE … ADD FOREIGN KEY`. */
export interface AddForeignKeyNode {
  /** The tag of this kind of node. */
  readonly kind: "AddForeignKey";
  /** The table's name. */
  readonly table: string;
  /** The schema it is in, where the database has schemas. */
  readonly schema?: string;
  /** The foreign key. */
  readonly foreignKey: ForeignKeySchema;
}

/** `CREATE TYPE … AS ENUM`, where the database has enum types of its own. */
export interface CreateEnumNode {
  /** The tag of this kind of node. */
  readonly kind: "CreateEnum";
  /** The enum type. */
  readonly type: ColumnType;
  /** Leave a type alone that is there already. */
  readonly ifNotExists?: boolean;
}

/** `DROP TYPE` of an enum. */
export interface DropEnumNode {
  /** The tag of this kind of node. */
  readonly kind: "DropEnum";
  /** The enum type. */
  readonly type: ColumnType;
  /** Do nothing when it is not there. */
  readonly ifExists: boolean;
}

/** A step of a migration, where the database has one statement for it. */
export interface StepNode {
  /** The tag of this kind of node. */
  readonly kind: "Step";
  /** The step. */
  readonly step: Step;
}

/** Any DDL node. */
export type DdlNode =
  | CreateTableNode
  | DropTableNode
  | CreateIndexNode
  | AddForeignKeyNode
  | CreateEnumNode
  | DropEnumNode
  | StepNode;
