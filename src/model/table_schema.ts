/**
 * Makes the table of a class: columns, keys, indexes, checks.
 *
 * @module
 */
import type { PropertySchema } from "../schema/entity.ts";
import type {
  CheckSchema,
  ExclusionSchema,
  ForeignKeySchema,
  KeySchema,
  TableSchema,
} from "../schema/table.ts";
import { constraintName } from "./constraint_names.ts";
import type { ForeignKeySettings, KeySettings } from "./entity_options.ts";
import { type ForeignKeyPlan, foreignKeysOf } from "./foreign_keys.ts";
import type { NamedModel } from "./own_properties.ts";
import { columnNames, columnsOf, hasUniqueIndex, indexes, indexPart } from "./table_indexes.ts";

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
  const primaryKey = model.primaryKey.length > 0
    ? Object.freeze({
      columns: columnNames(model.primaryKey),
      ...options.primaryKey && keyParts(model, options.primaryKey),
    })
    : undefined;
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
    ...(options.exclusions?.length && { exclusions: exclusions(model) }),
    ...(options.options !== undefined && { options: options.options }),
    ...(options.comment !== undefined && { comment: options.comment }),
  });
}

function uniqueKeys(model: NamedModel): readonly KeySchema[] {
  const found = new Map<string, KeySchema>();
  const named = new Set<string>();
  const add = (columns: readonly string[], { name, ...rest }: Partial<KeySchema> = {}): void => {
    const key = columns.join("\n");
    if (found.has(key) && name === undefined) return;
    // Whoever gives a name means a constraint of its own.
    found.set(
      named.has(key) ? `${key}\n${name}` : key,
      Object.freeze({
        name: name ?? constraintName("uq", model.table, columns),
        ...rest,
        columns: Object.freeze(columns),
      }),
    );
    if (name !== undefined) named.add(key);
  };
  for (const { property, settings } of model.declared.columns.values()) {
    if (settings.unique) add(columnsOf(model, property));
  }
  for (const constraint of model.declared.constraints) {
    if (constraint.kind !== "unique") continue;
    const { property, name } = constraint;
    add(columnsOf(model, property), name === undefined ? {} : { name });
  }
  for (const unique of model.declared.options.uniques ?? []) {
    const settings = "columns" in unique ? unique : { columns: unique };
    const columns = settings.columns.flatMap((property) => columnsOf(model, property));
    add(columns, {
      ...keyParts(model, settings),
      ...(settings.nullsNotDistinct && { nullsNotDistinct: true }),
    });
  }
  for (const { relation, local } of foreignKeysOf(model).values()) {
    const single = relation.kind === "one-to-one" || relation.settings.unique === true;
    if (!single || isPrimaryKey(model, local)) continue;
    const columns = columnNames(local);
    if (!hasUniqueIndex(model, columns)) add(columns);
  }
  return Object.freeze([...found.values()]);
}

/** What a key says beside its columns. */
function keyParts(
  model: NamedModel,
  { name, include, deferrable }: KeySettings,
): Partial<KeySchema> {
  return {
    ...(name !== undefined && { name }),
    ...(include && {
      include: Object.freeze(include.flatMap((property) => columnsOf(model, property))),
    }),
    ...(deferrable && { deferrable }),
  };
}

function isPrimaryKey(model: NamedModel, properties: readonly PropertySchema[]): boolean {
  return properties.length === model.primaryKey.length &&
    properties.every(({ primary }) => primary);
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
  const { onDelete, onUpdate, deferrable, constraint, match } = plan.relation.settings;
  const columns = columnNames(plan.local);
  return Object.freeze({
    name: constraint ?? constraintName("fk", model.table, columns),
    columns,
    table: plan.target.table,
    ...(plan.target.schema !== undefined && { schema: plan.target.schema }),
    references: columnNames(plan.foreign),
    ...(onDelete && { onDelete }),
    ...(onUpdate && { onUpdate }),
    ...(deferrable &&
      { deferrable: deferrable === true ? "initially deferred" as const : deferrable }),
    ...(match && { match }),
  });
}

function plainForeignKey(model: NamedModel, settings: ForeignKeySettings): ForeignKeySchema {
  const columns = Object.freeze(
    settings.columns.flatMap((property) => columnsOf(model, property)),
  );
  const name = settings.name ?? constraintName("fk", model.table, columns);
  return Object.freeze({ ...settings, name, columns });
}

function exclusions(model: NamedModel): readonly ExclusionSchema[] {
  const { exclusions = [] } = model.declared.options;
  return Object.freeze(exclusions.map(({ parts, ...rest }) =>
    Object.freeze({
      ...rest,
      parts: Object.freeze(
        parts.flatMap(({ operator, ...part }) =>
          indexPart(model, part).map((each) => Object.freeze({ ...each, operator }))
        ),
      ),
    })
  ));
}
