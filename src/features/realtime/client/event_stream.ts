/**
 * Messages over HTTP where WebSockets do not get through: a stream of events for all subscriptions, and a request for
 * each write.
 *
 * @module
 */
import { type ClientMessage, CloseCode, type ServerMessage } from "../protocol/messages.ts";
import type { Transport, TransportEvents } from "./transport.ts";

type Subscribe = Extract<ClientMessage, { t: "sub" }>;
type Write = Extract<ClientMessage, { t: "do" }>;

/** Subscriptions that are made within so many milliseconds share a request. */
const collected = 10;

const closeCodes: Readonly<Record<number, number>> = {
  401: CloseCode.unauthenticated,
  403: CloseCode.forbidden,
  429: CloseCode.limit,
};

/** How long a server may take to greet, in milliseconds. */
const patience = 10_000;

/** Opens streams as they are needed. */
export function openEventStream(
  url: string,
  token: string | undefined,
  events: TransportEvents,
): Transport {
  const address = url.replace(/^ws/, "http");
  const subscriptions = new Map<number, Subscribe>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let reading: AbortController | undefined;
  let over = false;

  function request(init: RequestInit & { headers?: Record<string, string> }, query = "") {
    return fetch(address + query, {
      ...init,
      credentials: "include",
      headers: { ...init.headers, ...token !== undefined && { authorization: `Bearer ${token}` } },
    });
  }

  function end(code: number): void {
    if (over) return;
    close();
    events.closed(code);
  }

  function close(): void {
    over = true;
    clearTimeout(timer);
    reading?.abort();
  }

  async function read(): Promise<void> {
    reading?.abort();
    if (subscriptions.size === 0) return;
    const { signal } = reading = new AbortController();
    const list = [...subscriptions.values()].map(({ id, model, query }) => ({
      id,
      model,
      query,
      ...events.placeOf(id),
    }));
    const separator = address.includes("?") ? "&" : "?";
    const query = `${separator}subscriptions=${encodeURIComponent(JSON.stringify(list))}`;
    let code: number = CloseCode.internal;
    const greeting = setTimeout(() => signal.aborted || end(CloseCode.timeout), patience);
    try {
      const headers = { accept: "text/event-stream" };
      const response = await request({ signal, headers, cache: "no-store" }, query);
      if (response.ok && response.body) {
        for await (const message of messagesOf(response.body)) {
          if (signal.aborted) return;
          clearTimeout(greeting);
          events.message(message);
        }
      } else {
        code = closeCodes[response.status] ?? code;
        await response.body?.cancel();
      }
    } catch {
      // As when the stream ends: the connection comes back.
    } finally {
      clearTimeout(greeting);
    }
    if (!signal.aborted) end(code);
  }

  async function write(message: Write): Promise<void> {
    let answer: ServerMessage;
    try {
      const response = await request({
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(message),
      });
      answer = await response.json();
      if (answer.t !== "done" && answer.t !== "error") throw new TypeError("No answer");
    } catch {
      if (!over) events.unanswered(message.id);
      return;
    }
    if (!over) events.message({ ...answer, id: message.id });
  }

  queueMicrotask(() => over || events.opened());
  return {
    ordered: false,
    close,
    send(message) {
      if (message.t === "do") return void write(message);
      if (message.t === "pong") return;
      if (message.t === "sub") subscriptions.set(message.id, message);
      if (message.t === "unsub") subscriptions.delete(message.id);
      if (message.t === "auth") token = message.token;
      clearTimeout(timer);
      timer = setTimeout(read, collected);
    },
  };
}

/** The messages of a stream; a comment counts as a ping. */
async function* messagesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerMessage> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) return;
      const parts = (rest + decoder.decode(value, { stream: true })).split("\n\n");
      rest = parts.pop() as string;
      for (const part of parts) {
        const lines = part.split("\n").filter((line) => line.startsWith("data:"));
        const data = lines.map((line) => line.slice(5)).join("\n");
        yield data ? JSON.parse(data) : { t: "ping" };
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
