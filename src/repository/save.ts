/**
 * `save()` and `delete()` of single instances: what models call.
 *
 * @module
 */
import { ModelError, QueryError } from "../base/errors.ts";
import { type ModelEvent, realTimeEmitter } from "../change/model_events.ts";
import type { Session } from "../engine/session.ts";
import { forget, markStored, stateOf } from "../model/state.ts";
import { entityOf } from "../model/registry.ts";
import type { ModelClass } from "../model/keys.ts";
import type { EntitySchema, PropertySchema, RelationSchema } from "../schema/entity.ts";
import { keyValues } from "./find.ts";
import { insertOne } from "./insert.ts";
import type { Row } from "./shape.ts";
import { pick, prepareInsert, prepareUpdate, runHooks, sameValue } from "./record.ts";
import { removeMany } from "./remove.ts";
import { released } from "./links.ts";
import { isUnseen } from "./unseen.ts";
import { missing, updateOne } from "./update.ts";
import { valuesOf, valuesOfInstance } from "./values.ts";
import { keyObject } from "./write.ts";

/**
 * Inserts an instance that is not stored, or updates what changed in one that is. Relations that the model
 * declares with `cascade` are saved along.
 */
export async function saveInstance(session: Session, instance: object): Promise<void> {
  const entity = entityOfInstance(instance);
  const cascading = [...entity.relations.values()].some((each) =>
    each.cascade.save && (instance as Row)[each.name] !== undefined
  );
  const { afterInsert, afterUpdate } = entity.hooks;
  const hooked = stateOf(instance) ? afterUpdate : afterInsert;
  const save = (tx: Session) => saveGraph(tx, entity, instance as Row, new Set());
  if (!cascading && !hooked) await save(session);
  else await session.transaction(save);
}

function entityOfInstance(instance: object): EntitySchema {
  return entityOf(instance.constructor as ModelClass);
}

async function saveGraph(
  session: Session,
  entity: EntitySchema,
  instance: Row,
  done: Set<object>,
): Promise<void> {
  if (done.has(instance)) return;
  done.add(instance);
  const relations = [...entity.relations.values()].filter((each) =>
    instance[each.name] !== undefined
  );
  for (const relation of relations) {
    if (relation.owner) await linkOwned(session, entity, relation, instance, done);
  }
  const written = await saveOne(session, entity, instance);
  for (const { hidden, name } of entity.properties) if (hidden) delete instance[name];
  if (written) tell(session, "save", instance);
  for (const relation of relations) {
    if (!relation.owner && relation.cascade.save) {
      await saveChildren(session, relation, instance, done);
    }
  }
}

/** Takes over the key of the record that a relation points to; saves it first where that cascades. */
async function linkOwned(
  session: Session,
  entity: EntitySchema,
  relation: RelationSchema,
  instance: Row,
  done: Set<object>,
): Promise<void> {
  const related = instance[relation.name] as Row | null;
  if (related === null && isUnseen(instance, relation.name)) return;
  if (related !== null && relation.cascade.save) {
    await saveGraph(session, relation.target, related, done);
  }
  const original = originalOf(entity, instance);
  const nothing = released(relation.local);
  relation.local.forEach((property, i) => {
    if (related === null && !(property.name in nothing)) return;
    const key = related === null ? null : related[relation.foreign[i]?.name ?? ""];
    if (key === undefined) {
      throw new QueryError(`Cannot save ${entity.name}: its ${relation.name} is not saved yet`, {
        hint: `save it first, or declare the relation with cascade: ["save"]`,
      });
    }
    // The key field was set by hand since the relation was loaded: the field is the newer statement.
    const byHand = original && !property.hidden &&
      !sameValue(instance[property.name], original[property.name]) &&
      sameValue(key, original[property.name]);
    if (!byHand) instance[property.name] = key;
  });
}

async function saveChildren(
  session: Session,
  relation: RelationSchema,
  instance: Row,
  done: Set<object>,
): Promise<void> {
  const value = instance[relation.name];
  const children = (Array.isArray(value) ? value : value === null ? [] : [value]) as Row[];
  if (relation.through) {
    throw new ModelError(
      `Cannot cascade the save of ${relation.name}: a many-to-many relation is linked through a repository`,
      { hint: "use repository.update(id, { relation: { connect: … } })" },
    );
  }
  for (const child of children) {
    relation.foreign.forEach((property, i) => {
      child[property.name] = instance[relation.local[i]?.name ?? ""];
    });
    await saveGraph(session, relation.target, child, done);
  }
}

