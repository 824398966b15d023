/**
 * The lock of migrations: a row with a lease. Its holder renews the lease while it works; when it died, the lease runs
 * out and the next one takes over.
 *
 * @module
 */
import { pause } from "../../../base/abort.ts";
import { LockTimeoutError, MigrationError } from "../../../base/errors.ts";
import type {
  LockSession,
  MigrationLock,
  MigrationLockOptions,
  SchemaConnection,
} from "../../../dialect/schema_support.ts";

/** Milliseconds that a lease is good for without being renewed. */
const lease = 10_000;
const pollInterval = 50;

const table = "CREATE TABLE IF NOT EXISTS migration_lock " +
  "(id INTEGER PRIMARY KEY CHECK (id = 1), owner TEXT NOT NULL, expires INTEGER NOT NULL) STRICT";
const now = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";

/** Keeps processes that migrate one file apart. */
export const sqliteMigrationLock: MigrationLock = {
  async hold(session, options, work) {
    const owner = await ownerName();
    await take(session, owner, options);
    // What fails here is told by the next statement of the migration itself.
    const renewal = setInterval(() => void renew(session, owner).catch(() => {}), lease / 4);
    try {
      return await work();
    } finally {
      clearInterval(renewal);
      await session.execute("DELETE FROM migration_lock WHERE id = 1 AND owner = $1", [owner]);
    }
  },
};

async function take(
  session: LockSession,
  owner: string,
  { wait, signal }: MigrationLockOptions,
): Promise<void> {
  const end = performance.now() + wait;
  for (;;) {
    if (await taken(session, owner)) return;
    if (performance.now() >= end) throw await heldError(session, wait);
    await pause(pollInterval, signal);
  }
}

async function taken(session: LockSession, owner: string): Promise<boolean> {
  try {
    await session.execute(table);
    const { rows } = await session.execute(
      `INSERT INTO migration_lock (id, owner, expires) VALUES (1, $1, ${now} + ${lease}) ` +
        "ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, expires = excluded.expires " +
        `WHERE migration_lock.expires < ${now} RETURNING owner`,
      [owner],
    );
    return rows.length > 0;
  } catch (error) {
    // The holder writes: its transaction may take longer than a statement waits for another writer.
    if (error instanceof LockTimeoutError) return false;
    throw error;
  }
}

async function renew(session: SchemaConnection, owner: string): Promise<void> {
  await session.execute(
    `UPDATE migration_lock SET expires = ${now} + ${lease} WHERE id = 1 AND owner = $1`,
    [owner],
  );
}

async function heldError(session: SchemaConnection, wait: number): Promise<MigrationError> {
  const { rows: [holder] } = await session.execute<{ owner: string }>(
    "SELECT owner FROM migration_lock WHERE id = 1",
  );
  return new MigrationError(
    `Cannot migrate: another process does, and did not end within ${wait} ms (${
      holder?.owner.split("/")[0] ?? "it has just ended"
    })`,
    {
      hint:
        "Wait for it, or give more time; a process that died gives the lock up after 10 seconds",
    },
  );
}

async function ownerName(): Promise<string> {
  const { default: process } = await import("node:process");
  return `process ${process.pid}/${crypto.randomUUID()}`;
}
