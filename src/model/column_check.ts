/**
 * Whether a value has the form that its column asks for, on every database.
 *
 * @module
 */
import type { ColumnType, ColumnTypeName } from "../schema/column_type.ts";
import type { ColumnSchema } from "../schema/table.ts";

/** What is wrong with a value. */
export interface ValueProblem {
  /** One sentence without the value. */
  readonly message: string;
  /** The value is not of the column's type at all, so rules cannot judge it. */
  readonly unfit: boolean;
}

/** What holds the values of a column in JavaScript; `any`: whatever JSON can say. */
export type ValueForm = "number" | "bigint" | "string" | "boolean" | "Date" | "Uint8Array" | "any";

/** The forms of the values of all types. */
export const valueForms: Readonly<Record<ColumnTypeName, ValueForm>> = {
  smallint: "number",
  integer: "number",
  bigint: "bigint",
  numeric: "string",
  real: "number",
  double: "number",
  boolean: "boolean",
  text: "string",
  varchar: "string",
  char: "string",
  uuid: "string",
  date: "string",
  time: "string",
  timestamp: "Date",
  timestamptz: "Date",
  json: "any",
  jsonb: "any",
  bytes: "Uint8Array",
  enum: "string",
  other: "string",
};

/** What is wrong with a value that is not `undefined`, or nothing. */
export function valueProblem(column: ColumnSchema, value: unknown): ValueProblem | undefined {
  const { type } = column;
  if (value === null) {
    return column.nullable ? undefined : { message: "must not be null", unfit: true };
  }
  if (type.array !== true) return elementProblem(type, value);
  if (!Array.isArray(value)) return { message: "must be an array", unfit: true };
  for (const element of value) {
    // A database's lists may hold NULL.
    const problem = element === null ? undefined : elementProblem(type, element);
    if (problem !== undefined) return { ...problem, message: `each element ${problem.message}` };
  }
  return undefined;
}

function elementProblem(type: ColumnType, value: unknown): ValueProblem | undefined {
  const form = valueForms[type.name];
  if (!hasForm(value, form)) return { message: `must be a ${form}`, unfit: true };
  if (type.length !== undefined && isTooLong(value as string, type.length)) {
    return { message: `must be at most ${type.length} characters long`, unfit: false };
  }
  if (type.values !== undefined && !type.values.includes(value as string)) {
    return { message: `must be one of ${type.values.join(", ")}`, unfit: false };
  }
  return undefined;
}

/**
 * Makes the quick test of a column's type: true for values, not NULL, that nothing is wrong with. Of others, and of all
 * that take longer to judge, it is false: what is wrong with them, if anything, tells {@linkcode valueProblem}.
 */
export function quickTest(type: ColumnType): (value: unknown) => boolean {
  const { length = Infinity } = type;
  const form = valueForms[type.name];
  if (type.array) return () => false;
  if (type.values !== undefined) {
    const allowed = new Set<unknown>(type.values);
    return (value) => allowed.has(value);
  }
  switch (form) {
    case "string":
      return (value) => typeof value === "string" && value.length <= length;
    case "number":
      return (value) => typeof value === "number";
    case "bigint":
      return (value) => typeof value === "bigint";
    case "boolean":
      return (value) => typeof value === "boolean";
    case "any":
      return () => true;
    default:
      return (value) => hasForm(value, form);
  }
}

function hasForm(value: unknown, form: ValueForm): boolean {
  if (form === "Date") return value instanceof Date;
  if (form === "Uint8Array") return value instanceof Uint8Array;
  const found: string = typeof value;
  return form === "any" || found === form;
}

/** A character is a code point, as databases count; code units are at least as many. */
function isTooLong(value: string, length: number): boolean {
  if (value.length <= length) return false;
  let characters = 0;
  for (const _ of value) if (++characters > length) return true;
  return false;
}
