/**
 * What a relay puts into a broker: steps of a source as texts, in parts where one entry cannot hold them.
 *
 * @module
 */
import { DataError } from "../../../base/errors.ts";
import type { ChangeSource, SourceStep } from "../../../change/source.ts";
import type { BrokerEntry } from "./broker.ts";

/** A step on its way through a broker. */
export interface RelayedStep extends SourceStep {
  /** The position before it; null where the relay began anew. A reader that is not there has missed something. */
  readonly before: string | null;
  /** The form of its row images. */
  readonly form: ChangeSource["form"];
}

/** What each part tells of the whole. */
interface PartHeader {
  /** The whole's name. */
  readonly id: string;
  /** Its place among the parts, from 0. */
  readonly part: number;
  /** How many there are. */
  readonly parts: number;
  /** The position before the whole. */
  readonly before: string | null;
  /** The position after it. */
  readonly position: string;
}

/** A character takes at most three bytes in UTF-8, and surrogate pairs four together. */
const bytesPerCharacter = 3;
const headerEnd = "\n";

/**
 * Writes a step as entries.
 *
 * @param maxBytes the most bytes that an entry may have
 */
export function packStep(step: RelayedStep, maxBytes: number): string[] {
  const text = JSON.stringify(step);
  const { before, position } = step;
  const id = crypto.randomUUID();
  const header = (part: number, parts: number) =>
    JSON.stringify({ id, part, parts, before, position } satisfies PartHeader) + headerEnd;
  const room = Math.floor(maxBytes / bytesPerCharacter) - header(999_999, 999_999).length;
  if (room < 1) {
    throw new DataError(
      "Cannot relay a change: the broker's entries are too small for its position",
    );
  }
  const pieces = piecesOf(text, room);
  return pieces.map((piece, i) => header(i, pieces.length) + piece);
}

function piecesOf(text: string, room: number): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length;) {
    let end = Math.min(at + room, text.length);
    // Both halves of a surrogate pair go together.
    if (end < text.length && end - at > 1 && isHighSurrogate(text.charCodeAt(end - 1))) end--;
    pieces.push(text.slice(at, end));
    at = end;
  }
  return pieces;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code < 0xdc00;
}

/** Where the relay was after an entry, and whether the entry ends its step. */
export function readHeader(
  { text }: BrokerEntry,
): { readonly at: string | null; readonly whole: boolean } {
  const { part, parts, before, position } = headerOf(text);
  const whole = part === parts - 1;
  return { at: whole ? position : before, whole };
}

function headerOf(text: string): PartHeader {
  try {
    return JSON.parse(text.slice(0, text.indexOf(headerEnd))) as PartHeader;
  } catch (cause) {
    throw new DataError(
      "Cannot read the broker's stream: it has entries of somebody else",
      undefined,
      undefined,
      {
        cause,
        hint: "Give the relay a stream of its own.",
      },
    );
  }
}

/** Puts the parts of steps together. Parts of which the first is missing are left out. */
export class StepReader {
  #id = "";
  #pieces: string[] = [];

  /** Takes the next entry; gives a step when it is whole. */
  take({ text }: BrokerEntry): RelayedStep | undefined {
    const { id, part, parts } = headerOf(text);
    if (part === 0) {
      this.#id = id;
      this.#pieces = [];
    }
    if (id !== this.#id || part !== this.#pieces.length) return undefined;
    this.#pieces.push(text.slice(text.indexOf(headerEnd) + 1));
    if (this.#pieces.length < parts) return undefined;
    this.#id = "";
    return JSON.parse(this.#pieces.join("")) as RelayedStep;
  }
}
