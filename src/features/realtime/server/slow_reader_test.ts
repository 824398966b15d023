import assert from "node:assert/strict";
import { Client, startRig, until } from "./testdata/rig.ts";

const handshake = (port: number) =>
  `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" +
  "Sec-WebSocket-Protocol: rex-sync.v1\r\n\r\n";

/** A text frame of a client; the mask is all zeros. */
function frame(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(text);
  assert.ok(bytes.length > 125 ? bytes.length < 65_536 : true);
  const head = bytes.length > 125
    ? [0x81, 0x80 | 126, bytes.length >> 8, bytes.length & 255]
    : [0x81, 0x80 | bytes.length];
  return new Uint8Array([...head, 0, 0, 0, 0, ...bytes]);
}

async function connectRaw(port: number): Promise<Deno.TcpConn> {
  const connection = await Deno.connect({ port, hostname: "127.0.0.1" });
  await connection.write(new TextEncoder().encode(handshake(port)));
  const byte = new Uint8Array(1);
  for (let head = ""; !head.endsWith("\r\n\r\n"); head += String.fromCharCode(byte[0]!)) {
    await connection.read(byte);
  }
  return connection;
}

const everything = '{"t":"sub","id":1,"model":"Note","query":{}}';
const text = "x".repeat(20_000);

Deno.test("a client that never reads holds no more than its queue, delays nobody, and is given up", async () => {
  await using rig = startRig({ limits: { queue: 200_000 }, slowTimeout: 300 });
  const stuck = await connectRaw(rig.port);
  await stuck.write(frame(everything));
  await using reader = await Client.connect(rig.port);
  reader.send({ t: "sub", id: 1, model: "Note", query: {} });
  await reader.nextOf("snap");
  await until(() => rig.server.stats().subscriptions === 2);
  let most = 0;
  let slow = false;
  for (let i = 0; !slow || i < 1000; i++) {
    rig.live.write("Note", { [i % 100]: { id: String(i % 100), text: text + i } });
    await reader.nextOf("change");
    const stats = rig.server.stats();
    most = Math.max(most, stats.waiting);
    slow ||= stats.slow > 0;
  }
  // The queue, the merged changes, and what may be beyond the limit before the channel is asked.
  assert.ok(most < 3 * 200_000, String(most));
  await until(() => rig.server.stats().connections === 1);
  assert.deepEqual([rig.server.stats().closing, rig.server.stats().subscriptions], [1, 1]);
  stuck.close();
  await until(() => rig.server.stats().closing === 0);
});

Deno.test("a client that was slow has in the end what everybody has", async () => {
  await using rig = startRig({ limits: { queue: 200_000 } });
  const raw = await connectRaw(rig.port);
  await raw.write(frame(everything));
  await until(() => rig.server.stats().subscriptions === 1);
  let last = 0;
  for (; rig.server.stats().slow === 0; last++) {
    rig.live.write("Note", { [last % 7]: { id: String(last % 7), text: text + last } });
    await new Promise((resolve) => setTimeout(resolve));
  }
  for (const end = last + 500; last < end; last++) {
    rig.live.write("Note", { [last % 7]: { id: String(last % 7), text: text + last } });
  }
  rig.live.write("Note", { end: { id: "end" } });
  const rows = await readUntil(raw, "end");
  raw.close();
  for (let i = 0; i < 7; i++) {
    const written = Array.from({ length: last }, (_, n) => n).filter((n) => n % 7 === i).at(-1);
    assert.equal((rows.get(String(i)) as { text: string }).text, text + written);
  }
});

/** Reads frames of a server, and applies them, until there is a record of this key. */
async function readUntil(connection: Deno.TcpConn, key: string): Promise<Map<string, unknown>> {
  const rows = new Map<string, unknown>();
  let bytes = new Uint8Array(0);
  const chunk = new Uint8Array(65_536);
  while (!rows.has(key)) {
    const read = await connection.read(chunk);
    assert.ok(read !== null, "the connection was closed");
    bytes = concat(bytes, chunk.subarray(0, read));
    for (let next = takeFrame(bytes); next; next = takeFrame(bytes)) {
      bytes = next.rest;
      apply(rows, JSON.parse(next.text));
    }
  }
  return rows;
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function takeFrame(
  bytes: Uint8Array<ArrayBuffer>,
): { text: string; rest: Uint8Array<ArrayBuffer> } | undefined {
  if (bytes.length < 2) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const short = view.getUint8(1) & 127;
  const start = short === 127 ? 10 : short === 126 ? 4 : 2;
  if (bytes.length < start) return undefined;
  const length = short === 127
    ? Number(view.getBigUint64(2))
    : short === 126
    ? view.getUint16(2)
    : short;
  if (bytes.length < start + length) return undefined;
  const text = new TextDecoder().decode(bytes.subarray(start, start + length));
  return { text, rest: bytes.subarray(start + length) };
}

interface Frame {
  readonly t: string;
  readonly rows?: [string, unknown][];
  readonly c?: { readonly drop?: string[]; readonly put?: [string, unknown][] }[];
}

function apply(rows: Map<string, unknown>, { t, rows: all, c }: Frame): void {
  if (t === "snap") {
    rows.clear();
    for (const [key, row] of all ?? []) rows.set(key, row);
  }
  for (const { drop, put } of c ?? []) {
    for (const key of drop ?? []) rows.delete(key);
    for (const [key, row] of put ?? []) rows.set(key, row);
  }
}
