/**
 * What `connectOrCreate` rests on: a record that is there, or a new one.
 *
 * @module
 */
import { UniqueViolationError } from "../base/errors.ts";
import type { Session } from "../engine/session.ts";
import type { EntitySchema } from "../schema/entity.ts";
import { findRecords } from "./find.ts";
import type { Dictionary, Row } from "./shape.ts";

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
