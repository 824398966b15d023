/**
 * Logical replication as a source: the server reads its own log and sends the rows of whole transactions, whoever
 * wrote them.
 *
 * The position that the reader has is acknowledged to the server, which then forgets what is before. A durable slot
 * keeps what is committed while nobody reads; what it sends twice after a break is told once.
 *
 * @module
 */
import { pause } from "../../../base/abort.ts";
import { ConfigError, ConnectionError } from "../../../base/errors.ts";
import { Logger } from "../../../base/logger.ts";
import type {
  BatchMark,
  ChangeSource,
  ImageForm,
  PositionOrder,
  SourceConnection,
  SourceReadOptions,
  SourceStep,
} from "../../../change/source.ts";
import type { ReplicationSourceOptions, SourceHost } from "../../../dialect/change_support.ts";
import { explained, refusal } from "./replication_errors.ts";
import { SlotLag } from "./replication_lag.ts";
import {
  lineOf,
  parseLsn,
  parseSnapshot,
  replicationPositions,
  snapshotPosition,
  ToldTransactions,
} from "./replication_position.ts";
import { ReplicationReader } from "./replication_reader.ts";
import { checkPublicationName } from "./replication_publication.ts";
import {
  checkSlotName,
  prepareStream,
  type ReplicationNames,
  settleCommits,
  startCommand,
  type StreamStart,
} from "./replication_slot.ts";
import { Walsender } from "./walsender.ts";

const log = Logger.child("feed");
/** How long a slot may be read by another: the server takes a minute to notice that a reader is gone. */
const activePatience = 70_000;
const longestPause = 2000;
/** From how many transactions on that may not be visible yet it is looked which are. */
const unseenLimit = 10_000;

/**
 * Makes the source. Nothing is opened before it is read.
 *
 * @throws {ConfigError} when the name of slot or publication cannot be used
 */
export function replicationSource(
  host: SourceHost,
  options: ReplicationSourceOptions = {},
): ChangeSource {
  return new ReplicationSource(host, options);
}

/** A stream that has begun. */
interface Stream {
  readonly walsender: Walsender;
  readonly reader: ReplicationReader;
  readonly start: StreamStart;
}

class ReplicationSource implements ChangeSource {
  readonly name = "replication";
  readonly form: ImageForm = "text";
  readonly images = "rows";
  readonly positions: PositionOrder = replicationPositions;
  readonly #host: SourceHost;
  readonly #names: ReplicationNames;
  readonly #buffer: number;
  readonly #lag: SlotLag;
  readonly #told = new ToldTransactions();
  /** The line of history that it reads, once it does. */
  #line: string | undefined;
  /** Whether the slot is known to be of no use any more. */
  #useless = false;
  #looking: Promise<void> | undefined;
  #walsender: Walsender | undefined;

  constructor(host: SourceHost, options: ReplicationSourceOptions) {
    const { slot, publication = "rex_changes", buffer = 10_000, lagWarning = 2 ** 30 } = options;
    checkSlotName(slot);
    checkPublicationName(publication);
    if (!(buffer > 0)) {
      throw new ConfigError("Cannot follow changes: buffer is not a positive number");
    }
    this.#host = host;
    this.#names = { slot, publication };
    this.#buffer = buffer;
    this.#lag = new SlotLag(host, lagWarning);
  }

