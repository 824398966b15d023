/**
 * Runs a read plan: the root's statement, then the relations that are read for all parents at once, by one
 * statement each or out of the parents' own; relations beside each other at the same time.
 *
 * @module
 */
import type { RunOptions } from "../ast/executor.ts";
import type { Session } from "../engine/session.ts";
import type { CompiledStatement } from "../dialect/dialect.ts";
import { batchRows } from "./batch.ts";
import type { Gathered, Level } from "./level.ts";
import { keyOf, oneKey } from "./match.ts";
import type { Follower, ReadPlan } from "./plan.ts";
import type { Row } from "./shape.ts";
import { noteUnseen } from "./unseen.ts";

/** What the statements of one read have in common. */
interface Reading {
  readonly session: Session;
  /** The values of the query's shape. */
  readonly values: readonly unknown[];
  readonly options: RunOptions;
  /** Where records are gathered whose relations are read afterwards. */
  readonly gathered: readonly Gathered[];
}

/** For records that nothing is read from afterwards. */
export const nowhere: readonly Gathered[] = Object.freeze([]);

const noOptions: RunOptions = Object.freeze({});

/** Runs a plan with the values of its shape. */
export async function read(
  session: Session,
  plan: ReadPlan,
  values: readonly unknown[],
  options: RunOptions = noOptions,
): Promise<Row[]> {
  const { level, followers } = plan;
  const { signal, timeout } = options;
  const run = { signal, timeout, bigints: level.bigints };
  const { rows } = await session.perform(plan.statement, values, run);
  if (plan.gathers === 0) return level.hydrateAll(rows, nowhere);
  const gathered = gathering(plan.gathers);
  const records = level.hydrateAll(rows, gathered);
  if (records.length > 0) {
    await follow({ session, values, options, gathered }, followers, rows[0]);
  }
  return records;
}

/** Empty lists to gather records in. */
export function gathering(count: number): Gathered[] {
  return Array.from({ length: count }, () => ({ records: [], rows: [] }));
}

/** The first row of a statement, in which further levels are. */
type FirstRow = readonly unknown[] | undefined;

/** Tells the keys of one parent. */
export type KeyReader = (follower: Follower, parents: Gathered, index: number) => unknown[];

/**
 * Reads relations, parents before children.
 *
 * @param first the first row of the statement that read the parents
 * @param keysOf tells the keys of the parents
 */
export async function follow(
  reading: Reading,
  followers: readonly Follower[],
  first: FirstRow,
  keysOf: KeyReader = keysFromRow,
): Promise<void> {
  await Promise.all(followers.map(async (follower) => {
    const next = await attach(reading, follower, first, keysOf);
    if (follower.followers.length > 0) await follow(reading, follower.followers, next);
  }));
}

function keysFromRow(follower: Follower, parents: Gathered, index: number): unknown[] {
  const row = parents.rows[index] as readonly unknown[];
  return follower.parentKeys.map((at) => follower.parents.valueAt(row, at));
}

/** Reads what a relation leads to, and gives each parent its part. Gives the first row of the statement. */
async function attach(
  reading: Reading,
  follower: Follower,
  first: FirstRow,
  keysOf: KeyReader,
): Promise<FirstRow> {
  const { gathered } = reading;
  const { relation, level } = follower;
  const parents = gathered[follower.parents.gather] as Gathered;
  const { groups, own, lists } = groupParents(follower, parents, keysOf);
  let next = first;
  if (groups.size > 0) {
    let rows: readonly (readonly unknown[])[];
    if (typeof follower.source === "number") rows = batchRows(first?.[follower.source]);
    else {
      rows = await rowsOfStatement(reading, follower.source, level, lists);
      next = rows[0];
    }
    for (const row of rows) {
      groups.get(childKey(follower, row))?.push(level.hydrate(row, gathered));
    }
  }
  for (let i = 0; i < own.length; i++) {
    const parent = parents.records[i] as Row;
    const group = own[i];
    if (relation.many) parent[relation.name] = group ?? [];
    else {
      parent[relation.name] = group?.[0] ?? null;
      if (relation.owner && group?.length === 0) noteUnseen(parent, relation.name);
    }
  }
  return next;
}

async function rowsOfStatement(
  { session, values, options }: Reading,
  statement: CompiledStatement,
  level: Level,
  lists: readonly unknown[][],
): Promise<readonly (readonly unknown[])[]> {
  const { signal, timeout } = options;
  const run = { signal, timeout, bigints: level.bigints };
  return (await session.perform(statement, [...values, ...lists], run)).rows;
}

/** Parents by their keys. */
interface ParentGroups {
  /** What belongs to each key: empty yet. */
  readonly groups: ReadonlyMap<unknown, Row[]>;
  /** The group of each parent; nothing where a key is NULL. */
  readonly own: readonly (Row[] | undefined)[];
  /** The different keys, one list for each column. */
  readonly lists: readonly unknown[][];
}

function groupParents(follower: Follower, parents: Gathered, keysOf: KeyReader): ParentGroups {
  const groups = new Map<unknown, Row[]>();
  const lists = follower.relation.local.map((): unknown[] => []);
  const own = parents.records.map((_, index) => {
    const keys = keysOf(follower, parents, index);
    const key = keyOf(keys);
    if (key === undefined) return undefined;
    let group = groups.get(key);
    if (group === undefined) {
      groups.set(key, group = []);
      lists.forEach((list, at) => list.push(keys[at]));
    }
    return group;
  });
  return { groups, own, lists };
}

/** The key of the parent that a row belongs to. */
function childKey(follower: Follower, row: readonly unknown[]): unknown {
  const { childKeys, loadKey } = follower;
  const value = (i: number) => {
    const wire = row[childKeys[i] as number];
    const load = loadKey[i];
    return wire === null || wire === undefined ? null : load ? load(wire) : wire;
  };
  if (childKeys.length === 1) return oneKey(value(0));
  return keyOf(childKeys.map((_, i) => value(i)));
}
