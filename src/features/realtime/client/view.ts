/**
 * One subscription of the connection, shared by all who ask for the same.
 *
 * @module
 */
import type { ServerMessage, WireChange, WireQuery } from "../protocol/messages.ts";
import { noteArrivals, overlay, type PendingWrite, type ViewQuery } from "./overlay.ts";
import { applyChange, keep, readSnapshot, type Row, type Rows } from "./rows.ts";
import type { Place } from "./transport.ts";
import type { LiveResult, LiveState } from "./types.ts";

/** A result before anything has come. */
export const nothing: LiveResult<Row> = Object.freeze({
  rows: Object.freeze([]),
  state: "connecting",
});

const noRows: Rows = new Map();

/** A subscription: what the server told, and what is shown. */
export class View {
  /** Its number on the connection. */
  readonly id: number;
  /** Names it among the client's. */
  readonly name: string;
  /** The model. */
  readonly model: string;
  /** The query as it is sent. */
  readonly wire: WireQuery;
  /** How many hold it open. */
  users = 0;
  /** What calls off its end. */
  lingering: ReturnType<typeof setTimeout> | undefined;
  /** What calls off asking for it again. */
  retrying: ReturnType<typeof setTimeout> | undefined;
  /** How often it failed for no fault of its own, since it was live last. */
  failures = 0;
  /** Those who are told. */
  readonly listeners: Set<() => void> = new Set();
  /** What is shown. */
  result: LiveResult<Row> = nothing;
  /** The last position of which it has everything. */
  at: string | undefined;
  /** What the server calls the query with this client's policies. */
  q: string | undefined;
  readonly #query: ViewQuery;
  readonly #arrived = new Map<number, string>();
  #base = noRows;
  #shown = noRows;
  #changed: ReadonlySet<string> = new Set();
  #state: LiveState = "connecting";
  #error: Error | undefined;
  #loaded = false;
  #follows = false;

  /** Makes one that nothing has come for. */
  constructor(id: number, name: string, model: string, wire: WireQuery, query: ViewQuery) {
    this.id = id;
    this.name = name;
    this.model = model;
    this.wire = wire;
    this.#query = query;
  }

  /** How true it is. */
  get state(): LiveState {
    return this.#state;
  }

  /** Whether it has a result. */
  get loaded(): boolean {
    return this.#loaded;
  }

  /** Whether a record has changes that the server has not told. */
  isPending(row: unknown): boolean {
    for (const key of this.#changed) if (this.#shown.get(key) === row) return true;
    return false;
  }

  /**
   * Where to go on: to be called when the server is asked to. Until it has told a change of this one, positions of
   * others are none of it: they may be told what they missed first, and the connection be lost before this one is.
   */
  resume(): Place {
    this.#follows = false;
    const { at, q } = this;
    return at === undefined ? {} : { since: at, ...q !== undefined && { q } };
  }

  /**
   * Asks for the whole result next time, unless the server tells itself whether the query is still the same: somebody
   * else may see other records.
   */
  forget(): void {
    if (this.q !== undefined) return;
    this.at = undefined;
    this.#follows = false;
  }

  /** Becomes another state. */
  become(state: LiveState, error?: Error): void {
    this.#state = state;
    this.#error = error;
    if (state === "live") this.failures = 0;
  }

  /** Takes the whole result. */
  snapshot(
    { rows, at, q }: Extract<ServerMessage, { t: "snap" }>,
    writes: readonly PendingWrite[],
  ): void {
    this.#replace(readSnapshot(this.#base, rows), writes);
    this.#loaded = true;
    this.#follows = false;
    this.at = at;
    this.q = q;
    this.become("live");
  }

  /** Takes a change. */
  change(change: WireChange, at: string, writes: readonly PendingWrite[]): void {
    this.#replace(applyChange(this.#base, change), writes);
    this.#follows = true;
    this.at = at;
  }

  /**
   * Others of the connection have been told a change. A snapshot may be of a later position than changes that follow
   * it, so that only a view that was told a change itself goes on with the others.
   */
  passed(at: string): void {
    if (this.#follows) this.at = at;
  }

  #replace(rows: Rows, writes: readonly PendingWrite[]): void {
    noteArrivals(this.#base, rows, writes, this.#arrived);
    this.#base = rows;
  }

  /** Makes anew what is shown; `false`: it is what it was. */
  refresh(writes: readonly PendingWrite[]): boolean {
    const before = this.#shown;
    this.#lay(writes);
    const rows = [...this.#shown.values()];
    const { result } = this;
    const same = rows.length === result.rows.length &&
      rows.every((row, i) => row === result.rows[i]) && sameKeys(before, this.#shown);
    if (same && result.state === this.#state && result.error === this.#error) return false;
    this.result = Object.freeze({
      rows: same ? result.rows : Object.freeze(rows),
      state: this.#state,
      ...this.#error && { error: this.#error },
    });
    return true;
  }

  #lay(writes: readonly PendingWrite[]): void {
    for (const id of this.#arrived.keys()) {
      if (!writes.some((write) => write.id === id)) this.#arrived.delete(id);
    }
    if (!this.loaded || writes.length === 0) {
      this.#changed = new Set();
      this.#shown = this.#base;
      return;
    }
    const { rows, changed } = overlay(this.#base, this.#query, writes, this.#arrived);
    const [shown, pending] = [this.#shown, this.#changed];
    this.#shown = new Map(
      [...rows].map((
        [key, row],
      ) => [key, changed.has(key) ? keep(pending.has(key) && shown.get(key), row) : row]),
    );
    this.#changed = changed;
  }
}

/** Equal records of other keys are others. */
function sameKeys(a: Rows, b: Rows): boolean {
  const keys = b.keys();
  return a === b || [...a.keys()].every((key) => key === keys.next().value);
}
