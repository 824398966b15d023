/**
 * One query that is kept true, for all who subscribe to it: its result, and what the batch that is being handled
 * changes of it.
 *
 * @module
 */
import type { BatchMark, ChangeBatch } from "../../../change/source.ts";
import { sameValue } from "../../../repository/record.ts";
import type { EntitySchema, PropertySchema } from "../../../schema/entity.ts";
import type { Analysis } from "./analysis.ts";
import { differenceOf } from "./difference.ts";
import type { LiveChange, LiveEntry, LiveRow, LiveShape, LiveSnapshot } from "./live.ts";
import type { RowValues } from "./row_values.ts";

/** The result of a query, as it was read. */
export interface ReadResult {
  /** Records by key, in order. */
  readonly rows: ReadonlyMap<string, LiveRow>;
  /** The values that records are ordered by, where they are ordered in memory. */
  readonly sorts?: ReadonlyMap<string, readonly unknown[]>;
  /** The batches that are in it. */
  readonly position: string;
}

/** A record of an ordered result. */
interface Sorted {
  readonly key: string;
  readonly row: LiveRow;
  readonly values: readonly unknown[];
}

/** Whether two records are equal, with all that they include. */
export function sameRow(a: LiveRow, b: LiveRow): boolean {
  return sameValue(a, b);
}

/** A query's result and its followers. */
export class View<Follower> {
  /** Equal queries have equal names. */
  readonly name: string;
  /** The model. */
  readonly entity: EntitySchema;
  /** The query. */
  readonly query: LiveShape;
  /** How it is kept true. */
  readonly analysis: Analysis;
  /** Who follows it. */
  readonly followers = new Set<Follower>();
  /** Whether it has a result. */
  filled = false;
  /** Whether it is not kept true any more. */
  closed = false;
  /** What was handled while it was being read. */
  waiting: ChangeBatch[] = [];
  /** Batches that are in its result already, though they are not handled yet; none when all are handled. */
  ahead: string | undefined;
  /**
   * The batches that made it necessary to read it again since the last reading began, by the number in which they were
   * handled; without a mark it is read again whatever the reading has.
   */
  stale: { readonly mark?: BatchMark; readonly number: number }[] = [];
  /** Why its followers are to be told the whole result after it was read. */
  resetting: string | undefined;
  /** Called when it has all batches up to a number. */
  readonly settling: { readonly number: number; readonly settled: () => void }[] = [];
  #rows = new Map<string, LiveRow>();
  #sorted: Sorted[] = [];
  #places = new Map<string, Sorted>();
  readonly #touched = new Map<string, RowValues | null>();
  readonly #selected: readonly PropertySchema[] | undefined;

  /** Makes a view that has no result yet. */
  constructor(name: string, entity: EntitySchema, query: LiveShape, analysis: Analysis) {
    this.name = name;
    this.entity = entity;
    this.query = query;
    this.analysis = analysis;
    const select = query.select as readonly string[] | undefined;
    this.#selected = select?.map((each) => entity.byName.get(each) as PropertySchema);
  }

  /** How many records it holds. */
  get size(): number {
    return this.#rows.size;
  }

  /** Whether a record is in the result. */
  has(key: string): boolean {
    return this.#rows.has(key);
  }

  /** The keys of its records. */
  keys(): IterableIterator<string> {
    return this.#rows.keys();
  }

