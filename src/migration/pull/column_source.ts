/**
 * Writes columns as decorated fields.
 *
 * @module
 */
import { valueForms } from "../../model/column_check.ts";
import { snakeCase } from "../../model/naming.ts";
import type { ColumnType, ColumnTypeName } from "../../schema/column_type.ts";
import type { ColumnDefault, ColumnSchema } from "../../schema/table.ts";
import { textLiteral } from "../text_literal.ts";
import { decorator, field, type Written } from "./code.ts";
import { documentation } from "./documentation.ts";
import { enumOptions, type PlannedEnum } from "./enum_plan.ts";
import type { PlannedColumn } from "./model_plan.ts";

/** What a field's source takes from the rest of its file. */
export interface FieldSource {
  readonly text: string;
  /** What it needs of the library. */
  readonly imports: readonly string[];
  /** The enum that it needs. */
  readonly enum?: PlannedEnum;
}

/** The type of a field, as TypeScript writes it. */
function typeOfField(name: ColumnTypeName): string {
  const form = valueForms[name];
  return form === "any" ? "Json" : form;
}

/** The types that `@PrimaryKey()` does not take: their keys are columns with `primary`. */
const otherKeys: ReadonlySet<ColumnTypeName> = new Set<ColumnTypeName>([
  "json",
  "jsonb",
  "boolean",
  "real",
  "double",
  "other",
]);
const numbered: ReadonlySet<ColumnTypeName> = new Set<ColumnTypeName>([
  "smallint",
  "integer",
  "bigint",
]);

/** Writes a column's field. */
export function columnSource(
  { column, property, nullable }: PlannedColumn,
  isKey: boolean,
  enums: ReadonlyMap<string, PlannedEnum>,
): FieldSource {
  const type = sayable(column.type);
  const planned = type.enumName === undefined ? undefined : enums.get(type.enumName);
  const asKey = isKey && !otherKeys.has(type.name) && !type.array && !column.generated;
  const name = asKey ? "PrimaryKey" : "Column";
  const options = {
    ...asKey && type.name === "integer" && column.identity ? {} : { type: type.name },
    ...typeOptions(type, planned),
    ...isKey && !asKey && { primary: true },
    ...nullable && { nullable },
    ...fillingOptions(column, type, asKey),
    ...snakeCase.column(property) !== column.name && { name: column.name },
    ...column.collation !== undefined && { collation: column.collation },
    ...column.comment !== undefined && { comment: column.comment },
  };
  const args = Object.keys(options).length > 0 ? [options] : [];
  const base = baseType(type, planned);
  const filled = column.default !== undefined || column.identity !== undefined ||
    column.generated !== undefined;
  const fieldType = `${filled ? `Generated<${base}>` : base}${nullable ? " | null" : ""}`;
  const doc = column.comment === undefined ? "" : documentation(column.comment, 2);
  return {
    text: `${doc}  ${decorator(name, args, 2)}\n${field(property, fieldType)}`,
    imports: [
      name,
      ...filled ? ["type Generated"] : [],
      ...typeOfField(type.name) === "Json" ? ["type Json"] : [],
    ],
    ...planned && { enum: planned },
  };
}

/** What the options of a column cannot say is kept in the database's own spelling. */
function sayable(type: ColumnType): ColumnType {
  const { name, precision, scale, array, values, enumName } = type;
  const list = array ? "[]" : "";
  if (scale !== undefined && (precision === undefined || scale < 0 || scale > precision)) {
    return { name: "other", sql: `numeric(${precision ?? 1000}, ${scale})${list}` };
  }
  if (name === "enum" && !values?.length) {
    const sql = (enumName ?? "text").split(".").map((part) => `"${part.replaceAll('"', '""')}"`);
    return { name: "other", sql: `${sql.join(".")}${list}` };
  }
  return type;
}

function typeOptions(
  type: ColumnType,
  planned: PlannedEnum | undefined,
): { readonly [option: string]: Written | undefined } {
  const { name, length, precision, scale, array, sql } = type;
  return {
    ...name === "enum" && enumOptions(type, planned),
    ...length !== undefined && { length },
    ...precision !== undefined && { precision },
    ...scale !== undefined && { scale },
    ...sql !== undefined && { sql },
    ...array && { array },
  };
}

function baseType(type: ColumnType, planned: PlannedEnum | undefined): string {
  if (type.name !== "enum") return `${typeOfField(type.name)}${type.array ? "[]" : ""}`;
  if (planned !== undefined) return `${planned.typeName}${type.array ? "[]" : ""}`;
  const union = (type.values ?? []).map(textLiteral).join(" | ");
  return type.array ? `(${union})[]` : union;
}

/** What fills the column. */
function fillingOptions(
  column: ColumnSchema,
  type: ColumnType,
  asKey: boolean,
): { readonly [option: string]: Written | undefined } {
  const { identity, generated } = column;
  if (generated !== undefined) {
    return { generatedAs: generated.stored ? generated.sql : { ...generated } };
  }
  if (identity !== undefined) {
    return asKey && identity === "by default"
      ? {}
      : { identity: identity === "by default" ? true : identity };
  }
  if (column.default !== undefined) return defaultOptions(column.default, type);
  return asKey && (numbered.has(type.name) || type.name === "uuid") ? { generated: false } : {};
}

function defaultOptions(
  value: ColumnDefault,
  type: ColumnType,
): { readonly [option: string]: Written | undefined } {
  if (value.kind === "now" || value.kind === "uuid") return { defaultSql: value.kind };
  const constant = value.kind === "value"
    ? value.value as Written
    : constantOf(value.sql, type.array ? undefined : type.name);
  if (constant !== undefined) return { default: constant };
  if (value.kind === "value") return { default: JSON.stringify(value.value) };
  if (value.sql === "now()" && type.name === "timestamptz") return { defaultSql: "now" };
  if (value.sql === "gen_random_uuid()" && type.name === "uuid") return { defaultSql: "uuid" };
  // These two words mean something else as an option.
  const isWord = value.sql === "now" || value.sql === "uuid";
  return { defaultSql: isWord ? `(${value.sql})` : value.sql };
}

/** How PostgreSQL spells the type of a constant behind it. */
const casts = { text: "text", varchar: "character varying", char: "bpchar" };

/** The constant that a default's SQL is, where the database would spell it the same way again. */
function constantOf(sql: string, type: ColumnTypeName | undefined): Written | undefined {
  switch (type) {
    case "boolean":
      return sql === "true" || sql === "false" ? sql === "true" : undefined;
    case "smallint":
    case "integer": {
      const [, digits] = /^(?:'(-\d{1,9})'::integer|(-?\d{1,9}))$/.exec(sql)?.filter(Boolean) ?? [];
      return digits === undefined || String(Number(digits)) !== digits ? undefined : Number(digits);
    }
    case "text":
    case "varchar":
    case "char":
    case "enum": {
      const [, text, cast] = /^'((?:[^'\\]|'')*)'(?:::([^':]+))?$/.exec(sql) ?? [];
      const same = cast === undefined || type === "enum" || cast === casts[type];
      return same ? text?.replaceAll("''", "'") : undefined;
    }
    default:
      return undefined;
  }
}
