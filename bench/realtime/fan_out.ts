/**
 * The rows on many WebSockets: how fast one change reaches them, beside a loop that sends the same text to as many, and
 * what a connection costs beside the runtime's own.
 *
 * Both servers are processes of their own, each with its own process of clients; they take turns.
 *
 * @module
 */
import { summarise } from "../statistics.ts";
import { liveSqlite } from "./databases.ts";
import { single } from "./latency.ts";
import type { Places } from "./places.ts";
import { Program } from "./programs.ts";
import type { Row } from "./report.ts";

const sockets = 5_000;
/** Changes of a round. */
const changes = 10;
const text = "x".repeat(200);
const rateTitle = `fan-out: frames a second to ${sockets / 1000},000 WebSockets`;
const memoryTitle = "fan-out: memory of a connection";

/** A server and its clients. */
interface Side {
  readonly server: Program;
  readonly crowd: Program;
  /** What a connection takes, in bytes. */
  readonly bytes: number;
  readonly command: "writeMany" | "sendMany";
}

/** Measures the rows that are asked for. */
export async function fanOutRows(
  places: Places,
  wanted: (title: string) => boolean,
  rounds: number,
): Promise<Row[]> {
  if (!wanted(rateTitle) && !wanted(memoryTitle)) return [];
  console.error("  fan-out");
  await using stack = new AsyncDisposableStack();
  const raw = await openSide(places, true, stack);
  const ours = await openSide(places, false, stack);
  const pairs: [ours: number, raw: number][] = [];
  for (let round = -1; round < rounds; round++) {
    const pair: [number, number] = round % 2 === 0
      ? [await rate(ours), await rate(raw)]
      : (await inTurn([() => rate(raw), () => rate(ours)])).reverse() as [number, number];
    if (round >= 0) pairs.push(pair);
  }
  return [
    {
      title: rateTitle,
      floor: { value: summarise(pairs.map(([, raw]) => raw)), unit: "/s" },
      measured: { value: summarise(pairs.map(([ours]) => ours)), unit: "/s" },
      relation: { value: summarise(pairs.map(([ours, raw]) => ours / raw)), unit: "×" },
      bar: { atLeast: 0.8 },
    },
    {
      title: memoryTitle,
      floor: { value: single(raw.bytes / 1000), unit: "kB" },
      measured: { value: single(ours.bytes / 1000), unit: "kB" },
      relation: { value: single((ours.bytes - raw.bytes) / 1000), unit: "+kB" },
      bar: { atMost: 25 },
    },
  ];
}

async function inTurn<T>(works: readonly (() => Promise<T>)[]): Promise<T[]> {
  const found: T[] = [];
  for (const work of works) found.push(await work());
  return found;
}

async function openSide(
  places: Places,
  raw: boolean,
  stack: AsyncDisposableStack,
): Promise<Side> {
  const { place } = stack.use(await liveSqlite(places.sqlite, false));
  const [server, { port }] = await Program.start<{ port: number }>("server", {
    source: "process",
    place,
  });
  stack.use(server);
  const [crowd] = await Program.start("crowd");
  stack.use(crowd);
  const url = `ws://127.0.0.1:${port}/${raw ? "raw" : ""}`;
  const command = raw ? "sendMany" : "writeMany";
  // One connection first, so that what is loaded once counts for nobody.
  await crowd.ask({ do: "open", url, count: 1, raw });
  await send({ server, crowd, command }, 1);
  const before = await server.ask<number>({ do: "memory" });
  await crowd.ask({ do: "open", url, count: sockets - 1, raw });
  const bytes = (await server.ask<number>({ do: "memory" }) - before) / (sockets - 1);
  return { server, crowd, bytes, command };
}

async function rate(side: Side): Promise<number> {
  return sockets * changes / await send(side, sockets) * 1000;
}

/** Sends changes until all clients have had them; gives milliseconds. */
async function send(
  { server, crowd, command }: Omit<Side, "bytes">,
  sockets: number,
): Promise<number> {
  await crowd.ask({ do: "expect", count: sockets * changes });
  const row = { id: 1, room: 1, body: `0 ${text}` };
  const sent = command === "sendMany"
    ? `{"t":"change","at":"0123456789abcdef.1","c":[{"id":0,"put":[["1",${JSON.stringify(row)}]]}]}`
    : text;
  const start = performance.now();
  const arrived = crowd.ask({ do: "arrived" });
  await server.ask({ do: command, count: changes, text: sent });
  await arrived;
  return performance.now() - start;
}
