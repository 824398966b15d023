/**
 * Writes relations as decorated fields.
 *
 * @module
 */
import { constraintName } from "../../model/constraint_names.ts";
import type { RelationKind } from "../../schema/entity.ts";
import type { TableSchema } from "../../schema/table.ts";
import { Code, decorator, field, type Written } from "./code.ts";
import type { FieldSource } from "./column_source.ts";
import { type PlannedModel, propertiesOf } from "./model_plan.ts";
import { keyOption, type PlannedRelation } from "./relation_plan.ts";

const decorators: Readonly<Record<RelationKind, string>> = {
  "one-to-one": "OneToOne",
  "one-to-many": "OneToMany",
  "many-to-one": "ManyToOne",
  "many-to-many": "ManyToMany",
};

/** Writes a relation's field. */
export function relationSource(model: PlannedModel, relation: PlannedRelation): FieldSource {
  const { kind, property, target, inverse, nullable } = relation;
  const options = relation.foreignKey ? keyOptions(model, relation) : throughOptions(relation);
  const name = decorators[kind];
  const [parameter = "each"] = target.className.toLowerCase();
  const args: Written[] = [
    new Code(`() => ${target.className}`),
    new Code(`(${parameter}) => ${parameter}.${inverse}`),
    ...Object.keys(options).length > 0 ? [options] : [],
  ];
  const many = kind === "one-to-many" || kind === "many-to-many";
  const type = `${target.className}${many ? "[]" : nullable ? " | null" : ""}`;
  return {
    text: `  ${decorator(name, args, 2)}\n${field(property, type)}`,
    imports: [name],
  };
}

function keyOptions(
  model: PlannedModel,
  relation: PlannedRelation,
): { readonly [option: string]: Written | undefined } {
  const foreignKey = relation.foreignKey!;
  const { name, columns, references, onDelete, onUpdate, deferrable, match } = foreignKey;
  const key = keyOption(model, relation);
  const there = relation.target.table.primaryKey?.columns ?? [];
  const toKey = references.length === there.length &&
    references.every((name, i) => name === there[i]);
  return {
    ...relation.kind === "one-to-one" && key === undefined && { owner: true },
    ...key && { foreignKey: oneOrAll(key) },
    ...!toKey && { references: oneOrAll(propertiesOf(relation.target, references)) },
    ...relation.nullable && { nullable: true },
    ...onDelete && { onDelete },
    ...onUpdate && { onUpdate },
    ...deferrable && { deferrable },
    ...match && { match },
    ...name !== undefined && name !== constraintName("fk", model.table.name, columns) &&
      { constraintName: name },
    ...!isIndexed(model.table, columns) && { index: false },
  };
}

function throughOptions({ through }: PlannedRelation): { readonly [option: string]: Written } {
  if (through === undefined) return {};
  const { model, local, foreign } = through;
  return { through: { model: new Code(`() => ${model.className}`), local, foreign } };
}

function oneOrAll(names: readonly string[]): Written {
  return names.length === 1 ? names[0]! : names;
}

/** Whether a key or an index finds rows by these columns; models list them. */
export function isIndexed(table: TableSchema, columns: readonly string[]): boolean {
  const covers = (all: readonly (string | undefined)[]): boolean =>
    columns.every((name) => all.slice(0, columns.length).includes(name));
  return [
    ...table.primaryKey ? [table.primaryKey] : [],
    ...table.uniques,
  ].some((key) => covers(key.columns)) ||
    table.indexes.some(({ where, parts }) =>
      where === undefined && covers(parts.map(({ column }) => column))
    );
}
