/**
 * The keys of a table and what is like them: primary key, unique and exclusion constraints.
 *
 * @module
 */
import { ModelError } from "../base/errors.ts";
import type { PropertySchema } from "../schema/entity.ts";
import type { Deferral, ExclusionSchema, IndexPart, KeySchema } from "../schema/table.ts";
import { constraintName } from "./constraint_names.ts";
import type {
  IndexPartOptions,
  IndexSettings,
  KeyOptions,
  UniqueOptions,
} from "./entity_options.ts";
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

/** The columns of properties that an index carries beside. */
export function includedColumns(
  model: NamedModel,
  properties: readonly string[],
): readonly string[] {
  return Object.freeze(properties.flatMap((property) => columnsOf(model, property)));
}

/** When a constraint is checked, where that is not at once. */
export function deferral(option: boolean | Deferral | undefined): { deferrable?: Deferral } {
  if (option === undefined || option === false) return {};
  return { deferrable: option === true ? "initially deferred" : option };
}

/** What a key has beside its name and columns. */
function keyRest(
  model: NamedModel,
  { include, nullsNotDistinct, deferrable }: UniqueOptions,
): Omit<KeySchema, "name" | "columns"> {
  return {
    ...(include && { include: includedColumns(model, include) }),
    ...(nullsNotDistinct && { nullsNotDistinct }),
    ...deferral(deferrable),
  };
}

/** The primary key, where there is one. */
export function primaryKeyOf(model: NamedModel): KeySchema | undefined {
  if (model.primaryKey.length === 0) return undefined;
  const options: KeyOptions = model.declared.options.primaryKey ?? {};
  return Object.freeze({
    ...(options.name !== undefined && { name: options.name }),
    columns: columnNames(model.primaryKey),
    ...keyRest(model, options),
  });
}

/** The unique constraints; those that are told twice are one, but for names of their own. */
export function uniqueKeys(model: NamedModel): readonly KeySchema[] {
  const found = new Map<string, KeySchema>();
  const named = new Set<string>();
  const add = (columns: readonly string[], options: UniqueOptions = {}): void => {
    const key = columns.join("\n");
    if (found.has(key) && Object.keys(options).length === 0) return;
    found.set(
      named.has(key) && options.name !== undefined ? `${key}\n${options.name}` : key,
      Object.freeze({
        name: options.name ?? constraintName("uq", model.table, columns),
        columns: Object.freeze(columns),
        ...keyRest(model, options),
      }),
    );
    if (options.name !== undefined) named.add(key);
  };
  for (const { property, settings } of model.declared.columns.values()) {
    if (settings.unique) add(columnsOf(model, property));
  }
  for (const constraint of model.declared.constraints) {
    if (constraint.kind === "unique") {
      add(columnsOf(model, constraint.property), constraint.settings);
    }
  }
  for (const unique of model.declared.options.uniques ?? []) {
    const { columns, ...options } = "columns" in unique ? unique : { columns: unique };
    add(columns.flatMap((property) => columnsOf(model, property)), options);
  }
  for (const { relation, local } of foreignKeysOf(model).values()) {
    const single = relation.kind === "one-to-one" || relation.settings.unique === true;
    if (!single || isPrimaryKey(model, local)) continue;
    const columns = columnNames(local);
    if (!hasUniqueIndex(model, columns)) add(columns);
  }
  return Object.freeze([...found.values()]);
}

function isPrimaryKey(model: NamedModel, properties: readonly PropertySchema[]): boolean {
  return properties.length === model.primaryKey.length &&
    properties.every(({ primary }) => primary);
}

/** The indexes that a class declares. */
export function declaredIndexes({ declared }: NamedModel): IndexSettings[] {
  return [
    ...[...declared.columns.values()].filter(({ settings }) => settings.index)
      .map(({ property }) => ({ columns: [property] })),
    ...declared.constraints.flatMap((each) =>
      each.kind === "index" ? [{ ...each.settings, columns: [each.property] }] : []
    ),
    ...declared.options.indexes ?? [],
  ];
}

/** Whether a unique index over all rows is over these columns. */
function hasUniqueIndex(model: NamedModel, columns: readonly string[]): boolean {
  return declaredIndexes(model).some((settings) => {
    if (!settings.unique || settings.where !== undefined) return false;
    const parts = settings.columns.flatMap((part) =>
      indexParts(model, typeof part === "string" ? { property: part } : part)
    );
    return parts.length === columns.length && parts.every(({ column }, i) => column === columns[i]);
  });
}

/** The parts of an index that an option says: several for a relation with several columns. */
export function indexParts(
  model: NamedModel,
  part: Exclude<IndexPartOptions, string>,
): readonly IndexPart[] {
  checkWord(model, "direction", part.direction, ["asc", "desc"]);
  checkWord(model, "nulls", part.nulls, ["first", "last"]);
  if ("sql" in part) return [Object.freeze({ ...part })];
  const { property, ...order } = part;
  return columnsOf(model, property).map((column) => Object.freeze({ column, ...order }));
}

function checkWord(
  model: NamedModel,
  option: string,
  word: string | undefined,
  words: readonly [string, string],
): void {
  if (word === undefined || words.includes(word)) return;
  throw new ModelError(
    `Cannot map ${model.declared.name}: the ${option} of an index is "${words.join('" or "')}"`,
  );
}

/** The exclusion constraints. */
export function exclusionsOf(model: NamedModel): readonly ExclusionSchema[] {
  const all = (model.declared.options.exclusions ?? []).map((settings): ExclusionSchema => {
    const { method = "gist", where, deferrable } = settings;
    const parts = settings.parts.flatMap(({ operator, ...part }) =>
      indexParts(model, part).map((each) => Object.freeze({ ...each, operator }))
    );
    const words = parts.map(({ column }) => column ?? "expr");
    return Object.freeze({
      name: settings.name ?? constraintName("ex", model.table, words),
      method,
      parts: Object.freeze(parts),
      ...(where !== undefined && { where }),
      ...deferral(deferrable),
    });
  });
  return Object.freeze(all);
}
