/**
 * Writing whole records: with their defaults, hooks and validation, and with all that is nested in them.
 *
 * @module
 */
import { binary, column, literal } from "../ast/build.ts";
import type { OnConflictNode } from "../ast/nodes.ts";
import { QueryError, ValidationError } from "../base/errors.ts";
import type { Session } from "../engine/session.ts";
import type { EntitySchema, PropertySchema } from "../schema/entity.ts";
import { propertyColumn } from "./condition.ts";
import { countRecords, keyValues, wholeLevel } from "./find.ts";
import { changeTo, insertNode, insertOne } from "./insert.ts";
import { BulkInsert } from "./insert_many.ts";
import type { Creators } from "./links.ts";
import { ownedKeys, writeRelated } from "./nested.ts";
import { uniqueKeys } from "./unique_keys.ts";
import { planFor } from "./plans.ts";
import { inRow, prepareInsert, prepareInserts, prepareUpdate, runHooks } from "./record.ts";
import { type Dictionary, isDictionary, type Row } from "./shape.ts";
import { setsKey, updateOne, type UpdateOptions } from "./update.ts";
import { assign, hasRelations, layoutOf, takeApart, type Values } from "./values.ts";
import { type ColumnSet, valuesIn } from "./column_set.ts";

const creators: Creators = {
  create: (session, entity, input) => createRecord(session, entity, input, true),
  createMany: (session, entity, inputs, returning) =>
    createRecords(session, entity, inputs, returning, true),
};

/**
 * Makes a record, with all that is nested in it, and gives the stored one. What fails leaves nothing behind, in
 * a transaction of the caller too: there it is a savepoint.
 *
 * @param enclosed part of a write that is all or nothing already
 */
export async function createRecord(
  session: Session,
  entity: EntitySchema,
  input: unknown,
  enclosed = false,
): Promise<Row> {
  const { values, relations } = takeApart(entity, input, "create");
  const write = async (tx: Session): Promise<Row> => {
    for (const [relation, nested] of relations) {
      if (relation.owner) {
        assign(entity, values, await ownedKeys(tx, relation, nested, false, creators));
      }
    }
    // Where nothing has to be waited for, the statement is sent before the caller goes on.
    const prepared = prepareInsert(entity, values, new Date());
    const ready = prepared instanceof Promise ? await prepared : prepared;
    const record = await insertOne(tx, entity, ready);
    for (const [relation, nested] of relations) {
      if (!relation.owner) await writeRelated(tx, relation, record, nested, false, creators);
    }
    if (entity.hooks.afterInsert) await runHooks(entity, "afterInsert", record);
    return record;
  };
  return enclosed || relations.length === 0 && !entity.hooks.afterInsert
    ? await write(session)
    : await session.transaction(write);
}

/**
 * Makes many records; all or none. Gives the stored ones when they are asked for.
 *
 * @param enclosed part of a write that is all or nothing already
 * @throws {ValidationError} of all of them together; unless enclosed, its paths begin with the place in `inputs`
 */
export async function createRecords(
  session: Session,
  entity: EntitySchema,
  inputs: readonly unknown[],
  returning: boolean,
  enclosed = false,
): Promise<Row[]> {
  const numbered = !enclosed;
  const nested = entity.relations.size > 0 && inputs.some((each) => hasRelations(entity, each));
  if (nested || entity.hooks.afterInsert) {
    const each = (tx: Session) => createEach(tx, entity, inputs, numbered);
    return enclosed ? await each(session) : await session.transaction(each);
  }
  const bulk = new BulkInsert(session, entity, returning);
  const take = (values: Values) => bulk.add(values);
  await prepareInserts(entity, inputs, new Date(), { numbered, take });
  return await bulk.run(enclosed);
}

/** One by one: each needs what was stored of it before what hangs on it can be written. */
async function createEach(
  session: Session,
  entity: EntitySchema,
  inputs: readonly unknown[],
  numbered: boolean,
): Promise<Row[]> {
  const records: Row[] = [];
  for (const [row, input] of inputs.entries()) {
    try {
      records.push(await createRecord(session, entity, input, true));
    } catch (error) {
      if (!numbered || !(error instanceof ValidationError)) throw error;
      throw new ValidationError(entity.name, inRow(row, error.issues), { cause: error });
    }
  }
  return records;
}

/** Changes a record, with all that is nested in it, and gives the stored one. */
export async function updateRecord(
  session: Session,
  entity: EntitySchema,
  id: unknown,
  input: unknown,
  options: UpdateOptions = {},
): Promise<Row> {
  const key = keyValues(entity, id);
  const { values, relations } = takeApart(entity, input, "update");
  const { version } = entity.roles;
  const expected = version && values[layoutOf(entity).places.get(version.name) as number];
  const write = async (tx: Session): Promise<Row> => {
    for (const [relation, nested] of relations) {
      if (relation.owner) {
        assign(entity, values, await ownedKeys(tx, relation, nested, true, creators));
      }
    }
    const prepared = prepareUpdate(entity, values, new Date());
    const ready = prepared instanceof Promise ? await prepared : prepared;
    const record = await updateOne(tx, entity, keyObject(entity, key), ready, {
      version: expected,
      ...options,
    });
    for (const [relation, nested] of relations) {
      if (!relation.owner) await writeRelated(tx, relation, record, nested, true, creators);
    }
    if (entity.hooks.afterUpdate) await runHooks(entity, "afterUpdate", record);
    return record;
  };
  return relations.length === 0 && !entity.hooks.afterUpdate
    ? await write(session)
    : await session.transaction(write);
}

