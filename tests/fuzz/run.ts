/**
 * The databases that fuzzers compare.
 *
 * @module
 */
import type { Database } from "../../src/database/database.ts";
import type { ModelClass } from "../../src/model/keys.ts";
import { targets } from "../targets/databases.ts";

/** All databases by name, with the tables of the models. */
export async function openAll(
  stack: AsyncDisposableStack,
  models: readonly ModelClass[],
): Promise<ReadonlyMap<string, Database>> {
  const dbs = new Map<string, Database>();
  for (const target of targets) {
    const { db } = stack.use(await target.open());
    await db.schema.create({ models });
    dbs.set(target.name, db);
  }
  return dbs;
}
