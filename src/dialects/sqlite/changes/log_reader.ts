/**
 * Reads the log: on a connection of its own, or where the database is in memory, on the only one.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { UnsupportedError } from "../../../base/errors.ts";
import type { SourceConnection } from "../../../change/source.ts";
import type { SourceHost } from "../../../dialect/change_support.ts";
import { mapError } from "../errors.ts";
import { retryWhileBusy } from "../retry.ts";
import { type EntryKind, prefix, tagOf } from "./triggers.ts";

/** The log as a whole. */
export interface LogState {
  /** Tells it from others. */
  readonly mark: string;
  /** The last entry that was removed for its age, and those before it. */
  readonly floor: number;
  /** The last entry. */
  readonly last: number;
}

/** What happened to a row, as the log has it. */
export interface Entry {
  /** Its number. */
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** The table, by the name that it has now. */
  readonly table: string;
  /** What happened. */
  readonly kind: EntryKind;
  /** The row before, as JSON. */
  readonly old: string | null;
  /** The row after, as JSON. */
  readonly new: string | null;
}

/** The log at one moment. */
export interface LogReading {
  /** The whole. */
  readonly state: LogState;
  /** The entries after a number. */
  readonly entries: readonly Entry[];
}

/** Reads a log. */
export interface LogReader {
  /** Reads the entries after one, and the state of the log, at one moment. */
  read(after: number): Promise<LogReading>;
  /** Whether somebody may have written since the last reading; where that cannot be known, `true`. */
  hasChanged(): Promise<boolean>;
  /** Ends the reading. */
  close(): void;
}

/** Gives the state of the log. */
const stateSql =
  "SELECT mark, floor, coalesce((SELECT max(id) FROM _rex_changes), floor) AS last " +
  "FROM _rex_changes_state";
const entriesSql =
  "SELECT id, time, tag, kind, old, new FROM _rex_changes WHERE id > ? ORDER BY id";
const triggersSql = 'SELECT name, tbl_name AS "table" FROM sqlite_schema ' +
  `WHERE type = 'trigger' AND substr(name, 1, ${prefix.length + 6}) = '${prefix}insert'`;

/** The state of the log as `connection` sees it. */
export async function readState(connection: SourceConnection): Promise<LogState> {
  const { rows: [state] } = await connection.execute<LogState>(stateSql).catch((error) => {
    throw explained(error);
  });
  return stateOf(state && [state.mark, state.floor, state.last]);
}

/** Opens the way to the log of a database. */
export async function openReader(host: SourceHost, signal: AbortSignal): Promise<LogReader> {
  const { databasePath: path, acquireTimeout = 10_000 } = host.config;
  if (!path || path === ":memory:") return new HostReader(host);
  const { DatabaseSync } = await import("node:sqlite");
  const open = () => new FileReader(new DatabaseSync(path), signal, acquireTimeout);
  return await retried(open, signal, acquireTimeout);
}

async function retried<T>(work: () => T, signal: AbortSignal, patience: number): Promise<T> {
  try {
    return work();
  } catch (error) {
    return await retryWhileBusy(error, work, { signal }, patience);
  }
}

type Row = readonly unknown[];

/** Reads on a connection that it has for itself. */
class FileReader implements LogReader {
  readonly #database: DatabaseSync;
  readonly #signal: AbortSignal;
  readonly #patience: number;
  readonly #statements = new Map<string, StatementSync>();
  #version: unknown;
  #schema: unknown;
  #tables = new Map<string, string>();

  constructor(database: DatabaseSync, signal: AbortSignal, patience: number) {
    this.#database = database;
    this.#signal = signal;
    this.#patience = patience;
    try {
      database.exec("PRAGMA busy_timeout = 20; PRAGMA query_only = ON");
    } catch (error) {
      database.close();
      throw error;
    }
  }

  read(after: number): Promise<LogReading> {
    return this.#patiently(() => this.#read(after));
  }

  hasChanged(): Promise<boolean> {
    return this.#patiently(() => this.#value("PRAGMA data_version") !== this.#version);
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #read(after: number): LogReading {
    // First: a write that comes between is found once more, and not never.
    this.#version = this.#value("PRAGMA data_version");
    this.#database.exec("BEGIN");
    try {
      const state = stateOf(this.#rows(stateSql)[0]);
      const schema = this.#value("PRAGMA schema_version");
      if (schema !== this.#schema) {
        this.#tables = tablesByTag(this.#rows(triggersSql));
        this.#schema = schema;
      }
      if (state.last <= after) return { state, entries: [] };
      return { state, entries: entriesOf(this.#rows(entriesSql, BigInt(after)), this.#tables) };
    } finally {
      this.#database.exec("COMMIT");
    }
  }

  async #patiently<T>(work: () => T): Promise<T> {
    try {
      return await retried(work, this.#signal, this.#patience);
    } catch (error) {
      throw explained(error);
    }
  }

  #value(sql: string): unknown {
    return this.#rows(sql)[0]?.[0];
  }

  #rows(sql: string, ...params: readonly bigint[]): readonly Row[] {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      (statement as unknown as ArrayStatement).setReturnArrays(true);
      this.#statements.set(sql, statement);
    }
    return statement.all(...params) as unknown as readonly Row[];
  }
}

/** What TypeScript's types of `node:sqlite` leave out. */
interface ArrayStatement {
  setReturnArrays(enabled: boolean): void;
}

/** Reads on the connection of everybody: a database in memory has no other. */
class HostReader implements LogReader {
  readonly #host: SourceHost;

  constructor(host: SourceHost) {
    this.#host = host;
  }

  read(after: number): Promise<LogReading> {
    return this.#host.snapshot(async (connection) => {
      const state = await readState(connection);
      if (state.last <= after) return { state, entries: [] };
      const { rows } = await connection.execute<Record<string, unknown>>(entriesSql, [after]);
      const { rows: triggers } = await connection.execute<Record<string, unknown>>(triggersSql);
      return {
        state,
        entries: entriesOf(
          rows.map((row) => [row.id, row.time, row.tag, row.kind, row.old, row.new]),
          tablesByTag(triggers.map(({ name, table }) => [name, table])),
        ),
      };
    });
  }

  /** All who write are in this process, and their writes are told. */
  hasChanged(): Promise<boolean> {
    return Promise.resolve(false);
  }

  close(): void {}
}

function stateOf(row: Row | undefined): LogState {
  if (row === undefined) throw missingLog();
  const [mark, floor, last] = row;
  // Where somebody has removed all entries, the numbers begin anew.
  return { mark: mark as string, floor: Math.min(Number(floor), Number(last)), last: Number(last) };
}

function entriesOf(
  rows: readonly Row[],
  tables: ReadonlyMap<string, string>,
): Entry[] {
  return rows.map(([id, time, tag, kind, old, image]) => ({
    id: Number(id),
    time: Number(time),
    table: tables.get(tag as string) ?? tag as string,
    kind: kind as EntryKind,
    old: old as string | null,
    new: image as string | null,
  }));
}

function tablesByTag(rows: readonly Row[]): Map<string, string> {
  return new Map(rows.map(([name, table]) => [tagOf(name as string), table as string]));
}

const noLog = /no such table: (?:main\.)?_rex_changes/;

/** The error to throw for one of the driver's. */
function explained(error: unknown): Error {
  return error instanceof Error && noLog.test(error.message) ? missingLog(error) : mapError(error);
}

function missingLog(cause?: unknown): UnsupportedError {
  return new UnsupportedError("Cannot read changes: the database has no log of them", {
    cause,
    hint: "call db.schema.followChanges(), best in a migration",
  });
}
