/**
 * Positions in the log: its mark and the number of its last entry.
 *
 * @module
 */
import type { PositionOrder } from "../../../change/source.ts";

/** A place in a log. */
export interface LogPosition {
  /** Tells the log from others: one that was dropped and made anew has another. */
  readonly mark: string;
  /** The number of an entry. */
  readonly id: number;
}

/** A position as text. */
export function formatPosition({ mark, id }: LogPosition): string {
  return `${mark}:${id}`;
}

/** Reads a position; that of something else is in no log. */
export function parsePosition(text: string): LogPosition {
  const [, mark = "", id = "-1"] = /^([0-9a-f]+):(\d+)$/.exec(text) ?? [];
  return { mark, id: Number(id) };
}

function reaches(position: string, other: string): boolean {
  if (position === other) return true;
  const [one, two] = [parsePosition(position), parsePosition(other)];
  return one.mark !== "" && one.mark === two.mark && one.id >= two.id;
}

/** Compares positions. */
export const logPositions: PositionOrder = Object.freeze({
  has: (position: string, batch: { readonly position: string }) =>
    reaches(position, batch.position),
  reaches,
});
