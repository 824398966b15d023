/**
 * Fields of a model as they are written on the command line: `name:varchar(255)`, `age:integer?`, `email:text!`,
 * `views:integer=0`, `state:enum(draft,sold)`, `author:User`, `posts:Post[]`, `tags:many-to-many(Tag)`.
 *
 * @module
 */
import { nearest } from "../../base/nearest.ts";
import { UsageError } from "../exit.ts";

/** A column, as it is written. */
export interface ColumnField {
  /** What it is. */
  readonly kind: "column";
  /** The property. */
  readonly name: string;
  /** The column's type. */
  readonly type: string;
  /** What stands in the parentheses of the type. */
  readonly details: readonly string[];
  /** Whether it may be NULL. */
  readonly nullable: boolean;
  /** Whether no two rows have the same value. */
  readonly unique: boolean;
  /** Its default, as it was written. */
  readonly default?: string;
}

/** A relation, as it is written. */
export interface RelationField {
  /** What it is. */
  readonly kind: "many-to-one" | "one-to-many" | "many-to-many";
  /** The property. */
  readonly name: string;
  /** The name of the other model. */
  readonly target: string;
  /** Whether it can be absent. */
  readonly nullable: boolean;
}

/** A field of a model. */
export type Field = ColumnField | RelationField;

/** Column types that can be written, and what their values are in TypeScript. */
export const fieldTypes: Readonly<Record<string, string>> = {
  smallint: "number",
  integer: "number",
  int: "number",
  bigint: "bigint",
  numeric: "string",
  decimal: "string",
  real: "number",
  double: "number",
  float: "number",
  boolean: "boolean",
  text: "string",
  varchar: "string",
  char: "string",
  uuid: "string",
  date: "string",
  time: "string",
  timestamp: "Date",
  timestamptz: "Date",
  json: "unknown",
  jsonb: "unknown",
  bytes: "Uint8Array",
  blob: "Uint8Array",
  enum: "",
};

const written =
  /^(?<name>[\p{L}_$][\p{L}\p{N}_$]*):(?<type>[\p{L}][\p{L}\p{N}-]*)(?:\((?<details>[^()]*)\))?(?<list>\[\])?(?<marks>[?!]*)(?:=(?<initial>.*))?$/u;

/**
 * Reads a field.
 *
 * @throws {UsageError} when it is written wrongly, or its type is not known
 */
export function fieldOf(text: string): Field {
  const { name = "", type = "", details = "", list, marks = "", initial } =
    written.exec(text)?.groups ?? {};
  if (name === "") throw wrong(text, "write NAME:TYPE");
  const nullable = marks.includes("?");
  if (type === "many-to-many" && details !== "") {
    return { kind: "many-to-many", name, target: modelName(details, text), nullable: false };
  }
  if (/^\p{Lu}/u.test(type)) {
    if (details !== "" || initial !== undefined) throw wrong(text, "a relation has no details");
    const kind = list === undefined ? "many-to-one" : "one-to-many";
    return { kind, name, target: type, nullable: list === undefined && nullable };
  }
  if (!Object.hasOwn(fieldTypes, type)) throw unknownType(text, type);
  if (list !== undefined) throw wrong(text, "only relations are lists: posts:Post[]");
  return checked(text, {
    kind: "column",
    name,
    type,
    details: details === "" ? [] : details.split(",").map((each) => each.trim()),
    nullable,
    unique: marks.includes("!"),
    ...initial !== undefined && { default: initial },
  });
}

/** The name of a class. */
function modelName(name: string, text: string): string {
  if (/^\p{Lu}[\p{L}\p{N}_]*$/u.test(name)) return name;
  throw wrong(text, "name the other model: tags:many-to-many(Tag)");
}

function checked(text: string, field: ColumnField): ColumnField {
  const { type, details, default: initial } = field;
  const numbers = details.every((each) => /^\d+$/.test(each));
  const most = /^(varchar|char|time|timestamp|timestamptz)$/.test(type)
    ? 1
    : /^(numeric|decimal)$/.test(type)
    ? 2
    : 0;
  if (type === "enum") {
    if (details.length === 0) throw wrong(text, "name the values: state:enum(draft,sold)");
  } else if (details.length > most || !numbers) {
    throw wrong(
      text,
      most === 0 ? `${type} takes no details` : `write ${type}(${"10,2".slice(0, most * 2)})`,
    );
  }
  if (initial !== undefined) defaultOf(field, text);
  return field;
}

/**
 * The default of a column as TypeScript.
 *
 * @throws {UsageError} when it is no value of the type
 */
export function defaultOf(
  { type, details, default: initial = "" }: ColumnField,
  text = "",
): string {
  const kind = fieldTypes[type];
  if (kind === "number" && /^-?\d+(\.\d+)?$/.test(initial)) return initial;
  if (kind === "bigint" && /^-?\d+$/.test(initial)) return `${initial}n`;
  if (kind === "boolean" && /^(true|false)$/.test(initial)) return initial;
  if (kind === "string" || type === "enum" && details.includes(initial)) {
    return JSON.stringify(initial);
  }
  throw wrong(text, `${initial} is no default of ${type}`);
}

function unknownType(text: string, type: string): UsageError {
  const meant = nearest(type === "string" ? "text" : type, Object.keys(fieldTypes));
  return new UsageError(`Cannot read the field ${text}: there is no type ${type}`, {
    hint: meant
      ? `did you mean ${meant}?`
      : `types are ${Object.keys(fieldTypes).join(", ")}; a model's name makes a relation`,
  });
}

function wrong(text: string, why: string): UsageError {
  return new UsageError(`Cannot read the field ${text}: ${why}`, {
    hint:
      "examples: name:varchar(255) age:integer? email:text! views:integer=0 posts:Post[] author:User",
  });
}