/** A key as an object by property. */
export function keyObject(entity: EntitySchema, key: readonly unknown[]): Row {
  return Object.fromEntries(entity.primaryKey.map((each, i) => [each.name, key[i]]));
}

/**
 * Makes a record, or changes the one that has the same unique key: one statement, safe against others that
 * do the same at the same time.
 */
export async function upsertRecord(
  session: Session,
  entity: EntitySchema,
  query: { readonly where: Dictionary; readonly create: unknown; readonly update: unknown },
): Promise<Row> {
  const unique = uniqueProperties(entity, query.where);
  const created = takeApart(entity, query.create, "upsert");
  const updated = takeApart(entity, query.update, "upsert");
  if (created.relations.length + updated.relations.length > 0) {
    throw new QueryError(
      `Cannot upsert ${entity.name} with nested writes: they need to know which it is`,
    );
  }
  const now = new Date();
  for (const { name } of unique) {
    const place = layoutOf(entity).places.get(name) as number;
    if (created.values[place] === undefined) created.values[place] = query.where[name];
  }
  const insert = await prepareInsert(entity, created.values, now);
  const update = updated.values.some((value) => value !== undefined)
    ? await prepareUpdate(entity, updated.values, now)
    : updated.values;
  const write = (tx: Session) => upsertOne(tx, entity, unique, insert, update);
  if (!session.followed) return await write(session);
  // Only those who follow changes want to know which it was, and pay for looking.
  return await session.transaction(async (tx) => {
    const where = Object.fromEntries(unique.map(({ name }) => [name, { eq: query.where[name] }]));
    const there = await countRecords(tx, entity, { where, withDeleted: true });
    const record = await write(tx);
    tx.record([changeTo(entity, there > 0 ? "update" : "insert", record)]);
    // The key that it had is not known any more.
    if (there > 0 && setsKey(layoutOf(entity).columns.of(update).properties)) {
      tx.recordUnseen([entity.table.name]);
    }
    return record;
  });
}

async function upsertOne(
  session: Session,
  entity: EntitySchema,
  unique: readonly PropertySchema[],
  insert: Values,
  update: Values,
): Promise<Row> {
  const { columns, places } = layoutOf(entity);
  const { version } = entity.roles;
  if (version) update[places.get(version.name) as number] = undefined;
  const inserted = columns.of(insert);
  const changed = columns.of(update);
  const key = `${unique.map(({ name }) => name).join()}${inserted.key}${changed.key}`;
  const plan = planFor(session, entity, "upsert", key, () => {
    const level = wholeLevel(session, entity);
    const onConflict = conflict(entity, unique, changed, inserted.places.length);
    const node = insertNode(entity, inserted.properties, 1, level, onConflict);
    return { level, statement: session.prepare(node), options: { bigints: level.bigints } };
  });
  const values = [...valuesIn(inserted, insert), ...valuesIn(changed, update)];
  const { rows } = await session.perform(plan.statement, values, plan.options);
  return plan.level.hydrate(rows[0] as unknown[], []);
}

function conflict(
  entity: EntitySchema,
  unique: readonly PropertySchema[],
  changed: ColumnSet,
  first: number,
): OnConflictNode {
  const table = entity.table.name;
  const { version } = entity.roles;
  const set = changed.properties.map((each, i) => ({
    kind: "Assignment" as const,
    column: each.column.name,
    value: { kind: "Slot" as const, index: first + i, type: each.type },
  }));
  const counted = version && set.length > 0
    ? [{
      kind: "Assignment" as const,
      column: version.column.name,
      value: binary(propertyColumn(version, table), "+", literal(1)),
    }]
    : [];
  // A record that is deleted softly and upserted is wanted again.
  const { deletedAt } = entity.roles;
  const restored = deletedAt && !changed.properties.includes(deletedAt)
    ? [{ kind: "Assignment" as const, column: deletedAt.column.name, value: literal(null) }]
    : [];
  // Setting a key column to itself makes the database return the row that is there.
  const kept = unique.slice(0, 1).map((each) => ({
    kind: "Assignment" as const,
    column: each.column.name,
    value: column(each.column.name, table),
  }));
  return {
    kind: "OnConflict",
    columns: unique.map((each) => each.column.name),
    set: [...set.length > 0 ? [...set, ...counted] : kept, ...restored],
  };
}

function uniqueProperties(entity: EntitySchema, where: Dictionary): PropertySchema[] {
  const names = Object.keys(where);
  for (const name of names) {
    const json = entity.byName.get(name)?.type.name.startsWith("json");
    if (isDictionary(where[name]) && !json) {
      throw new QueryError(`Cannot upsert ${entity.name}: where.${name} must be a plain value`);
    }
  }
  const keys = uniqueKeys(entity);
  const found = keys.find((key) =>
    key.length === names.length &&
    key.every((each) => where[each] !== undefined && where[each] !== null)
  );
  if (!found) {
    throw new QueryError(
      `Cannot upsert ${entity.name}: where must name the columns of a unique key, which are ${
        keys.map((key) => `(${key.join(", ")})`).join(" or ")
      }`,
    );
  }
  return found.map((name) => entity.byName.get(name) as PropertySchema);
}
