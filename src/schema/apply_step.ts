/**
 * Carries a step out on schema data: what a schema is afterwards.
 *
 * @module
 */
import { QueryError } from "../base/errors.ts";
import type { DatabaseSchema, EnumSchema, QualifiedName } from "./database_schema.ts";
import type { ColumnStep, ConstraintStep, IndexStep, OnTable, OtherStep, Step } from "./step.ts";
import type { TableSchema } from "./table.ts";
import { renameColumn, renameTable } from "./rename.ts";
import { same } from "./same.ts";

/** A step that changes one table in place. */
export type OneTableStep =
  | ColumnStep
  | ConstraintStep
  | IndexStep
  | Extract<OtherStep, OnTable>;

/**
 * The schema after steps.
 *
 * @throws {QueryError} for a step that changes what is not there
 */
export function applySteps(schema: DatabaseSchema, steps: readonly Step[]): DatabaseSchema {
  return steps.reduce(applyStep, schema);
}

/** Whether a step changes one table in place. */
export function isOneTableStep(step: Step): step is OneTableStep {
  return "table" in step;
}

function applyStep(schema: DatabaseSchema, step: Step): DatabaseSchema {
  if (step.kind === "renameColumn") {
    return renameColumn(schema, tableOfStep(step), step.from, step.to);
  }
  if (isOneTableStep(step)) {
    const table = requireTable(schema, tableOfStep(step));
    const changed = changeTable(table, step);
    return { ...schema, tables: schema.tables.map((each) => each === table ? changed : each) };
  }
  switch (step.kind) {
    case "createSchema":
      return { ...schema, schemas: [...schema.schemas, step.name] };
    case "dropSchema":
      return { ...schema, schemas: schema.schemas.filter((name) => name !== step.name) };
    case "createEnum":
      return { ...schema, enums: [...schema.enums, step.enum] };
    case "dropEnum":
      return { ...schema, enums: remaining(schema.enums, step.enum) };
    case "renameEnum":
      return renameEnum(schema, step.from, step.to);
    case "addEnumValue":
      return changeEnum(schema, step.enum, (each) => ({
        ...each,
        values: inserted(each.values, step.value, step.before),
      }));
    case "renameEnumValue":
      return changeEnum(schema, step.enum, (each) => ({
        ...each,
        values: each.values.map((value) => value === step.from ? step.to : value),
      }));
    case "replaceEnum":
      return changeEnum(schema, step.from, () => step.to);
    case "createDomain":
      return { ...schema, domains: [...schema.domains, step.domain] };
    case "dropDomain":
      return { ...schema, domains: remaining(schema.domains, step.domain) };
    case "alterDomain":
      return { ...schema, domains: [...remaining(schema.domains, step.from), step.to] };
    case "createSequence":
      return { ...schema, sequences: [...schema.sequences, step.sequence] };
    case "dropSequence":
      return { ...schema, sequences: remaining(schema.sequences, step.sequence) };
    case "alterSequence":
      return { ...schema, sequences: [...remaining(schema.sequences, step.from), step.to] };
    case "createTable":
      return { ...schema, tables: [...schema.tables, step.definition] };
    case "dropTable":
      requireTable(schema, step.definition);
      return {
        ...schema,
        tables: remaining(schema.tables, step.definition),
        triggers: schema.triggers.filter(({ table, schema: its }) =>
          !isNamed(step.definition, { name: table, ...its !== undefined && { schema: its } })
        ),
      };
    case "renameTable":
      return renameTable(schema, step.from, step.to);
    case "createView":
      return { ...schema, views: [...schema.views, step.view] };
    case "dropView":
      return { ...schema, views: remaining(schema.views, step.view) };
    case "createTrigger":
      return { ...schema, triggers: [...schema.triggers, step.trigger] };
    case "dropTrigger":
      return {
        ...schema,
        triggers: schema.triggers.filter(({ name, table }) =>
          name !== step.trigger.name || table !== step.trigger.table
        ),
      };
  }
}

