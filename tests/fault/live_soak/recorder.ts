/**
 * Everything that clients of this process are sent, whatever they make of it.
 *
 * @module
 */
import type { ServerMessage, WireRow } from "../../../src/features/realtime/protocol/messages.ts";
import { decode } from "../../../src/features/realtime/protocol/wire.ts";
import { faultOf } from "./models.ts";

/** Looks at every message before a client does. */
export class Recorder implements Disposable {
  /** What was sent that must not be. */
  readonly faults: string[] = [];
  /** How many records were looked at. */
  records = 0;
  /** How many messages of each kind there were. */
  readonly kinds: Record<string, number> = {};
  /** Why results were read again. */
  readonly resets: Record<string, number> = {};
  /** The last messages of each connection, by its address. */
  readonly last: Map<string, string[]> = new Map();
  readonly #undo: () => void;

  /** Begins: sockets and streams that are opened from now on are looked at. Their addresses end with `tenant=N`. */
  constructor() {
    const look = (url: string, text: string) => this.#look(url, text);
    const { WebSocket, fetch } = globalThis;
    globalThis.WebSocket = class extends WebSocket {
      constructor(...args: ConstructorParameters<typeof WebSocket>) {
        super(...args);
        const [url] = args;
        this.addEventListener("message", ({ data }) => look(String(url), String(data)));
      }
    };
    globalThis.fetch = async (input, init) => {
      const response = await fetch(input, init);
      if (!response.body || !response.headers.get("content-type")?.includes("event-stream")) {
        return response;
      }
      const body = response.body.pipeThrough(eventsTold((text) => look(String(input), text)));
      return new Response(body, { status: response.status, headers: response.headers });
    };
    this.#undo = () => Object.assign(globalThis, { WebSocket, fetch });
  }

  /** Ends it. */
  [Symbol.dispose](): void {
    this.#undo();
  }

  #look(url: string, text: string): void {
    const tenant = Number(/tenant=(\d)/.exec(url)?.[1]);
    const name = url.replace(/&subscriptions.*/, "");
    const last = this.last.get(name) ?? [];
    this.last.set(name, last);
    last.push(text.length > 600 ? `${text.slice(0, 600)}…` : text);
    if (last.length > 60) last.shift();
    if (text.includes("SECRET")) this.#fault(url, "a hidden value was sent", text);
    const message = JSON.parse(text) as ServerMessage;
    this.kinds[message.t] = (this.kinds[message.t] ?? 0) + 1;
    if (message.t === "snap") {
      if (message.reset) this.resets[message.reset] = (this.resets[message.reset] ?? 0) + 1;
      for (const [, row] of message.rows) this.#row(url, tenant, row);
    }
    if (message.t === "change") {
      for (const { put = [] } of message.c) for (const [, row] of put) this.#row(url, tenant, row);
    }
    if (message.t === "done" && message.row) this.#row(url, tenant, message.row);
  }

  #row(url: string, tenant: number, wire: WireRow): void {
    this.records++;
    const row = decode(structuredClone(wire)) as Record<string, unknown>;
    const fault = faultOf(tenant, row);
    if (fault !== undefined) this.#fault(url, fault, JSON.stringify(wire));
  }

  #fault(url: string, fault: string, text: string): void {
    if (this.faults.length < 20) {
      this.faults.push(`${fault} (${url.slice(0, 80)}): ${text.slice(0, 300)}`);
    }
  }
}

/** Passes a stream of events on, and tells the data of each. */
function eventsTold(tell: (text: string) => void): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder();
  let rest = "";
  return new TransformStream({
    transform(bytes, controller) {
      const events = (rest + decoder.decode(bytes, { stream: true })).split("\n\n");
      rest = events.pop() ?? "";
      for (const event of events) {
        const data = event.split("\n").find((line) => line.startsWith("data:"));
        if (data) tell(data.slice(5));
      }
      controller.enqueue(bytes);
    },
  });
}
