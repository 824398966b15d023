/**
 * The indexes of a class's table.
 *
 * @module
 */
import { ModelError } from "../base/errors.ts";
import type { PropertySchema } from "../schema/entity.ts";
import type { IndexPart, IndexSchema, KeySchema } from "../schema/table.ts";
import { constraintName } from "./constraint_names.ts";
import type { IndexPartOptions, IndexSettings } from "./entity_options.ts";
import { foreignKeysOf } from "./foreign_keys.ts";
import type { NamedModel } from "./own_properties.ts";

/** The columns of properties. */
export function columnNames(properties: readonly PropertySchema[]): readonly string[] {
  return Object.freeze(properties.map(({ column }) => column.name));
}

/** The columns of a property, or of the foreign key of a relation. */
export function columnsOf(model: NamedModel, name: string): readonly string[] {
  const own = model.own.get(name);
  if (own !== undefined) return [own.column.name];
  const plan = foreignKeysOf(model).get(name);
  if (plan !== undefined) return columnNames(plan.local);
  throw new ModelError(
    `Cannot map ${model.declared.name}: an index or constraint is over ${name}, which is no column and no relation with a foreign key`,
  );
}

/** Every index of a table: those that the class declares, and those of foreign keys that nothing covers. */
export function indexes(model: NamedModel, keys: readonly KeySchema[]): readonly IndexSchema[] {
  const found = new Map<string, IndexSchema>();
  const add = (settings: IndexSettings): void => {
    const index = indexSchema(model, settings);
    if (found.has(index.name)) {
      throw new ModelError(
        `Cannot map ${model.declared.name}: two indexes are named ${index.name}`,
        { hint: "give one of them a `name`" },
      );
    }
    found.set(index.name, index);
  };
  declaredIndexes(model).forEach(add);
  const covered = [
    ...keys.map((key) => key.columns),
    ...[...found.values()].filter(({ where }) => where === undefined)
      .map(({ parts }) => parts.map(({ column }) => column)),
  ];
  for (const { relation, local } of foreignKeysOf(model).values()) {
    const columns = columnNames(local);
    if (relation.settings.index === false || covered.some((one) => startsWith(one, columns))) {
      continue;
    }
    add({ columns: [relation.property] });
    covered.push(columns);
  }
  return Object.freeze([...found.values()]);
}

/** Whether a unique index over all rows is over these columns. */
export function hasUniqueIndex(model: NamedModel, columns: readonly string[]): boolean {
  return declaredIndexes(model).some((settings) => {
    if (!settings.unique || settings.where !== undefined) return false;
    const parts = settings.columns.flatMap((part) => indexPart(model, part));
    return parts.length === columns.length && parts.every(({ column }, i) => column === columns[i]);
  });
}

function declaredIndexes({ declared }: NamedModel): IndexSettings[] {
  return [
    ...[...declared.columns.values()].filter(({ settings }) => settings.index)
      .map(({ property }) => ({ columns: [property] })),
    ...declared.constraints.flatMap((each) =>
      each.kind === "index" ? [{ ...each.settings, columns: [each.property] }] : []
    ),
    ...declared.options.indexes ?? [],
  ];
}

/** Whether an index over `columns` finds rows by `wanted`: they come first in it, in any order. */
function startsWith(columns: readonly (string | undefined)[], wanted: readonly string[]): boolean {
  const start = columns.slice(0, wanted.length);
  return wanted.every((column) => start.includes(column));
}

function indexSchema(model: NamedModel, settings: IndexSettings): IndexSchema {
  const { columns, name, unique, include, ...rest } = settings;
  const parts = columns.flatMap((part) => indexPart(model, part));
  const words = parts.map(({ column }) => column ?? "expr");
  return Object.freeze({
    ...rest,
    name: name ?? constraintName("ix", model.table, words),
    parts: Object.freeze(parts),
    unique: unique === true,
    ...(include && {
      include: Object.freeze(include.flatMap((property) => columnsOf(model, property))),
    }),
  });
}

/** A part of an index; a relation has as many as its foreign key has columns. */
export function indexPart(model: NamedModel, part: IndexPartOptions): IndexPart[] {
  if (typeof part === "object" && "sql" in part) return [Object.freeze({ ...part })];
  const { property, ...rest } = typeof part === "string" ? { property: part } : part;
  return columnsOf(model, property).map((column) => Object.freeze({ column, ...rest }));
}
