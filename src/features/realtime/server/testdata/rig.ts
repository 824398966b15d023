/**
 * A server on a port of its own, over rows in memory, and real clients of it.
 *
 * @module
 */
import { QueryError } from "../../../../base/errors.ts";
import { BaseModel, Column, Entity, entityOf, PrimaryKey } from "../../../../model/mod.ts";
import { PROTOCOL, type ServerMessage } from "../../protocol/messages.ts";
import type { Access } from "../access.ts";
import { RealtimeServer, type RealtimeServerOptions } from "../realtime_server.ts";
import { MemoryLive } from "./memory_live.ts";

/** What is written and read. */
@Entity()
export class Note extends BaseModel {
  /** The key. */
  @PrimaryKey({ type: "varchar", length: 40, generated: false })
  id!: string;
  /** Who may see it. */
  @Column({ type: "varchar", length: 40 })
  room!: string;
  /** Anything. */
  @Column({ type: "text" })
  text!: string;
}

/** What clients are known by. */
export interface Guest {
  /** The only room that is seen; left out: all. */
  readonly room?: string;
}

/** Lets everybody see their room, and write. */
export function roomAccess(live: MemoryLive): Access<Guest> {
  return {
    request({ room }, { model, query }) {
      if (model !== "Note") throw new QueryError(`Cannot find ${model}`);
      for (const name of Object.keys(query)) {
        if (name !== "where" && name !== "orderBy") throw new QueryError(`No such thing: ${name}`);
      }
      const where = { ...query.where as object, ...room !== undefined && { room } };
      return { entity: entityOf(Note), query: { ...query, where } };
    },
    write(_context, { op, key, values }) {
      const id = String(key?.id ?? values?.id);
      if (id === "bad") throw new Error("SELECT secret FROM passwords");
      const row = op === "delete" ? undefined : { id, ...values };
      const position = live.write("Note", { [id]: row });
      return Promise.resolve({ key: { id }, ...row && { row }, mark: { position } });
    },
  };
}

/** A server that listens. */
export interface Rig extends AsyncDisposable {
  /** The server. */
  readonly server: RealtimeServer<Guest>;
  /** Its rows. */
  readonly live: MemoryLive;
  /** Its port. */
  readonly port: number;
}

/** Starts a server. */
export function startRig(options: RealtimeServerOptions<Guest> = {}): Rig {
  const live = new MemoryLive();
  const server = new RealtimeServer<Guest>(live, roomAccess(live), options);
  const http = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request, info) => server.handle(request, info),
  );
  return {
    server,
    live,
    port: http.addr.port,
    async [Symbol.asyncDispose]() {
      await server.close();
      await http.shutdown();
    },
  };
}

/** A WebSocket with all that it was told. */
export class Client implements AsyncDisposable {
  /** The socket. */
  readonly socket: WebSocket;
  /** The code and reason with which it was closed. */
  readonly closed: Promise<CloseEvent>;
  readonly #messages: ServerMessage[] = [];
  #wake = () => {};
  #over = false;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.addEventListener("close", (event) => {
        this.#over = true;
        this.#wake();
        resolve(event);
      }, { once: true });
    });
    socket.addEventListener("error", (event) => event.preventDefault());
    socket.addEventListener("message", ({ data }) => {
      this.#messages.push(JSON.parse(data));
      this.#wake();
    });
  }

  /** Connects. */
  static async connect(port: number, path = "/"): Promise<Client> {
    const client = new Client(new WebSocket(`ws://127.0.0.1:${port}${path}`, PROTOCOL));
    await new Promise<void>((resolve) => {
      client.socket.addEventListener("open", () => resolve(), { once: true });
      client.closed.then(() => resolve());
    });
    return client;
  }

  /** Sends a message, or a text that is none. */
  send(message: unknown): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** The next message that is not a ping. */
  async next(): Promise<ServerMessage> {
    while (true) {
      const message = this.#messages.shift();
      if (message === undefined) {
        if (this.#over) throw new Error("The connection was closed");
        await new Promise<void>((resolve) => this.#wake = resolve);
      } else if (message.t !== "ping") return message;
    }
  }

  /** The next message of a kind; others before it are left out. */
  async nextOf<Kind extends ServerMessage["t"]>(
    kind: Kind,
  ): Promise<Extract<ServerMessage, { t: Kind }>> {
    while (true) {
      const message = await this.next();
      if (message.t === kind) return message as Extract<ServerMessage, { t: Kind }>;
    }
  }

  /** Closes. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}

/** Waits until something holds, without a limit of its own: a test that hangs is ended from outside. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
