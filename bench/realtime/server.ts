/**
 * A process that serves live queries of one database, and beside them raw sockets on `/raw`.
 *
 * @module
 */
import process from "node:process";
import { type Database, Policies, PostgresAdapter, SQLiteAdapter } from "../../mod.ts";
import { realtime } from "../../src/features/realtime/mod.ts";
import { PROTOCOL } from "../../src/features/realtime/protocol/messages.ts";
import { Item } from "./model.ts";
import { memory, now, obey, turn } from "./programs.ts";
import { RawSockets } from "./raw_sockets.ts";

/** What is served. */
export interface ServerSettings {
  readonly source: "process" | "log" | "replication";
  /** The URL of a PostgreSQL database, or the path of an SQLite file. */
  readonly place: string;
  /** Bytes that may wait for a client. Left out: as without settings. */
  readonly queue?: number;
}

const { source, place, queue }: ServerSettings = JSON.parse(Deno.args[0]!);
const db: Database = place.startsWith("postgres")
  ? new PostgresAdapter(place)
  : new SQLiteAdapter(place);
await db.feed({ source });
const queries = await db.liveQueries();
const items = db.repository(Item);
const plenty = { perSecond: 1e9, burst: 1e9 };
const live = realtime({
  db,
  policies: new Policies().allow(Item, { read: true }),
  // Processes are stopped for long here.
  heartbeat: 3_600_000,
  limits: {
    connections: 100_000,
    perAddress: 100_000,
    subscriptions: 10_000,
    messages: plenty,
    ...queue !== undefined && { queue },
  },
});
const raw = new RawSockets();
const http = Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen: () => {} },
  (request, info) =>
    new URL(request.url).pathname === "/raw"
      ? raw.accept(request, PROTOCOL)
      : live.handle(request, info),
);

await obey({ port: http.addr.port }, {
  clock: () => now(),
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  },
  memory,
  stats: () => ({ ...live.stats(), rss: Deno.memoryUsage().rss }),
  /** One change by this process; answers when it was committed. */
  async write({ id, body }) {
    await items.update(Number(id), { body: String(body) });
    return now();
  },
  /** The same, and sends the text by hand, when it was committed. */
  async writeRaw({ id, body }) {
    await db.execute(
      `UPDATE unfollowed SET body = '${body}' WHERE id = ${Number(id)}`,
    );
    const time = now();
    raw.send(`{"t":"change","c":[{"id":1,"put":[["[1]",{"id":1,"body":"${body}"}]]}]}`);
    return time;
  },
  /** Many changes by this process, each told before the next is made. */
  async writeMany({ count, text }) {
    for (let i = 0; i < Number(count); i++) {
      const told = queries.stats().batches + 1;
      await items.update(1, { body: `${i} ${text}` });
      do await turn(); while (queries.stats().batches < told);
    }
  },
  /** Sends a text as often to all raw sockets. */
  async sendMany({ count, text }) {
    for (let i = 0; i < Number(count); i++) {
      raw.send(`${text}`.replace("0 ", `${i} `));
      await turn();
    }
  },
});
