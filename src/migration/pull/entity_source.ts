/**
 * Writes what `@Entity()` says of a table: its name, keys, indexes and checks.
 *
 * @module
 */
import { constraintName } from "../../model/constraint_names.ts";
import type {
  ExclusionSchema,
  ForeignKeySchema,
  IndexPart,
  IndexSchema,
  KeySchema,
} from "../../schema/table.ts";
import { decorator, type Written } from "./code.ts";
import { type PlannedModel, propertiesOf } from "./model_plan.ts";
import type { PlannedRelation } from "./relation_plan.ts";
import { tableFollows } from "./relation_plan.ts";

type Options = { readonly [option: string]: Written | undefined };

/**
 * Writes the decorator of a class.
 *
 * @param rest the foreign keys that are no relations
 */
export function entitySource(
  model: PlannedModel,
  relations: readonly PlannedRelation[],
  rest: readonly ForeignKeySchema[],
): string {
  const { table } = model;
  const indexes = table.indexes.filter((index) => !isImplied(model, index, relations));
  const options: Options = {
    ...!tableFollows(model) && { tableName: table.name },
    schema: table.schema,
    primaryKey: primaryKeyOptions(model),
    uniques: some(table.uniques.map((key) => uniqueOptions(model, key))),
    indexes: some(indexes.map((index) => indexOptions(model, index))),
    checks: some(table.checks.map(({ name, sql }): Written => ({ sql, name }))),
    exclusions: some((table.exclusions ?? []).map((each) => exclusionOptions(model, each))),
    foreignKeys: some(rest.map((each) => foreignKeyOptions(model, each))),
    partition: table.partition?.kind === "by" ? { ...table.partition } : undefined,
    options: table.options,
    comment: table.comment,
  };
  const said = Object.values(options).some((each) => each !== undefined);
  return decorator("Entity", said ? [options] : [], 0);
}

function some(list: readonly Written[]): readonly Written[] | undefined {
  return list.length > 0 ? list : undefined;
}

/** What a key says beside its columns, where that does not follow from the table. */
function primaryKeyOptions(model: PlannedModel): Written | undefined {
  const key = model.table.primaryKey;
  if (key === undefined) return undefined;
  const { name, ...options } = keyOptions(model, key);
  // PostgreSQL's own name for it.
  const follows = name === undefined || name === `${model.table.name}_pkey`;
  const said = follows ? options : { name, ...options };
  return Object.keys(said).length > 0 ? said : undefined;
}

function keyOptions(
  model: PlannedModel,
  { name, include, nullsNotDistinct, deferrable }: KeySchema,
): Options {
  return {
    ...name !== undefined && { name },
    ...include && { include: propertiesOf(model, include) },
    ...nullsNotDistinct && { nullsNotDistinct },
    ...deferrable && { deferrable },
  };
}

function uniqueOptions(model: PlannedModel, key: KeySchema): Written {
  const columns = propertiesOf(model, key.columns);
  const { name, ...options } = keyOptions(model, key);
  const follows = name === undefined ||
    name === constraintName("uq", model.table.name, key.columns);
  if (follows && Object.keys(options).length === 0) return columns;
  return { columns, name, ...options };
}

function indexOptions(model: PlannedModel, index: IndexSchema): Written {
  const { name, parts, unique, include, ...others } = index;
  const words = parts.map(({ column }) => column ?? "expr");
  return {
    columns: parts.map((part) => partOptions(model, part)),
    ...name !== constraintName("ix", model.table.name, words) && { name },
    ...unique && { unique },
    ...include && { include: propertiesOf(model, include) },
    ...others,
  };
}

function partOptions(model: PlannedModel, part: IndexPart): Written {
  const { column, ...order } = part;
  if (column === undefined) return order;
  const [property] = propertiesOf(model, [column]);
  return Object.keys(order).length === 0 ? property! : { property: property!, ...order };
}

function exclusionOptions(model: PlannedModel, { parts, ...others }: ExclusionSchema): Written {
  return {
    ...others,
    parts: parts.map(({ column, ...part }) => ({
      ...column !== undefined && { property: propertiesOf(model, [column])[0]! },
      ...part,
    })),
  };
}

function foreignKeyOptions(model: PlannedModel, foreignKey: ForeignKeySchema): Written {
  return { ...foreignKey, columns: propertiesOf(model, foreignKey.columns) };
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