  async *read({ after, signal }: SourceReadOptions): AsyncGenerator<SourceStep, void, undefined> {
    if (signal.aborted) return;
    const stream = await this.#open(after, signal).catch((error) => {
      if (signal.aborted) return undefined;
      throw error;
    });
    if (!stream) return;
    const { reader, start, walsender } = stream;
    const stop = () => reader.close();
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    this.#walsender = walsender;
    this.#lag.start(start.slot);
    try {
      const { position, reset } = start;
      yield { batches: [], position, ...(reset !== undefined && { reset }) };
      for (let step; (step = await reader.next()) !== undefined;) {
        yield step;
        if (this.#told.size > unseenLimit) this.#forgetSeen();
      }
    } catch (error) {
      this.#useless = refusal(error) === "lost";
      throw error;
    } finally {
      signal.removeEventListener("abort", stop);
      reader.close();
      this.#lag.stop();
      await walsender.close();
    }
  }

  /** Waits where another reads the slot, and makes it anew where it cannot be read any more. */
  async #open(after: string | undefined, signal: AbortSignal): Promise<Stream> {
    const started = performance.now();
    let remake = this.#useless;
    for (let attempt = 0;; attempt++) {
      try {
        return await this.#begin(after, signal, remake);
      } catch (error) {
        const why = refusal(error);
        if (signal.aborted || why === undefined || why === "lost" && remake) throw explained(error);
        if (why === "lost") {
          remake = true;
          continue;
        }
        if (performance.now() - started > activePatience) throw activeError(error);
        if (attempt === 0) {
          log.warn("The replication slot is read by another connection: waiting for its end", {
            slot: this.#names.slot,
          });
        }
        await pause(Math.min(50 * 2 ** attempt, longestPause), signal);
      }
    }
  }

  async #begin(after: string | undefined, signal: AbortSignal, remake: boolean): Promise<Stream> {
    const walsender = await Walsender.open(this.#host.config, signal);
    const stop = () => void walsender.close();
    signal.addEventListener("abort", stop, { once: true });
    try {
      const start = await prepareStream(walsender, this.#names, after, remake);
      const { from } = start;
      // What was told before, by this source or by another, may not be visible to everybody yet.
      if (!this.#line || after === undefined || start.reset !== undefined) {
        await settleCommits(walsender, signal);
        this.#told.start(from, start.reset !== undefined);
      }
      const reader = new ReplicationReader(walsender, this.#told, start, this.#buffer);
      await walsender.start(startCommand(start, this.#names.publication), from, reader);
      this.#line = walsender.line;
      this.#useless = false;
      return { walsender, reader, start };
    } catch (error) {
      await walsender.close();
      throw error;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  #forgetSeen(): void {
    const before = this.#told.before();
    this.#looking ??= this.#host.execute<{ snapshot: string }>(
      "SELECT pg_current_snapshot()::text AS snapshot",
    ).then(({ rows: [row] }) => {
      const snapshot = parseSnapshot(row!.snapshot);
      if (snapshot) this.#told.floor(snapshot, before);
    }).catch((error) => log.debug("The server's snapshot could not be read", { error }))
      .finally(() => this.#looking = undefined);
  }

  async positionOf(snapshot: SourceConnection): Promise<string> {
    const before = this.#told.before();
    const { rows: [row] } = await snapshot.execute<{ shown: string; end: string }>(
      "SELECT pg_current_snapshot()::text AS shown, pg_current_wal_insert_lsn()::text AS end",
    );
    const { shown, end } = row!;
    const floor = this.#told.floor(parseSnapshot(shown)!, before);
    const line = this.#line ?? await this.#lineOf(snapshot);
    return snapshotPosition(line, parseLsn(end), floor, shown);
  }

  async #lineOf(connection: SourceConnection): Promise<string> {
    const { rows: [row] } = await connection.execute<{ system: string; timeline: string }>(
      `SELECT system_identifier::text AS system,
         left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) AS timeline FROM pg_control_system()`,
    );
    return lineOf(row!.system, String(parseInt(row!.timeline, 16)));
  }

  async markOf(transaction: SourceConnection): Promise<() => Partial<BatchMark>> {
    const { rows: [row] } = await transaction.execute<{ xid: string | null }>(
      "SELECT pg_current_xact_id_if_assigned()::text AS xid",
    );
    const xid = row?.xid;
    return () => xid === null || xid === undefined ? {} : { transaction: xid };
  }

  stats(): Readonly<Record<string, number | string>> {
    const { slot } = this.#names;
    return {
      ...(slot !== undefined && { slot }),
      unacknowledgedBytes: this.#walsender?.unacknowledged ?? 0,
      ...this.#lag.stats(),
    };
  }
}

function activeError(cause: unknown): ConnectionError {
  return new ConnectionError(
    "Cannot follow changes: another connection reads the replication slot",
    undefined,
    undefined,
    {
      cause,
      hint: "give each process a slot of its own, or let one read and pass the changes to a broker",
    },
  );
}
