/**
 * The log of changes: which tables write into it.
 *
 * @module
 */
import { UnsupportedError } from "../base/errors.ts";
import type { SourceConnection } from "../change/source.ts";
import type { ChangeLog, LoggedTable, LogGuard } from "../dialect/change_support.ts";
import type { Dialect } from "../dialect/dialect.ts";
import type { Session } from "../engine/session.ts";
import type { ModelClass } from "../model/keys.ts";
import { entityOf, ModelRegistry } from "../model/registry.ts";
import { tablesOf } from "../model/tables.ts";
import { type DatabaseSchema, nameKey, type QualifiedName } from "../schema/database_schema.ts";

/** A table by its name, or by the model whose table it is, with the join tables of its relations. */
export type FollowedTable = string | QualifiedName | ModelClass;

/** What the names of the log's own tables, triggers, functions and sequences begin with. */
const own = "_rex_changes";

/**
 * Logs the changes of tables from now on. Has to run inside a transaction.
 *
 * @throws {UnsupportedError} when the database has no log of changes
 */
export async function followTables(
  dialect: Dialect,
  connection: SourceConnection,
  tables: readonly LoggedTable[],
): Promise<void> {
  const log = await logOf(dialect);
  await log.create(connection, tables);
}

/**
 * Ends the logging of tables; left out: of all, and removes the log. Has to run inside a transaction.
 *
 * @throws {UnsupportedError} when the database has no log of changes
 */
export async function unfollowTables(
  dialect: Dialect,
  connection: SourceConnection,
  tables?: readonly LoggedTable[],
): Promise<void> {
  const log = await logOf(dialect);
  await log.drop(connection, tables);
}

/** The tables that are meant, each once; left out: those of all models. */
export function followedTables(tables?: readonly FollowedTable[]): LoggedTable[] {
  const found = new Map<string, LoggedTable>();
  for (const each of tables ?? ModelRegistry.getAllModels()) {
    const names = typeof each === "function" ? tablesOf([entityOf(each)]) : [each];
    for (const name of names) {
      const table = typeof name === "string" ? { name } : logged(name);
      found.set(nameKey(table), table);
    }
  }
  return [...found.values()];
}

function logged({ name, schema }: QualifiedName): LoggedTable {
  return { name, ...schema !== undefined && { schema } };
}

/** Looks after the log while a transaction changes the schema; absent where it need not be looked after. */
export async function logGuard(dialect: Dialect): Promise<LogGuard | undefined> {
  const support = await dialect.changeSupport?.();
  return support?.log.guard?.();
}

/** Sends statements that change the schema, while the log is looked after. */
export async function sendGuarded(session: Session, statements: readonly string[]): Promise<void> {
  const guard = await logGuard(session.dialect);
  const send = async (connection: SourceConnection) => {
    for (const sql of statements) {
      await guard?.before(connection, sql);
      await connection.execute(sql);
    }
    await guard?.end(connection);
  };
  if (guard === undefined || session.inTransaction) return await send(session);
  const support = await session.dialect.changeSupport?.();
  const logged = await support?.log.tables(session) ?? [];
  // The log has to change with the tables, or changes in between would be lost.
  if (logged.length > 0) await session.transaction(send, { schemaChange: true });
  else await send(session);
}

/** A schema without what belongs to the log. */
export function withoutLog(schema: DatabaseSchema): DatabaseSchema {
  const isOthers = ({ name }: { readonly name: string }) => !name.startsWith(own);
  return Object.freeze({
    ...schema,
    tables: schema.tables.filter(isOthers),
    sequences: schema.sequences.filter(isOthers),
    triggers: schema.triggers.filter(isOthers),
    others: schema.others.filter((each) => isOthers(each) && !each.table?.startsWith(own)),
  });
}

async function logOf(dialect: Dialect): Promise<ChangeLog> {
  const support = await dialect.changeSupport?.();
  if (support) return support.log;
  throw new UnsupportedError(`Cannot follow changes: ${dialect.name} has no log of them`);
}
