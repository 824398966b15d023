/**
 * Inserting many records by the fastest form that the database has.
 *
 * @module
 */
import type { CompiledStatement } from "../dialect/dialect.ts";
import type { Session } from "../engine/session.ts";
import type { EntitySchema, PropertySchema } from "../schema/entity.ts";
import { type ColumnSet, valuesIn } from "./column_set.ts";
import { wholeLevel } from "./find.ts";
import { changeTo, insertNode, rowsPerStatement } from "./insert.ts";
import type { Level } from "./level.ts";
import { planFor } from "./plans.ts";
import type { Row } from "./shape.ts";
import { layoutOf, type Values } from "./values.ts";

/** Rows per statement where each column is one list. */
const rowsPerList = 20_000;
/** From so many rows on the database's own bulk format is faster than statements. */
const rowsToCopy = 1_000;

/** How many records are inserted. */
export interface InsertManyOptions {
  /** Give the stored records, in order; without it only their number is known. */
  readonly returning: boolean;
  /** Part of a write that is all or nothing already. */
  readonly enclosed: boolean;
}

/** Records that have values for the same columns. */
interface Group {
  readonly columns: ColumnSet;
  readonly records: Values[];
  /** Where they stand among all. */
  readonly at: number[];
}

/** Inserts many prepared records. All or nothing. */
export async function insertMany(
  session: Session,
  entity: EntitySchema,
  records: readonly Values[],
  { returning, enclosed }: InsertManyOptions,
): Promise<Row[]> {
  const readBack = returning || session.followed;
  const groups = grouped(entity, records);
  const stored: Row[] = new Array(readBack ? records.length : 0);
  const run = async (session: Session) => {
    for (const group of groups) {
      const rows = await insertGroup(session, entity, group, readBack);
      rows.forEach((row, i) => stored[group.at[i] as number] = row);
    }
    if (readBack && session.followed) {
      session.record(stored.map((each) => changeTo(entity, "insert", each)));
    }
  };
  if (enclosed || isOneStatement(session, groups, readBack)) await run(session);
  else await session.transaction(run);
  return returning ? stored : [];
}

function grouped(entity: EntitySchema, records: readonly Values[]): readonly Group[] {
  const sets = layoutOf(entity).columns;
  const groups = new Map<ColumnSet, Group>();
  let group: Group | undefined;
  for (let i = 0; i < records.length; i++) {
    const values = records[i] as Values;
    const columns = sets.of(values);
    if (group?.columns !== columns) {
      group = groups.get(columns);
      if (!group) groups.set(columns, group = { columns, records: [], at: [] });
    }
    group.records.push(values);
    group.at.push(i);
  }
  return [...groups.values()];
}

function isOneStatement(session: Session, groups: readonly Group[], readBack: boolean): boolean {
  const [only, ...more] = groups;
  if (!only) return true;
  if (more.length > 0) return false;
  const rows = only.records.length;
  if (!readBack && copied(session, rows)) return true;
  return rows <= (listable(session, only.columns.properties) ? rowsPerList : 1);
}

async function insertGroup(
  session: Session,
  entity: EntitySchema,
  group: Group,
  returning: boolean,
): Promise<Row[]> {
  if (!returning && copied(session, group.records.length)) {
    await copyGroup(session, entity, group);
    return [];
  }
  const level = returning ? wholeLevel(session, entity) : undefined;
  const stored: Row[] = [];
  const chunks = listable(session, group.columns.properties)
    ? listChunks(session, entity, group, level)
    : rowChunks(session, entity, group, level);
  const options = { bigints: level?.bigints ?? false };
  for (const { statement, values } of chunks) {
    const { rows } = await session.perform(statement, values, options);
    if (level) { for (const row of rows) stored.push(level.hydrate(row, [])); }
  }
  return stored;
}

function copied(session: Session, rows: number): boolean {
  return session.dialect.capabilities.supportsCopy && rows >= rowsToCopy;
}

async function copyGroup(
  session: Session,
  { table }: EntitySchema,
  { columns, records }: Group,
): Promise<void> {
  const target = {
    table: table.name,
    ...table.schema !== undefined && { schema: table.schema },
    columns: columns.properties.map((each) => ({ name: each.column.name, type: each.type })),
  };
  await session.copy(target, valuesOfAll(columns, records));
}

function* valuesOfAll(columns: ColumnSet, records: readonly Values[]): Generator<unknown[]> {
  for (const record of records) yield valuesIn(columns, record);
}

interface Chunk {
  readonly statement: CompiledStatement;
  readonly values: readonly unknown[];
}

function listable(session: Session, properties: readonly PropertySchema[]): boolean {
  return session.dialect.capabilities.bulkInsert === "lists" && properties.length > 0 &&
    properties.every((each) => !each.type.array);
}

function* listChunks(
  session: Session,
  entity: EntitySchema,
  { columns, records }: Group,
  level: Level | undefined,
): Generator<Chunk> {
  const kind = level ? "lists returning" : "lists";
  const statement = planFor(session, entity, kind, columns.key, () =>
    session.prepare({
      ...insertNode(entity, columns.properties, 0, level),
      source: {
        kind: "Lists",
        lists: columns.properties.map((each, i) => ({
          kind: "ListValue",
          values: { slot: i },
          type: each.type,
        })),
      },
    }));
  for (let at = 0; at < records.length; at += rowsPerList) {
    const chunk = records.slice(at, at + rowsPerList);
    yield { statement, values: columns.places.map((place) => chunk.map((each) => each[place])) };
  }
}

/** Chunks of a fixed size, then of ever smaller powers of two: few statements serve every number of rows. */
function* rowChunks(
  session: Session,
  entity: EntitySchema,
  { columns, records }: Group,
  level: Level | undefined,
): Generator<Chunk> {
  const { places, properties } = columns;
  const width = places.length;
  const { maxParameters } = session.dialect.capabilities;
  let size = width === 0 ? 1 : rowsPerStatement;
  while (size > 1 && size * width > maxParameters) size >>= 1;
  for (let at = 0; at < records.length;) {
    while (size > records.length - at) size >>= 1;
    const rows = size;
    const kind = `rows ${rows}${level ? " returning" : ""}`;
    const statement = planFor(
      session,
      entity,
      kind,
      columns.key,
      () => session.prepare(insertNode(entity, properties, rows, level)),
    );
    const values = new Array<unknown>(rows * width);
    let slot = 0;
    for (const end = at + rows; at < end; at++) {
      const record = records[at] as Values;
      for (let i = 0; i < width; i++) values[slot++] = record[places[i] as number];
    }
    yield { statement, values };
  }
}
