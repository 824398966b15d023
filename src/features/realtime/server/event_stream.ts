/**
 * Server-sent events as a channel: the same messages, each as an event named by its `t`.
 *
 * @module
 */
import type { ServerMessage } from "../protocol/messages.ts";
import type { Channel } from "./channel.ts";
import { TextStream } from "./text_stream.ts";

/** Where a client is in a subscription, and what the server calls its query. */
export interface Place {
  /** The position. */
  readonly since: string;
  /** The query. */
  readonly q: string | undefined;
}

/** Places in subscriptions: what an event's `id` says, and a client that comes back repeats. */
export type Positions = Map<number, Place>;

/** The positions in a `Last-Event-ID`; none where it is no such thing. */
export function readPositions(id: string | null): Positions {
  const positions: Positions = new Map();
  for (const part of id?.split(";") ?? []) {
    const [number = "", position = "", q] = part.split("=");
    if (!/^\d+$/.test(number)) return new Map();
    try {
      positions.set(Number(number), { since: decodeURIComponent(position), q });
    } catch {
      return new Map();
    }
  }
  return positions;
}

/**
 * Subscriptions are told apart: one may be behind the others, and to go on where those are would lose what it has
 * not been told.
 */
function writePositions(positions: Positions): string {
  return [...positions].map(([id, { since, q }]) =>
    `${id}=${encodeURIComponent(since)}${q === undefined ? "" : `=${q}`}`
  ).join(";");
}

const pingComment = ": ping\n\n";

/** A stream of events that a connection writes to. */
export class EventStream implements Channel {
  /** Its client only listens. */
  readonly oneWay = true;
  readonly #positions: Positions;
  readonly #stream: TextStream;

  /**
   * Makes a stream.
   *
   * @param retry milliseconds until a browser comes back
   * @param positions those that the client has come back with
   * @param gone called when the client ends it
   */
  constructor(retry: number, positions: Positions, gone: () => void) {
    this.#positions = positions;
    this.#stream = new TextStream(gone);
    this.#stream.write(`retry: ${retry}\n\n`);
  }

  /** The body of the response. */
  get body(): ReadableStream<Uint8Array> {
    return this.#stream.body;
  }

  /** Bytes that nobody has taken yet. */
  get buffered(): number {
    return this.#stream.buffered;
  }

  /** Sends a message as an event; a ping as a comment. */
  send(text: string): void {
    const { t, at, id, q, c } = heading(text);
    if (t === "ping") return this.#stream.write(pingComment);
    if (at !== undefined) {
      for (const each of c ?? [id]) {
        if (each === undefined) continue;
        this.#positions.set(each, { since: at, q: q ?? this.#positions.get(each)?.q });
      }
    }
    if (t === "error" && id !== undefined) this.#positions.delete(id);
    const place = at === undefined ? "" : `id: ${writePositions(this.#positions)}\n`;
    this.#stream.write(`event: ${t}\n${place}data: ${text}\n\n`);
  }

  /** Ends the stream. */
  close(): void {
    this.#stream.close();
  }

  /** Ends the stream and throws away what waits. */
  terminate(): void {
    this.#stream.terminate();
  }
}

interface Heading {
  readonly t: ServerMessage["t"];
  readonly at?: string;
  readonly id?: number;
  readonly q?: string;
  readonly c?: readonly number[];
}

/** What the event says of a message beside its text. */
function heading(text: string): Heading {
  const message = JSON.parse(text) as ServerMessage;
  const { t } = message;
  return {
    t,
    ..."at" in message && { at: message.at },
    ..."id" in message && message.id !== undefined && { id: message.id },
    ..."q" in message && message.q !== undefined && { q: message.q },
    ..."c" in message && { c: message.c.map((each) => each.id) },
  };
}
