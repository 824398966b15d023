/**
 * Writes for somebody else: each in one transaction, in which the policies are part of the statements.
 *
 * A record that the policies do not show is not there. What a record is after a write is checked too, and so is what it
 * points to: a foreign key can only be set to a record that may be seen. What fails leaves nothing behind.
 *
 * @module
 */
import type { RunOptions } from "../../ast/executor.ts";
import {
  ForbiddenError,
  ForeignKeyViolationError,
  NotFoundError,
  StaleObjectError,
} from "../../base/errors.ts";
import type { BatchMark, ChangeSource } from "../../change/source.ts";
import type { Session } from "../../engine/session.ts";
import type { EntitySchema, RelationSchema } from "../../schema/entity.ts";
import { countRecords, findRecords, keyValues } from "../find.ts";
import { limited } from "../limited_session.ts";
import { notFound, pick } from "../record.ts";
import { removeRecord } from "../remove.ts";
import { type Dictionary, isDictionary, type Row } from "../shape.ts";
import { createRecord, keyObject, updateRecord } from "../write.ts";
import { columnNamed, type Condition, forbidden, nobody, Visitor } from "./access.ts";
import type { Policies } from "./policies.ts";
import type { WriteKind } from "./policy.ts";
import { both, Restriction } from "./restrict.ts";

/** How a write for somebody else is made. */
export interface AllowedWriteOptions extends RunOptions {
  /** Tells where in its stream the write will come, for those who wait until it was told. */
  readonly source?: Pick<ChangeSource, "markOf">;
}

/** What came of a write for somebody else. */
export interface AllowedWrite {
  /** The primary key by property, where the record may be seen. */
  readonly key?: Readonly<Record<string, unknown>>;
  /** What of the record may be seen; absent for deletes, and where it may not be seen. */
  readonly row?: Readonly<Record<string, unknown>>;
  /** Tells the batch of the transaction, where a source was given. */
  readonly mark?: Partial<BatchMark>;
}

/**
 * Makes a record with values from somebody else.
 *
 * @param context whatever tells the policies who asks
 * @param values by property; only columns, no nested writes
 * @throws {ForbiddenError} when the policies do not allow it: the model, a column, the record as it would be stored, or a
 *   record that it would point to
 * @throws {ValidationError} when values do not meet the model's rules
 */
export async function createAllowed<C>(
  session: Session,
  policies: Policies<C>,
  context: C,
  entity: EntitySchema,
  values: Readonly<Record<string, unknown>>,
  options: AllowedWriteOptions = {},
): Promise<AllowedWrite> {
  const visitor = new Visitor(policies, context);
  const names = writableNames(visitor, entity, values, "create");
  const whole = { ...values, ...visitor.preset(entity) };
  const records = visitor.allowed(entity, "create", Object.freeze({ ...whole }));
  if (records === nobody || entity.primaryKey.length === 0) throw forbidden("create", entity);
  return await inTransaction(session, options, async (tx) => {
    const { checked, tied } = pointingTo(visitor, entity, names);
    const record = await guarded(tied, entity, "create", () => createRecord(tx, entity, whole));
    await expectAllowed(tx, entity, record, [records, ...checked(record)], "create");
    return await shown(tx, visitor, entity, record);
  });
}

/**
 * Changes a record with values from somebody else. With a version column, giving the version that was read makes it a
 * check.
 *
 * @param context whatever tells the policies who asks
 * @param id the primary key, as a repository takes it
 * @param values by property; only columns, no nested writes
 * @throws {NotFoundError} when there is no such record that may be seen
 * @throws {ForbiddenError} when it may be seen, but not changed so
 * @throws {StaleObjectError} when it no longer has the given version
 * @throws {ValidationError} when values do not meet the model's rules
 */
export async function updateAllowed<C>(
  session: Session,
  policies: Policies<C>,
  context: C,
  entity: EntitySchema,
  id: unknown,
  values: Readonly<Record<string, unknown>>,
  options: AllowedWriteOptions = {},
): Promise<AllowedWrite> {
  const visitor = new Visitor(policies, context);
  const names = writableNames(visitor, entity, values, "update");
  const seen = visitor.access(entity).records;
  const before = visitor.allowed(entity, "update");
  const after = visitor.allowed(entity, "updateTo");
  const where = all([seen, before]);
  const key = keyObject(entity, keyValues(entity, id));
  return await inTransaction(session, options, async (tx) => {
    const { checked, tied } = pointingTo(visitor, entity, names);
    const update = () => updateRecord(tx, entity, key, values, where === true ? {} : { where });
    const record = await guarded(tied, entity, "update", update).catch(async (error) => {
      if (!(error instanceof NotFoundError || error instanceof StaleObjectError)) throw error;
      throw await refusal(tx, entity, key, { seen, allowed: before, what: "update" }) ?? error;
    });
    await expectAllowed(tx, entity, record, [after, ...checked(record)], "update");
    return await shown(tx, visitor, entity, record);
  });
}

/**
 * Deletes a record for somebody else (softly where the model has a `deletedAt`). What the database or `cascade` deletes
 * with it is not asked about.
 *
 * @param context whatever tells the policies who asks
 * @param id the primary key, as a repository takes it
 * @throws {NotFoundError} when there is no such record that may be seen
 * @throws {ForbiddenError} when it may be seen, but not deleted
 */
