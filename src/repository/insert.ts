/**
 * Inserting records, one or many.
 *
 * @module
 */
import { slot, table } from "../ast/build.ts";
import type { InsertNode, OnConflictNode, TableNode } from "../ast/nodes.ts";
import { QueryError } from "../base/errors.ts";
import type { CompiledStatement } from "../dialect/dialect.ts";
import type { Session } from "../engine/session.ts";
import type { EntitySchema, PropertySchema } from "../schema/entity.ts";
import { entityTable } from "./condition.ts";
import { wholeLevel } from "./find.ts";
import type { Level } from "./level.ts";
import { planFor } from "./plans.ts";
import type { Row } from "./shape.ts";
import { pick } from "./record.ts";

/** Rows per statement where each value is a parameter of its own. */
const rowsPerStatement = 256;
/** Rows per statement where each column is one list. */
const rowsPerList = 20_000;
/** From so many rows on the database's own bulk format is faster than statements. */
const rowsToCopy = 1_000;

/** The properties that a record has values for, in the order of the entity. */
export function writtenProperties(entity: EntitySchema, values: Row): PropertySchema[] {
  return entity.properties.filter((each) => values[each.name] !== undefined);
}

/** Inserts one prepared record and gives the stored one. */
export async function insertOne(
  session: Session,
  entity: EntitySchema,
  values: Row,
): Promise<Row> {
  const properties = writtenProperties(entity, values);
  const plan = planFor(
    session,
    entity,
    "insert",
    properties.map((each) => each.name).join(),
    () => {
      const level = wholeLevel(session, entity);
      return { level, statement: session.prepare(insertNode(entity, properties, 1, level)) };
    },
  );
  const result = await session.perform(
    plan.statement,
    properties.map((each) => values[each.name]),
    { bigints: plan.level.bigints },
  );
  const [row] = result.rows;
  if (!row) throw new QueryError(`Cannot read back the new ${entity.name}: nothing was inserted`);
  const record = plan.level.hydrate(row, []);
  session.record([insertChange(entity, record)]);
  return record;
}

/** The change that an insert is told as. */
export function insertChange(
  entity: EntitySchema,
  record: Row,
): Parameters<Session["record"]>[0][0] {
  return {
    table: entity.table.name,
    model: entity.name,
    kind: "insert",
    key: pick(record, entity.primaryKey),
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

/** How many records are inserted. */
export interface InsertManyOptions {
  /** Give the stored records, in order; without it only their number is known. */
  readonly returning: boolean;
  /** Part of a write that is all or nothing already. */
  readonly enclosed: boolean;
}

/** Inserts many prepared records by the fastest form that the database has. All or nothing. */
export async function insertMany(
  session: Session,
  entity: EntitySchema,
  records: readonly Row[],
  { returning, enclosed }: InsertManyOptions,
): Promise<Row[]> {
  const readBack = returning || session.followed;
  const groups = new Map<string, { properties: PropertySchema[]; records: Row[]; at: number[] }>();
  records.forEach((record, i) => {
    let key = "";
    for (const { name } of entity.properties) key += record[name] === undefined ? "-" : "+";
    let group = groups.get(key);
    if (!group) {
      const properties = writtenProperties(entity, record);
      groups.set(key, group = { properties, records: [], at: [] });
    }
    group.records.push(record);
    group.at.push(i);
  });
  const stored: Row[] = new Array(readBack ? records.length : 0);
  const run = async (session: Session) => {
    for (const { properties, records: group, at } of groups.values()) {
      const rows = await insertGroup(session, entity, properties, group, readBack);
      rows.forEach((row, i) => stored[at[i] as number] = row);
    }
    if (readBack) session.record(stored.map((each) => insertChange(entity, each)));
  };
  const single = isOneStatement(session, [...groups.values()], readBack);
  if (enclosed || single) await run(session);
  else await session.transaction(run);
  return returning ? stored : [];
}

function isOneStatement(
  session: Session,
  groups: readonly {
    readonly properties: readonly PropertySchema[];
    readonly records: readonly Row[];
  }[],
  readBack: boolean,
): boolean {
  const [only] = groups;
  if (!only) return true;
  if (groups.length === 1 && !readBack && copied(session, only.records.length)) return true;
  const most = listable(session, only.properties) ? rowsPerList : 1;
  return groups.length === 1 && only.records.length <= most;
}

async function insertGroup(
  session: Session,
  entity: EntitySchema,
  properties: readonly PropertySchema[],
  records: readonly Row[],
  returning: boolean,
): Promise<Row[]> {
  if (!returning && copied(session, records.length)) {
    await copyGroup(session, entity, properties, records);
    return [];
  }
  const level = returning ? wholeLevel(session, entity) : undefined;
  const stored: Row[] = [];
  const chunks = listable(session, properties)
    ? listChunks(session, entity, properties, records, level)
    : rowChunks(session, entity, properties, records, level);
  for (const { statement, values } of chunks) {
    const { rows } = await session.perform(statement, values, { bigints: level?.bigints ?? false });
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
  properties: readonly PropertySchema[],
  records: readonly Row[],
): Promise<void> {
  const columns = properties.map((each) => ({ name: each.column.name, type: each.type }));
  const target = {
    table: table.name,
    ...table.schema !== undefined && { schema: table.schema },
    columns,
  };
  await session.copy(target, valuesOfAll(properties, records));
}

function* valuesOfAll(
  properties: readonly PropertySchema[],
  records: readonly Row[],
): Generator<unknown[]> {
  for (const record of records) yield properties.map((each) => record[each.name]);
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
  properties: readonly PropertySchema[],
  records: readonly Row[],
  level: Level | undefined,
): Generator<Chunk> {
  const names = properties.map((each) => each.name);
  const statement = planFor(
    session,
    entity,
    level ? "lists returning" : "lists",
    names.join(),
    () =>
      session.prepare({
        ...insertNode(entity, properties, 0, level),
        source: {
          kind: "Lists",
          lists: properties.map((each, i) => ({
            kind: "ListValue",
            values: { slot: i },
            type: each.type,
          })),
        },
      }),
  );
  for (let at = 0; at < records.length; at += rowsPerList) {
    const chunk = records.slice(at, at + rowsPerList);
    yield { statement, values: names.map((name) => chunk.map((each) => each[name])) };
  }
}

/** Chunks of a fixed size, then of ever smaller powers of two: few statements serve every number of rows. */
function* rowChunks(
  session: Session,
  entity: EntitySchema,
  properties: readonly PropertySchema[],
  records: readonly Row[],
  level: Level | undefined,
): Generator<Chunk> {
  const names = properties.map((each) => each.name);
  const { maxParameters } = session.dialect.capabilities;
  let size = names.length === 0 ? 1 : rowsPerStatement;
  while (size > 1 && size * names.length > maxParameters) size >>= 1;
  for (let at = 0; at < records.length;) {
    while (size > records.length - at) size >>= 1;
    const rows = size;
    const statement = planFor(
      session,
      entity,
      `rows ${rows}${level ? " returning" : ""}`,
      names.join(),
      () => session.prepare(insertNode(entity, properties, rows, level)),
    );
    const values: unknown[] = [];
    for (let i = at; i < at + rows; i++) {
      for (const name of names) values.push((records[i] as Row)[name]);
    }
    yield { statement, values };
    at += rows;
  }
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
