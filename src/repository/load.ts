/**
 * Explicit lazy loading: reads relations of records that are there already, for all of them at once.
 *
 * @module
 */
import type { RunOptions } from "../ast/executor.ts";
import { QueryError } from "../base/errors.ts";
import type { Session } from "../engine/session.ts";
import { stateOf } from "../model/state.ts";
import type { EntitySchema } from "../schema/entity.ts";
import { readQuery } from "./find.ts";
import { planFor } from "./plans.ts";
import { follow, gathering, type KeyReader } from "./read.ts";
import { ReadPlanner } from "./read_plan.ts";
import { type Dictionary, type Row, ShapeReader } from "./shape.ts";

/** Reads the relations of `include` into the records. */
export async function loadRelations(
  session: Session,
  entity: EntitySchema,
  records: readonly Row[],
  include: Dictionary,
  options: RunOptions = {},
): Promise<void> {
  if (records.length === 0) return;
  if ("_count" in include) throw new QueryError("Cannot load _count: include it in a find");
  const shape = new ShapeReader(false);
  readQuery(shape, entity, { include }, "load.");
  const plan = planFor(session, entity, "load", shape.key, () => {
    const reader = new ShapeReader(true);
    const template = readQuery(reader, entity, { include }, "load.");
    const planner = new ReadPlanner(session, reader.values.length);
    return planner.planFollowers(entity, template.include ?? {});
  });
  const gathered = gathering(plan.gathers);
  gathered[0]?.records.push(...records);
  const reading = { session, values: shape.values, options, gathered };
  await follow(reading, plan.followers, undefined, keysOfRecord(entity));
}

/** Keys come from the record's properties, or from the row that it was read from. */
function keysOfRecord(entity: EntitySchema): KeyReader {
  return ({ relation }, parents, index) => {
    const record = parents.records[index] as Row;
    return relation.local.map((property) => {
      const value = record[property.name];
      if (value !== undefined) return value;
      const state = stateOf(record);
      const at = entity.properties.indexOf(property);
      if (state && at >= 0) return state.original(state.row, at);
      throw new QueryError(
        `Cannot load ${relation.name}: a record lacks ${property.name}, which leads to it`,
        { hint: `select ${property.name} too` },
      );
    });
  };
}
