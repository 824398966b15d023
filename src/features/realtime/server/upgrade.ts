/**
 * Makes WebSockets of requests where the runtime can do that by itself.
 *
 * @module
 */
import { UnsupportedError } from "../../../base/errors.ts";
import { attach, type EventSocket } from "./channel.ts";
import type { Admission } from "./service.ts";

/** What of Deno is used here. */
interface DenoLike {
  upgradeWebSocket(
    request: Request,
    options: { protocol?: string; idleTimeout: number },
  ): { socket: EventSocket; response: Response };
}

/**
 * Answers a request by a WebSocket.
 *
 * @throws {UnsupportedError} on runtimes that make WebSockets otherwise
 */
export function upgrade(
  request: Request,
  { protocol, receiver, idleTimeout }: Admission,
): Response {
  const deno = (globalThis as { Deno?: Partial<DenoLike> }).Deno;
  if (deno?.upgradeWebSocket === undefined) {
    receiver.closed();
    throw new UnsupportedError("Cannot make a WebSocket of a request on this runtime", {
      hint: "use bunHandlers(server) on Bun, and nodeHandlers(server, { WebSocketServer }) on Node",
    });
  }
  try {
    const options = { ...protocol !== undefined && { protocol }, idleTimeout };
    const { socket, response } = deno.upgradeWebSocket(request, options);
    attach(socket, receiver);
    return response;
  } catch (error) {
    receiver.closed();
    if (error instanceof TypeError) return new Response("Bad WebSocket request", { status: 400 });
    throw error;
  }
}
