/**
 * The views of one entity's table, found by what a change of a row says.
 *
 * @module
 */
import type { RowChange } from "../../../change/source.ts";
import type { EntitySchema } from "../../../schema/entity.ts";
import type { RowReader, RowValues } from "./row_values.ts";
import type { View } from "./view.ts";
import { ViewIndex } from "./view_index.ts";

/** A row that was read because a change did not tell all of it: its values, or null where it is gone. */
export type ResolvedRows = ReadonlyMap<string, RowValues | null>;

/** A row that was read ahead of the feed. */
export interface RowAhead {
  /** Where it was read. */
  readonly position: string;
  /** Its values then; null where it was gone. */
  readonly values: RowValues | null;
}

/** Told what a change means for views. */
export interface ChangeOutcome<V> {
  /** Whether the view is not told of the batch: it has it already, or is being read. */
  skips(view: V): boolean;
  /** The view's result has a change that was noted. */
  touched(view: V): void;
  /** The view has to be read again; unless its result has the batch already. */
  stale(view: V): void;
}

/** Views over one entity. */
export class TableViews<Follower> {
  /** The entity. */
  readonly entity: EntitySchema;
  /** Reads its rows. */
  readonly reader: RowReader;
  readonly #index = new ViewIndex<View<Follower>>();
  /** Every view, for what concerns all. */
  readonly views = new Set<View<Follower>>();
  /** Which views hold a record. */
  readonly #holders = new Map<string, Set<View<Follower>>>();
  /** Rows that were read at a position: batches that it has say nothing new of them. */
  readonly fences = new Map<string, RowAhead>();
  #inMemory = 0;

  /** Makes the views of an entity: none yet. */
  constructor(entity: EntitySchema, reader: RowReader) {
    this.entity = entity;
    this.reader = reader;
  }

  /** Whether changes are applied to any view in memory. */
  get inMemory(): boolean {
    return this.#inMemory > 0;
  }

  /** Adds a view. */
  add(view: View<Follower>): void {
    this.views.add(view);
    if (view.analysis.filtered) this.#index.add(view, view.analysis.predicate);
    if (view.analysis.inMemory) this.#inMemory++;
  }

  /** Removes a view, and what it holds. */
  remove(view: View<Follower>): void {
    if (!this.views.delete(view)) return;
    if (view.analysis.filtered) this.#index.remove(view);
    if (view.analysis.inMemory) this.#inMemory--;
    for (const key of view.keys()) this.release(key, view);
  }

  /** Notes that a view holds a record. */
  hold(key: string, view: View<Follower>): void {
    const holders = this.#holders.get(key);
    if (holders) holders.add(view);
    else this.#holders.set(key, new Set([view]));
  }

  /** Notes that a view no longer holds a record. */
  release(key: string, view: View<Follower>): void {
    const holders = this.#holders.get(key);
    if (holders?.delete(view) && holders.size === 0) this.#holders.delete(key);
  }

  /** Whether a change can matter to a view that is kept in memory. */
  concernsMemory(change: RowChange): boolean {
    if (!this.inMemory) return false;
    const { after } = change;
    const key = after && this.reader.keyOfImage(after);
    if (after === undefined || key === undefined) return false;
    for (const holder of this.#holders.get(key) ?? []) if (holder.analysis.inMemory) return true;
    const { get } = this.reader.ofImage(after);
    let concerned = false;
    this.#index.candidates(get, (view) => {
      concerned ||= view.analysis.inMemory && view.analysis.predicate.test(get) !== false;
    });
    return concerned;
  }

  /**
   * Finds out what a change means.
   *
   * @param resolved rows that were read, by key
   */
  apply(
    change: RowChange,
    resolved: ResolvedRows | undefined,
    outcome: ChangeOutcome<View<Follower>>,
  ): void {
    const { kind, before, after } = change;
    if (kind === "truncate") {
      for (const view of this.views) this.#emptied(view, outcome);
      return;
    }
    const oldKey = before && this.reader.keyOfImage(before);
    const newKey = after && this.reader.keyOfImage(after);
    if (kind === "delete" ? oldKey === undefined : newKey === undefined) {
      // A row that nobody can tell from the others.
      for (const view of this.views) outcome.stale(view);
      return;
    }
    if (oldKey !== undefined && oldKey !== newKey) this.#gone(oldKey, outcome);
    if (kind !== "delete" && after !== undefined && newKey !== undefined) {
      const row = resolved?.get(newKey);
      if (row === null) this.#gone(newKey, outcome);
      else this.#there(newKey, row ?? this.reader.ofImage(after), outcome);
    }
  }

  #emptied(view: View<Follower>, outcome: ChangeOutcome<View<Follower>>): void {
    if (outcome.skips(view)) return;
    if (!view.analysis.inMemory) return outcome.stale(view);
    view.clear();
    outcome.touched(view);
  }

  #gone(key: string, outcome: ChangeOutcome<View<Follower>>): void {
    for (const view of [...this.#holders.get(key) ?? []]) {
      if (outcome.skips(view)) continue;
      if (view.analysis.inMemory) this.#touch(view, key, null, outcome);
      else outcome.stale(view);
    }
  }

  #touch(
    view: View<Follower>,
    key: string,
    row: RowValues | null,
    outcome: ChangeOutcome<View<Follower>>,
  ): void {
    view.touch(key, row);
    outcome.touched(view);
    // Held from now on, so that a later change in the same batch finds it.
    if (row !== null) this.hold(key, view);
    else if (!view.has(key)) this.release(key, view);
  }

  #there(key: string, row: RowValues, outcome: ChangeOutcome<View<Follower>>): void {
    const holders = this.#holders.get(key);
    const met = holders ? [...holders] : [];
    const meet = (view: View<Follower>) => {
      if (outcome.skips(view)) return;
      const matches = view.analysis.predicate.test(row.get);
      if (!view.analysis.inMemory) {
        if (matches !== false || view.has(key)) outcome.stale(view);
      } else if (matches === undefined) outcome.stale(view);
      else if (matches || view.has(key) || met.includes(view)) {
        this.#touch(view, key, matches ? row : null, outcome);
      }
    };
    met.forEach(meet);
    this.#index.candidates(row.get, (view) => {
      if (!met.includes(view)) meet(view);
    });
  }
}
