/**
 * The log of PostgreSQL as a source of changes.
 *
 * @module
 */
import { inBackground } from "../../../base/background_timer.ts";
import { DatabaseError, UnsupportedError } from "../../../base/errors.ts";
import type {
  BatchMark,
  ChangeSource,
  PositionOrder,
  SourceConnection,
  SourceReadOptions,
  SourceStep,
} from "../../../change/source.ts";
import type { LogSourceOptions, SourceHost } from "../../../dialect/change_support.ts";
import { LogConnection } from "./log_connection.ts";
import { postgresChangeLog } from "./log_tables.ts";
import { LogRetention } from "./log_retention.ts";
import { logTable, stateTable } from "./log_sql.ts";
import { batchesOf, LogStatements, portionsOf, type Run, type Written } from "./log_window.ts";
import {
  covers,
  hasHad,
  type LogPosition,
  logPositions,
  parsePosition,
  parseSnapshot,
  positionAt,
  positionOfOne,
  type Snapshot,
} from "./positions.ts";

/** For so many milliseconds after the last change a reader asks on its own, and writers need not ring. */
const linger = 50;
/** Then it asks every so many milliseconds. */
const pace = 4;

/** How far a reader is. */
interface Reading {
  readonly connection: LogConnection;
  readonly run: Run;
  readonly statements: LogStatements;
  readonly epoch: string;
  readonly signal: AbortSignal;
  /** All that it shows was told. */
  since: Snapshot;
  /** Where it began inside of a window: what it had is not told again. */
  had: LogPosition | undefined;
  /** When it last found something. */
  found: number;
}

/** The log that triggers write. */
export class LogSource implements ChangeSource {
  /** What it is called. */
  readonly name = "log";
  /** Values as PostgreSQL writes them. */
  readonly form = "text";
  /** Whole rows. */
  readonly images = "rows";
  /** Compares its positions. */
  readonly positions: PositionOrder = logPositions;
  readonly #host: SourceHost;
  readonly #interval: number;
  readonly #retention: LogRetention;
  #schema: Promise<string> | undefined;
  #reads = 0;

  /** Makes the source; nothing is opened before it is read. */
  constructor(host: SourceHost, options: LogSourceOptions = {}) {
    this.#host = host;
    this.#interval = options.interval ?? 100;
    this.#retention = new LogRetention(host, options);
  }

  /** The tables that are logged. */
  tables(): ReturnType<typeof postgresChangeLog.tables> {
    return postgresChangeLog.tables(this.#host);
  }

  /** Figures of its own. */
  stats(): Readonly<Record<string, number | string>> {
    return { reads: this.#reads, removed: this.#retention.removed };
  }

  /**
   * Tells what is committed.
   *
   * @throws {UnsupportedError} when there is no log
   * @throws {ConnectionError} when the connection fails
   */
  async *read({ after, signal }: SourceReadOptions): AsyncGenerator<SourceStep, void, undefined> {
    if (signal.aborted) return;
    const alarm = new Alarm();
    const schema = await this.#logSchema();
    const connection = await LogConnection.open(this.#host.config, alarm.ring);
    const unlisten = this.#host.onWrite(alarm.ring);
    signal.addEventListener("abort", alarm.ring);
    const stop = this.#retention.start(schema);
    try {
      yield* this.#steps(connection, schema, alarm, after, signal);
    } catch (error) {
      if (!signal.aborted) throw explained(error);
    } finally {
      stop();
      signal.removeEventListener("abort", alarm.ring);
      unlisten();
      await connection[Symbol.asyncDispose]();
    }
  }

  async *#steps(
    connection: LogConnection,
    schema: string,
    alarm: Alarm,
    after: string | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<SourceStep, void, undefined> {
    const run: Run = (sql, params) => {
      this.#reads++;
      return connection.rows(sql, params);
    };
    const { epoch, now } = await begun(run, schema);
    const had = after === undefined ? undefined : parsePosition(after);
    const usable = had?.epoch === epoch && had.only === undefined && had.to.xmax <= now.xmax;
    const reading: Reading = {
      connection,
      run,
      statements: new LogStatements(schema),
      epoch,
      signal,
      since: usable ? had.from : now,
      had: usable && had.from !== had.to ? had : undefined,
      found: -Infinity,
    };
    const lost = after !== undefined && !usable && "the position is not one of this log";
    yield {
      batches: [],
      position: usable && after !== undefined ? after : positionAt(epoch, now),
      ...lost && { reset: lost },
    };
    while (!signal.aborted) {
      alarm.clear();
      const told = performance.now();
      for await (const step of this.#window(reading)) {
        if (signal.aborted) return;
        if (step.batches.length > 0 || step.reset !== undefined) reading.found = told;
        yield step;
      }
      if (signal.aborted) return;
      await this.#rest(reading, alarm);
      connection.check();
    }
  }

  /** Tells what was committed since the last window; the last step is its end. */
  async *#window(reading: Reading): AsyncGenerator<SourceStep, void, undefined> {
    const { run, statements, since, epoch } = reading;
    const part = await statements.first(run, since);
    if (part.removed && !covers(since, part.removed)) return yield this.#lost(reading, part.now);
    if (!part.transactions) return yield* this.#large(reading);
    if (part.now.text === since.text) return;
    const bounds = { epoch, from: since, to: part.now };
    const batches = this.#fresh(reading, batchesOf(part, bounds));
    reading.since = part.now;
    reading.had = undefined;
    yield { batches, position: positionAt(epoch, part.now) };
    // Only then: it takes a round trip.
    if (batches.length > 0) await reading.connection.wakeUp();
  }

  /** Tells a window that is too large for once, in portions. */
  async *#large(reading: Reading): AsyncGenerator<SourceStep, void, undefined> {
    const { run, statements, since, epoch } = reading;
    const { now, written } = await statements.list(run, since);
    const bounds = { epoch, from: since, to: now };
    for (const portion of portionsOf(written)) {
      const part = await statements.portion(run, portion.map(({ xid }) => xid));
      if (part.removed && !covers(since, part.removed) || !isWhole(part.transactions, portion)) {
        return yield this.#lost(reading, part.now);
      }
      const batches = this.#fresh(reading, batchesOf(part, bounds));
      const position = batches.at(-1)?.position;
      if (position !== undefined) yield { batches, position };
    }
    reading.since = now;
    reading.had = undefined;
    yield { batches: [], position: positionAt(epoch, now) };
  }

  #fresh<B extends BatchMark>({ had }: Reading, batches: B[]): B[] {
    if (!had) return batches;
    return batches.filter(({ position, transaction }) =>
      !hasHad(had, Number(transaction), parsePosition(position)?.rank ?? Infinity)
    );
  }

