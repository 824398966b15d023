/**
 * Listens for a server on whatever runtime this is.
 *
 * @module
 */
import { Logger } from "../../../base/logger.ts";
import { UnsupportedError } from "../../../base/errors.ts";
import { type BunHandlers, bunHandlers } from "./bun.ts";
import { nodeHandlers, type NodeSocketServer } from "./node.ts";
import type { ClientInfo, Service } from "./service.ts";
import { upgrade } from "./upgrade.ts";

/** Where a server listens. */
export interface ListenOptions {
  /** The port; 0: one that is free. */
  readonly port: number;
  /** The address of the network interface. Default: `127.0.0.1`, this computer alone. */
  readonly hostname?: string;
  /** On Node: the class of the package `ws`, where it is not to be loaded by its name. */
  readonly WebSocketServer?: NodeSocketServer;
}

/** A server that listens. */
export interface Listener {
  /** The port. */
  readonly port: number;
  /** Resolves when it listens, rejects when it cannot. */
  readonly ready: Promise<void>;
  /** Takes no more connections, and waits for those that are there. */
  close(): Promise<void>;
}

interface Serving {
  readonly addr: { readonly port: number };
  shutdown(): Promise<void>;
}

interface Runtimes {
  readonly Deno?: {
    serve(
      options: { port: number; hostname: string; onListen: () => void },
      handler: (request: Request, info: ClientInfo) => Promise<Response>,
    ): Serving;
  };
  readonly Bun?: {
    serve(options: BunHandlers & { port: number; hostname: string }): {
      readonly port: number;
      stop(closeAll?: boolean): Promise<void> | void;
    };
  };
}

const log = Logger.child("realtime");

/**
 * Begins to listen, before it returns.
 *
 * @throws what keeps the port from being opened
 */
export function listen(service: Service, options: ListenOptions): Listener {
  const { Bun, Deno } = globalThis as Runtimes;
  const { port, hostname = "127.0.0.1" } = options;
  if (Deno !== undefined) {
    const server = Deno.serve({ port, hostname, onListen: () => {} }, async (request, info) => {
      const admitted = await service.admit(request, info);
      return admitted instanceof Response ? admitted : upgrade(request, admitted);
    });
    const ready = Promise.resolve();
    return { port: server.addr.port, ready, close: () => server.shutdown() };
  }
  if (Bun !== undefined) {
    const server = Bun.serve({ port, hostname, ...bunHandlers(service) });
    const close = async () => await server.stop(true);
    return { port: server.port, ready: Promise.resolve(), close };
  }
  return listenOnNode(service, { ...options, hostname });
}

function listenOnNode(
  service: Service,
  { port, hostname, WebSocketServer }: ListenOptions,
): Listener {
  const http = globalThis.process.getBuiltinModule("node:http");
  const loading = WebSocketServer === undefined ? loadSockets() : Promise.resolve(WebSocketServer);
  const handlers = loading.then((sockets) => nodeHandlers(service, { WebSocketServer: sockets }));
  const server = http.createServer((request, response) => {
    handlers.then((each) => each.request(request, response)).catch((error) => {
      log.error("A request could not be answered", { error });
      response.destroy();
    });
  });
  server.on("upgrade", (request, socket, head) => {
    handlers.then((each) => each.upgrade(request, socket, head)).catch((error) => {
      log.error("A WebSocket could not be opened", { error });
      socket.destroy();
    });
  });
  const ready = new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, hostname, resolve);
  });
  ready.catch(() => {});
  return {
    get port() {
      const address = server.address();
      return typeof address === "object" && address !== null ? address.port : port;
    },
    ready: Promise.all([ready, handlers]).then(() => {}),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function loadSockets(): Promise<NodeSocketServer> {
  // Deno and bundlers are not to look for it: it is needed on Node alone.
  const name = "ws";
  try {
    return (await import(name)).WebSocketServer;
  } catch (cause) {
    throw new UnsupportedError("Cannot open WebSockets: Node has none of its own", {
      cause,
      hint: "install the package ws, or pass its WebSocketServer",
    });
  }
}
