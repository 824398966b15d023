/**
 * The lock of migrations: an advisory lock in a transaction of its own, so that it ends with its holder's connection and
 * works through poolers. Whoever waits asks again and again instead of waiting inside a statement: that statement's
 * snapshot would keep the holder's `CREATE INDEX CONCURRENTLY` waiting, and both would wait for ever.
 *
 * @module
 */
import { pause } from "../../../base/abort.ts";
import { MigrationError } from "../../../base/errors.ts";
import type { MigrationLock, SchemaConnection } from "../../../dialect/schema_support.ts";

/** "rex", and the lock of migrations. */
const key = "7497080, 1";
const pollInterval = 50;

/** Keeps processes that migrate one database apart. */
export const postgresMigrationLock: MigrationLock = {
  async hold(session, { wait, signal }, work) {
    if (session.stats?.().pool.max === 1) {
      throw new MigrationError("Cannot migrate with one connection: the lock keeps it", {
        hint: "Set poolSize to 2 or more",
      });
    }
    return await session.transaction(async (connection) => {
      const end = performance.now() + wait;
      while (!await taken(connection)) {
        if (performance.now() >= end) throw await heldError(connection, wait);
        await pause(pollInterval, signal);
      }
      // Not before: the portal of a SELECT would keep its snapshot, for which the holder's own `CREATE INDEX CONCURRENTLY`
      // waits; this statement, which has none, takes the portal's place.
      await connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0");
      return await work();
    });
  },
};

async function taken(connection: SchemaConnection): Promise<boolean> {
  const { rows: [row] } = await connection.execute<{ taken: boolean }>(
    `SELECT pg_try_advisory_xact_lock(${key}) AS taken`,
  );
  return row?.taken === true;
}

async function heldError(connection: SchemaConnection, wait: number): Promise<MigrationError> {
  const { rows: [holder] } = await connection.execute<{ who: string }>(
    `SELECT format('process %s of %s', a.pid, coalesce(host(a.client_addr), 'this machine')) AS who
     FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
     WHERE l.locktype = 'advisory' AND (l.classid, l.objid) = (${key}) AND l.granted
       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  return new MigrationError(
    `Cannot migrate: another process does, and did not end within ${wait} ms (${
      holder?.who ?? "it has just ended"
    })`,
    { hint: "Wait for it, or give more time; the lock ends with its holder's connection" },
  );
}
