/**
 * WebSocket clients that send headers of their own, as no page can.
 *
 * @module
 */

/** What a client asks with. */
export interface SocketOptions {
  /** Subprotocols. */
  readonly protocols?: string[];
  /** Headers. */
  readonly headers?: Record<string, string>;
}

/** Opens a socket. The types that are in force here may be those of browsers, which know no options. */
export function openSocket(url: string, options: SocketOptions): WebSocket {
  return new WebSocket(url, options as unknown as string[]);
}
