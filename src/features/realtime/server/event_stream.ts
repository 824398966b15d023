/**
 * Server-sent events as a channel: the same messages, each as an event named by its `t`.
 *
 * @module
 */
import type { ServerMessage } from "../protocol/messages.ts";
import type { Channel } from "./channel.ts";

/** Headers of a stream, such that proxies neither keep nor collect it. */
export const streamHeaders: Readonly<Record<string, string>> = Object.freeze({
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no",
  "x-content-type-options": "nosniff",
});

/** Positions of subscriptions: what an event's `id` says, and a client that comes back repeats. */
export type Positions = Map<number, string>;

/** The positions in a `Last-Event-ID`; none where it is no such thing. */
export function readPositions(id: string | null): Positions {
  const positions: Positions = new Map();
  for (const part of id?.split(";") ?? []) {
    const [number = "", position = ""] = part.split("=");
    if (!/^\d+$/.test(number)) return new Map();
    try {
      positions.set(Number(number), decodeURIComponent(position));
    } catch {
      return new Map();
    }
  }
  return positions;
}

function writePositions(positions: Positions): string {
  return [...positions].map(([id, at]) => `${id}=${encodeURIComponent(at)}`).join(";");
}

const encoder = new TextEncoder();
/** What the runtime may take at once, beside what waits. */
const highWater = 16_384;
const pingComment = ": ping\n\n";

/** A stream of events that a connection writes to. */
export class EventStream implements Channel {
  /** The body of the response. */
  readonly body: ReadableStream<Uint8Array>;
  readonly #positions: Positions;
  readonly #controller: ReadableStreamDefaultController<Uint8Array>;
  #open = true;

  /**
   * Makes a stream.
   *
   * @param retry milliseconds until a browser comes back
   * @param positions those that the client has come back with
   * @param gone called when the client ends it
   */
  constructor(retry: number, positions: Positions, gone: () => void) {
    this.#positions = positions;
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    this.body = new ReadableStream<Uint8Array>({
      start: (given) => void (controller = given),
      cancel: () => {
        this.#open = false;
        gone();
      },
    }, new ByteLengthQueuingStrategy({ highWaterMark: highWater }));
    this.#controller = controller as unknown as ReadableStreamDefaultController<Uint8Array>;
    this.#write(`retry: ${retry}\n\n`);
  }

  /** Bytes that nobody has taken yet. */
  get buffered(): number {
    return this.#open ? highWater - (this.#controller.desiredSize ?? highWater) : 0;
  }

  /** Sends a message as an event; a ping as a comment. */
  send(text: string): void {
    const { t, at, id, c } = heading(text);
    if (t === "ping") return this.#write(pingComment);
    if (at !== undefined) {
      for (const each of c ?? [id]) if (each !== undefined) this.#positions.set(each, at);
    }
    if (t === "error" && id !== undefined) this.#positions.delete(id);
    const place = at === undefined ? "" : `id: ${writePositions(this.#positions)}\n`;
    this.#write(`event: ${t}\n${place}data: ${text}\n\n`);
  }

  /** Ends the stream. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    try {
      this.#controller.close();
    } catch {
      // The client has ended it.
    }
  }

  /** Ends the stream and throws away what waits. */
  terminate(): void {
    this.#open = false;
    try {
      this.#controller.error(new DOMException("The client does not read", "AbortError"));
    } catch {
      // It has ended.
    }
  }

  #write(text: string): void {
    if (!this.#open) return;
    try {
      this.#controller.enqueue(encoder.encode(text));
    } catch {
      this.#open = false;
    }
  }
}

interface Heading {
  readonly t: ServerMessage["t"];
  readonly at?: string;
  readonly id?: number;
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
    ..."c" in message && { c: message.c.map((each) => each.id) },
  };
}
