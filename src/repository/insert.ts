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
import type { TableSchema } from "../schema/table.ts";
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
  const source: InsertNode["source"] = properties.length === 0
    ? { kind: "Defaults" }
    : rowSource(properties, rows);
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

/** A column of a join table, with the property whose values it holds. */
export interface LinkColumn {
  readonly name: string;
  readonly property: PropertySchema;
}

/**
 * Writes pairs into a join table; pairs that are there already stay as they are.
 *
 * @param target the entity at the far end, by which the plans are kept
 */
export async function insertLinks(
  session: Session,
  target: EntitySchema,
  { name, schema }: TableSchema,
  columns: readonly LinkColumn[],
  pairs: readonly (readonly unknown[])[],
): Promise<void> {
  const { bulkInsert, maxParameters } = session.dialect.capabilities;
  const properties = columns.map((each) => each.property);
  const link = (kind: string, source: () => InsertNode["source"]) =>
    planFor(
      session,
      target,
      `${kind} ${schema ?? ""}.${name}`,
      columns[0]?.name ?? "",
      () =>
        session.prepare({
          kind: "Insert",
          into: linkTable(name, schema),
          columns: columns.map((each) => each.name),
          source: source(),
          onConflict: { kind: "OnConflict", columns: [] },
        }),
    );
  if (bulkInsert === "lists") {
    const lists = columns.map((_, i) => pairs.map((pair) => pair[i]));
    await session.perform(link("link lists", () => listSource(properties)), lists);
    return;
  }
  let rows = rowsPerStatement;
  while (rows > 1 && rows * columns.length > maxParameters) rows >>= 1;
  for (let at = 0; at < pairs.length; at += rows) {
    while (rows > pairs.length - at) rows >>= 1;
    const statement = link(`link ${rows}`, () => rowSource(properties, rows));
    await session.perform(statement, pairs.slice(at, at + rows).flat());
  }
}

/** Rows that come as a list for each column; the lists are in the slots. */
export function listSource(values: readonly PropertySchema[]): InsertNode["source"] {
  return {
    kind: "Lists",
    lists: values.map(({ type }, i) => ({ kind: "ListValue", values: { slot: i }, type })),
  };
}

function rowSource(values: readonly PropertySchema[], rows: number): InsertNode["source"] {
  const width = values.length;
  return {
    kind: "Rows",
    rows: Array.from(
      { length: rows },
      (_, row) => values.map(({ type }, i) => slot(row * width + i, type)),
    ),
  };
}
