/**
 * Deleting records: for good, or softly where the model has a `deletedAt`.
 *
 * @module
 */
import { binary, literal, slot } from "../ast/build.ts";
import type { DeleteNode, ExpressionNode, UpdateNode } from "../ast/nodes.ts";
import type { Session } from "../engine/session.ts";
import type { EntitySchema, RelationSchema } from "../schema/entity.ts";
import { entityTable, propertyColumn, whereAll } from "./condition.ts";
import { conditionShape, findRecords, keyValues, refuseUndefined } from "./find.ts";
import { planFor } from "./plans.ts";
import { runHooks } from "./record.ts";
import { recordKeys } from "./update.ts";
import type { Dictionary } from "./shape.ts";

/** How records are deleted. */
export interface DeleteOptions {
  /** Delete for good even where the model has soft delete. */
  readonly hard?: boolean;
}

/** How a delete is made by those who know what is around it. */
interface InnerOptions extends DeleteOptions {
  /** Part of a write that is all or nothing already. */
  readonly enclosed?: boolean;
}

/** Deletes all records of a filter, and what `cascade` passes the delete on to; gives how many there were. */
export async function removeMany(
  session: Session,
  entity: EntitySchema,
  filter: Dictionary,
  options: InnerOptions = {},
): Promise<number> {
  refuseUndefined(entity, filter, "delete");
  const cascades = [...entity.relations.values()].filter((each) =>
    each.cascade.delete && !each.owner && each.kind !== "many-to-many"
  );
  if (cascades.length === 0) return await removeRows(session, entity, filter, options);
  const run = async (tx: Session) => {
    for (const relation of cascades) await removeRelated(tx, entity, relation, filter, options);
    return await removeRows(tx, entity, filter, options);
  };
  return options.enclosed ? await run(session) : await session.transaction(run);
}

/**
 * Deletes the record with a key, with its hooks; gives whether it was there. Deleting for good reaches a
 * record too that is deleted softly already.
 *
 * @param options `where` is what the record must meet beside; as long as it does not, it is not there
 */
export async function removeRecord(
  session: Session,
  entity: EntitySchema,
  id: unknown,
  { where: beside, ...options }: DeleteOptions & { readonly where?: Dictionary } = {},
): Promise<boolean> {
  const key = keyValues(entity, id);
  const named = Object.fromEntries(entity.primaryKey.map((each, i) => [each.name, key[i]]));
  const where = beside ? { AND: [named, beside] } : named;
  const filter = { where, ...options.hard && { withDeleted: true } };
  const { beforeDelete, afterDelete } = entity.hooks;
  if (!beforeDelete && !afterDelete) {
    return await removeMany(session, entity, filter, options) > 0;
  }
  const run = async (tx: Session): Promise<boolean> => {
    const [record] = await findRecords(tx, entity, filter);
    if (!record) return false;
    await runHooks(entity, "beforeDelete", record);
    const found = await removeMany(tx, entity, filter, { ...options, enclosed: true }) > 0;
    if (found) await runHooks(entity, "afterDelete", record);
    return found;
  };
  return await session.transaction(run);
}

async function removeRelated(
  session: Session,
  entity: EntitySchema,
  relation: RelationSchema,
  filter: Dictionary,
  options: DeleteOptions,
): Promise<void> {
  const parents = await findRecords(session, entity, {
    ...filter,
    select: relation.local.map((each) => each.name),
  });
  if (parents.length === 0) return;
  const [foreign] = relation.foreign;
  const [local] = relation.local;
  const where = relation.foreign.length === 1 && foreign && local
    ? { [foreign.name]: { in: parents.map((parent) => parent[local.name]) } }
    : {
      OR: parents.map((parent) =>
        Object.fromEntries(
          relation.foreign.map((each, i) => [each.name, parent[relation.local[i]?.name ?? ""]]),
        )
      ),
    };
  // What points to a row that goes for good has to go for good as well.
  const hard = options.hard === true || !entity.roles.deletedAt;
  await removeMany(session, relation.target, { where, withDeleted: hard }, {
    hard,
    enclosed: true,
  });
}

async function removeRows(
  session: Session,
  entity: EntitySchema,
  filter: Dictionary,
  options: DeleteOptions,
): Promise<number> {
  const { deletedAt } = entity.roles;
  const soft = deletedAt !== undefined && options.hard !== true;
  const shape = conditionShape(entity, filter, soft ? [new Date()] : []);
  const followed = session.followed && entity.primaryKey.length > 0;
  const kind = `${soft ? "soft" : "hard"} delete${followed ? "|keys" : ""}`;
  const statement = planFor(session, entity, kind, shape.key, () => {
    const conditions = shape.expressions(entity.table.name);
    return session.prepare({
      ...soft ? softDelete(entity, conditions) : hardDelete(entity, conditions),
      ...followed && { returning: entity.primaryKey.map((each) => propertyColumn(each)) },
    });
  });
  const { rows, rowCount } = await session.perform(statement, shape.values);
  if (followed) recordKeys(session, entity, rows, { kind: "delete" });
  return rowCount;
}

function hardDelete(entity: EntitySchema, conditions: readonly ExpressionNode[]): DeleteNode {
  return { kind: "Delete", from: entityTable(entity), ...whereAll(conditions) };
}

function softDelete(entity: EntitySchema, conditions: readonly ExpressionNode[]): UpdateNode {
  const { deletedAt, version } = entity.roles;
  const set = [{
    kind: "Assignment" as const,
    column: deletedAt?.column.name ?? "",
    value: slot(0, deletedAt?.type) as ExpressionNode,
  }];
  if (version) {
    set.push({
      kind: "Assignment",
      column: version.column.name,
      value: binary(propertyColumn(version), "+", literal(1)),
    });
  }
  return { kind: "Update", table: entityTable(entity), set, ...whereAll(conditions) };
}
