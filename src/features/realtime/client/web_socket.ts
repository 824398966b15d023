/**
 * Messages over a WebSocket.
 *
 * @module
 */
import { CloseCode, PROTOCOL, type ServerMessage } from "../protocol/messages.ts";
import type { Transport, TransportEvents } from "./transport.ts";

/** Opens a WebSocket. */
export function openWebSocket(
  url: string,
  token: string | undefined,
  events: TransportEvents,
): Transport {
  const socket = new WebSocket(url.replace(/^http/, "ws"), PROTOCOL);
  const close = () => {
    socket.onmessage = socket.onclose = null;
    // Only now does a browser complain of what was closed before it was open.
    socket.onerror = (event) => event.preventDefault?.();
    socket.close();
  };
  socket.onmessage = ({ data }) => {
    try {
      const message = JSON.parse(data) as ServerMessage;
      const hello = message.t === "hello";
      if (hello && token !== undefined) socket.send(JSON.stringify({ t: "auth", token }));
      events.message(message);
      if (hello) events.opened();
    } catch {
      close();
      events.closed(CloseCode.badMessage);
    }
  };
  socket.onclose = ({ code }) => {
    close();
    events.closed(code);
  };
  // The close that follows says all that there is to know.
  socket.onerror = (event) => event.preventDefault?.();
  return {
    ordered: true,
    send: (message) => socket.send(JSON.stringify(message)),
    close,
  };
}
