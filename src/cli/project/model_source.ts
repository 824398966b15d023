/**
 * Writes the source of a model.
 *
 * @module
 */
import { snakeCase, toSnake } from "../../model/naming.ts";
import {
  type ColumnField,
  defaultOf,
  type Field,
  fieldTypes,
  type RelationField,
} from "./fields.ts";

/** What is known of the other models. */
export interface OtherModels {
  /** The property of `model` that leads back to the new one; none when it has none. */
  inverse(model: string, relation: RelationField["kind"]): string | undefined;
}

/** The name of a model's file. */
export function fileOf(model: string): string {
  return `${toSnake(model)}.ts`;
}

/** The source of a model, formatted. */
export function modelSource(model: string, fields: readonly Field[], others: OtherModels): string {
  const names = new Set(["BaseModel", "Entity", "type Generated", "PrimaryKey"]);
  const members = fields.map((field) => {
    names.add(decorators[field.kind]);
    return field.kind === "column" ? columnSource(field) : relationSource(model, field, others);
  });
  const targets = [...new Set(fields.flatMap((field) => "target" in field ? field.target : []))]
    .filter((target) => target !== model).sort();
  const plain = (name: string): string => name.replace("type ", "").toLowerCase();
  const imported = [...names].sort((a, b) => plain(a) < plain(b) ? -1 : 1);
  const line = `import { ${imported.join(", ")} } from "@rex/orm";`;
  return [
    line.length <= 100
      ? line
      : `import {\n${imported.map((name) => `  ${name},\n`).join("")}} from "@rex/orm";`,
    ...targets.map((target) => `import { ${target} } from "./${fileOf(target)}";`),
    "",
    `@Entity({ tableName: ${JSON.stringify(snakeCase.table(model))} })`,
    `export class ${model} extends BaseModel {`,
    "  @PrimaryKey()",
    "  id!: Generated<number>;",
    ...members,
    "}",
    "",
  ].join("\n");
}

const decorators: Readonly<Record<Field["kind"], string>> = {
  "column": "Column",
  "many-to-one": "ManyToOne",
  "one-to-many": "OneToMany",
  "many-to-many": "ManyToMany",
};

function columnSource(field: ColumnField): string {
  const { name, type, details, nullable, unique } = field;
  const options = [`type: ${JSON.stringify(type)}`];
  if (type === "enum") options.push(`values: ${list(details)}`);
  else if (/char$/.test(type) && details.length > 0) options.push(`length: ${details[0]}`);
  else if (details.length > 0) {
    options.push(`precision: ${details[0]}`);
    if (details[1] !== undefined) options.push(`scale: ${details[1]}`);
  }
  if (nullable) options.push("nullable: true");
  if (unique) options.push("unique: true");
  if (field.default !== undefined) options.push(`default: ${defaultOf(field)}`);
  const value = type === "enum"
    ? details.map((each) => JSON.stringify(each)).join(" | ")
    : fieldTypes[type]!;
  const filled = field.default === undefined ? value : `Generated<${value}>`;
  const typed = nullable && value !== "unknown" ? `${filled} | null` : filled;
  return `  @Column({ ${options.join(", ")} })\n  ${name}!: ${typed};`;
}

function list(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(", ")}]`;
}

function relationSource(model: string, field: RelationField, others: OtherModels): string {
  const { kind, name, target, nullable } = field;
  const own = model.charAt(0).toLowerCase() + model.slice(1);
  const back = others.inverse(target, kind) ?? (kind === "one-to-many" ? own : undefined);
  const parameter = target.charAt(0).toLowerCase() + target.slice(1);
  const args = [`() => ${target}`];
  if (back !== undefined) args.push(`(${parameter}) => ${parameter}.${back}`);
  if (nullable) args.push(...back === undefined ? ["undefined"] : [], "{ nullable: true }");
  const many = kind === "many-to-one" ? nullable ? " | null" : "" : "[]";
  return `  @${decorators[kind]}(${args.join(", ")})\n  ${name}!: ${target}${many};`;
}
