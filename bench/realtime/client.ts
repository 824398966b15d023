/**
 * The client that is measured: a WebSocket, and when its frames came.
 *
 * @module
 */
import { PROTOCOL } from "../../src/features/realtime/protocol/messages.ts";
import { followedRoom } from "./model.ts";
import { now } from "./programs.ts";

/** One WebSocket that looks for texts in the frames that it gets. */
export class Client implements Disposable {
  readonly #socket: WebSocket;
  /** Frames of changes that came. */
  frames = 0;
  #wanted: string | undefined;
  #found: ((time: number) => void) | undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** Connects; follows the room unless the server is one by hand. */
  static async open(url: string): Promise<Client> {
    const socket = new WebSocket(url, PROTOCOL);
    const client = new Client(socket);
    await new Promise<void>((resolve, reject) => {
      socket.onmessage = ({ data }) => {
        if (data.startsWith('{"t":"hello"')) {
          const query = { where: { room: followedRoom } };
          socket.send(JSON.stringify({ t: "sub", id: 1, model: "Item", query }));
        } else if (data.startsWith('{"t":"snap"')) resolve();
        else if (data.startsWith('{"t":"error"')) reject(new Error(data));
      };
      socket.onerror = () => reject(new Error("The socket failed"));
    });
    socket.onmessage = ({ data }) => client.#take(data);
    socket.onclose = ({ code }) => {
      if (client.#found) throw new Error(`The measured socket was closed: ${code}`);
    };
    return client;
  }

  #take(text: string): void {
    const time = now();
    if (text.startsWith('{"t":"ping"')) return this.#socket.send('{"t":"pong"}');
    if (!text.startsWith('{"t":"change"')) return;
    this.frames++;
    if (this.#wanted !== undefined && text.includes(this.#wanted)) {
      this.#wanted = undefined;
      this.#found!(time);
      this.#found = undefined;
    }
  }

  /** When a frame with this text came. To be called before it can come. */
  sees(text: string): Promise<number> {
    this.#wanted = text;
    return new Promise((resolve) => this.#found = resolve);
  }

  [Symbol.dispose](): void {
    this.#socket.onclose = null;
    this.#socket.close();
  }
}
