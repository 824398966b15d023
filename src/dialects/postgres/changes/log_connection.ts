/**
 * A reader's own connection: it hears the writers' bell, and holds what makes them ring.
 *
 * @module
 */
import type { DatabaseConfig } from "../../../base/config.ts";
import { ConnectionError } from "../../../base/errors.ts";
import { connectOptions } from "../connect_options.ts";
import { type Postgres, PostgresConnection } from "../connection.ts";
import { bell, channel } from "./log_sql.ts";

/** A row of text and NULLs. */
export type TextRow = readonly (string | null)[];

/** One connection of one reader. */
export class LogConnection implements AsyncDisposable {
  readonly #connection: PostgresConnection;
  #closed = false;
  #asleep = false;

  private constructor(connection: PostgresConnection) {
    this.#connection = connection;
  }

  /**
   * Opens one.
   *
   * @param wake called when a writer rings, and when the connection breaks
   * @throws {ConnectionError} when the server cannot be reached
   */
  static async open(config: DatabaseConfig, wake: () => void): Promise<LogConnection> {
    const { default: postgres } = await import("postgres");
    const settings = connectOptions(config);
    const connection = new PostgresConnection({
      ...settings,
      options: { ...settings.options, onnotify: wake } as typeof settings.options,
      postgres: postgres as unknown as Postgres,
      prepare: config.prepare ?? true,
      statements: 100,
      prepared: { hits: 0, misses: 0 },
      queryTimeout: undefined,
      onClose: wake,
    });
    await connection.ready;
    const opened = new LogConnection(connection);
    try {
      await connection.run({ sql: `LISTEN ${channel}`, params: [], kind: "ddl" });
    } catch (error) {
      await opened[Symbol.asyncDispose]();
      throw error;
    }
    return opened;
  }

  /** Runs a statement. */
  async rows(sql: string, params: readonly (string | null)[] = []): Promise<TextRow[]> {
    const { rows } = await this.#connection.run({ sql, params, kind: "read" });
    return rows as unknown as TextRow[];
  }

  /** Says that it broke. */
  check(): void {
    if (this.#connection.closed && !this.#closed) {
      throw new ConnectionError("Cannot read the change log: the connection broke");
    }
  }

  /** Whether writers ring because of this reader. */
  get asleep(): boolean {
    return this.#asleep;
  }

  /** Makes writers ring. One reader of a database sleeps so, and wakes the others. */
  async sleep(): Promise<void> {
    const [row] = await this.rows(`SELECT pg_try_advisory_lock(${bell})::text`);
    this.#asleep = row?.[0] === "true";
  }

  /** Spares writers the ringing, and wakes the other readers. */
  async wakeUp(): Promise<void> {
    if (!this.#asleep) return;
    this.#asleep = false;
    await this.rows(`SELECT pg_advisory_unlock(${bell}), pg_notify('${channel}', '')`);
  }

  /** Closes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#connection.end(0).catch(() => {});
  }
}