/** The values that the instance was read or last written with. */
function originalOf(entity: EntitySchema, instance: object): Row | undefined {
  const state = stateOf(instance);
  if (!state) return undefined;
  const values: Row = {};
  entity.properties.forEach((each, i) => values[each.name] = state.original(state.row, i));
  return values;
}

/** Costs nothing when nobody listens. */
function tell(session: Session, event: ModelEvent, instance: object): void {
  if (realTimeEmitter.listenerCount(event) === 0) return;
  session.afterCommit(() => void realTimeEmitter.emit(event, instance));
}

/** Gives whether there was anything to write. */
async function saveOne(session: Session, entity: EntitySchema, instance: Row): Promise<boolean> {
  const original = originalOf(entity, instance);
  if (!original) {
    if (entity.hooks.beforeValidate) await runHooks(entity, "beforeValidate", instance);
    if (entity.hooks.beforeInsert) await runHooks(entity, "beforeInsert", instance);
    const given = valuesOfInstance(entity, instance);
    const ready = await prepareInsert(entity, given, new Date(), false);
    adopt(session, entity, instance, await insertOne(session, entity, ready));
    if (entity.hooks.afterInsert) await runHooks(entity, "afterInsert", instance);
    return true;
  }
  const { version } = entity.roles;
  if (entity.hooks.beforeValidate) await runHooks(entity, "beforeValidate", instance);
  if (changesOf(entity, instance, original).length > 0 && entity.hooks.beforeUpdate) {
    await runHooks(entity, "beforeUpdate", instance);
  }
  const changed = changesOf(entity, instance, original);
  if (changed.length === 0) return false;
  const values = valuesOf(entity, pick(instance, changed));
  const ready = await prepareUpdate(entity, values, new Date(), false);
  const key = keyObject(entity, keyValues(entity, original));
  const stored = await updateOne(session, entity, key, ready, {
    before: original,
    version: version && original[version.name],
    withDeleted: true,
  });
  adopt(session, entity, instance, stored);
  if (entity.hooks.afterUpdate) await runHooks(entity, "afterUpdate", instance);
  return true;
}

function changesOf(entity: EntitySchema, instance: Row, original: Row): PropertySchema[] {
  return entity.properties.filter((each) =>
    !each.readonly && instance[each.name] !== undefined &&
    !sameValue(instance[each.name], original[each.name])
  );
}

/** Takes over what the database stored; a rollback takes it back. */
function adopt(session: Session, entity: EntitySchema, instance: Row, stored: Row): void {
  const names = entity.properties.filter((each) => !each.hidden).map((each) => each.name);
  const before = names.map((name) => instance[name]);
  const stateBefore = stateOf(instance);
  for (const name of names) instance[name] = stored[name];
  const state = stateOf(stored);
  if (state) markStored(instance, state);
  session.afterRollback(() => {
    if (stateBefore) markStored(instance, stateBefore);
    else forget(instance);
    // What was changed since then stays as its author wants it.
    names.forEach((name, i) => {
      if (Object.is(instance[name], stored[name])) instance[name] = before[i];
    });
  });
}

/**
 * Deletes a stored instance, softly where the model has a `deletedAt`.
 *
 * @throws {NotFoundError} when the record is not there any more
 * @throws {StaleObjectError} when it no longer has the version that was read
 */
export async function deleteInstance(session: Session, instance: object): Promise<void> {
  const entity = entityOfInstance(instance);
  const original = originalOf(entity, instance);
  if (!original) {
    throw new QueryError(`Cannot delete ${entity.name}: this instance is not stored`);
  }
  const remove = (tx: Session) => deleteOne(tx, entity, instance as Row, original);
  if (!entity.hooks.afterDelete) await remove(session);
  else await session.transaction(remove);
}

async function deleteOne(
  session: Session,
  entity: EntitySchema,
  instance: Row,
  original: Row,
): Promise<void> {
  const { deletedAt, version } = entity.roles;
  if (entity.hooks.beforeDelete) await runHooks(entity, "beforeDelete", instance);
  const key = keyValues(entity, pick(original, entity.primaryKey));
  const where = {
    ...keyObject(entity, key),
    ...version && { [version.name]: original[version.name] },
  };
  const count = await removeMany(session, entity, { where });
  if (count === 0) throw await missing(session, entity, key, version !== undefined, "delete");
  const before = { state: stateOf(instance), at: deletedAt && instance[deletedAt.name] };
  if (deletedAt) instance[deletedAt.name] = new Date();
  forget(instance);
  session.afterRollback(() => {
    if (before.state) markStored(instance, before.state);
    if (deletedAt) instance[deletedAt.name] = before.at;
  });
  if (entity.hooks.afterDelete) await runHooks(entity, "afterDelete", instance);
  tell(session, "delete", instance);
}
