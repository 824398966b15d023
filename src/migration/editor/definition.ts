/**
 * Tables and columns as migrations write them: short, and the same for every database.
 *
 * @module
 */
import { QueryError } from "../../base/errors.ts";
import { shortName } from "../../model/constraint_names.ts";
import {
  type ColumnType,
  columnType,
  type ColumnTypeName,
  columnTypeNames,
} from "../../schema/column_type.ts";
import type {
  CheckSchema,
  ColumnDefault,
  ColumnSchema,
  ExclusionSchema,
  ForeignKeySchema,
  IndexPart,
  IndexSchema,
  KeySchema,
  PartitionSchema,
  TableSchema,
} from "../../schema/table.ts";

/** What a column is filled with when an insert leaves it out: a value, or what the database computes. */
export type DefaultDefinition =
  | string
  | number
  | bigint
  | boolean
  | { readonly sql: string }
  | { readonly now: true }
  | { readonly uuid: true }
  | { readonly value: unknown };

/** A column. */
export interface ColumnDefinition {
  /**
   * Its type: a name of the common vocabulary with what belongs to it (`"varchar(255)"`, `"numeric(10, 2)"`,
   * `"integer[]"`), or the database's own spelling.
   */
  readonly type: string;
  /** The values of an `enum`. */
  readonly values?: readonly string[];
  /** The name of the database's own enum type, where it has one. Default: table and column joined by `_`. */
  readonly enumName?: string;
  /** Whether it may be NULL. Default: `false`. */
  readonly nullable?: boolean;
  /** What the database fills in. */
  readonly default?: DefaultDefinition;
  /** The database numbers it. */
  readonly identity?: true | "always";
  /** The expression it is computed from, in SQL; `stored` by default. */
  readonly generated?: { readonly sql: string; readonly stored?: boolean };
  /** The database numbers it in another form than Rex-ORM's: `serial`, or a key without `AUTOINCREMENT`. */
  readonly serial?: true;
  /** The type as the definition spells it, in a table that is `loose`. */
  readonly declared?: string;
  /** Its collation. */
  readonly collation?: string;
  /** What it is for. */
  readonly comment?: string;
}

/** An index: its columns, or parts with their order and expressions. */
export interface IndexDefinition extends Partial<Omit<IndexSchema, "parts" | "name">> {
  /** Its name. */
  readonly name: string;
  /** What it is over. */
  readonly columns: readonly (string | IndexPart)[];
}

/** A table. */
export interface TableDefinition {
  /** The schema it is in, where the database has schemas. */
  readonly schema?: string;
  /** Its columns by name, in order. */
  readonly columns: Readonly<Record<string, ColumnDefinition>>;
  /** The columns of its primary key, or the key with its name. */
  readonly primaryKey?: readonly string[] | KeySchema;
  /** Its unique constraints. */
  readonly uniques?: readonly KeySchema[];
  /** Its indexes. */
  readonly indexes?: readonly IndexDefinition[];
  /** Its checks. */
  readonly checks?: readonly CheckSchema[];
  /** Its foreign keys. */
  readonly foreignKeys?: readonly ForeignKeySchema[];
  /** Its exclusion constraints. */
  readonly exclusions?: readonly ExclusionSchema[];
  /** How it is divided, or what it is a part of. */
  readonly partition?: PartitionSchema;
  /** What stands behind its definition. */
  readonly options?: string;
  /** The database does not hold its columns to their types: a table of SQLite that is not `STRICT`. */
  readonly loose?: true;
  /** What it is for. */
  readonly comment?: string;
}

const spelled = /^([a-z]+)(?:\s*\(\s*(\d+)\s*(?:,\s*(-?\d+)\s*)?\))?(\[\])?$/;

/**
 * The type that a text means.
 *
 * @throws {QueryError} for an enum without values
 */
export function typeOf({ type, values, enumName }: ColumnDefinition): ColumnType {
  const [, name = "", first, second, list] = spelled.exec(type) ?? [];
  const array = list ? { array: true } : {};
  if (!columnTypeNames.has(name) || name === "other") {
    return columnType("other", { sql: type });
  }
  const [a, b] = [first, second].map((each) => each === undefined ? undefined : Number(each));
  switch (name) {
    case "enum":
      if (!values?.length) throw new QueryError("Cannot use the type enum: it has no values");
      return columnType("enum", { values, ...enumName !== undefined && { enumName }, ...array });
    case "varchar":
    case "char":
      return columnType(name, { ...a !== undefined && { length: a }, ...array });
    default:
      return columnType(name as ColumnTypeName, {
        ...a !== undefined && { precision: a },
        ...b !== undefined && { scale: b },
        ...array,
      });
  }
}

/**
 * A column as schema data.
 *
 * @param table the name of its table; an enum type without a name is named after both
 */
export function columnOf(name: string, input: ColumnDefinition, table: string): ColumnSchema {
  const { nullable = false, identity, generated, serial, declared, collation, comment } = input;
  return {
    name,
    type: typeOf({ enumName: shortName(`${table}_${name}`), ...input }),
    nullable,
    ...input.default !== undefined && { default: defaultOf(input.default) },
    ...identity && { identity: identity === true ? "by default" as const : identity },
    ...generated && { generated: { stored: true, ...generated } },
    ...serial && { serial },
    ...declared !== undefined && { declared },
    ...collation !== undefined && { collation },
    ...comment !== undefined && { comment },
  };
}

function defaultOf(input: DefaultDefinition): ColumnDefault {
  if (typeof input !== "object") return { kind: "value", value: input };
  if ("sql" in input) return { kind: "sql", sql: input.sql };
  if ("value" in input) return { kind: "value", value: input.value };
  return "now" in input ? { kind: "now" } : { kind: "uuid" };
}

/** An index as schema data. */
export function indexOf({ columns, ...rest }: IndexDefinition): IndexSchema {
  return {
    unique: false,
    ...rest,
    parts: columns.map((each) => typeof each === "string" ? { column: each } : each),
  };
}

/** A table as schema data. */
export function tableOf(name: string, input: TableDefinition): TableSchema {
  const {
    columns,
    primaryKey,
    uniques = [],
    indexes = [],
    checks = [],
    foreignKeys = [],
    ...rest
  } = input;
  return {
    name,
    ...rest,
    columns: Object.entries(columns).map(([column, each]) => columnOf(column, each, name)),
    ...primaryKey && {
      primaryKey: "columns" in primaryKey ? primaryKey : { columns: primaryKey },
    },
    uniques,
    indexes: indexes.map(indexOf),
    checks,
    foreignKeys,
  };
}
