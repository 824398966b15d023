import assert from "node:assert/strict";
import { RealtimeWebSocketServer } from "./plain_server.ts";
import { RealtimeSync } from "./realtime_sync.ts";
import { until } from "./testdata/rig.ts";

const upgrade = (port: number, path = "/", headers = "") =>
  `GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nUpgrade: websocket\r\n${headers}` +
  "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
  "Sec-WebSocket-Version: 13\r\n\r\n";

/** Sends a request and gives the first line of the answer. */
async function ask(port: number, request: string): Promise<[string, Deno.TcpConn]> {
  const connection = await Deno.connect({ port, hostname: "127.0.0.1" });
  await connection.write(new TextEncoder().encode(request));
  const bytes = new Uint8Array(1000);
  const read = await connection.read(bytes) ?? 0;
  const [line = ""] = new TextDecoder().decode(bytes.subarray(0, read)).split("\r\n");
  return [line, connection];
}

async function statusOf(port: number, request: string): Promise<string> {
  const [line, connection] = await ask(port, request);
  connection.close();
  return line.split(" ")[1] ?? "";
}

Deno.test("a plain client that never reads is closed, and others are told", async () => {
  await using server = new RealtimeWebSocketServer(0, { queue: 200_000 });
  await server.listen();
  const [, stuck] = await ask(server.port, upgrade(server.port));
  const [, stream] = await ask(server.port, `GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}`);
  let told = 0;
  socket.onmessage = () => told++;
  await new Promise((resolve) => socket.onopen = resolve);
  await until(() => server.clients === 3);
  let sent = 0;
  for (; server.clients > 1; sent++) {
    server.broadcast("x".repeat(50_000));
    await until(() => told === sent + 1);
  }
  assert.equal(socket.readyState, WebSocket.OPEN);
  socket.close();
  stuck.close();
  stream.close();
});

Deno.test("a server of this computer is not for pages from elsewhere, whatever name they know it by", async () => {
  await using server = new RealtimeWebSocketServer(0);
  await server.listen();
  const { port } = server;
  const from = (origin: string) => statusOf(port, upgrade(port, "/", `Origin: ${origin}\r\n`));
  assert.equal(await statusOf(port, upgrade(port)), "101");
  assert.equal(await from("http://localhost:3000"), "101");
  assert.equal(await from("https://evil.example.org"), "403");
  assert.equal(await from("null"), "403");
  const rebound = upgrade(port).replace("localhost", "evil.example.org")
    .replace("Connection", "Origin: http://evil.example.org\r\nConnection");
  assert.equal(await statusOf(port, rebound), "403");
});

Deno.test("a plain server refuses what it does not know, and more connections than it takes", async () => {
  await using server = new RealtimeWebSocketServer(0, { connections: 1 });
  await server.listen();
  const { port } = server;
  const get = (path: string) => statusOf(port, `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  assert.equal(await get("/"), "404");
  assert.equal(await get("/events?where=["), "400");
  assert.equal(await get("/events?where=null"), "400");
  const [, first] = await ask(port, upgrade(port));
  assert.equal(await statusOf(port, upgrade(port)), "503");
  first.close();
  await until(() => server.clients === 0);
  assert.equal(await statusOf(port, upgrade(port)), "101");
});

Deno.test("a text of several lines is one event", async () => {
  await using server = new RealtimeWebSocketServer(0);
  await server.listen();
  const response = await fetch(`http://localhost:${server.port}/events`);
  await until(() => server.clients === 1);
  server.broadcast("one\ntwo\r\nevent: three");
  let text = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes("three")) break;
  }
  assert.match(text, /data: one\ndata: two\ndata: event: three\n\n/);
  await until(() => server.clients === 0);
});

Deno.test("a port that is taken is an error at once, and a closed server can listen again", async () => {
  const server = new RealtimeWebSocketServer(0);
  await server.listen();
  const { port } = server;
  assert.throws(() => new RealtimeSync(port));
  await server.close();
  const again = new RealtimeWebSocketServer(port);
  await again.listen();
  await again.close();
});
