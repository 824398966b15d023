/**
 * Positions in the stream of logical replication.
 *
 * That of a batch is `LINE-END`: the end of its commit in the write-ahead log, as 16 hexadecimal digits. Batches come in
 * the order of their commits, so this says all. `LINE` is the server and the line of its history (a standby that takes
 * over begins another), for ends of one line mean nothing in another. That of a snapshot is `LINE-END;FLOOR;SNAPSHOT`. A transaction is in the log a moment
 * before it can be seen, so a place in the log does not tell what a snapshot shows; its own list of transactions does
 * (`SNAPSHOT`, as `pg_current_snapshot()` writes it). Nothing that ends after `END` is shown, and everything up to
 * `FLOOR` is.
 *
 * @module
 */
import type { BatchMark, PositionOrder } from "../../../change/source.ts";

/** Which transactions a snapshot shows. */
export interface Snapshot {
  /** All below are shown. */
  readonly xmin: number;
  /** None from here on is shown. */
  readonly xmax: number;
  /** Those between the two that are not shown. */
  readonly running: ReadonlySet<number>;
}

/** A position, taken apart. */
export interface Place {
  /** The server, and the line of its history. */
  readonly line: string;
  /** Nothing that ends after it is included. */
  readonly end: number;
  /** All that ends here or before is included. */
  readonly floor: number;
  /** What is included between the two; left out: there is nothing between. */
  readonly snapshot?: Snapshot;
}

const lsnForm = /^[0-9A-Fa-f]{1,8}\/[0-9A-Fa-f]{1,8}$/;
const form = /^[0-9a-f]{16}$/;
const headForm = /^([0-9a-z]{1,13}\.\d{1,10})-([0-9a-f]{16})$/;
const snapshotForm = /^(\d+):(\d+):((?:\d+(?:,\d+)*)?)$/;

/** Names a line of history, from what `IDENTIFY_SYSTEM` says. */
export function lineOf(system: string, timeline: string): string {
  return `${BigInt(system).toString(36)}.${timeline}`;
}

/** Writes the position of a batch. */
export function positionText(line: string, end: number): string {
  return `${line}-${digits(end)}`;
}

/** Writes the position of a snapshot. */
export function snapshotPosition(
  line: string,
  end: number,
  floor: number,
  snapshot: string,
): string {
  return `${positionText(line, end)};${digits(Math.min(floor, end))};${snapshot}`;
}

function digits(end: number): string {
  return end.toString(16).padStart(16, "0");
}

/** Reads a place in the log as the server writes it, such as `0/16B3748`. */
export function parseLsn(text: string): number {
  if (!lsnForm.test(text)) throw new TypeError("not a place in the log");
  const [high, low] = text.split("/");
  return parseInt(high!, 16) * 2 ** 32 + parseInt(low!, 16);
}

/** Writes a place in the log as the server reads it. */
export function lsnText(end: number): string {
  const high = Math.floor(end / 2 ** 32);
  return `${high.toString(16).toUpperCase()}/${(end % 2 ** 32).toString(16).toUpperCase()}`;
}

/** Reads what `pg_current_snapshot()` writes. */
export function parseSnapshot(text: string): Snapshot | undefined {
  const match = snapshotForm.exec(text);
  if (!match) return undefined;
  const running = new Set(match[3] ? match[3].split(",").map(Number) : []);
  return { xmin: Number(match[1]), xmax: Number(match[2]), running };
}

/** Whether a snapshot shows a transaction, once that is committed. */
export function shows({ xmin, xmax, running }: Snapshot, xid: number): boolean {
  return xid < xmin || xid < xmax && !running.has(xid);
}

let last: { readonly text: string; readonly place: Place | undefined } | undefined;

/** Takes a position apart; `undefined`: it is none of this source. */
export function parsePosition(text: string): Place | undefined {
  if (last?.text !== text) last = { text, place: parse(text) };
  return last.place;
}

function parse(text: string): Place | undefined {
  const [head = "", floor, snapshot, ...more] = text.split(";");
  const [, line, digits] = headForm.exec(head) ?? [];
  if (line === undefined || digits === undefined || more.length > 0) return undefined;
  const end = parseInt(digits, 16);
  if (floor === undefined) return { line, end, floor: end };
  const shown = parseSnapshot(snapshot ?? "");
  return form.test(floor) && shown
    ? { line, end, floor: parseInt(floor, 16), snapshot: shown }
    : undefined;
}

function includes(place: Place, { position, transaction }: BatchMark): boolean {
  if (!position.startsWith(place.line)) return false;
  const batch = parseInt(position.slice(-16), 16);
  if (batch > place.end) return false;
  if (batch <= place.floor) return true;
  return place.snapshot !== undefined && transaction !== undefined &&
    shows(place.snapshot, Number(transaction));
}

/** What had been told at a moment. */
export interface ToldBefore {
  /** Up to where. */
  readonly end: number;
  /** The transactions that may not have been visible yet, with where they end. */
  readonly unseen: readonly (readonly [xid: number, end: number])[];
}

/**
 * Compares positions. Of one that it cannot read it says that nothing is included in it, so that whoever comes with
 * it reads everything anew.
 */
export const replicationPositions: PositionOrder = Object.freeze({
  has(position: string, batch: BatchMark): boolean {
    const place = parsePosition(position);
    return place !== undefined && includes(place, batch);
  },
  reaches(position: string, other: string): boolean {
    if (position === other) return parsePosition(position) !== undefined;
    const theirs = parsePosition(other);
    const ours = parsePosition(position);
    return ours !== undefined && theirs !== undefined && theirs.line === ours.line &&
      theirs.end <= ours.floor;
  },
});

/**
 * What the stream has told lately: a transaction comes out of the log a moment before others can see it, and where
 * commits wait for a standby, long before. A snapshot that does not show one of them must not pass for one that has
 * all up to there.
 */
export class ToldTransactions {
  readonly #unseen = new Map<number, number>();
  #end = 0;

  /** Up to where the log has been told. */
  get end(): number {
    return this.#end;
  }

  /** How many transactions may not be visible yet. */
  get size(): number {
    return this.#unseen.size;
  }

  /** Begins at a place in the log, up to which every commit can be seen; `anew`: of what was before, nothing counts. */
  start(end: number, anew: boolean): void {
    for (const [xid, other] of this.#unseen) if (anew || other <= end) this.#unseen.delete(xid);
    if (anew || end > this.#end) this.#end = end;
  }

  /** A transaction was told. */
  add(xid: number, end: number): void {
    this.#unseen.set(xid, end);
    this.moved(end);
  }

  /** The log was told up to here. */
  moved(end: number): void {
    if (end > this.#end) this.#end = end;
  }

  /** What a snapshot that is taken from now on has to be held against. */
  before(): ToldBefore {
    return { end: this.#end, unseen: [...this.#unseen] };
  }

  /** Up to where a snapshot shows everything that was told `before` it was taken. */
  floor(snapshot: Snapshot, before: ToldBefore): number {
    let floor = before.end;
    // Those of then: another snapshot, taken later, may have taken some out meanwhile.
    for (const [xid, end] of before.unseen) {
      if (shows(snapshot, xid)) this.#unseen.delete(xid); // later snapshots show it, too
      else if (end <= floor) floor = end - 1;
    }
    return floor;
  }
}
