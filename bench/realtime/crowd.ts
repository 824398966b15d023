/**
 * A process that holds many subscriptions, or many sockets that count what they are sent.
 *
 * @module
 */
import { PROTOCOL } from "../../src/features/realtime/protocol/messages.ts";
import { crowdRoom, followedRoom } from "./model.ts";
import { obey } from "./programs.ts";

let received = 0;
let expected = Infinity;
let reached = () => {};
let arrived: Promise<void> | undefined;

function count(): void {
  if (++received === expected) reached();
}

/** Opens a socket; with subscriptions, to one room each, resolves when it has all results. */
function connect(url: string, rooms: readonly number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, PROTOCOL);
    let results = 0;
    const ask = (id: number) =>
      socket.send(JSON.stringify({
        t: "sub",
        id,
        model: "Item",
        query: { where: { room: rooms[id]!, ...followed(rooms[id]!) } },
      }));
    socket.onmessage = ({ data }) => {
      if (data.startsWith('{"t":"change"')) count();
      else if (data.startsWith('{"t":"hello"')) { for (const id of rooms.keys()) ask(id); }
      else if (data.startsWith('{"t":"snap"')) {
        if (++results >= rooms.length) resolve();
      } else if (data.startsWith('{"t":"ping"')) socket.send('{"t":"pong"}');
      else if (data.startsWith('{"t":"error"')) reject(new Error(data));
    };
    socket.onerror = () => reject(new Error("The socket failed"));
  });
}

/** In the followed room one row is enough. */
function followed(room: number): { id?: number } {
  return room === followedRoom ? { id: 1 } : {};
}

await obey(undefined, {
  /** Follows `count` rooms of its own over few sockets. */
  async subscribe({ url, count, each }) {
    for (let at = 0; at < Number(count); at += Number(each)) {
      const rooms = Array.from(
        { length: Math.min(Number(each), Number(count) - at) },
        (_, i) => crowdRoom + at + i,
      );
      await connect(String(url), rooms);
    }
  },
  /** Opens `count` sockets, which follow the first row unless they are raw. */
  async open({ url, count, raw }) {
    for (let at = 0; at < Number(count); at += 100) {
      const length = Math.min(100, Number(count) - at);
      await Promise.all(
        Array.from({ length }, () => connect(String(url), raw ? [] : [followedRoom])),
      );
    }
  },
  expect({ count }) {
    received = 0;
    expected = Number(count);
    const { promise, resolve } = Promise.withResolvers<void>();
    reached = resolve;
    arrived = promise;
  },
  arrived: () => arrived,
});
