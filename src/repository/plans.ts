/**
 * Plans by shape: what was compiled once is not compiled again.
 *
 * @module
 */
import type { Session } from "../engine/session.ts";
import type { EntitySchema } from "../schema/entity.ts";

/** How many shapes are kept for each entity of each database; the oldest goes first. */
const capacity = 500;

const scopes = new WeakMap<object, WeakMap<EntitySchema, Map<string, unknown>>>();

/**
 * The plan of a shape, built when it is first asked for.
 *
 * @param kind keeps keys of different kinds of plans apart
 */
export function planFor<P>(
  session: Session,
  entity: EntitySchema,
  kind: string,
  key: string,
  build: () => P,
): P {
  let entities = scopes.get(session.scope);
  if (!entities) scopes.set(session.scope, entities = new WeakMap());
  let plans = entities.get(entity);
  if (!plans) entities.set(entity, plans = new Map());
  const name = `${kind}|${key}`;
  const known = plans.get(name);
  if (known !== undefined) return known as P;
  const plan = build();
  if (plans.size >= capacity) plans.delete(plans.keys().next().value as string);
  plans.set(name, plan);
  return plan;
}
