/**
 * Models as a schema: what a database needs for them.
 *
 * @module
 */
import type { Capabilities } from "../dialect/capabilities.ts";
import { declaredModel } from "../model/declared_models.ts";
import { foreignKeysOf } from "../model/foreign_keys.ts";
import type { ModelClass } from "../model/keys.ts";
import { namedModel } from "../model/own_properties.ts";
import { entityOf } from "../model/registry.ts";
import { tablesOf } from "../model/tables.ts";
import type { ColumnType } from "../schema/column_type.ts";
import {
  type DatabaseSchema,
  emptySchema,
  type EnumSchema,
  nameKey,
  type QualifiedName,
} from "../schema/database_schema.ts";
import type { TableSchema } from "../schema/table.ts";
import type { ColumnRename, Renames, TableRename } from "./diff/renames.ts";

/**
 * The schema that models ask for: their tables, join tables, enum types and schemas, in the models' own words.
 *
 * @param capabilities what the database can do
 * @throws {ModelError} for models that cannot be mapped
 */
export function schemaOfModels(
  models: readonly ModelClass[],
  { supportsEnumTypes, supportsSchemas }: Pick<
    Capabilities,
    "supportsEnumTypes" | "supportsSchemas"
  >,
): DatabaseSchema {
  const tables = tablesOf(models.map((model) => entityOf(model)));
  const enums = supportsEnumTypes ? enumsOf(tables).map(enumSchema) : [];
  const schemas = supportsSchemas
    ? new Set([...tables, ...enums].flatMap(({ schema }) => schema ?? []))
    : [];
  return { ...emptySchema, schemas: [...schemas], enums, tables };
}

/** The enum types of columns, each once. */
export function enumsOf(tables: readonly TableSchema[]): ColumnType[] {
  const types = new Map<string, ColumnType>();
  for (const table of tables) {
    for (const { type } of table.columns) {
      if (type.name === "enum" && type.enumName) types.set(type.enumName, type);
    }
  }
  return [...types.values()];
}

function enumSchema({ enumName = "", values = [] }: ColumnType): EnumSchema {
  const [schema, name] = enumName.split(".");
  return name === undefined ? { name: enumName, values } : { name, schema: schema!, values };
}

/**
 * What models say was renamed (`renamedFrom`), as far as it is still to be done: the database has the old name and not
 * the new one.
 *
 * @param from what the database has
 * @throws {ModelError} for models that cannot be mapped
 */
export function renamesOfModels(models: readonly ModelClass[], from: DatabaseSchema): Renames {
  const found = new Map(from.tables.map((table) => [nameKey(table), table]));
  const tables: TableRename[] = [];
  const columns: ColumnRename[] = [];
  for (const said of models.flatMap((model) => renamedTables(model))) {
    const to = nameOf(said.table, from.schemas);
    const old = { ...to, name: said.from ?? to.name };
    if (said.from !== undefined && found.has(nameKey(old)) && !found.has(nameKey(to))) {
      tables.push({ from: old, to });
    }
    const before = found.get(nameKey(to)) ?? found.get(nameKey(old));
    const has = (column: string) => before?.columns.some(({ name }) => name === column);
    for (const column of said.columns) {
      if (has(column.from) && !has(column.to)) columns.push({ table: to, ...column });
    }
  }
  return { tables, columns };
}

interface RenamedTable {
  readonly table: TableSchema;
  readonly from: string | undefined;
  readonly columns: readonly { readonly from: string; readonly to: string }[];
}

/** What a model says of its table and its join tables. */
function renamedTables(model: ModelClass): RenamedTable[] {
  const entity = entityOf(model);
  const named = namedModel(declaredModel(model));
  const { columns, relations, options } = named.declared;
  const own = [...columns.values()].flatMap(({ property, settings: { renamedFrom } }) =>
    renamedFrom === undefined
      ? []
      : [{ from: renamedFrom, to: named.own.get(property)!.column.name }]
  );
  const keys = [...foreignKeysOf(named).values()].flatMap(({ relation, local }) => {
    const { renamedFrom = [] } = relation.settings;
    const names = typeof renamedFrom === "string" ? [renamedFrom] : renamedFrom;
    return names.flatMap((from, i) => local[i] ? [{ from, to: local[i].column.name }] : []);
  });
  const joins = [...relations.values()].flatMap(({ property, settings }): RenamedTable[] => {
    const table = entity.relations.get(property)?.through?.table;
    const from = settings.through?.renamedFrom;
    return table && from !== undefined ? [{ table, from, columns: [] }] : [];
  });
  return [
    { table: entity.table, from: options.renamedFrom, columns: [...own, ...keys] },
    ...joins,
  ];
}

/** The name, without a schema that the database does not list: it is the default one, or is not there yet. */
function nameOf({ name, schema }: QualifiedName, schemas: readonly string[]): QualifiedName {
  return { name, ...schema !== undefined && schemas.includes(schema) && { schema } };
}
