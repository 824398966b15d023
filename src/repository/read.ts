/**
 * Runs a read plan: the root's statement, then one statement for each relation that has its own, for all
 * parents at once.
 *
 * @module
 */
import type { RunOptions } from "../ast/executor.ts";
import type { Session } from "../engine/session.ts";
import type { Gathered } from "./level.ts";
import type { Follower, ReadPlan } from "./read_plan.ts";
import type { Row } from "./shape.ts";
import { noteUnseen } from "./unseen.ts";

/** Runs a plan with the values of its shape. */
export async function read(
  session: Session,
  plan: ReadPlan,
  values: readonly unknown[],
  options: RunOptions = {},
): Promise<Row[]> {
  const { level, followers } = plan;
  const result = await session.perform(plan.statement, values, {
    ...options,
    bigints: level.bigints,
  });
  const gathered = gathering(plan.gathers);
  const records = result.rows.map((row) => level.hydrate(row, gathered));
  if (records.length > 0 && followers.length > 0) {
    await follow(session, followers, gathered, values, options);
  }
  return records;
}

/** Empty lists to gather records in. */
export function gathering(count: number): Gathered[] {
  return Array.from({ length: count }, () => ({ records: [], rows: [] }));
}

/** Reads the relations that have statements of their own, parents before children. */
export async function follow(
  session: Session,
  followers: readonly Follower[],
  gathered: readonly Gathered[],
  values: readonly unknown[],
  options: RunOptions,
  keysOf: KeyReader = keysFromRow,
): Promise<void> {
  for (const follower of followers) {
    const parents = gathered[follower.parents.gather];
    if (!parents || parents.records.length === 0) continue;
    const root = follower.parents.gather === 0;
    await attach(
      session,
      follower,
      parents,
      gathered,
      values,
      options,
      root ? keysOf : keysFromRow,
    );
  }
}

/** Tells the keys of one parent. */
export type KeyReader = (follower: Follower, parents: Gathered, index: number) => unknown[];

function keysFromRow(follower: Follower, parents: Gathered, index: number): unknown[] {
  const row = parents.rows[index] as readonly unknown[];
  return follower.parentKeys.map((at) => follower.parents.valueAt(row, at));
}

async function attach(
  session: Session,
  follower: Follower,
  parents: Gathered,
  gathered: readonly Gathered[],
  values: readonly unknown[],
  options: RunOptions,
  keysOf: KeyReader,
): Promise<void> {
  const { relation, level } = follower;
  const texts: (string | undefined)[] = [];
  const distinct = new Map<string, unknown[]>();
  for (let i = 0; i < parents.records.length; i++) {
    const keys = keysOf(follower, parents, i);
    const text = keyText(keys);
    texts.push(text);
    if (text !== undefined) distinct.set(text, keys);
  }
  const groups = new Map<string, Row[]>();
  if (distinct.size > 0) {
    const lists = relation.local.map((_, i) => [...distinct.values()].map((keys) => keys[i]));
    const result = await session.perform(follower.statement, [...values, ...lists], {
      ...options,
      bigints: level.bigints,
    });
    for (const row of result.rows) {
      const text = keyText(childKeys(follower, row)) as string;
      const record = level.hydrate(row, gathered);
      const group = groups.get(text);
      if (group) group.push(record);
      else groups.set(text, [record]);
    }
  }
  parents.records.forEach((parent, i) => {
    const text = texts[i];
    const group = text === undefined ? undefined : groups.get(text);
    if (relation.owner && text !== undefined && !group) noteUnseen(parent, relation.name);
    parent[relation.name] = relation.many ? group ?? [] : group?.[0] ?? null;
  });
}

function childKeys(follower: Follower, row: readonly unknown[]): unknown[] {
  return follower.childKeys.map((at, i) => {
    const wire = row[at];
    const load = follower.loadKey[i];
    return wire === null || wire === undefined ? null : load ? load(wire) : wire;
  });
}

/** The same text for equal keys, whether integers came as numbers or bigints; nothing for a NULL. */
export function keyText(keys: readonly unknown[]): string | undefined {
  if (keys.some((key) => key === null || key === undefined)) return undefined;
  return keys.length === 1 ? oneKeyText(keys[0]) : JSON.stringify(keys.map(oneKeyText));
}

function oneKeyText(key: unknown): string {
  if (key instanceof Date) return key.toJSON();
  return key instanceof Uint8Array ? key.join() : String(key);
}
