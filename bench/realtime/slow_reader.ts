/**
 * The row on a client that never reads: what it makes the server hold, and whether others wait.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "./client.ts";
import { liveSqlite } from "./databases.ts";
import { single } from "./latency.ts";
import type { Places } from "./places.ts";
import { Program } from "./programs.ts";
import type { Row } from "./report.ts";

const clients = 20;
const changes = 3_000;
const text = "x".repeat(10_000);
const memoryTitle = `${clients} clients that never read: the server's memory grows by`;
const waitTitle = `${clients} clients that never read: changes a second to one that does`;

/** Measures the rows that are asked for. */
export async function slowReaderRows(
  places: Places,
  wanted: (title: string) => boolean,
): Promise<Row[]> {
  if (!wanted(memoryTitle) && !wanted(waitTitle)) return [];
  console.error("  clients that never read");
  const alone = await measure(places, 0);
  const beside = await measure(places, clients);
  return [
    {
      title: memoryTitle,
      floor: { value: single(alone.grown / 1e6), unit: "MB" },
      measured: { value: single(beside.grown / 1e6), unit: "MB" },
      relation: { value: single((beside.grown - alone.grown) / 1e6), unit: "+MB" },
      // 1 MiB each, in the runtime's sockets and as merged changes: see `limits.queue`.
      bar: { atMost: 3 * clients },
    },
    {
      title: waitTitle,
      floor: { value: single(alone.rate), unit: "/s" },
      measured: { value: single(beside.rate), unit: "/s" },
      relation: { value: single(beside.rate / alone.rate), unit: "×" },
    },
  ];
}

/** What the server's memory grew by in bytes, and changes a second of the client that reads. */
async function measure(
  places: Places,
  clients: number,
): Promise<{ readonly grown: number; readonly rate: number }> {
  await using stack = new AsyncDisposableStack();
  const { place } = stack.use(await liveSqlite(places.sqlite, false));
  const [server, { port }] = await Program.start<{ port: number }>("server", {
    source: "process",
    place,
  });
  stack.use(server);
  const reader = stack.use(await Client.open(`ws://127.0.0.1:${port}/`));
  await server.ask({ do: "writeMany", count: changes, text });
  for (let i = 0; i < clients; i++) stack.use(await stuckClient(port));
  const before = await server.ask<number>({ do: "memory" });
  const last = reader.sees(`"${changes - 1} x`);
  const start = performance.now();
  await server.ask({ do: "writeMany", count: changes, text });
  await last;
  const rate = changes / (performance.now() - start) * 1000;
  return { grown: await server.ask<number>({ do: "memory" }) - before, rate };
}

/** Connects, subscribes to the followed row, and never reads again. */
async function stuckClient(port: number): Promise<Deno.TcpConn> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const encoder = new TextEncoder();
  await connection.write(encoder.encode(
    `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
      "Sec-WebSocket-Protocol: rex-sync.v1\r\n\r\n",
  ));
  await connection.read(new Uint8Array(4096));
  const message = encoder.encode('{"t":"sub","id":1,"model":"Item","query":{"where":{"id":1}}}');
  // A text frame with a mask of zeros.
  await connection.write(new Uint8Array([0x81, 0x80 | message.length, 0, 0, 0, 0, ...message]));
  await pause(20);
  return connection;
}
