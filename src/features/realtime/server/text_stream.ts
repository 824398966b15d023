/**
 * A stream of text that somebody reads as an HTTP body: bounded by whoever writes, since it takes whatever comes.
 *
 * @module
 */

/** Headers of a stream of events, such that proxies neither keep nor collect it. */
export const streamHeaders: Readonly<Record<string, string>> = Object.freeze({
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no",
  "x-content-type-options": "nosniff",
});

const encoder = new TextEncoder();
/** What the runtime may take at once, beside what waits. */
const highWater = 16_384;

/** A stream of text. */
export class TextStream {
  /** The body of the response. */
  readonly body: ReadableStream<Uint8Array>;
  readonly #controller: ReadableStreamDefaultController<Uint8Array>;
  #open = true;

  /** Makes a stream; `gone` is called when its reader ends it. */
  constructor(gone: () => void) {
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    this.body = new ReadableStream<Uint8Array>({
      start: (given) => void (controller = given),
      cancel: () => {
        this.#open = false;
        gone();
      },
    }, new ByteLengthQueuingStrategy({ highWaterMark: highWater }));
    this.#controller = controller as unknown as ReadableStreamDefaultController<Uint8Array>;
  }

  /** Bytes that nobody has taken yet. */
  get buffered(): number {
    return this.#open ? highWater - (this.#controller.desiredSize ?? highWater) : 0;
  }

  /** Writes; after the end it does nothing. */
  write(text: string): void {
    if (!this.#open) return;
    try {
      this.#controller.enqueue(encoder.encode(text));
    } catch {
      this.#open = false;
    }
  }

  /** Ends the stream after what waits. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    try {
      this.#controller.close();
    } catch {
      // Its reader has ended it.
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
}