/** A table after a step that changes it in place; it does not follow renames elsewhere. */
function changeTable(
  table: TableSchema,
  step: Exclude<OneTableStep, { kind: "renameColumn" }>,
): TableSchema {
  switch (step.kind) {
    case "addColumn":
      return { ...table, columns: [...table.columns, step.column] };
    case "dropColumn":
      requireOne(table, table.columns, step.column.name, "column");
      return {
        ...table,
        columns: table.columns.filter(({ name }) => name !== step.column.name),
        // What stands on a column alone goes with it.
        indexes: table.indexes.filter(({ parts }) =>
          !parts.some(({ column }) => column === step.column.name)
        ),
      };
    case "alterColumn":
      requireOne(table, table.columns, step.from.name, "column");
      return {
        ...table,
        columns: table.columns.map((each) => each.name === step.from.name ? step.to : each),
      };
    case "addPrimaryKey":
      return { ...table, primaryKey: step.key };
    case "dropPrimaryKey": {
      const { primaryKey: _, ...rest } = table;
      return rest;
    }
    case "addUnique":
      return { ...table, uniques: [...table.uniques, step.key] };
    case "dropUnique":
      return { ...table, uniques: left(table, table.uniques, step.key, "unique constraint") };
    case "addCheck":
      return { ...table, checks: [...table.checks, step.check] };
    case "dropCheck":
      return { ...table, checks: left(table, table.checks, step.check, "check") };
    case "addForeignKey":
      return { ...table, foreignKeys: [...table.foreignKeys, step.foreignKey] };
    case "dropForeignKey":
      return {
        ...table,
        foreignKeys: left(table, table.foreignKeys, step.foreignKey, "foreign key"),
      };
    case "addExclusion":
      return { ...table, exclusions: [...table.exclusions ?? [], step.exclusion] };
    case "dropExclusion":
      return {
        ...table,
        exclusions: left(table, table.exclusions ?? [], step.exclusion, "exclusion constraint"),
      };
    case "createIndex":
      return { ...table, indexes: [...table.indexes, step.index] };
    case "dropIndex":
      return { ...table, indexes: left(table, table.indexes, step.index, "index") };
    case "renameIndex":
      requireOne(table, table.indexes, step.from, "index");
      return { ...table, indexes: table.indexes.map((each) => renamed(each, step)) };
    case "renameConstraint":
      return {
        ...table,
        ...table.primaryKey && { primaryKey: renamed(table.primaryKey, step) },
        uniques: table.uniques.map((each) => renamed(each, step)),
        checks: table.checks.map((each) => renamed(each, step)),
        foreignKeys: table.foreignKeys.map((each) => renamed(each, step)),
        ...table.exclusions &&
          { exclusions: table.exclusions.map((each) => renamed(each, step)) },
      };
    case "setOptions": {
      const { options: _, ...rest } = table;
      return { ...rest, ...step.to !== undefined && { options: step.to } };
    }
    case "setComment": {
      if (step.column === undefined) return commented(table, step.to);
      const { column: name, to } = step;
      return {
        ...table,
        columns: table.columns.map((each) => each.name === name ? commented(each, to) : each),
      };
    }
  }
}

function commented<T extends { readonly comment?: string }>(
  each: T,
  comment: string | undefined,
): T {
  const { comment: _, ...rest } = each;
  return { ...rest, ...comment !== undefined && { comment } } as T;
}

function renamed<T extends { readonly name?: string }>(
  each: T,
  { from, to }: { readonly from: string; readonly to: string },
): T {
  return each.name === from ? { ...each, name: to } : each;
}

function inserted(values: readonly string[], value: string, before?: string): string[] {
  const at = before === undefined ? -1 : values.indexOf(before);
  return at < 0 ? [...values, value] : [...values.slice(0, at), value, ...values.slice(at)];
}

function changeEnum(
  schema: DatabaseSchema,
  named: QualifiedName,
  change: (each: EnumSchema) => EnumSchema,
): DatabaseSchema {
  const enums = schema.enums.map((each) => isNamed(each, named) ? change(each) : each);
  return { ...schema, enums };
}

/** A type's columns have it under its new name. */
function renameEnum(
  schema: DatabaseSchema,
  from: QualifiedName,
  to: QualifiedName,
): DatabaseSchema {
  const name = (each: QualifiedName) =>
    each.schema === undefined ? each.name : `${each.schema}.${each.name}`;
  const enums = changeEnum(schema, from, ({ schema: _, ...each }) => ({ ...each, ...to })).enums;
  const tables = schema.tables.map((table) => ({
    ...table,
    columns: table.columns.map((column) =>
      column.type.enumName === name(from)
        ? { ...column, type: { ...column.type, enumName: name(to) } }
        : column
    ),
  }));
  return { ...schema, enums, tables };
}

/** The constraints without one: by its name, or by content where it has none. */
function left<T extends { readonly name?: string }>(
  table: TableSchema,
  all: readonly T[],
  gone: T,
  what: string,
): T[] {
  const at = gone.name === undefined
    ? all.findIndex((each) => same(each, gone))
    : all.findIndex(({ name }) => name === gone.name);
  if (at < 0) throw missing(table, what, gone.name ?? "like it");
  return all.filter((_, i) => i !== at);
}

function requireOne(
  table: TableSchema,
  all: readonly { readonly name: string }[],
  wanted: string,
  what: string,
): void {
  if (!all.some(({ name }) => name === wanted)) throw missing(table, what, wanted);
}

function missing(table: TableSchema, what: string, name: string): QueryError {
  return new QueryError(`Cannot change the table ${table.name}: it has no ${what} ${name}`);
}

/** The table of that name. */
export function requireTable(schema: DatabaseSchema, named: QualifiedName): TableSchema {
  const table = schema.tables.find((each) => isNamed(each, named));
  if (table) return table;
  throw new QueryError(`Cannot change the table ${named.name}: there is none of that name`);
}

/** The table that a step changes. */
export function tableOfStep({ table, schema }: OnTable): QualifiedName {
  return { name: table, ...schema !== undefined && { schema } };
}

function remaining<T extends QualifiedName>(all: readonly T[], gone: QualifiedName): T[] {
  return all.filter((each) => !isNamed(each, gone));
}

function isNamed(each: QualifiedName, { name, schema }: QualifiedName): boolean {
  return each.name === name && each.schema === schema;
}
