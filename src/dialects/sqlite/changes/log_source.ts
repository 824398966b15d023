/**
 * The log as a source of changes.
 *
 * SQLite does not number its transactions, so the log cannot tell where one ends and the next begins: what was
 * committed between two readings comes as one batch, never a part of a transaction. A batch ends where a snapshot or a
 * writer's own mark says that a transaction does.
 *
 * @module
 */
import { inBackground } from "../../../base/background_timer.ts";
import type {
  BatchMark,
  ChangeBatch,
  ChangeSource,
  PositionOrder,
  RowChange,
  RowImage,
  SourceConnection,
  SourceReadOptions,
  SourceStep,
} from "../../../change/source.ts";
import type { LogSourceOptions, SourceHost } from "../../../dialect/change_support.ts";
import { sqliteChangeLog } from "./log.ts";
import { Boundaries } from "./boundaries.ts";
import { type Entry, type LogReader, type LogState, openReader, readState } from "./log_reader.ts";
import { formatPosition, logPositions, parsePosition } from "./position.ts";
import { LogRetention } from "./retention.ts";

const kinds = { i: "insert", u: "update", d: "delete" } as const;

/** Reads what triggers wrote. */
export class LogSource implements ChangeSource {
  /** What it is called. */
  readonly name = "log";
  /** JSON, as the triggers write it. */
  readonly form = "json";
  /** Whole rows. */
  readonly images = "rows";
  /** By the number of the entry. */
  readonly positions: PositionOrder = logPositions;
  readonly #host: SourceHost;
  readonly #interval: number;
  readonly #retention: LogRetention;
  readonly #boundaries = new Boundaries();
  #state: LogState | undefined;

  /** Makes the source of a database; nothing is opened before it is read. */
  constructor(host: SourceHost, options: LogSourceOptions = {}) {
    this.#host = host;
    this.#interval = options.interval ?? 100;
    this.#retention = new LogRetention(host, options);
  }

  /** The tables that are logged. */
  tables(): ReturnType<typeof sqliteChangeLog.tables> {
    return sqliteChangeLog.tables(this.#host);
  }

  /** Tells what is written into the log. */
  async *read(
    { after, signal }: SourceReadOptions,
  ): AsyncGenerator<SourceStep, void, undefined> {
    if (signal.aborted) return;
    const reader = await openReader(this.#host, signal);
    const alarm = new Alarm(this.#host, this.#interval, signal);
    const cursor = this.#boundaries.open();
    try {
      const { state } = await reader.read(Infinity);
      const from = after === undefined
        ? { mark: state.mark, id: state.last }
        : parsePosition(after);
      let lost = whyLost(from, state);
      let at = { mark: state.mark, id: lost === undefined ? from.id : state.last };
      cursor.at = at.id;
      yield step([], at, lost);
      while (!signal.aborted) {
        alarm.arm();
        await this.#boundaries.settled();
        const { state, entries } = await reader.read(at.id);
        this.#state = state;
        this.#retention.look(state);
        lost = whyLost(at, state) ?? whyIncomplete(at.id, state, entries);
        if (lost === undefined && entries.length === 0) {
          await alarm.wait(reader, () => this.#retention.look(state));
          continue;
        }
        const parts = lost === undefined ? this.#boundaries.split(entries) : [];
        at = { mark: state.mark, id: state.last };
        cursor.at = at.id;
        yield step(parts.map((each) => batchOf(each, state.mark)), at, lost);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      alarm.close();
      cursor.close();
      reader.close();
      await this.#retention.stop();
    }
  }

  /** The last entry that the snapshot shows. */
  async positionOf(snapshot: SourceConnection): Promise<string> {
    return await this.#boundaries.taken(async (end) => {
      const { mark, last } = await readState(snapshot);
      end(last);
      return formatPosition({ mark, id: last });
    });
  }

  /** The last entry of the transaction, which is the one with the most of it. */
  async markOf(transaction: SourceConnection): Promise<() => Partial<BatchMark>> {
    const { mark, last } = await readState(transaction);
    return () => {
      this.#boundaries.add(last);
      return { position: formatPosition({ mark, id: last }) };
    };
  }

  /** How many entries the log has. */
  stats(): Readonly<Record<string, number | string>> {
    const { floor = 0, last = 0 } = this.#state ?? {};
    return Object.freeze({ entries: last - floor, last });
  }
}

/** Tells when to look at the log again. */
class Alarm {
  readonly #interval: number;
  readonly #end: () => void;
  #rung = false;
  #ring = (): void => {};

  constructor(host: SourceHost, interval: number, signal: AbortSignal) {
    this.#interval = interval;
    const ring = () => {
      this.#rung = true;
      this.#ring();
    };
    const end = host.onWrite(ring);
    signal.addEventListener("abort", ring);
    this.#end = () => {
      end();
      signal.removeEventListener("abort", ring);
    };
  }

  /** From here on a write is worth a look. */
  arm(): void {
    this.#rung = false;
  }

  /** Waits until this process, or another, has written. */
  async wait(reader: LogReader, idle: () => void): Promise<void> {
    while (!this.#rung) {
      let callOff = () => {};
      const timedOut = await new Promise<boolean>((resolve) => {
        this.#ring = () => resolve(false);
        callOff = inBackground(() => resolve(true), this.#interval);
      });
      callOff();
      if (!timedOut) return;
      if (await reader.hasChanged()) return;
      idle();
    }
  }

  close(): void {
    this.#end();
  }
}

function step(
  batches: readonly ChangeBatch[],
  at: { readonly mark: string; readonly id: number },
  reset?: string,
): SourceStep {
  return { batches, position: formatPosition(at), ...reset !== undefined && { reset } };
}

/** Why a reader at a position cannot go on, if so. */
function whyLost(
  { mark, id }: { readonly mark: string; readonly id: number },
  state: LogState,
): string | undefined {
  if (mark !== state.mark) return "the log was made anew";
  if (id < state.floor) return "the log was shortened";
  return id > state.last ? "the database was set back" : undefined;
}

/** Numbers have no gaps but where somebody else removed entries. */
function whyIncomplete(
  after: number,
  { last }: LogState,
  entries: readonly Entry[],
): string | undefined {
  return entries.length === last - after ? undefined : "entries of the log were removed";
}

function batchOf(entries: readonly Entry[], mark: string): ChangeBatch {
  const { id, time } = entries.at(-1)!;
  const altered = entries.filter(({ kind }) => kind === "s").map(({ table }) => table);
  return {
    position: formatPosition({ mark, id }),
    time,
    changes: entries.flatMap((entry) => changeOf(entry) ?? []),
    ...altered.length > 0 && { unseen: [...new Set(altered)] },
  };
}

function changeOf({ table, kind, old, new: image }: Entry): RowChange | undefined {
  if (kind === "s") return undefined;
  return {
    table,
    kind: kinds[kind],
    ...old !== null && { before: JSON.parse(old) as RowImage },
    ...image !== null && { after: JSON.parse(image) as RowImage },
  };
}
