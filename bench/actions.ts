/**
 * What a candidate is asked to do, and what has to come of it. The same `i` means the same arguments for
 * everybody.
 *
 * @module
 */
import type { Awaitable, Operations } from "./candidate.ts";
import {
  bulkSize,
  type Item,
  itemOf,
  itemsFrom,
  nestedRows,
  type NewItem,
  pageSize,
  seededItems,
} from "./model.ts";

/** One thing to do, over and over. */
export interface Action {
  /** Does it for the `i`th time. */
  readonly run: (on: Operations, i: number) => Awaitable<unknown>;
  /** What that has to give; the keys of new rows, which are the database's choice, are left out. */
  readonly gives?: (i: number) => unknown;
  /** What it has to leave in the table. */
  readonly writes?: (i: number) => readonly NewItem[];
}

/** The operations that are measured. */
export type ActionName = Exclude<keyof Operations, "close">;

const items: readonly Item[] = itemsFrom(1, seededItems).map((item, i) => ({ id: i + 1, ...item }));
const bulk = itemsFrom(seededItems + 1, bulkSize);
const authors = nestedRows();

/** A prime, so that neighbours in time are not neighbours in the table. */
const stride = 7919;
const keyOf = (i: number) => 1 + i * stride % seededItems;
const pageOf = (i: number) => i * stride % (seededItems - pageSize);
const newItem = (i: number) => itemOf(seededItems + 1 + i);

/** How each operation is run and judged. */
export const actions: Readonly<Record<ActionName, Action>> = {
  readItem: {
    run: (on, i) => on.readItem(keyOf(i)),
    gives: (i) => items[keyOf(i) - 1],
  },
  readPage: {
    run: (on, i) => on.readPage(pageOf(i)),
    gives: (i) => items.slice(pageOf(i), pageOf(i) + pageSize),
  },
  insertItem: {
    run: (on, i) => on.insertItem(newItem(i)),
    gives: newItem,
    writes: (i) => [newItem(i)],
  },
  insertItems: { run: (on) => on.insertItems!(bulk), writes: () => bulk },
  insertItemsReturning: {
    run: (on) => on.insertItemsReturning!(bulk),
    gives: () => bulk,
    writes: () => bulk,
  },
  copyItems: { run: (on) => on.copyItems!(bulk), writes: () => bulk },
  readAuthors: { run: (on) => on.readAuthors(), gives: () => authors },
};
