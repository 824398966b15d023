/**
 * A server by hand: reads the replication stream from the socket, and sends each row that changed as text. The floor of
 * what the way from a commit to a client costs. Speaks to servers that trust this computer.
 *
 * @module
 */
import { PROTOCOL } from "../../src/features/realtime/protocol/messages.ts";
import { obey } from "./programs.ts";
import { RawSockets } from "./raw_sockets.ts";

const settings: { readonly url: string; readonly room: number } = JSON.parse(Deno.args[0]!);
const sockets = new RawSockets();
const http = Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen: () => {} },
  (request) => sockets.accept(request, PROTOCOL),
);

const encoder = new TextEncoder();
const decoder = new TextDecoder();
let buffered = new Uint8Array(1 << 20);
let from = 0;
let to = 0;

const connection = await connect();
await command("SELECT pg_catalog.set_config('client_min_messages', 'error', false)");
await command("DROP PUBLICATION IF EXISTS floor");
await command("CREATE PUBLICATION floor FOR ALL TABLES");
await command("CREATE_REPLICATION_SLOT floor TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT");
await send(
  0x51,
  encoder.encode(
    `START_REPLICATION SLOT floor LOGICAL 0/0 (proto_version '1', publication_names 'floor')\0`,
  ),
);

let columns: readonly string[] = [];
let relation = -1;
let rows: string[] = [];
let seen = 0;
/** Up to where the log was read. */
let last = 0n;
let acknowledged = performance.now();

read().catch((error) => {
  console.error(error);
  Deno.exit(1);
});
await obey({ port: http.addr.port }, { seen: () => seen });

async function connect(): Promise<Deno.TcpConn> {
  const { hostname, port, username, pathname } = new URL(settings.url);
  const connection = await Deno.connect({ hostname, port: Number(port || 5432) });
  connection.setNoDelay(true);
  const text = encoder.encode(
    `user\0${username}\0database\0${pathname.slice(1)}\0replication\0database\0\0`,
  );
  const message = new Uint8Array(8 + text.length);
  const view = new DataView(message.buffer);
  view.setUint32(0, message.length);
  view.setUint32(4, 3 << 16);
  message.set(text, 8);
  await connection.write(message);
  for (;;) {
    const [kind, start] = await next(connection);
    if (kind === 0x45) throw new Error("The server refused the connection by hand");
    if (kind === 0x52 && new DataView(buffered.buffer).getUint32(start) !== 0) {
      throw new Error("The floor by hand needs a server that trusts this computer");
    }
    if (kind === 0x5a) return connection;
  }
}

async function send(kind: number, body: Uint8Array): Promise<void> {
  const message = new Uint8Array(5 + body.length);
  message[0] = kind;
  new DataView(message.buffer).setUint32(1, 4 + body.length);
  message.set(body, 5);
  for (let sent = 0; sent < message.length;) sent += await connection.write(message.subarray(sent));
}

async function command(sql: string): Promise<void> {
  await send(0x51, encoder.encode(`${sql}\0`));
  for (;;) {
    const [kind, start, end] = await next(connection);
    if (kind === 0x45) throw new Error(decoder.decode(buffered.subarray(start, end)));
    if (kind === 0x5a) return;
  }
}

/** The next message: its kind, and where its body begins and ends. */
async function next(connection: Deno.TcpConn): Promise<[kind: number, start: number, end: number]> {
  for (;;) {
    if (to - from >= 5) {
      const end = from + 1 + new DataView(buffered.buffer).getUint32(from + 1);
      if (end <= to) {
        const found: [number, number, number] = [buffered[from]!, from + 5, end];
        from = end;
        return found;
      }
      if (end - from > buffered.length) grow(end - from);
    }
    await fill(connection);
  }
}

function grow(length: number): void {
  const larger = new Uint8Array(length * 2);
  larger.set(buffered.subarray(from, to));
  to -= from;
  from = 0;
  buffered = larger;
}

async function fill(connection: Deno.TcpConn): Promise<void> {
  if (from > buffered.length / 2) {
    buffered.copyWithin(0, from, to);
    to -= from;
    from = 0;
  }
  const read = await connection.read(buffered.subarray(to));
  if (read === null) throw new Error("The stream by hand ended");
  to += read;
}

/** Reads for ever. All whole messages that are there are taken without waiting. */
async function read(): Promise<void> {
  for (;;) {
    const view = new DataView(buffered.buffer);
    while (to - from >= 5) {
      const end = from + 1 + view.getUint32(from + 1);
      if (end > to) {
        if (end - from > buffered.length) grow(end - from);
        break;
      }
      const start = from + 5;
      if (buffered[from] === 0x45) throw new Error(decoder.decode(buffered.subarray(start, end)));
      if (buffered[from] === 0x64) take(view, start);
      from = end;
    }
    if (performance.now() - acknowledged > 1000) await acknowledge();
    await fill(connection);
  }
}

async function acknowledge(): Promise<void> {
  acknowledged = performance.now();
  const status = new Uint8Array(34);
  const view = new DataView(status.buffer);
  status[0] = 0x72;
  for (const at of [1, 9, 17]) view.setBigUint64(at, last);
  await send(0x64, status);
}

function take(view: DataView, start: number): void {
  if (buffered[start] === 0x6b) {
    last = view.getBigUint64(start + 1);
    return;
  }
  const at = start + 25;
  switch (buffered[at]) {
    case 0x52: // Relation
      return takeRelation(view, at);
    case 0x49: // Insert
      return takeRow(view, at + 1, at + 6);
    case 0x55: { // Update, whose old row is not sent for this table
      return takeRow(view, at + 1, at + 6);
    }
    case 0x43: // Commit
      last = view.getBigUint64(at + 10);
      if (rows.length > 0) sockets.send(`{"t":"change","c":[${rows.join(",")}]}`);
      rows = [];
  }
}

function takeRelation(view: DataView, at: number): void {
  let place = at + 5;
  const text = () => {
    const end = buffered.indexOf(0, place);
    const found = decoder.decode(buffered.subarray(place, end));
    place = end + 1;
    return found;
  };
  text();
  const name = text();
  if (name !== "items") return;
  relation = view.getUint32(at + 1);
  place++;
  const count = view.getUint16(place);
  place += 2;
  columns = Array.from({ length: count }, () => {
    place++;
    const name = text();
    place += 8;
    return name;
  });
}

function takeRow(view: DataView, id: number, at: number): void {
  seen++;
  if (view.getUint32(id) !== relation) return;
  const row: Record<string, string | null> = {};
  let place = at + 2;
  for (const name of columns) {
    const kind = buffered[place++];
    if (kind === 0x6e) row[name] = null;
    if (kind !== 0x74) continue;
    const length = view.getUint32(place);
    place += 4;
    row[name] = decoder.decode(buffered.subarray(place, place + length));
    place += length;
  }
  if (Number(row.room) === settings.room) rows.push(JSON.stringify(row));
}
