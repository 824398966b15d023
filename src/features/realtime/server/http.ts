/**
 * Clients without WebSockets: a stream of events for reading, and one request for each write.
 *
 * @module
 */
import type { LiveQueries } from "../live/live.ts";
import type { ServerMessage } from "../protocol/messages.ts";
import type { Access } from "./access.ts";
import type { Authenticated } from "./authentication.ts";
import type { Connection } from "./connection.ts";
import { EventStream, type Positions, readPositions } from "./event_stream.ts";
import type { RealtimeLimits } from "./limits.ts";
import { type BadMessage, readMessage, subscriptionFault } from "./messages.ts";
import { refusalOf, statusOf } from "./refusal.ts";
import { streamHeaders } from "./text_stream.ts";

/** What a write needs. */
export interface WriteSetup<Context> {
  /** What clients may write. */
  readonly access: Access<Context>;
  /** Keeps queries true. */
  readonly live: LiveQueries;
  /** What clients may ask for. */
  readonly limits: RealtimeLimits;
  /** Whether one more write is within the limit. */
  readonly mayWrite: (who: Authenticated<Context>) => boolean;
}

/** Answers `?subscriptions=[{id, model, query, since}, …]` with a stream of what they see. */
export function answerStream<Context>(
  request: Request,
  connection: Connection<Context>,
  retry: number,
): Response | BadMessage {
  const { searchParams } = new URL(request.url);
  const wanted = readSubscriptions(searchParams.get("subscriptions"));
  if ("fault" in wanted) return wanted;
  const lastId = request.headers.get("last-event-id") ?? searchParams.get("last-event-id");
  const positions = readPositions(lastId);
  const kept: Positions = new Map(wanted.flatMap(({ id, since, q }) => {
    const place = positions.get(id) ?? (since === undefined ? undefined : { since, q });
    return place ? [[id, place] as const] : [];
  }));
  const stream = new EventStream(retry, new Map(kept), () => connection.closed());
  connection.opened(stream);
  for (const { id, model, query } of wanted) {
    const { since, q } = kept.get(id) ?? {};
    connection.subscribe({
      t: "sub",
      id,
      model,
      query,
      ...since !== undefined && { since },
      ...q !== undefined && { q },
    });
  }
  return new Response(stream.body, { headers: streamHeaders });
}

interface WantedSubscription {
  readonly id: number;
  readonly model: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly since?: string;
  readonly q?: string;
}

function readSubscriptions(text: string | null): WantedSubscription[] | BadMessage {
  let list: unknown;
  try {
    list = JSON.parse(text ?? "");
  } catch {
    return { fault: "?subscriptions= is no JSON" };
  }
  if (!Array.isArray(list)) return { fault: "?subscriptions= is no list" };
  const wanted = list.map((each, i) => ({ id: i + 1, query: {}, ...each }));
  for (const each of wanted) {
    const fault = subscriptionFault(each);
    if (fault !== undefined) return { fault };
  }
  return wanted;
}

/** Writes what a `POST` asks for. Its changes are told to all streams before it is answered. */
export async function answerWrite<Context>(
  request: Request,
  who: Authenticated<Context> | null,
  { access, live, limits, mayWrite }: WriteSetup<Context>,
): Promise<Response> {
  if (who === null) return failure("unauthenticated", "Show a token");
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  // Pages of other origins can send other types without being asked first.
  if (type !== "application/json") return failure("bad_message", "Send application/json");
  const text = await readText(request, limits.messageSize);
  if (text === undefined) return failure("bad_message", "The message is too large", 413);
  const message = readMessage(text);
  if ("fault" in message) return failure("bad_message", message.fault);
  if (message.t !== "do") return failure("bad_message", "Only writes can be sent");
  if (!mayWrite(who)) return failure("limit", "Too many writes");
  const { id } = message;
  try {
    const { mark, ...written } = await access.write(who.context, message);
    await live.settled(mark);
    return answer({ t: "done", id, ...written }, 200);
  } catch (error) {
    const refusal = refusalOf(error);
    return answer({ t: "error", id, ...refusal }, statusOf(refusal.code));
  }
}

function failure(
  code: Extract<ServerMessage, { t: "error" }>["code"],
  message: string,
  status = statusOf(code),
): Response {
  return answer({ t: "error", code, message }, status);
}

function answer(message: ServerMessage, status: number): Response {
  return Response.json(message, { status, headers: { "cache-control": "no-store" } });
}

/** The body as text; `undefined` when it is longer than that. */
async function readText(request: Request, longest: number): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of request.body ?? []) {
    text += decoder.decode(chunk as Uint8Array<ArrayBuffer>, { stream: true });
    if (text.length > longest) return undefined;
  }
  return text + decoder.decode();
}
