/**
 * Changes and results as texts. What many clients see is turned into text once.
 *
 * @module
 */
import type { LiveChange, LiveEntry, LiveSnapshot } from "../live/live.ts";
import type { ServerMessage } from "../protocol/messages.ts";
import { encode } from "../protocol/wire.ts";

/** A change as text. */
interface EncodedChange {
  /** Its members `drop` and `put`, each after a comma. */
  readonly members: string;
  /** The frames that were made of it alone. */
  readonly frames: Frame[];
}

interface Frame {
  readonly id: number;
  readonly position: string;
  readonly text: string;
}

/** Clients number their subscriptions alike, so that few frames serve all of them. */
const keptFrames = 8;

const changes = new WeakMap<LiveChange, EncodedChange>();
const entries = new WeakMap<LiveEntry, string>();
const snapshots = new WeakMap<LiveSnapshot, string>();

/** An entry as `[key, row]` or `[key, row, at]`. */
export function encodeEntry(entry: LiveEntry): string {
  let text = entries.get(entry);
  if (text === undefined) {
    const { key, row, at } = entry;
    const place = at === undefined ? "" : `,${at}`;
    text = `[${JSON.stringify(key)},${JSON.stringify(encode(row))}${place}]`;
    entries.set(entry, text);
  }
  return text;
}

function encodeChange(change: LiveChange): EncodedChange {
  let encoded = changes.get(change);
  if (encoded === undefined) {
    const { drop, put } = change;
    const members = (drop.length > 0 ? `,"drop":${JSON.stringify(drop)}` : "") +
      (put.length > 0 ? `,"put":[${put.map(encodeEntry).join(",")}]` : "");
    encoded = { members, frames: [] };
    changes.set(change, encoded);
  }
  return encoded;
}

/** The frame of one change in one subscription. */
export function changeFrame(id: number, change: LiveChange, position: string): string {
  const { members, frames } = encodeChange(change);
  for (const frame of frames) {
    if (frame.id === id && frame.position === position) return frame.text;
  }
  const text = frameOf(position, `{"id":${id}${members}}`);
  if (frames.length < keptFrames) frames.push({ id, position, text });
  return text;
}

/** One of the changes of a frame. */
export function changePart(id: number, change: LiveChange): string {
  return `{"id":${id}${encodeChange(change).members}}`;
}

/** One of the changes of a frame: what is left of several. `null` is a record that is gone. */
export function mergedPart(id: number, merged: ReadonlyMap<string, string | null>): string {
  const drop: string[] = [];
  const put: string[] = [];
  for (const [key, text] of merged) {
    if (text === null) drop.push(JSON.stringify(key));
    else put.push(text);
  }
  return `{"id":${id}${drop.length > 0 ? `,"drop":[${drop}]` : ""}${
    put.length > 0 ? `,"put":[${put}]` : ""
  }}`;
}

/** A frame of changes. */
export function frameOf(position: string, parts: string): string {
  return `{"t":"change","at":${JSON.stringify(position)},"c":[${parts}]}`;
}

/** The rows of a result; its length is what a client has to be sent at least. */
export function snapshotRows(snapshot: LiveSnapshot): string {
  let text = snapshots.get(snapshot);
  if (text === undefined) {
    text = `[${snapshot.entries.map(encodeEntry).join(",")}]`;
    snapshots.set(snapshot, text);
  }
  return text;
}

/** The frame of a result. */
export function snapshotFrame(
  { id, q }: { readonly id: number; readonly q: string },
  snapshot: LiveSnapshot,
  reset?: string,
): string {
  const reason = reset === undefined ? "" : `,"reset":${JSON.stringify(reset)}`;
  const rows = snapshotRows(snapshot);
  const at = JSON.stringify(snapshot.position);
  return `{"t":"snap","id":${id},"at":${at},"rows":${rows},"q":"${q}"${reason}}`;
}

/** The frame of any other message. */
export function messageFrame(
  message: Exclude<ServerMessage, { t: "change" } | { t: "snap" }>,
): string {
  return JSON.stringify(message);
}
