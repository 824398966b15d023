/**
 * The log's tables and triggers: made, removed, and kept right while tables are altered.
 *
 * @module
 */
import type { SourceConnection } from "../../../change/source.ts";
import type { ChangeLog, LoggedTable, LogGuard } from "../../../dialect/change_support.ts";
import { AlteringGuard } from "./altering_guard.ts";
import { dropTriggers, folded, follow } from "./following.ts";
import { readTriggers } from "./triggers.ts";

/** Milliseconds since 1970; the function is in every version. */
const now = "CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER)";

const tables: readonly string[] = [
  // Positions are made of the numbers, which have no gaps. The last entry is never removed, so that none is given out
  // again: AUTOINCREMENT would do that too, at the price of one more page in each transaction.
  "CREATE TABLE IF NOT EXISTS _rex_changes (id INTEGER PRIMARY KEY, " +
  `time INTEGER NOT NULL DEFAULT (${now}), tag TEXT NOT NULL, kind TEXT NOT NULL, ` +
  "old TEXT, new TEXT) STRICT",
  // The mark tells this log from one that was here before; entries up to the floor were removed.
  "CREATE TABLE IF NOT EXISTS _rex_changes_state (id INTEGER PRIMARY KEY CHECK (id = 1), " +
  "mark TEXT NOT NULL DEFAULT (lower(hex(randomblob(6)))), floor INTEGER NOT NULL DEFAULT 0) STRICT",
  // Rows that a statement under way may replace.
  "CREATE TABLE IF NOT EXISTS _rex_changes_replaced (tag TEXT NOT NULL, event TEXT NOT NULL, " +
  "old TEXT NOT NULL) STRICT",
  "INSERT OR IGNORE INTO _rex_changes_state (id) VALUES (1)",
];

/** The change log of SQLite. */
export const sqliteChangeLog: ChangeLog = Object.freeze({
  async tables(connection: SourceConnection): Promise<LoggedTable[]> {
    const names = new Set((await readTriggers(connection)).map(({ table }) => table));
    return [...names].sort().map((name) => ({ name }));
  },

  async create(connection: SourceConnection, logged: readonly LoggedTable[]): Promise<void> {
    for (const sql of tables) await connection.execute(sql);
    for (const table of logged) await follow(connection, table);
  },

  async drop(connection: SourceConnection, logged?: readonly LoggedTable[]): Promise<void> {
    const triggers = await readTriggers(connection);
    const names = logged && new Set(logged.map(({ name }) => folded(name)));
    await dropTriggers(
      connection,
      triggers.filter(({ table }) => names?.has(folded(table)) ?? true),
    );
    if (names) return;
    for (const table of ["_rex_changes", "_rex_changes_state", "_rex_changes_replaced"]) {
      await connection.execute(`DROP TABLE IF EXISTS ${table}`);
    }
  },

  guard: (): LogGuard => new AlteringGuard(),
});
