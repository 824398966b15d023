/**
 * Makes the table of a class: columns, keys, indexes, checks.
 *
 * @module
 */
import { ModelError } from "../base/errors.ts";
import type { PropertySchema } from "../schema/entity.ts";
import type {
  CheckSchema,
  ForeignKeySchema,
  IndexSchema,
  KeySchema,
  TableSchema,
} from "../schema/table.ts";
import { constraintName } from "./constraint_names.ts";
import type { ForeignKeySettings, IndexSettings } from "./entity_options.ts";
import { type ForeignKeyPlan, foreignKeysOf } from "./foreign_keys.ts";
import {
  columnNames,
  columnsOf,
  declaredIndexes,
  deferral,
  exclusionsOf,
  includedColumns,
  indexParts,
  primaryKeyOf,
  uniqueKeys,
} from "./key_schema.ts";
import type { NamedModel } from "./own_properties.ts";

/** Every property of a class: its own and, last, the hidden foreign keys of its relations. */
export function allProperties(model: NamedModel): readonly PropertySchema[] {
  const properties = new Set(model.own.values());
  for (const plan of foreignKeysOf(model).values()) {
    for (const property of plan.local) properties.add(property);
  }
  return Object.freeze([...properties]);
}

/** Makes the table of a class. */
export function tableSchema(model: NamedModel, properties: readonly PropertySchema[]): TableSchema {
  const { options } = model.declared;
  const columns = Object.freeze(properties.map(({ column }) => column));
  const primaryKey = primaryKeyOf(model);
  const exclusions = exclusionsOf(model);
  const uniques = uniqueKeys(model);
  return Object.freeze({
    name: model.table,
    ...(model.schema !== undefined && { schema: model.schema }),
    columns,
    ...(primaryKey && { primaryKey }),
    uniques,
    indexes: indexes(model, primaryKey ? [primaryKey, ...uniques] : uniques),
    checks: checks(model),
    foreignKeys: Object.freeze([
      ...[...foreignKeysOf(model).values()].map((plan) => foreignKey(model, plan)),
      ...(options.foreignKeys ?? []).map((each) => plainForeignKey(model, each)),
    ]),
    ...(exclusions.length > 0 && { exclusions }),
    ...(options.partition && { partition: options.partition }),
    ...(options.options !== undefined && { options: options.options }),
    ...(options.comment !== undefined && { comment: options.comment }),
  });
}

function indexes(model: NamedModel, keys: readonly KeySchema[]): readonly IndexSchema[] {
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

/** Whether an index over `columns` finds rows by `wanted`: they come first in it, in any order. */
function startsWith(columns: readonly (string | undefined)[], wanted: readonly string[]): boolean {
  const start = columns.slice(0, wanted.length);
  return wanted.every((column) => start.includes(column));
}

function indexSchema(model: NamedModel, settings: IndexSettings): IndexSchema {
  const { name, columns, unique, include, nullsNotDistinct, ...rest } = settings;
  const parts = columns.flatMap((part) =>
    indexParts(model, typeof part === "string" ? { property: part } : part)
  );
  const words = parts.map(({ column }) => column ?? "expr");
  return Object.freeze({
    name: name ?? constraintName("ix", model.table, words),
    parts: Object.freeze(parts),
    unique: unique === true,
    ...(include && { include: includedColumns(model, include) }),
    ...(nullsNotDistinct && { nullsNotDistinct }),
    ...rest,
  });
}

function checks(model: NamedModel): readonly CheckSchema[] {
  const found = new Map<string, CheckSchema>();
  const add = (sql: string, words: readonly string[], name?: string): void => {
    const first = name ?? constraintName("ck", model.table, words);
    // A column may have several checks: the second is numbered 2.
    let free = first;
    for (let number = 2; found.has(free); number++) {
      free = constraintName("ck", model.table, [...words, String(number)]);
    }
    found.set(free, Object.freeze({ name: free, sql }));
  };
  for (const { property, settings } of model.declared.columns.values()) {
    if (settings.check !== undefined) add(settings.check, columnsOf(model, property));
  }
  for (const constraint of model.declared.constraints) {
    if (constraint.kind !== "check") continue;
    add(constraint.sql, columnsOf(model, constraint.property), constraint.name);
  }
  for (const check of model.declared.options.checks ?? []) {
    const { sql, name } = typeof check === "string" ? { sql: check, name: undefined } : check;
    add(sql, [], name);
  }
  return Object.freeze([...found.values()]);
}

function foreignKey(model: NamedModel, plan: ForeignKeyPlan): ForeignKeySchema {
  const { onDelete, onUpdate, deferrable, match, constraintName: name } = plan.relation.settings;
  const columns = columnNames(plan.local);
  return Object.freeze({
    name: name ?? constraintName("fk", model.table, columns),
    columns,
    table: plan.target.table,
    ...(plan.target.schema !== undefined && { schema: plan.target.schema }),
    references: columnNames(plan.foreign),
    ...(onDelete !== undefined && { onDelete }),
    ...(onUpdate !== undefined && { onUpdate }),
    ...deferral(deferrable),
    ...(match !== undefined && { match }),
  });
}

function plainForeignKey(model: NamedModel, settings: ForeignKeySettings): ForeignKeySchema {
  const columns = settings.columns.flatMap((property) => columnsOf(model, property));
  const name = settings.name ?? constraintName("fk", model.table, columns);
  return Object.freeze({ ...settings, name, columns: Object.freeze(columns) });
}
