/**
 * Live queries over lists in memory, for tests of what is above them.
 *
 * @module
 */
import type {
  LiveChange,
  LiveEntry,
  LiveHandle,
  LiveQueries,
  LiveRequest,
  LiveRow,
  LiveSink,
  LiveStats,
} from "../../live/live.ts";

interface Follower {
  readonly request: LiveRequest;
  readonly where: readonly (readonly [string, unknown])[];
  readonly sink: LiveSink<unknown>;
  readonly tag: unknown;
}

/** Rows by model and key; a query's `where` is a list of equalities. */
export class MemoryLive implements LiveQueries {
  readonly #rows = new Map<string, Map<string, LiveRow>>();
  readonly #followers = new Set<Follower>();
  readonly #told: { position: number; model: string; key: string; row?: LiveRow }[] = [];
  #position = 0;
  #batches = 0;
  /** Called when a query is opened. */
  opened: (request: LiveRequest) => void = () => {};

  /** Subscribes. */
  open<Tag>(request: LiveRequest, sink: LiveSink<Tag>, tag: Tag): LiveHandle {
    this.opened(request);
    const where = Object.entries((request.query.where ?? {}) as Record<string, unknown>);
    const follower: Follower = { request, where, sink: sink as LiveSink<unknown>, tag };
    let open = true;
    queueMicrotask(() => {
      if (!open) return;
      this.#followers.add(follower);
      this.#begin(follower);
    });
    return {
      explain: () => ({ way: "scan", columns: [], tables: [], reasons: [] }),
      close: () => {
        open = false;
        this.#followers.delete(follower);
      },
    };
  }

  /** Writes rows of a model in one batch; `undefined` deletes. */
  write(model: string, rows: Readonly<Record<string, LiveRow | undefined>>): string {
    const position = ++this.#position;
    this.#batches++;
    const table = this.#rows.get(model) ?? new Map<string, LiveRow>();
    this.#rows.set(model, table);
    for (const [key, row] of Object.entries(rows)) {
      if (row) table.set(key, row);
      else table.delete(key);
      this.#told.push({ position, model, key, ...row && { row } });
    }
    const all = Object.entries(rows);
    const everything = changeOf(all, []);
    const sinks = new Set<LiveSink<unknown>>();
    for (const { request, where, sink, tag } of [...this.#followers]) {
      if (request.entity.name !== model) continue;
      sink.change(tag, where.length === 0 ? everything : changeOf(all, where));
      sinks.add(sink);
    }
    for (const sink of sinks) sink.flush(String(position));
    return String(position);
  }

  /** Tells all that changes were lost. */
  reset(reason: string): void {
    for (const follower of this.#followers) this.#snapshot(follower, reason);
  }

  /** Everything is told at once. */
  settled(): Promise<void> {
    return Promise.resolve();
  }

  /** Figures. */
  stats(): LiveStats {
    return {
      subscriptions: this.#followers.size,
      views: 0,
      rows: 0,
      batches: this.#batches,
      queries: 0,
    };
  }

  /** Ends all. */
  close(): Promise<void> {
    this.#followers.clear();
    return Promise.resolve();
  }

  #begin(follower: Follower): void {
    const { request, where, sink, tag } = follower;
    const since = request.since === undefined ? NaN : Number(request.since);
    if (!(since <= this.#position)) return this.#snapshot(follower, request.since && "past");
    sink.resumed(tag, String(this.#position));
    const missed = this.#told.filter((each) =>
      each.position > since && each.model === request.entity.name
    ).map(({ key, row }) => [key, row] as const);
    if (missed.length === 0) return;
    sink.change(tag, changeOf(missed, where));
    sink.flush(String(this.#position));
  }

  #snapshot({ request, where, sink, tag }: Follower, reset?: string): void {
    const entries = [...this.#rows.get(request.entity.name) ?? []]
      .filter(([, row]) => matches(row, where)).map(([key, row]) => ({ key, row }));
    sink.snapshot(tag, { entries, position: String(this.#position), ...reset && { reset } });
  }
}

function matches(row: LiveRow, where: Follower["where"]): boolean {
  return where.every(([name, value]) => row[name] === value);
}

function changeOf(
  rows: readonly (readonly [string, LiveRow | undefined])[],
  where: Follower["where"],
): LiveChange {
  const put: LiveEntry[] = [];
  const drop: string[] = [];
  for (const [key, row] of rows) {
    if (row && matches(row, where)) put.push({ key, row });
    else drop.push(key);
  }
  return { put, drop };
}
