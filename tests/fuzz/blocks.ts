/**
 * Random writes in transactions and savepoints, some of which are rolled back, and what is stored in the end.
 *
 * @module
 */
import type { Session } from "../../src/engine/session.ts";
import { QueryMaker } from "./queries.ts";
import type { Random } from "./random.ts";
import { type Data, infoOf, type ModelInfo, world } from "./world.ts";
import { applyWrite, randomWrite, Refused } from "./writes.ts";

/** A write of one model. */
export interface Written {
  readonly model: string;
  readonly method: string;
  readonly args: readonly unknown[];
}

/** Steps in a transaction of their own. */
export interface Block {
  readonly steps: readonly Step[];
  readonly rollback: boolean;
}

/** What is done in a transaction. */
export type Step = Written | Block;

const changes: ReadonlySet<string> = new Set(["updateMany", "incrementMany"]);
const deletes: ReadonlySet<string> = new Set(["deleteMany", "delete"]);
/** Nothing points to them. */
const leaves: ReadonlySet<string> = new Set(["Profile", "Labelling", "Town"]);

/**
 * Whether no other write of the same transaction can stand in the way of a write. PostgreSQL checks the keys of a row
 * that the transaction has changed before a cascade gets to it, and so refuses some deletes that it takes alone.
 */
function isIndependent(info: ModelInfo, { method, args }: Written): boolean {
  if (changes.has(method)) return true;
  const hard = (args[1] as { readonly hard?: boolean } | undefined)?.hard === true;
  return deletes.has(method) && (leaves.has(info.name) || (info.soft && !hard));
}

/** Random steps; `depth` is how far savepoints nest. */
export function randomSteps(random: Random, data: Data, depth: number): Step[] {
  const maker = new QueryMaker(random, data);
  return Array.from({ length: random.int(1, 3) }, (): Step => {
    if (depth > 0 && random.chance(0.45)) {
      return { steps: randomSteps(random, data, depth - 1), rollback: random.chance(0.5) };
    }
    return randomStep(maker, random.pick([...world.values()]));
  });
}

function randomStep(maker: QueryMaker, info: ModelInfo): Step {
  for (;;) {
    const write = { model: info.name, ...randomWrite(maker, info) };
    if (isIndependent(info, write)) return write;
  }
}

/** What is stored after the steps, and how many writes were refused. */
export function applySteps(data: Data, steps: readonly Step[]): { data: Data; refused: number } {
  let [stored, refused] = [data, 0];
  for (const step of steps) {
    const copy = structuredClone(stored);
    if ("steps" in step) {
      const inner = applySteps(copy, step.steps);
      refused += inner.refused;
      if (!step.rollback) stored = inner.data;
      continue;
    }
    try {
      applyWrite(copy, infoOf(step.model), step);
      stored = copy;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refused++;
    }
  }
  return { data: stored, refused };
}

const undo = new Error("undone");

/**
 * Runs the steps in a transaction; gives how many writes were refused.
 *
 * @param run runs one write
 * @param mayRefuse whether an error is the database's refusal of a write
 */
export async function runSteps(
  session: Session,
  steps: readonly Step[],
  run: (session: Session, write: Written) => Promise<unknown>,
  mayRefuse: (error: Error) => boolean,
): Promise<number> {
  let refused = 0;
  for (const step of steps) {
    try {
      await session.transaction(async (inner) => {
        if (!("steps" in step)) return void await run(inner, step);
        refused += await runSteps(inner, step.steps, run, mayRefuse);
        if (step.rollback) throw undo;
      });
    } catch (error) {
      if (error === undo) continue;
      if (!(error instanceof Error) || !mayRefuse(error)) throw error;
      refused++;
    }
  }
  return refused;
}
