/**
 * `save()` and `delete()` of single instances: what models call.
 *
 * @module
 */
import { ModelError, QueryError } from "../base/errors.ts";
import type { Session } from "../engine/session.ts";
import { forget, markStored, stateOf } from "../model/state.ts";
import { entityOf } from "../model/registry.ts";
import type { ModelClass } from "../model/keys.ts";
import type { EntitySchema, PropertySchema, RelationSchema } from "../schema/entity.ts";
import { keyValues } from "./find.ts";
import { insertOne } from "./insert.ts";
import type { Row } from "./shape.ts";
import { notFound, prepareInsert, prepareUpdate, runHooks, sameValue, valuesOf } from "./record.ts";
import { removeMany } from "./remove.ts";
import { updateOne } from "./update.ts";
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
  if (!cascading || session.inTransaction) {
    await saveGraph(session, entity, instance as Row, new Set());
  } else await session.transaction((tx) => saveGraph(tx, entity, instance as Row, new Set()));
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
  await saveOne(session, entity, instance);
  for (const { hidden, name } of entity.properties) if (hidden) delete instance[name];
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
  if (related !== null && relation.cascade.save) {
    await saveGraph(session, relation.target, related, done);
  }
  const original = originalOf(entity, instance);
  relation.local.forEach((property, i) => {
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

async function saveOne(session: Session, entity: EntitySchema, instance: Row): Promise<void> {
  const original = originalOf(entity, instance);
  if (!original) {
    if (entity.hooks.beforeValidate) await runHooks(entity, "beforeValidate", instance);
    if (entity.hooks.beforeInsert) await runHooks(entity, "beforeInsert", instance);
    const ready = await prepareInsert(entity, valuesOf(entity, instance), new Date(), false);
    adopt(entity, instance, await insertOne(session, entity, ready));
    if (entity.hooks.afterInsert) await runHooks(entity, "afterInsert", instance);
    return;
  }
  const { version } = entity.roles;
  if (entity.hooks.beforeValidate) await runHooks(entity, "beforeValidate", instance);
  if (changesOf(entity, instance, original).length > 0 && entity.hooks.beforeUpdate) {
    await runHooks(entity, "beforeUpdate", instance);
  }
  const changed = changesOf(entity, instance, original);
  if (changed.length === 0) return;
  const values = Object.fromEntries(changed.map((each) => [each.name, instance[each.name]]));
  const ready = await prepareUpdate(entity, values, new Date(), false);
  const key = keyObject(entity, keyValues(entity, original));
  const stored = await updateOne(session, entity, key, ready, {
    before: original,
    version: version && original[version.name],
    withDeleted: true,
  });
  adopt(entity, instance, stored);
  if (entity.hooks.afterUpdate) await runHooks(entity, "afterUpdate", instance);
}

function changesOf(entity: EntitySchema, instance: Row, original: Row): PropertySchema[] {
  return entity.properties.filter((each) =>
    !each.readonly && instance[each.name] !== undefined &&
    !sameValue(instance[each.name], original[each.name])
  );
}

/** Takes over what the database stored. */
function adopt(entity: EntitySchema, instance: Row, stored: Row): void {
  for (const { hidden, name } of entity.properties) if (!hidden) instance[name] = stored[name];
  const state = stateOf(stored);
  if (state) markStored(instance, state);
}

/**
 * Deletes a stored instance, softly where the model has a `deletedAt`.
 *
 * @throws {NotFoundError} when the record is not there any more
 */
export async function deleteInstance(session: Session, instance: object): Promise<void> {
  const entity = entityOfInstance(instance);
  const original = originalOf(entity, instance);
  if (!original) {
    throw new QueryError(`Cannot delete ${entity.name}: this instance is not stored`);
  }
  const record = instance as Row;
  if (entity.hooks.beforeDelete) await runHooks(entity, "beforeDelete", record);
  const where = keyObject(entity, keyValues(entity, original));
  const count = await removeMany(session, entity, { where });
  if (count === 0) throw notFound(entity, "delete");
  const { deletedAt } = entity.roles;
  if (deletedAt) record[deletedAt.name] = new Date();
  forget(instance);
  if (entity.hooks.afterDelete) await runHooks(entity, "afterDelete", record);
}
