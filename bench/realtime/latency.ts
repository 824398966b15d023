/**
 * How long after a commit a client has its change.
 *
 * @module
 */
import { setTimeout as pause } from "node:timers/promises";
import { summarise, type Summary } from "../statistics.ts";
import type { Client } from "./client.ts";
import { now, type Program } from "./programs.ts";

/** Writes a text, and tells when it was committed. */
export type Write = (body: string) => Promise<number>;

/** A way from a writer to a client. */
export interface Way {
  readonly write: Write;
  readonly client: Client;
}

/** What was found: milliseconds. */
export interface Latency {
  readonly median: number;
  readonly p99: number;
}

let marks = 0;

/** Measures two ways in turn, so that whatever else the machine does falls on both. */
export async function latencies(
  ways: readonly Way[],
  { pause: between }: { readonly pause?: number },
): Promise<readonly (readonly number[])[]> {
  const found: number[][] = ways.map(() => []);
  const [warming, count] = between === undefined ? [30, 400] : [5, 50];
  for (let i = -warming; i < count; i++) {
    for (const at of i % 2 === 0 ? ways.keys() : [...ways.keys()].reverse()) {
      const { write, client } = ways[at]!;
      const mark = `mark${++marks}.`;
      const seen = client.sees(mark);
      const committed = await write(mark);
      const time = await seen - committed;
      if (i >= 0) found[at]!.push(time);
      await pause((between ?? 1) + Math.random() * 2);
    }
  }
  return found;
}

/** The value below which this share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

/** One value as a summary. */
export function single(value: number): Summary {
  return summarise([value]);
}

/** How far a process's clock is ahead of ours, in milliseconds. */
export async function clockOffset(program: Program): Promise<number> {
  let best = Infinity;
  let offset = 0;
  for (let i = 0; i < 50; i++) {
    const before = now();
    const there = await program.ask<number>({ do: "clock" });
    const after = now();
    if (after - before < best) {
      best = after - before;
      offset = there - (before + after) / 2;
    }
  }
  return offset;
}