export async function deleteAllowed<C>(
  session: Session,
  policies: Policies<C>,
  context: C,
  entity: EntitySchema,
  id: unknown,
  options: AllowedWriteOptions = {},
): Promise<AllowedWrite> {
  const visitor = new Visitor(policies, context);
  const seen = visitor.access(entity).records;
  const allowed = visitor.allowed(entity, "delete");
  const where = all([seen, allowed]);
  const key = keyObject(entity, keyValues(entity, id));
  return await inTransaction(session, options, async (tx) => {
    if (!await removeRecord(tx, entity, key, where === true ? {} : { where })) {
      throw await refusal(tx, entity, key, { seen, allowed, what: "delete" }) ??
        notFound(entity, "delete");
    }
    return { key };
  });
}

async function inTransaction(
  session: Session,
  { source, ...options }: AllowedWriteOptions,
  work: (tx: Session) => Promise<AllowedWrite>,
): Promise<AllowedWrite> {
  let markOf: (() => Partial<BatchMark>) | undefined;
  const result = await limited(session, options).transaction(async (tx) => {
    const done = await work(tx);
    markOf = await source?.markOf(tx);
    return done;
  });
  return markOf ? { ...result, mark: markOf() } : result;
}

/** The names of the columns that are written, all of which may be. A version is a check, and no value. */
function writableNames<C>(
  visitor: Visitor<C>,
  entity: EntitySchema,
  values: Dictionary,
  write: WriteKind,
): readonly string[] {
  const writable = visitor.writable(entity, write);
  const version = write === "update" ? entity.roles.version?.name : undefined;
  const names = isDictionary(values)
    ? Object.keys(values).filter((name) => values[name] !== undefined)
    : [];
  for (const name of names) {
    if (name === version || (columnNamed(entity, name) && writable.has(name))) continue;
    // Whether there is such a name is not told: what cannot be written is as if it were not there.
    throw forbidden(write, entity, ` with ${JSON.stringify(name)}`);
  }
  return names;
}

interface Pointing {
  /** What has to hold of a record that was written. */
  readonly checked: (record: Row) => Condition[];
  /** Whether a foreign key that leads nowhere would tell which records there are. */
  readonly tied: boolean;
}

/** The relations whose foreign keys are written lead to records that may be seen. */
function pointingTo<C>(
  visitor: Visitor<C>,
  entity: EntitySchema,
  names: readonly string[],
): Pointing {
  const written = [...entity.relations.values()].filter((each) =>
    each.owner && each.local.some(({ name }) => names.includes(name))
  );
  const partly = written.filter((each) => visitor.access(each.target).records !== true);
  return { checked: (record) => leads(visitor, partly, record), tied: partly.length > 0 };
}

function leads<C>(
  visitor: Visitor<C>,
  relations: readonly RelationSchema[],
  record: Row,
): Condition[] {
  return relations
    .filter(({ local }) => local.every(({ name }) => (record[name] ?? null) !== null))
    .map(({ name, target }) => ({ [name]: { is: visitor.access(target).records } }));
}

/** A foreign key that leads nowhere is refused as one that leads to what may not be seen. */
async function guarded<T>(
  tied: boolean,
  entity: EntitySchema,
  what: string,
  write: () => Promise<T>,
): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw tied && error instanceof ForeignKeyViolationError ? notAllowed(entity, what) : error;
  }
}

/** Expects that the stored record is as a policy wants it. */
async function expectAllowed(
  tx: Session,
  entity: EntitySchema,
  record: Row,
  conditions: readonly Condition[],
  what: string,
): Promise<void> {
  const wanted = all(conditions);
  if (wanted === true) return;
  const where = both(pick(record, entity.primaryKey), wanted);
  if (await countRecords(tx, entity, { where, withDeleted: true }) === 0) {
    throw notAllowed(entity, what);
  }
}

function notAllowed(entity: EntitySchema, what: string): ForbiddenError {
  return new ForbiddenError(
    `Cannot ${what} ${entity.name}: no policy allows the record that it would be, or it points to one that cannot be seen`,
  );
}

/** Why a record was not written: it cannot be seen, or not be written; nothing where both are allowed. */
async function refusal(
  tx: Session,
  entity: EntitySchema,
  key: Row,
  { seen, allowed, what }: {
    readonly seen: Condition;
    readonly allowed: Condition;
    readonly what: string;
  },
): Promise<Error | undefined> {
  const count = (records: Condition) => countRecords(tx, entity, { where: both(key, records) });
  if (await count(seen) === 0) return notFound(entity, what);
  return await count(all([seen, allowed])) === 0 ? forbidden(what, entity) : undefined;
}

/** What of a stored record may be seen. */
async function shown<C>(
  tx: Session,
  visitor: Visitor<C>,
  entity: EntitySchema,
  record: Row,
): Promise<AllowedWrite> {
  if (visitor.policy(entity, "read").read === undefined) return {};
  const key = pick(record, entity.primaryKey);
  const query = new Restriction(visitor).query(entity, { where: key });
  const [row] = await findRecords(tx, entity, query);
  return row ? { key, row } : {};
}

/** All of these conditions. */
function all(conditions: readonly Condition[]): Condition {
  const some = conditions.filter((each) => each !== true);
  return some.length === 0 ? true : some.length === 1 ? some[0] as Dictionary : { AND: some };
}
