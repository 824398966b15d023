/**
 * Serves live data on the runtime that runs this, to WebSockets and streams of its own, and prints one line of JSON for
 * each case.
 *
 * ```
 * node realtime_main.js
 * ```
 *
 * @module
 */
import assert from "node:assert/strict";
import { BaseModel, Column, Entity, PrimaryKey, realTimeEmitter, RealtimeSync } from "@rex/orm";
import {
  type Access,
  type Admission,
  listen,
  type LiveChange,
  type LiveQueries,
  type LiveSink,
  PROTOCOL,
  RealtimeServer,
} from "@rex/orm/realtime";

@Entity({ tableName: "runtime_notes" })
class Note extends BaseModel {
  @PrimaryKey({ type: "varchar", length: 40, generated: false })
  id!: string;
  @Column({ type: "varchar", length: 40 })
  text!: string;
}

/** One query that everybody subscribes to. */
class OneQuery implements LiveQueries {
  readonly #followers = new Set<(change: LiveChange, position: string) => void>();
  #position = 0;

  open<Tag>(_request: unknown, sink: LiveSink<Tag>, tag: Tag): ReturnType<LiveQueries["open"]> {
    const follower = (change: LiveChange, position: string): void => {
      sink.change(tag, change);
      sink.flush(position);
    };
    this.#followers.add(follower);
    queueMicrotask(() => sink.snapshot(tag, { entries: [], position: "0" }));
    return {
      explain: () => ({ way: "query", columns: [], tables: [], reasons: [] }),
      close: () => void this.#followers.delete(follower),
    };
  }

  tell(key: string, text: string): void {
    const change = { drop: [], put: [{ key, row: { text } }] };
    const position = String(++this.#position);
    for (const follower of this.#followers) follower(change, position);
  }

  settled(): Promise<void> {
    return Promise.resolve();
  }

  stats(): ReturnType<LiveQueries["stats"]> {
    const subscriptions = this.#followers.size;
    return { subscriptions, views: 1, rows: 0, batches: 0, queries: 0 };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** The messages of a WebSocket. */
class Messages {
  readonly #socket: WebSocket;
  readonly #waiting: string[] = [];
  readonly closed: Promise<number>;
  #wake = (): void => {};

  constructor(address: string, protocol?: string) {
    this.#socket = protocol === undefined
      ? new WebSocket(address)
      : new WebSocket(address, protocol);
    this.closed = new Promise((resolve) => {
      this.#socket.onclose = (event) => resolve(event.code);
    });
    this.#socket.onmessage = ({ data }) => {
      this.#waiting.push(data);
      this.#wake();
    };
  }

  get opened(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#socket.onopen = () => resolve(this.#socket.protocol);
      this.#socket.onerror = () => reject(new Error("cannot connect"));
    });
  }

  send(message: unknown): void {
    this.#socket.send(JSON.stringify(message));
  }

  close(): void {
    this.#socket.close();
  }

  async next(): Promise<Record<string, unknown>> {
    while (this.#waiting.length === 0) await new Promise<void>((resolve) => this.#wake = resolve);
    return JSON.parse(this.#waiting.shift() as string);
  }
}

const access: Access<object> = {
  request: () => ({ entity: { name: "Note" } as never, query: {} }),
  write: () => Promise.resolve({ mark: {} }),
};

async function withServer(
  work: (port: number, live: OneQuery, server: RealtimeServer<object>) => Promise<void>,
): Promise<void> {
  const live = new OneQuery();
  const server = new RealtimeServer<object>(live, access, { origins: "*" });
  const admit = (request: Request): Promise<Response | Admission> => server.admit(request);
  const listener = listen({ admit }, { port: 0 });
  await listener.ready;
  try {
    await work(listener.port, live, server);
  } finally {
    await server.close();
    await listener.close();
  }
}

const cases: Readonly<Record<string, () => Promise<void>>> = {
  "rex-sync.v1 over a WebSocket": () =>
    withServer(async (port, live, server) => {
      const client = new Messages(`ws://127.0.0.1:${port}/live`, PROTOCOL);
      assert.equal(await client.opened, PROTOCOL);
      assert.equal((await client.next()).t, "hello");
      client.send({ t: "sub", id: 1, model: "Note", query: {} });
      assert.equal((await client.next()).t, "snap");
      live.tell("a", "ü");
      assert.deepEqual((await client.next()).c, [{ id: 1, put: [["a", { text: "ü" }]] }]);
      client.send({ t: "nothing" });
      assert.equal((await client.next()).code, "bad_message");
      assert.equal(await client.closed, 1007);
      const other = new Messages(`ws://127.0.0.1:${port}/live`, PROTOCOL);
      await other.next();
      await server.close();
      assert.equal(await other.closed, 1001);
    }),
  "a stream of events": () =>
    withServer(async (port, live, server) => {
      const query = encodeURIComponent(JSON.stringify([{ model: "Note" }]));
      const response = await fetch(`http://127.0.0.1:${port}/?subscriptions=${query}`);
      assert.equal(response.status, 200);
      const reader = (response.body as ReadableStream<Uint8Array>).getReader();
      const decoder = new TextDecoder();
      let text = "";
      const until = async (wanted: string): Promise<void> => {
        while (!text.includes(wanted)) text += decoder.decode((await reader.read()).value);
      };
      await until("event: snap");
      live.tell("a", "x");
      await until("event: change");
      await reader.cancel();
      while (server.stats().connections > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }),
  "a write that is posted": () =>
    withServer(async (port) => {
      const response = await fetch(`http://127.0.0.1:${port}/`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ t: "do", id: 3, op: "delete", model: "Note", key: { id: "a" } }),
      });
      assert.deepEqual(await response.json(), { t: "done", id: 3 });
    }),
  "RealtimeSync tells plain WebSockets": async () => {
    const sync = new RealtimeSync(0);
    await sync.ready;
    const client = new Messages(`ws://127.0.0.1:${sync.port}/`);
    await client.opened;
    realTimeEmitter.emit("save", Note.from({ id: "a", text: "x" }));
    assert.deepEqual(await client.next(), {
      event: "save",
      model: "Note",
      data: { id: "a", text: "x" },
    });
    await sync.close();
    assert.equal(await client.closed, 1001);
  },
};

for (const [name, run] of Object.entries(cases)) {
  try {
    await run();
    console.log(JSON.stringify({ name }));
  } catch (error) {
    const failure = error instanceof Error ? error.stack ?? error.message : String(error);
    console.log(JSON.stringify({ name, failure }));
  }
}