  #lost(reading: Reading, now: Snapshot): SourceStep {
    reading.since = now;
    reading.had = undefined;
    const reset = "the log was shortened before it was read";
    return { batches: [], position: positionAt(reading.epoch, now), reset };
  }

  /** Waits until there may be something to read. */
  async #rest(reading: Reading, alarm: Alarm): Promise<void> {
    const { connection, signal } = reading;
    const active = performance.now() - reading.found < linger;
    if (!active && !connection.asleep) {
      await connection.sleep();
      // What was committed before writers could know is read once more, before it waits.
      if (connection.asleep) return;
    }
    await alarm.wait(active ? Math.min(pace, this.#interval) : this.#interval, signal);
  }

  /** The position of a snapshot. */
  async positionOf(snapshot: SourceConnection): Promise<string> {
    const schema = await this.#logSchema();
    const { rows: [row] } = await snapshot.execute<{ now: string; epoch: string }>(
      `SELECT pg_current_snapshot()::text AS now, ${epochSql(schema)} AS epoch`,
    );
    return `${row?.epoch};${row?.now}`;
  }

  /** What tells the batch of a transaction. */
  async markOf(transaction: SourceConnection): Promise<() => Partial<BatchMark>> {
    const schema = await this.#logSchema();
    const { rows: [row] } = await transaction.execute<{ xid: string; epoch: string }>(
      `SELECT pg_current_xact_id()::text AS xid, ${epochSql(schema)} AS epoch`,
    );
    const { xid = "", epoch = "" } = row ?? {};
    const mark = Object.freeze({ transaction: xid, position: positionOfOne(epoch, xid) });
    return () => mark;
  }

  /** Finds the log once. */
  #logSchema(): Promise<string> {
    this.#schema ??= logSchema(this.#host).catch((error) => {
      this.#schema = undefined;
      throw error;
    });
    return this.#schema;
  }
}

/** Whether nothing of what was listed is missing. */
function isWhole(
  found: ReadonlyMap<string, readonly unknown[]> | undefined,
  listed: readonly Written[],
): boolean {
  return listed.every(({ xid, entries }) => found?.get(xid)?.length === entries);
}

async function logSchema(host: SourceConnection): Promise<string> {
  const { rows: [found] } = await host.execute<{ schema: string }>(
    `SELECT quote_ident(n.nspname) AS schema FROM pg_class c JOIN pg_namespace n
      ON n.oid = c.relnamespace WHERE c.oid = to_regclass('${stateTable}')`,
  );
  if (found) return found.schema;
  throw noLog();
}

function noLog(cause?: unknown): UnsupportedError {
  return new UnsupportedError(`Cannot follow changes: there is no change log (${logTable})`, {
    cause,
    hint:
      "make it with db.schema.followChanges([…]), or in a migration; or use the source replication",
  });
}

/** A log that was removed while it was read. */
function explained(error: unknown): unknown {
  return error instanceof DatabaseError && error.databaseCode === "42P01" ? noLog(error) : error;
}

/** What positions begin with: the log, the cluster, and the line of its history. */
function epochSql(schema: string): string {
  return `left(md5(concat_ws(',', (SELECT id FROM ${schema}.${stateTable}),
    (SELECT system_identifier FROM pg_control_system()),
    left(pg_walfile_name(pg_current_wal_lsn()), 8))), 12)`;
}

async function begun(run: Run, schema: string): Promise<{ epoch: string; now: Snapshot }> {
  const [standby] = await run("SELECT pg_is_in_recovery()::text", []);
  if (standby?.[0] === "true") {
    throw new UnsupportedError("Cannot follow changes: the server is a standby", {
      hint: "connect to the primary",
    });
  }
  const [row] = await run(`SELECT ${epochSql(schema)}, pg_current_snapshot()::text`, []);
  const now = parseSnapshot(row?.[1] ?? "");
  if (!row?.[0] || !now) throw noLog();
  return { epoch: row[0], now };
}

/** Something to wait for; what rings meanwhile is not lost. */
class Alarm {
  #rung = false;
  #wake: (() => void) | undefined;

  readonly ring = (): void => {
    this.#rung = true;
    this.#wake?.();
  };

  clear(): void {
    this.#rung = false;
  }

  async wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (this.#rung || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const stop = inBackground(resolve, milliseconds);
      this.#wake = () => {
        stop();
        resolve();
      };
    });
    this.#wake = undefined;
  }
}
