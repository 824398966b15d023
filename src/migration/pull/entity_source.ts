/**
 * Writes what `@Entity()` says of a table: its name, keys, indexes and checks.
 *
 * @module
 */
import { constraintName } from "../../model/constraint_names.ts";
import type { IndexPart, IndexSchema, KeySchema } from "../../schema/table.ts";
import { decorator, type Written } from "./code.ts";
import { type PlannedModel, propertiesOf } from "./model_plan.ts";
import type { PlannedRelation } from "./relation_plan.ts";
import { tableFollows } from "./relation_plan.ts";

type Options = { readonly [option: string]: Written | undefined };

/** Writes the decorator of a class. */
export function entitySource(model: PlannedModel, relations: readonly PlannedRelation[]): string {
  const { table } = model;
  const uniques = table.uniques.map((key) => uniqueOptions(model, key));
  const indexes = table.indexes.filter((index) => !isImplied(model, index, relations))
    .map((index) => indexOptions(model, index));
  const checks = table.checks.map(({ name, sql }): Written => ({ sql, name }));
  const options: Options = {
    ...!tableFollows(model) && { tableName: table.name },
    ...table.schema !== undefined && { schema: table.schema },
    ...uniques.length > 0 && { uniques },
    ...indexes.length > 0 && { indexes },
    ...checks.length > 0 && { checks },
    ...table.comment !== undefined && { comment: table.comment },
  };
  return decorator("Entity", Object.keys(options).length > 0 ? [options] : [], 0);
}

function uniqueOptions(model: PlannedModel, { name, columns }: KeySchema): Written {
  const properties = propertiesOf(model, columns);
  const follows = name === constraintName("uq", model.table.name, columns);
  return follows ? properties : { columns: properties, name };
}

function indexOptions(model: PlannedModel, index: IndexSchema): Written {
  const { name, parts, unique, method, where } = index;
  const words = parts.map(({ column }) => column ?? "expr");
  return {
    columns: parts.map((part) => partOptions(model, part)),
    ...name !== constraintName("ix", model.table.name, words) && { name },
    ...unique && { unique },
    ...method !== undefined && { method },
    ...where !== undefined && { where },
  };
}

function partOptions(model: PlannedModel, part: IndexPart): Written {
  const { column, sql, direction } = part;
  const order = { ...direction && { direction } };
  if (column === undefined) return { sql: sql ?? "", ...order };
  const [property] = propertiesOf(model, [column]);
  return Object.keys(order).length === 0 ? property! : { property: property!, ...order };
}

/** Whether a relation adds the index by itself. */
function isImplied(
  { table }: PlannedModel,
  index: IndexSchema,
  relations: readonly PlannedRelation[],
): boolean {
  const columns = index.parts.map(({ column }) => column ?? "");
  const plain = Object.keys(index).every((key) => ["name", "parts", "unique"].includes(key)) &&
    !index.unique && index.parts.every((part) => Object.keys(part).join() === "column") &&
    index.name === constraintName("ix", table.name, columns);
  return plain &&
    relations.some(({ foreignKey }) => foreignKey?.columns.join("\n") === columns.join("\n"));
}
