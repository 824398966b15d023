/**
 * Inserting one record, and links between records.
 *
 * @module
 */
import { slot, table } from "../ast/build.ts";
import type { InsertNode, OnConflictNode, TableNode } from "../ast/nodes.ts";
import { QueryError } from "../base/errors.ts";
import type { Change } from "../change/change.ts";
import type { Session } from "../engine/session.ts";
import type { EntitySchema, PropertySchema } from "../schema/entity.ts";
import { entityTable } from "./condition.ts";
import { wholeLevel } from "./find.ts";
import type { Level } from "./level.ts";
import { planFor } from "./plans.ts";
import type { Row } from "./shape.ts";
import { pick } from "./record.ts";
import { valuesIn } from "./column_set.ts";
import { layoutOf, type Values } from "./values.ts";

/** Rows per statement where each value is a parameter of its own. */
export const rowsPerStatement = 256;

/** Inserts one prepared record and gives the stored one. */
export async function insertOne(
  session: Session,
  entity: EntitySchema,
  values: Values,
): Promise<Row> {
  const columns = layoutOf(entity).columns.of(values);
  const plan = planFor(session, entity, "insert", columns.key, () => {
    const level = wholeLevel(session, entity);
    const statement = session.prepare(insertNode(entity, columns.properties, 1, level));
    return { level, statement, options: { bigints: level.bigints } };
  });
  const { rows: [row] } = await session.perform(
    plan.statement,
    valuesIn(columns, values),
    plan.options,
  );
  if (!row) throw new QueryError(`Cannot read back the new ${entity.name}: nothing was inserted`);
  const record = plan.level.hydrate(row, []);
  if (session.followed) session.record([changeTo(entity, "insert", record)]);
  return record;
}

/** The change that the writing of a record is told as. */
export function changeTo(
  entity: EntitySchema,
  kind: "insert" | "update",
  record: Row,
  before?: Row,
): Change {
  return {
    table: entity.table.name,
    model: entity.name,
    kind,
    key: pick(record, entity.primaryKey),
    ...before && { before },
    after: pick(record, entity.properties.filter((each) => !each.hidden)),
  };
}

/** `INSERT` of so many rows, each value in a slot of its own. */
export function insertNode(
  entity: EntitySchema,
  properties: readonly PropertySchema[],
  rows: number,
  returning: Level | undefined,
  onConflict?: OnConflictNode,
): InsertNode {
  const source: InsertNode["source"] = properties.length === 0 ? { kind: "Defaults" } : {
    kind: "Rows",
    rows: Array.from(
      { length: rows },
      (_, row) => properties.map((each, i) => slot(row * properties.length + i, each.type)),
    ),
  };
  return {
    kind: "Insert",
    into: entityTable(entity),
    columns: properties.map((each) => each.column.name),
    source,
    ...overriding(properties),
    ...onConflict && { onConflict },
    ...returning && { returning: returning.columns(undefined) },
  };
}

function overriding(properties: readonly PropertySchema[]): { overriding?: true } {
  return properties.some((each) => each.column.identity === "always") ? { overriding: true } : {};
}

/** The join table of a many-to-many relation, as a node. */
export function linkTable(name: string, schema?: string): TableNode {
  return table(name, undefined, schema);
}

/** Writes pairs into a join table; pairs that are there already stay as they are. */
export async function insertLinks(
  session: Session,
  into: TableNode,
  columns: readonly { readonly name: string; readonly property: PropertySchema }[],
  rows: readonly (readonly unknown[])[],
): Promise<void> {
  const perStatement = Math.max(
    1,
    Math.min(
      rowsPerStatement,
      Math.floor(session.dialect.capabilities.maxParameters / columns.length),
    ),
  );
  for (let at = 0; at < rows.length; at += perStatement) {
    const chunk = rows.slice(at, at + perStatement);
    const node: InsertNode = {
      kind: "Insert",
      into,
      columns: columns.map((each) => each.name),
      source: {
        kind: "Rows",
        rows: chunk.map((_, row) =>
          columns.map((each, i) => slot(row * columns.length + i, each.property.type))
        ),
      },
      onConflict: { kind: "OnConflict", columns: [] },
    };
    await session.perform(session.prepare(node), chunk.flat());
  }
}
