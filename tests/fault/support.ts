/**
 * What the tests of faults share.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { DatabaseConfig } from "../../src/base/config.ts";
import { ConnectionError } from "../../src/base/errors.ts";
import type { Database } from "../../src/database/database.ts";
import { PostgresAdapter } from "../../src/database/postgres_adapter.ts";
import type { Session } from "../../src/engine/session.ts";
import { freshPostgresDatabase } from "../targets/mod.ts";

/** Longer than anything here may take on the slowest machine. */
const forever = 60_000;

/** Waits for work that a fault might leave hanging: then the test fails instead. */
export async function finishes<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const never = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new assert.AssertionError({ message: "it hangs" })), forever);
  });
  try {
    return await Promise.race([work, never]);
  } finally {
    clearTimeout(timer);
  }
}

/** Lets some milliseconds pass. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Waits until something is so. */
export async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  await finishes((async () => {
    while (!await holds()) await pause(10);
  })());
}

/** A database on the test server, and somebody who watches it from outside. */
export interface Watched {
  /** What is tested. */
  readonly db: Database;
  /** A database object of its own on the same database. */
  readonly watcher: Database;
  /** The database's address. */
  readonly url: string;
}

/** Tests with a PostgreSQL database of its own. */
export function onPostgres(
  name: string,
  config: Partial<DatabaseConfig>,
  test: (watched: Watched) => Promise<void>,
): void {
  Deno.test(name, async () => {
    await using fresh = await freshPostgresDatabase();
    const { url } = fresh;
    await using db = new PostgresAdapter({
      url,
      poolSize: 4,
      applicationName: "victim",
      ...config,
    });
    await using watcher = new PostgresAdapter({ url, poolSize: 2, applicationName: "watcher" });
    await watcher.execute("CREATE TABLE notes (n INTEGER)");
    await finishes(test({ db, watcher, url }));
  });
}

/** What is in the table. */
export async function notes(db: Session): Promise<number[]> {
  const { rows } = await db.execute<{ n: number }>("SELECT n FROM notes ORDER BY n");
  return rows.map(({ n }) => n);
}

/** Puts a row into the table. */
export async function note(db: Session, n: number): Promise<void> {
  await db.execute("INSERT INTO notes (n) VALUES ($1)", [n]);
}

/** The server's process of a session's connection. */
export async function backend(db: Session): Promise<number> {
  const { rows } = await db.execute<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  return rows[0]!.pid;
}

/** Ends a process of the server, and waits until it is gone. */
export async function kill(watcher: Session, pid: number): Promise<void> {
  await watcher.execute("SELECT pg_terminate_backend($1)", [pid]);
  const found = "SELECT 1 FROM pg_stat_activity WHERE pid = $1";
  await until(async () => (await watcher.execute(found, [pid])).rowCount === 0);
}

/** Waits until a statement that begins so runs in the server; gives its process. */
export async function running(watcher: Session, text: string): Promise<number> {
  let pid: number | undefined;
  await until(async () => {
    const { rows } = await watcher.execute<{ pid: number }>(
      "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND starts_with(query, $1) " +
        "AND application_name = 'victim' AND datname = current_database()",
      [text],
    );
    pid = rows[0]?.pid;
    return pid !== undefined;
  });
  return pid!;
}

/** How many connections the tested database object has to the server. */
async function backends(watcher: Session): Promise<number> {
  const { rows } = await watcher.execute<{ n: number }>(
    "SELECT count(*)::int AS n FROM pg_stat_activity " +
      "WHERE application_name = 'victim' AND datname = current_database()",
  );
  return rows[0]!.n;
}

/** Expects that every connection of the pool can be had, and that no other is open. */
export async function expectWhole(db: Database, watcher: Session): Promise<void> {
  const { max, inUse, waiting } = db.stats().pool;
  assert.deepEqual({ inUse, waiting }, { inUse: 0, waiting: 0 });
  const gate = Promise.withResolvers<void>();
  let begun = 0;
  const holders = Array.from({ length: max }, () =>
    db.transaction(async (tx) => {
      assert.equal((await tx.execute<{ n: number }>("SELECT 7 AS n")).rows[0]?.n, 7);
      if (++begun === max) gate.resolve();
      await gate.promise;
    }));
  await finishes(Promise.all(holders));
  await until(async () => await backends(watcher) <= max);
}

/** Expects a commit whose outcome is not known to say so. */
export function tellsOfUnknownOutcome(error: Error): void {
  assert.ok(error instanceof ConnectionError, `${error}`);
  assert.match(error.message, /Cannot tell whether the transaction was committed/);
  assert.match(error.hint ?? "", /Read back/);
}
