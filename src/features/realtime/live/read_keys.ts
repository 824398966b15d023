/**
 * Reads rows by their keys, whole, soft-deleted ones too.
 *
 * @module
 */
import { select } from "../../../ast/build.ts";
import type { Session } from "../../../engine/session.ts";
import { conditionShape } from "../../../repository/find.ts";
import { entityTable, whereAll } from "../../../repository/condition.ts";
import type { Level } from "../../../repository/level.ts";
import { planFor } from "../../../repository/plans.ts";
import type { EntitySchema } from "../../../schema/entity.ts";

/** Databases take no conditions of any length. */
const keysPerStatement = 200;

/** The rows of these keys, in the layout of `level`, in no order. */
export async function readByKeys(
  session: Session,
  entity: EntitySchema,
  level: Level,
  keys: readonly Readonly<Record<string, unknown>>[],
): Promise<(readonly unknown[])[]> {
  const rows: (readonly unknown[])[] = [];
  for (let at = 0; at < keys.length; at += keysPerStatement) {
    const some = keys.slice(at, at + keysPerStatement);
    const shape = conditionShape(entity, { where: whereOf(entity, some), withDeleted: true });
    const statement = planFor(session, entity, "live keys", shape.key, () => {
      const alias = "t";
      return session.prepare(select({
        selection: level.columns(alias),
        from: [entityTable(entity, alias)],
        ...whereAll(shape.expressions(alias)),
      }));
    });
    const result = await session.perform(statement, shape.values, { bigints: level.bigints });
    for (const row of result.rows) rows.push(row);
  }
  return rows;
}

function whereOf(
  { primaryKey }: EntitySchema,
  keys: readonly Readonly<Record<string, unknown>>[],
): Readonly<Record<string, unknown>> {
  const [only, ...more] = primaryKey;
  if (only && more.length === 0) return { [only.name]: { in: keys.map((key) => key[only.name]) } };
  return { OR: keys };
}
