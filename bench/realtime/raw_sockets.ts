/**
 * WebSockets by hand: what the runtime gives, and a loop that sends.
 *
 * @module
 */

/** Sockets that are sent everything. */
export class RawSockets {
  readonly #sockets = new Set<WebSocket>();

  /** Takes a request for a WebSocket. */
  accept(request: Request, protocol: string): Response {
    const { socket, response } = Deno.upgradeWebSocket(request, { protocol, idleTimeout: 0 });
    socket.onopen = () => {
      this.#sockets.add(socket);
      socket.send('{"t":"snap"}');
    };
    socket.onmessage = () => {};
    socket.onclose = () => this.#sockets.delete(socket);
    return response;
  }

  /** Sends a text to all. */
  send(text: string): void {
    for (const socket of this.#sockets) socket.send(text);
  }
}
