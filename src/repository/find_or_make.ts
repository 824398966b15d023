/**
 * What `connect` and `connectOrCreate` rest on: records that are there, or new ones.
 *
 * @module
 */
import { QueryError, UniqueViolationError } from "../base/errors.ts";
import type { Session } from "../engine/session.ts";
import type { EntitySchema, RelationSchema } from "../schema/entity.ts";
import { findRecords } from "./find.ts";
import { notFound } from "./record.ts";
import type { Dictionary, Row } from "./shape.ts";
import { uniqueKeys } from "./unique_keys.ts";

/**
 * The record that meets a condition, or what `make` gives where there is none. When somebody else makes the
 * same record meanwhile, the savepoint around `make` undoes the attempt, and it is theirs that counts.
 */
export async function findOrMake<T>(
  session: Session,
  target: EntitySchema,
  where: Dictionary,
  make: (inner: Session) => Promise<T>,
): Promise<Row | T> {
  const find = async (): Promise<Row | undefined> =>
    (await findRecords(session, target, { where, limit: 1 }))[0];
  const found = await find();
  if (found) return found;
  try {
    return await session.transaction(make);
  } catch (error) {
    const theirs = error instanceof UniqueViolationError ? await find() : undefined;
    if (theirs === undefined) throw error;
    return theirs;
  }
}

/** What is linked when it is there, and else made. */
export interface ConnectOrCreate {
  readonly where: Dictionary;
  readonly create: Dictionary;
}

/**
 * As `findOrMake` for many: those that are there in one statement, and the others in another where nobody makes
 * the same meanwhile.
 *
 * @param make makes all of these
 * @returns those that were there
 */
export async function findOrMakeEach(
  session: Session,
  target: EntitySchema,
  wanted: readonly ConnectOrCreate[],
  make: (inner: Session, inputs: readonly Dictionary[]) => Promise<void>,
): Promise<Row[]> {
  const oneByOne = async (each: ConnectOrCreate): Promise<Row | null> =>
    await findOrMake(session, target, each.where, async (inner) => {
      await make(inner, [each.create]);
      return null;
    });
  const name = sharedKey(target, wanted.map((each) => each.where));
  if (name === undefined) return present(await inTurn(wanted, oneByOne));
  const there = await findByColumn(session, target, name, wanted.map((each) => each.where));
  const known = new Map(there.map((record) => [record[name], record]));
  const missing = wanted.filter((each) => !known.has(each.where[name]));
  if (missing.length > 0) {
    try {
      await session.transaction((inner) => make(inner, missing.map((each) => each.create)));
    } catch (error) {
      if (!(error instanceof UniqueViolationError)) throw error;
      there.push(...present(await inTurn(missing, oneByOne)));
    }
  }
  return there;
}

/**
 * The records that these conditions name, each of which must match exactly one.
 *
 * @throws {NotFoundError} when one matches none
 * @throws {QueryError} when one matches several
 */
export async function findEach(
  session: Session,
  relation: RelationSchema,
  wheres: readonly Dictionary[],
): Promise<Row[]> {
  const name = sharedKey(relation.target, wheres);
  if (name !== undefined) {
    const found = await findByColumn(session, relation.target, name, wheres);
    if (found.length === new Set(wheres.map((where) => where[name])).size) return found;
  }
  // One by one, to tell which of them it is.
  return await inTurn(wheres, (where) => findExactlyOne(session, relation, where));
}

async function findExactlyOne(
  session: Session,
  relation: RelationSchema,
  where: Dictionary,
): Promise<Row> {
  const found = await findRecords(session, relation.target, { where, limit: 2 });
  const [only] = found;
  if (!only) throw notFound(relation.target, `link ${relation.name} to`);
  if (found.length > 1) {
    throw new QueryError(
      `Cannot link ${relation.name}: a condition matches more than one ${relation.target.name}`,
    );
  }
  return only;
}

/** The unique column that each of several conditions gives a plain value for, and nothing else. */
function sharedKey(target: EntitySchema, wheres: readonly Dictionary[]): string | undefined {
  if (wheres.length < 2) return undefined;
  const [name = ""] = Object.keys(wheres[0] as Dictionary);
  const unique = uniqueKeys(target).some((key) => key.length === 1 && key[0] === name);
  const shared = unique &&
    wheres.every((where) => Object.keys(where).join() === name && plain.has(typeof where[name]));
  return shared ? name : undefined;
}

const plain: ReadonlySet<string> = new Set(["string", "number", "bigint"]);

function findByColumn(
  session: Session,
  target: EntitySchema,
  name: string,
  wheres: readonly Dictionary[],
): Promise<Row[]> {
  const values = new Set(wheres.map((where) => where[name]));
  return findRecords(session, target, { where: { [name]: { in: [...values] } } });
}

async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

function present(records: readonly (Row | null)[]): Row[] {
  return records.filter((record) => record !== null);
}
