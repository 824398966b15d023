/**
 * Reads rows as values of programs, without making records of them.
 *
 * @module
 */
import type { Session } from "../../../engine/session.ts";
import { planQuery, readQuery } from "../../../repository/find.ts";
import { planFor } from "../../../repository/plans.ts";
import { type Dictionary, ShapeReader } from "../../../repository/shape.ts";
import type { EntitySchema, PropertySchema } from "../../../schema/entity.ts";
import { type Get, keyText } from "./row_state.ts";

/** Keys that one statement asks for. */
const mostKeys = 500;

/** The values of some columns of the rows of a query, which has no `select` and no `include`. */
export async function readValues(
  session: Session,
  entity: EntitySchema,
  query: Dictionary,
  columns: readonly PropertySchema[],
): Promise<unknown[][]> {
  const selecting = { ...query, select: columns.map((each) => each.name) };
  const shape = new ShapeReader(false);
  readQuery(shape, entity, selecting);
  const { statement, level } = planFor(
    session,
    entity,
    "find",
    shape.key,
    () => planQuery(session, entity, selecting),
  );
  const { bigints } = level;
  const { rows } = await session.perform(statement, shape.values, { bigints });
  const places = columns.map((each) => level.indexOf(each));
  return rows.map((row) => places.map((place) => level.valueAt(row, place)));
}

/** The rows with these keys that there are, by key as text; all their values are known. */
export async function readByKey(
  session: Session,
  entity: EntitySchema,
  keys: readonly (readonly unknown[])[],
): Promise<Map<string, Get>> {
  const { properties, primaryKey } = entity;
  const places = new Map(properties.map((each, place) => [each, place]));
  const found = new Map<string, Get>();
  for (let from = 0; from < keys.length; from += mostKeys) {
    const some = keys.slice(from, from + mostKeys);
    const [only] = primaryKey;
    const where = only && primaryKey.length === 1
      ? { [only.name]: { in: some.map(([value]) => value) } }
      : {
        OR: some.map((key) => Object.fromEntries(primaryKey.map(({ name }, i) => [name, key[i]]))),
      };
    const query = { where, withDeleted: true };
    for (const row of await readValues(session, entity, query, properties)) {
      const get: Get = (property) => row[places.get(property) as number];
      found.set(keyText(entity, get) as string, get);
    }
  }
  return found;
}
