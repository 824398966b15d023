/**
 * Nodes that create and change tables.
 *
 * @module
 */
import type { ForeignKeySchema, IndexSchema, TableSchema } from "../schema/table.ts";
import type { ColumnType } from "../schema/column_type.ts";

/** `CREATE TABLE`, with its columns, keys, checks and foreign keys; indexes apart. */
export interface CreateTableNode {
  readonly kind: "CreateTable";
  readonly table: TableSchema;
  readonly ifNotExists: boolean;
  /** Leave out these foreign keys: they are added when the tables they point to are there. */
  readonly withoutForeignKeys?: readonly ForeignKeySchema[];
}

/** `DROP TABLE`. */
export interface DropTableNode {
  readonly kind: "DropTable";
  readonly table: string;
  readonly schema?: string;
  readonly ifExists: boolean;
  readonly cascade: boolean;
}

/** `CREATE INDEX`. */
export interface CreateIndexNode {
  readonly kind: "CreateIndex";
  readonly table: string;
  readonly schema?: string;
  readonly index: IndexSchema;
  readonly ifNotExists: boolean;
}

/** `ALTER TABLE … ADD FOREIGN KEY`. */
export interface AddForeignKeyNode {
  readonly kind: "AddForeignKey";
  readonly table: string;
  readonly schema?: string;
  readonly foreignKey: ForeignKeySchema;
}

/** `CREATE TYPE … AS ENUM`, where the database has enum types of its own. */
export interface CreateEnumNode {
  readonly kind: "CreateEnum";
  readonly type: ColumnType;
  /** Leave a type alone that is there already. */
  readonly ifNotExists?: boolean;
}

/** `DROP TYPE` of an enum. */
export interface DropEnumNode {
  readonly kind: "DropEnum";
  readonly type: ColumnType;
  readonly ifExists: boolean;
}

/** Any DDL node. */
export type DdlNode =
  | CreateTableNode
  | DropTableNode
  | CreateIndexNode
  | AddForeignKeyNode
  | CreateEnumNode
  | DropEnumNode;
