/**
 * Schema data as migrations write it: the way back from the editor's definitions.
 *
 * @module
 */
import type { ColumnType } from "../../schema/column_type.ts";
import type { QualifiedName } from "../../schema/database_schema.ts";
import type { OnTable, StepOf } from "../../schema/step.ts";
import type {
  ColumnDefault,
  ColumnSchema,
  IndexPart,
  IndexSchema,
  KeySchema,
  TableSchema,
} from "../../schema/table.ts";
import { same } from "../../schema/same.ts";
import type {
  ColumnDefinition,
  DefaultDefinition,
  IndexDefinition,
  TableDefinition,
} from "../editor/definition.ts";
import type { TableName } from "../editor/object_editor.ts";
import type { ColumnChange } from "../editor/table_editor.ts";

/** A name: alone where it is in the default schema. */
export function nameWord({ name, schema }: QualifiedName): TableName {
  return schema === undefined ? name : { name, schema };
}

/** The name of the table that a step changes. */
export function tableWord({ table, schema }: OnTable): TableName {
  return nameWord({ name: table, ...schema !== undefined && { schema } });
}

/** A type as text. */
export function typeWord({ name, length, precision, scale, array, sql }: ColumnType): string {
  if (name === "other") return sql ?? "text";
  const digits = length ?? precision;
  const second = scale === undefined ? "" : `, ${scale}`;
  return `${name}${digits === undefined ? "" : `(${digits}${second})`}${array ? "[]" : ""}`;
}

type TypeWords = Pick<ColumnDefinition, "type" | "values" | "enumName">;

function typeWords(type: ColumnType): TypeWords {
  return {
    type: typeWord(type),
    ...type.values && { values: type.values },
    ...type.enumName !== undefined && { enumName: type.enumName },
  };
}

/** A default; of a constant that means the same on every database, the value. */
function defaultWord(value: ColumnDefault, type: ColumnType): DefaultDefinition {
  switch (value.kind) {
    case "now":
      return { now: true };
    case "uuid":
      return { uuid: true };
    case "sql":
      return constant(value.sql, type) ?? { sql: value.sql };
    case "value":
      switch (typeof value.value) {
        case "string":
        case "number":
        case "bigint":
        case "boolean":
          return value.value;
        default:
          return { value: value.value };
      }
  }
}

const texts: ReadonlySet<string> = new Set(["text", "varchar", "char", "enum"]);

function constant(sql: string, { name, array }: ColumnType): string | number | boolean | undefined {
  if (array) return undefined;
  if (name === "smallint" || name === "integer") {
    return /^\d{1,9}$/.test(sql) ? Number(sql) : undefined;
  }
  if (name === "boolean") return sql === "true" ? true : sql === "false" ? false : undefined;
  if (!texts.has(name)) return undefined;
  const [, text] = /^'((?:[^'\\]|'')*)'(?:::[^':]+)?$/.exec(sql) ?? [];
  return text?.replaceAll("''", "'");
}

/** A column. */
export function columnWords(column: ColumnSchema): ColumnDefinition {
  const { type, nullable, identity, generated, collation, serial, declared, comment } = column;
  return {
    ...typeWords(type),
    ...nullable && { nullable },
    ...column.default && { default: defaultWord(column.default, type) },
    ...identity && { identity: identityWord(identity) },
    ...generated && { generated: generatedWords(generated) },
    ...serial && { serial },
    ...declared !== undefined && { declared },
    ...collation !== undefined && { collation },
    ...comment !== undefined && { comment },
  };
}

function identityWord(identity: "always" | "by default"): true | "always" {
  return identity === "always" ? identity : true;
}

function generatedWords({ sql, stored }: NonNullable<ColumnSchema["generated"]>) {
  return stored ? { sql } : { sql, stored };
}

/**
 * What of a column changes.
 *
 * @param declared the column in the words of who wants it so
 */
export function changeWords(
  { from, to, using }: StepOf<"alterColumn">,
  declared: ColumnSchema = to,
): ColumnChange {
  const differs = (key: keyof ColumnSchema) => !same(from[key], to[key]);
  return {
    ...differs("type") && typeWords(declared.type),
    ...differs("nullable") && { nullable: to.nullable },
    ...differs("default") &&
      { default: to.default ? defaultWord(declared.default ?? to.default, to.type) : null },
    ...differs("identity") && { identity: to.identity ? identityWord(to.identity) : null },
    ...differs("generated") && {
      generated: to.generated ? generatedWords(declared.generated ?? to.generated) : null,
    },
    ...differs("collation") && { collation: to.collation ?? null },
    ...using !== undefined && { using },
  };
}

/** An index. */
export function indexWords({ name, parts, unique, ...rest }: IndexSchema): IndexDefinition {
  return { name, columns: parts.map(partWord), ...unique && { unique }, ...rest };
}

function partWord({ column, ...rest }: IndexPart): string | IndexPart {
  if (column === undefined) return rest;
  return Object.keys(rest).length === 0 ? column : { column, ...rest };
}

/** A primary key: its columns, where nothing else is said of it but the name that a database gives it. */
export function keyWord(key: KeySchema, table: string): readonly string[] | KeySchema {
  const { name, ...rest } = key;
  const plain = name === undefined || name === `${table}_pkey`;
  return plain && Object.keys(rest).length === 1 ? key.columns : key;
}

/** A table; its name stands before. */
export function tableWords(table: TableSchema): TableDefinition {
  const { schema, columns, primaryKey, uniques, indexes, checks, foreignKeys, exclusions } = table;
  const { partition, options, loose, comment } = table;
  return {
    ...schema !== undefined && { schema },
    columns: Object.fromEntries(columns.map((column) => [column.name, columnWords(column)])),
    ...primaryKey && { primaryKey: keyWord(primaryKey, table.name) },
    ...uniques.length > 0 && { uniques },
    ...checks.length > 0 && { checks },
    ...foreignKeys.length > 0 && { foreignKeys },
    ...exclusions && exclusions.length > 0 && { exclusions },
    ...indexes.length > 0 && { indexes: indexes.map(indexWords) },
    ...partition && { partition },
    ...options !== undefined && { options },
    ...loose && { loose },
    ...comment !== undefined && { comment },
  };
}
