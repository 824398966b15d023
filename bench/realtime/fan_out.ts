/**
 * How fast one change reaches many WebSockets, beside a loop that sends the same text to as many; and what a connection
 * costs beside the runtime's own.
 *
 * ```
 * deno run -A bench/realtime/fan_out.ts [connections] [changes]
 * ```
 *
 * @module
 */
import { MemoryLive } from "../../src/features/realtime/server/testdata/memory_live.ts";
import { Note, roomAccess } from "../../src/features/realtime/server/testdata/rig.ts";
import { RealtimeServer } from "../../src/features/realtime/server/realtime_server.ts";
import { PROTOCOL } from "../../src/features/realtime/protocol/messages.ts";

const [role = "", ...args] = Deno.args;

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

interface Figures {
  readonly perSecond: number[];
  readonly bytes: number;
}

async function measure(
  connections: number,
  changes: number,
  port: number,
  subscribes: boolean,
  send: (i: number) => void,
): Promise<Figures> {
  const before = await memory();
  const receivers = new Receivers(port, connections, subscribes);
  await receivers.wait();
  const bytes = (await memory() - before) / connections;
  const perSecond: number[] = [];
  for (let round = 0; round < 5; round++) {
    await receivers.expect(connections * changes);
    const start = performance.now();
    for (let i = 0; i < changes; i++) {
      send(i);
      await pause();
    }
    await receivers.wait();
    perSecond.push(connections * changes / (performance.now() - start) * 1000);
  }
  await receivers.end();
  return { perSecond, bytes };
}

async function raw(connections: number, changes: number): Promise<Figures> {
  const sockets = new Set<WebSocket>();
  const http = Deno.serve({ port: 0, onListen: () => {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request, {
      protocol: PROTOCOL,
      idleTimeout: 0,
    });
    socket.onopen = () => {
      sockets.add(socket);
      socket.send('{"t":"hello"}');
    };
    socket.onclose = () => sockets.delete(socket);
    return response;
  });
  const figures = await measure(connections, changes, http.addr.port, false, (i) => {
    const text = frame(i);
    for (const socket of sockets) socket.send(text);
  });
  await http.shutdown();
  return figures;
}

async function ours(connections: number, changes: number): Promise<Figures> {
  const live = new MemoryLive();
  const server = new RealtimeServer(live, roomAccess(live), {
    limits: { perAddress: connections + 1, connections: connections + 1 },
  });
  const http = Deno.serve(
    { port: 0, onListen: () => {} },
    (request, info) => server.handle(request, info),
  );
  const figures = await measure(connections, changes, http.addr.port, true, (i) => {
    live.write("Note", { [i % 50]: { id: `${i % 50}`, room: "a", text } });
  });
  await server.close();
  await http.shutdown();
  return figures;
}

const median = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;

if (role === "receive") {
  await receive(Number(args[0]), Number(args[1]), args[2] === "true");
} else if (role === "raw" || role === "ours") {
  const work = role === "raw" ? raw : ours;
  console.log(JSON.stringify(await work(Number(args[0]), Number(args[1]))));
  Deno.exit();
} else {
  void Note;
  const connections = Number(Deno.args[0] ?? 5000);
  const changes = Number(Deno.args[1] ?? 20);
  const run = async (name: string): Promise<Figures> => {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--v8-flags=--expose-gc",
        import.meta.filename!,
        name,
        `${connections}`,
        `${changes}`,
      ],
      stderr: "inherit",
    }).output();
    return JSON.parse(new TextDecoder().decode(stdout));
  };
  const floor = await run("raw");
  const our = await run("ours");
  const [a, b] = [median(our.perSecond), median(floor.perSecond)];
  console.log(`${connections} WebSockets, ${changes} changes a round, median of 5 rounds`);
  console.log(`raw loop  ${Math.round(b)} frames/s`);
  console.log(`server    ${Math.round(a)} frames/s, ratio ${(a / b).toFixed(2)} (bar: 0.80)`);
  console.log(
    `a connection: ${Math.round(our.bytes)} bytes, raw ${Math.round(floor.bytes)}: ` +
      `${((our.bytes - floor.bytes) / 1000).toFixed(1)} kB above (bar: 25)`,
  );
}
