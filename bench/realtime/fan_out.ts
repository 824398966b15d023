/**
 * How fast one change reaches many WebSockets, beside a loop that sends the same text to as many; and what a connection
 * costs beside the runtime's own.
 *
 * ```
 * deno run -A --v8-flags=--expose-gc bench/realtime/fan_out.ts [connections] [changes]
 * ```
 *
 * @module
 */
import { MemoryLive } from "../../src/features/realtime/server/testdata/memory_live.ts";
import { roomAccess } from "../../src/features/realtime/server/testdata/rig.ts";
import { RealtimeServer } from "../../src/features/realtime/server/realtime_server.ts";
import { PROTOCOL } from "../../src/features/realtime/protocol/messages.ts";

const [role = "", ...args] = Deno.args;
const connections = Number(Deno.args[0] ?? 5000);
const changes = Number(Deno.args[1] ?? 20);

/** Connects, subscribes where it is told to, and counts frames of changes; prints a line when all have come. */
async function receive(port: number, connections: number, subscribes: boolean): Promise<void> {
  let received = 0;
  let ready = 0;
  let expected = Infinity;
  const told = (text: string) => console.log(text);
  const connect = () =>
    new Promise<void>((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/`, PROTOCOL);
      socket.onmessage = ({ data }) => {
        if (data.startsWith('{"t":"change"')) {
          if (++received === expected) told("received");
        } else if (data.startsWith('{"t":"hello"') && subscribes) {
          socket.send('{"t":"sub","id":1,"model":"Note","query":{}}');
        } else if (data.startsWith('{"t":"snap"') || data.startsWith('{"t":"hello"')) {
          ready++;
          resolve();
        }
      };
      socket.onerror = () => Deno.exit(1);
    });
  for (let i = 0; i < connections; i += 100) {
    await Promise.all(Array.from({ length: Math.min(100, connections - i) }, connect));
  }
  told(`ready ${ready}`);
  for await (const chunk of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    for (const line of chunk.trim().split("\n")) {
      received = 0;
      expected = Number(line);
      told("expecting");
    }
  }
}

class Receivers {
  readonly #child: Deno.ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;

  constructor(port: number, connections: number, subscribes: boolean) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        import.meta.filename!,
        "receive",
        `${port}`,
        `${connections}`,
        `${subscribes}`,
      ],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#lines = linesOf(this.#child.stdout);
    this.#writer = this.#child.stdin.getWriter();
  }

  async wait(): Promise<void> {
    if ((await this.#lines.next()).done) throw new Error("The receivers ended");
  }

  async expect(count: number): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(`${count}\n`));
    await this.wait();
  }

  async end(): Promise<void> {
    this.#child.kill();
    await this.#child.status;
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream() as never)) {
    text += chunk;
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    yield* lines;
  }
}

const text = "x".repeat(200);
const frame = (i: number) =>
  `{"t":"change","at":"${i}","c":[{"id":1,"put":[["${i % 50}",{"id":"${
    i % 50
  }","room":"a","text":"${text}"}]]}]}`;
const pause = () => new Promise((resolve) => setTimeout(resolve, 0));

/** The memory of this process in bytes, once the collector has been through it. */
async function memory(): Promise<number> {
  for (let i = 0; i < 5; i++) {
    (globalThis as { gc?: () => void }).gc?.();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return Deno.memoryUsage().rss;
}

/** A server with its receivers, which are connected. */
interface Side extends AsyncDisposable {
  /** What a connection costs in bytes. */
  readonly bytes: number;
  /** Sends changes until all receivers have had them; gives frames a second. */
  round(): Promise<number>;
}

async function sideOf(
  port: number,
  subscribes: boolean,
  send: (i: number) => void,
  close: () => Promise<void>,
): Promise<Side> {
  const before = await memory();
  const receivers = new Receivers(port, connections, subscribes);
  await receivers.wait();
  const bytes = (await memory() - before) / connections;
  return {
    bytes,
    async round() {
      await receivers.expect(connections * changes);
      const start = performance.now();
      for (let i = 0; i < changes; i++) {
        send(i);
        await pause();
      }
      await receivers.wait();
      return connections * changes / (performance.now() - start) * 1000;
    },
    async [Symbol.asyncDispose]() {
      await receivers.end();
      await close();
    },
  };
}

function raw(): Promise<Side> {
  const sockets = new Set<WebSocket>();
  const http = Deno.serve({ port: 0, onListen: () => {} }, (request) => {
    const options = { protocol: PROTOCOL, idleTimeout: 0 };
    const { socket, response } = Deno.upgradeWebSocket(request, options);
    socket.onopen = () => {
      sockets.add(socket);
      socket.send('{"t":"hello"}');
    };
    socket.onmessage = () => {};
    socket.onclose = () => sockets.delete(socket);
    return response;
  });
  return sideOf(http.addr.port, false, (i) => {
    const text = frame(i);
    for (const socket of sockets) socket.send(text);
  }, () => http.shutdown());
}

function ours(): Promise<Side> {
  const live = new MemoryLive();
  const limits = { perAddress: connections + 1, connections: connections + 1 };
  const server = new RealtimeServer(live, roomAccess(live), { limits });
  const http = Deno.serve(
    { port: 0, onListen: () => {} },
    (request, info) => server.handle(request, info),
  );
  return sideOf(http.addr.port, true, (i) => {
    live.write("Note", { [i % 50]: { id: `${i % 50}`, room: "a", text } });
  }, async () => {
    await server.close();
    await http.shutdown();
  });
}

const median = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;

/** Rounds of both take turns, so that what else the computer does hits both. */
async function main(): Promise<void> {
  const floor = await raw();
  const our = await ours();
  await floor.round();
  await our.round();
  const pairs: [number, number][] = [];
  for (let i = 0; i < 9; i++) pairs.push([await our.round(), await floor.round()]);
  const ratio = median(pairs.map(([a, b]) => a / b));
  console.log(
    `${connections} WebSockets, ${changes} changes a round, medians of 9 pairs of rounds`,
  );
  console.log(`raw loop  ${Math.round(median(pairs.map(([, b]) => b)))} frames/s`);
  console.log(`server    ${Math.round(median(pairs.map(([a]) => a)))} frames/s`);
  console.log(`ratio     ${ratio.toFixed(2)} (bar: 0.80)`);
  console.log(
    `a connection: ${Math.round(our.bytes)} bytes, raw ${Math.round(floor.bytes)}: ` +
      `${((our.bytes - floor.bytes) / 1000).toFixed(1)} kB above (bar: 25)`,
  );
}

if (role === "receive") await receive(Number(args[0]), Number(args[1]), args[2] === "true");
else {
  await main();
  Deno.exit();
}