  /** The whole result. */
  snapshot(position: string, reset?: string): LiveSnapshot {
    return { entries: this.#entries(), position, ...reset !== undefined && { reset } };
  }

  /** The records of some keys, with their places; the others are told as gone. */
  only(keys: ReadonlySet<string>): LiveChange {
    const put = this.#entries().filter(({ key }) => keys.has(key));
    return { drop: [...keys].filter((key) => !this.#rows.has(key)), put };
  }

  #entries(): LiveEntry[] {
    const { ordered } = this.analysis;
    if (!this.#isSorted) {
      let at = 0;
      return [...this.#rows].map(([key, row]) => ordered ? { key, row, at: at++ } : { key, row });
    }
    return this.#sorted.map(({ key, row }, at) => ({ key, row, at }));
  }

  get #isSorted(): boolean {
    return this.analysis.inMemory && this.analysis.ordering !== undefined;
  }

  /** Takes over a result that was read; gives the difference to what it had. */
  replace({ rows, sorts, position }: ReadResult): LiveChange | undefined {
    const sorted = this.#isSorted
      ? [...rows].map(([key, row]) => ({ key, row, values: sorts?.get(key) ?? [] }))
      : [];
    // The database's order, but for ties, whose order is ours.
    sorted.sort(this.#compare);
    const after = this.#isSorted ? new Map(sorted.map(({ key, row }) => [key, row])) : rows;
    const before = this.#isSorted
      ? new Map(this.#sorted.map(({ key, row }) => [key, row]))
      : this.#rows;
    const change = differenceOf(before, after, this.analysis.ordered, sameRow);
    // Records that are equal stay the same objects.
    const kept = (key: string, row: LiveRow): LiveRow => {
      const old = before.get(key);
      return old !== undefined && sameRow(old, row) ? old : row;
    };
    this.#rows = new Map([...after].map(([key, row]) => [key, kept(key, row)]));
    this.#sorted = sorted.map((each) => ({ ...each, row: this.#rows.get(each.key) as LiveRow }));
    this.#places = new Map(this.#sorted.map((each) => [each.key, each]));
    this.ahead = position;
    this.#touched.clear();
    return change;
  }

  /** Notes that a record matches with these values, or does not match any more. */
  touch(key: string, values: RowValues | null): void {
    if (values === null && !this.#rows.has(key)) this.#touched.delete(key);
    else this.#touched.set(key, values);
  }

  /** Notes that all records are gone. */
  clear(): void {
    this.#touched.clear();
    for (const key of this.#rows.keys()) this.#touched.set(key, null);
  }

  /** Applies what was noted; gives what changed. */
  settle(): LiveChange | undefined {
    if (this.#touched.size === 0) return undefined;
    const drop: string[] = [];
    const put: { key: string; row: LiveRow; values: RowValues }[] = [];
    for (const [key, values] of this.#touched) {
      const old = this.#rows.get(key);
      if (values === null) {
        if (old !== undefined) drop.push(key);
        continue;
      }
      const row = this.#rowOf(values);
      if (old === undefined || !sameRow(old, row)) put.push({ key, row, values });
    }
    this.#touched.clear();
    if (drop.length === 0 && put.length === 0) return undefined;
    const entries = this.#isSorted ? this.#sortIn(drop, put) : put;
    for (const key of drop) this.#rows.delete(key);
    for (const { key, row } of put) this.#rows.set(key, row);
    return {
      drop,
      put: entries.map(({ key, row, ...place }) => ({ key, row, ...placeOf(place) })),
    };
  }

  #rowOf(values: RowValues): LiveRow {
    if (this.#selected === undefined) return values.whole();
    return Object.fromEntries(this.#selected.map((each) => [each.name, values.get(each)]));
  }

  readonly #compare = (a: Pick<Sorted, "values">, b: Pick<Sorted, "values">): number => {
    const { ordering } = this.analysis;
    if (!ordering) return 0;
    const { properties } = ordering;
    return ordering.compare(
      (property) => a.values[properties.indexOf(property)],
      (property) => b.values[properties.indexOf(property)],
    );
  };

  #sortIn(
    drop: readonly string[],
    put: readonly { readonly key: string; readonly row: LiveRow; readonly values: RowValues }[],
  ): LiveEntry[] {
    const properties = this.analysis.ordering?.properties ?? [];
    for (const key of drop) this.#takeOut(key);
    for (const { key } of put) this.#takeOut(key);
    const sorted = put.map(({ key, row, values }): Sorted => ({
      key,
      row,
      values: properties.map((each) => values.get(each)),
    })).sort(this.#compare);
    return sorted.map((entry) => {
      const at = this.#placeOf(entry);
      this.#sorted.splice(at, 0, entry);
      this.#places.set(entry.key, entry);
      return { key: entry.key, row: entry.row, at };
    });
  }

  #takeOut(key: string): void {
    const entry = this.#places.get(key);
    if (entry === undefined) return;
    this.#places.delete(key);
    // No two entries are equal, since the key is part of the order.
    const place = this.#placeOf(entry) - 1;
    const at = this.#sorted[place] === entry ? place : this.#sorted.indexOf(entry);
    this.#sorted.splice(at, 1);
  }

  /** Where an entry belongs: after all that are not greater. */
  #placeOf(entry: Sorted): number {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#compare(this.#sorted[middle] as Sorted, entry) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function placeOf(entry: object): { readonly at?: number } {
  const { at } = entry as { readonly at?: number };
  return at === undefined ? {} : { at };
}
