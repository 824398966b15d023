/**
 * Measures one case: all candidates in turn, again and again, so that whatever else the machine does falls
 * on all of them alike.
 *
 * @module
 */
import process from "node:process";
import { type ActionName, actions } from "./actions.ts";
import type { Awaitable, Candidate, Operations } from "./candidate.ts";
import type { Case } from "./cases.ts";
import type { TestDatabase } from "./databases/database.ts";
import { seededItems } from "./model.ts";

/** A candidate with its database open. */
export interface Contender {
  readonly candidate: Candidate;
  readonly database: TestDatabase;
  readonly operations: Operations;
  /** Whether it is a raw driver. */
  readonly raw: boolean;
}

/** What one contender did in one round. */
export interface Sample {
  /** Operations a second. */
  readonly rate: number;
  /** Seconds of this process's processor time for one operation. */
  readonly cpu: number;
}

/** Milliseconds that one contender runs in one round. */
const roundTime = 200;
/** A round is cut into slices, and in each all contenders have a turn. */
const slices = 4;

/** What a contender does in a case. */
export function actionOf(one: Case, { raw }: Contender): ActionName {
  return raw ? one.against ?? one.action : one.action;
}

/**
 * Measures a case.
 *
 * @returns for each contender its samples, one a round
 */
export async function measure(
  one: Case,
  contenders: readonly Contender[],
  rounds: number,
): Promise<Sample[][]> {
  const counts: number[] = [];
  for (const contender of contenders) counts.push(await calibrate(one, contender));
  // The first round warms up: connections are opened, code is compiled. What it tells is how many fill a round.
  const warm = await runRound(one, contenders, counts, 0);
  const settled = warm.map(({ rate }) => Math.max(1, Math.round(rate * roundTime / 1000)));
  const samples: Sample[][] = contenders.map(() => []);
  for (let round = 1; round <= rounds; round++) {
    const found = await runRound(one, contenders, settled, round);
    found.forEach((sample, at) => samples[at]!.push(sample));
  }
  return samples;
}

async function runRound(
  one: Case,
  contenders: readonly Contender[],
  counts: readonly number[],
  round: number,
): Promise<Sample[]> {
  const sums = contenders.map(() => ({ time: 0, cpu: 0 }));
  for (let slice = 0; slice < slices; slice++) {
    for (const at of order(contenders.length, round * slices + slice)) {
      const count = shareOf(counts[at]!, slice);
      if (count === 0) continue;
      const spent = await runBatch(one, contenders[at]!, count);
      sums[at]!.time += spent.time;
      sums[at]!.cpu += spent.cpu;
    }
  }
  return sums.map(({ time, cpu }, at) => {
    return { rate: counts[at]! / time * 1000, cpu: cpu / counts[at]! };
  });
}

/** Everyone in turn, beginning with another one and turning round each time. */
function order(length: number, turn: number): number[] {
  const rotated = Array.from({ length }, (_, i) => (i + turn) % length);
  return turn % 2 === 0 ? rotated : rotated.reverse();
}

/** How many of a round's operations fall into one of its slices: none in most, where there are few. */
function shareOf(count: number, slice: number): number {
  return Math.floor(count * (slice + 1) / slices) - Math.floor(count * slice / slices);
}

/** How many operations fill a round; at least one. */
async function calibrate(one: Case, contender: Contender): Promise<number> {
  for (let count = 1;; count *= 2) {
    const { time } = await runBatch(one, contender, count);
    if (time > roundTime / 8) return Math.max(1, Math.round(count * roundTime / time));
  }
}

interface Spent {
  /** Milliseconds. */
  readonly time: number;
  /** Seconds. */
  readonly cpu: number;
}

/** Does it so many times; for a write it checks that every row has arrived, and removes them. */
async function runBatch(one: Case, contender: Contender, count: number): Promise<Spent> {
  const { candidate, database, operations } = contender;
  const { run, writes } = actions[actionOf(one, contender)];
  const cpu = process.cpuUsage();
  const start = performance.now();
  await repeat(count, one.callers ?? 1, (i) => run(operations, i));
  const time = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  if (writes) {
    const expected = seededItems + count * writes(0).length;
    const found = await database.countItems();
    if (found !== expected) {
      throw new Error(`${candidate.name} left ${found} rows in place of ${expected}: ${one.title}`);
    }
    await database.reset();
  }
  return { time, cpu: (user + system) / 1e6 };
}

async function repeat(
  count: number,
  callers: number,
  run: (i: number) => Awaitable<unknown>,
): Promise<void> {
  let next = 0;
  async function call(): Promise<void> {
    while (next < count) await run(next++);
  }
  await Promise.all(Array.from({ length: callers }, call));
}
