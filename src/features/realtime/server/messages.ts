/**
 * Reads what clients send.
 *
 * @module
 */
import type { ClientMessage } from "../protocol/messages.ts";

/** A frame that is no message of the protocol. */
export interface BadMessage {
  /** What is wrong with it. */
  readonly fault: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** The most characters of a model's name or an operation's. */
const longestName = 200;
const operations: ReadonlySet<unknown> = new Set(["create", "update", "delete"]);

/** Reads a message. What it does not know of a message's members it leaves alone. */
export function readMessage(text: string): ClientMessage | BadMessage {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return { fault: "The message is not JSON" };
  }
  if (!isObject(message)) return { fault: "The message is no object" };
  const check = Object.hasOwn(checks, String(message.t)) ? checks[message.t as Kind] : undefined;
  if (check === undefined) return { fault: "The message has no known t" };
  const fault = check(message);
  return fault === undefined ? message as unknown as ClientMessage : { fault };
}

type Kind = ClientMessage["t"];

const checks: Readonly<Record<Kind, (message: Fields) => string | undefined>> = {
  sub: subscriptionFault,
  unsub: ({ id }) => idFault(id),
  do: writeFault,
  auth: ({ token }) => typeof token === "string" ? undefined : "token is no text",
  pong: () => undefined,
};

/** What is wrong with a subscription. */
export function subscriptionFault({ id, model, query, since, q }: Fields): string | undefined {
  if (since !== undefined && typeof since !== "string") return "since is no text";
  if (q !== undefined && typeof q !== "string") return "q is no text";
  return idFault(id) ?? modelFault(model) ?? (isObject(query) ? undefined : "query is no object");
}

function writeFault({ id, op, model, key, values }: Fields): string | undefined {
  if (!operations.has(op)) return "op is none of create, update and delete";
  if (key !== undefined && !isObject(key)) return "key is no object";
  if (values !== undefined && !isObject(values)) return "values is no object";
  if (op !== "create" && key === undefined) return "key is missing";
  if (op !== "delete" && values === undefined) return "values is missing";
  return idFault(id) ?? modelFault(model);
}

function idFault(id: unknown): string | undefined {
  return Number.isSafeInteger(id) && (id as number) >= 0 ? undefined : "id is no whole number";
}

function modelFault(model: unknown): string | undefined {
  return typeof model === "string" && model.length <= longestName ? undefined : "model is no name";
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
