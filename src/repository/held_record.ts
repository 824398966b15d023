/**
 * Records that are made of values that somebody holds, and not of rows that were just read: the same that a query
 * would give for them.
 *
 * @module
 */
import { markStored } from "../model/state.ts";
import type { EntitySchema, PropertySchema } from "../schema/entity.ts";
import { blankOf, plainBlank } from "./instance.ts";
import { isDictionary, type Row } from "./shape.ts";

/** Gives the value of a property. */
export type ValueOf = (property: PropertySchema) => unknown;

/** Makes records. What they hold is their own: changing a document or date in one changes nobody else's. */
export type RecordMaker = (valueOf: ValueOf) => Row;

/** The properties that a record shows: the selected ones, or all of the class. */
export function shownProperties(
  entity: EntitySchema,
  select: readonly string[] | undefined,
): readonly PropertySchema[] {
  return select
    ? select.map((name) => entity.byName.get(name) as PropertySchema)
    : entity.properties.filter((each) => !each.hidden);
}

/**
 * Makes what makes records: instances of the class, whose `afterLoad` hooks have run, or plain objects of the selected
 * columns.
 */
export function recordMaker(
  entity: EntitySchema,
  select: readonly string[] | undefined,
): RecordMaker {
  const shown = shownProperties(entity, select);
  if (select) return (valueOf) => filled(new plainBlank(), shown, valueOf);
  const { properties, hooks: { afterLoad = [] } } = entity;
  const Blank = blankOf(entity);
  return (valueOf) => {
    const record = filled(new Blank(), shown, valueOf);
    markStored(record, { row: properties.map(valueOf), original: copyAt });
    for (const hook of afterLoad) (record[hook] as () => void)();
    return record;
  };
}

function filled(record: Row, shown: readonly PropertySchema[], valueOf: ValueOf): Row {
  for (const property of shown) record[property.name] = copyOf(valueOf(property));
  return record;
}

function copyAt(row: readonly unknown[], index: number): unknown {
  return copyOf(row[index]);
}

/** A copy of what can be changed in place. Dates are kept: whoever changes one makes a new one. */
function copyOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  if (value instanceof Uint8Array) return value.slice();
  if (!isDictionary(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, copyOf(each)]));
}
