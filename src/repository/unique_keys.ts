/**
 * By which of its columns a record is told from all others.
 *
 * @module
 */
import type { EntitySchema } from "../schema/entity.ts";

const known = new WeakMap<EntitySchema, readonly (readonly string[])[]>();

/** The unique keys of an entity, the primary key first: the names of the properties of each. */
export function uniqueKeys(entity: EntitySchema): readonly (readonly string[])[] {
  let keys = known.get(entity);
  if (!keys) known.set(entity, keys = findKeys(entity));
  return keys;
}

function findKeys({ table, byColumn }: EntitySchema): string[][] {
  return [
    ...table.primaryKey ? [table.primaryKey.columns] : [],
    ...table.uniques.map((each) => each.columns),
    ...table.indexes.filter((each) => each.unique && !each.where).map((each) =>
      each.parts.flatMap((part) => part.column ?? [])
    ),
  ].map((columns) => columns.map((each) => byColumn.get(each)?.name ?? each));
}
