/**
 * Positions in the log: which transactions somebody has had, as PostgreSQL's own snapshots.
 *
 * `EPOCH;SNAPSHOT` has all that the snapshot shows. `EPOCH;FROM>TO#RANK` is inside a window: it has all that FROM
 * shows and, of what TO shows beside, the transactions up to RANK, which is a transaction's highest number in the log.
 * `EPOCH;=XID` has that one transaction alone. The epoch is another one for another log, another cluster, and for
 * another line of its history after a failover: nothing can be said across epochs.
 *
 * @module
 */
import type { BatchMark, PositionOrder } from "../../../change/source.ts";

/** What `pg_current_snapshot()` gives. Numbers of transactions stay far below 2^53. */
export interface Snapshot {
  /** As PostgreSQL writes it. */
  readonly text: string;
  /** From here on nothing is visible. */
  readonly xmax: number;
  /** What is not visible below. */
  readonly running: ReadonlySet<number>;
}

/** A position, taken apart. */
export interface LogPosition {
  /** What it belongs to. */
  readonly epoch: string;
  /** All that it shows was had; absent inside a window's position that has nothing else. */
  readonly from: Snapshot;
  /** The end of the window; the same as `from` between windows. */
  readonly to: Snapshot;
  /** How far it is in the window. */
  readonly rank: number;
  /** The one transaction that it has. */
  readonly only?: number;
}

const snapshotText = /^(\d+):(\d+):([\d,]*)$/;
const nothing: Snapshot = { text: "", xmax: 0, running: new Set() };

/** Reads a snapshot; nothing where the text is none. */
export function parseSnapshot(text: string): Snapshot | undefined {
  const [, , xmax, running] = snapshotText.exec(text) ?? [];
  if (xmax === undefined || running === undefined) return undefined;
  const list = running === "" ? [] : running.split(",").map(Number);
  return { text, xmax: Number(xmax), running: new Set(list) };
}

/** Whether what a transaction committed is visible in a snapshot. */
export function shows({ xmax, running }: Snapshot, transaction: number): boolean {
  return transaction < xmax && !running.has(transaction);
}

/** Whether a snapshot shows all that another one does. */
export function covers(snapshot: Snapshot, other: Snapshot): boolean {
  // All that the other one may not show of what begins where this one ends.
  if (other.xmax - snapshot.xmax > other.running.size) return false;
  for (let each = snapshot.xmax; each < other.xmax; each++) {
    if (!other.running.has(each)) return false;
  }
  for (const each of snapshot.running) if (shows(other, each)) return false;
  return true;
}

const known = new Map<string, LogPosition>();
const mostKnown = 2_000;

/** Takes a position apart; nothing where the text is none of a log. */
export function parsePosition(text: string): LogPosition | undefined {
  let found = known.get(text);
  if (found) return found;
  found = parsed(text);
  if (!found) return undefined;
  if (known.size >= mostKnown) known.clear();
  known.set(text, found);
  return found;
}

function parsed(text: string): LogPosition | undefined {
  const split = text.indexOf(";");
  const epoch = text.slice(0, split);
  const rest = text.slice(split + 1);
  if (split <= 0) return undefined;
  if (/^=\d+$/.test(rest)) {
    return { epoch, from: nothing, to: nothing, rank: 0, only: Number(rest.slice(1)) };
  }
  const [, first = rest, last, rank] = /^([^>]*)>([^#]*)#(\d+)$/.exec(rest) ?? [];
  const from = parseSnapshot(first);
  const to = last === undefined ? from : parseSnapshot(last);
  return from && to && { epoch, from, to, rank: rank === undefined ? Infinity : Number(rank) };
}

/** The position of one who has had all that a snapshot shows. */
export function positionAt(epoch: string, { text }: Snapshot): string {
  return `${epoch};${text}`;
}

/** The position inside a window. */
export function positionWithin(epoch: string, from: Snapshot, to: Snapshot, rank: number): string {
  return `${epoch};${from.text}>${to.text}#${rank}`;
}

/** The position that has one transaction alone, for {@linkcode PositionOrder.reaches}. */
export function positionOfOne(epoch: string, transaction: string): string {
  return `${epoch};=${transaction}`;
}

/** Whether one at a position has had a transaction whose highest number in the log is `rank`. */
export function hasHad(at: LogPosition, transaction: number, rank: number): boolean {
  if (at.only !== undefined) return at.only === transaction;
  return shows(at.from, transaction) || shows(at.to, transaction) && rank <= at.rank;
}

function has(position: string, { position: end, transaction }: BatchMark): boolean {
  const at = parsePosition(position);
  const batch = parsePosition(end);
  if (!at || batch?.epoch !== at.epoch || transaction === undefined) return false;
  return hasHad(at, Number(transaction), batch.rank);
}

function reaches(position: string, other: string): boolean {
  const at = parsePosition(position);
  const mark = parsePosition(other);
  if (!at || mark?.epoch !== at.epoch) return false;
  if (mark.only !== undefined) return hasHad(at, mark.only, Infinity);
  if (at.only !== undefined) return false;
  if (covers(at.from, mark.to)) return true;
  return covers(at.from, mark.from) && covers(at.to, mark.to) && at.rank >= mark.rank;
}

/** Compares positions. */
export const logPositions: PositionOrder = Object.freeze({ has, reaches });
