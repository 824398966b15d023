/**
 * Finds the views that a changed row may concern. Views whose condition fixes a column's values are found by the row's
 * value in it, so that a change costs the same however many of them there are.
 *
 * @module
 */
import type { PropertySchema } from "../../../schema/entity.ts";
import type { Lookup, Predicate, ReadValue } from "./predicate.ts";

type Key = Lookup["values"][number];

/** Several views under one value. */
class Several<V> extends Set<V> {}

/** The views that are found by one column. Most values have one view, which then needs no set of its own. */
class ColumnIndex<V> {
  readonly #byKey = new Map<Key, V | Several<V>>();
  readonly #views = new Set<V>();

  constructor(readonly lookup: Pick<Lookup, "property" | "key">) {}

  get size(): number {
    return this.#views.size;
  }

  add(view: V, keys: readonly Key[]): void {
    this.#views.add(view);
    for (const key of keys) {
      const found = this.#byKey.get(key);
      if (found instanceof Several) found.add(view);
      else if (found === undefined) this.#byKey.set(key, view);
      else this.#byKey.set(key, new Several<V>([found, view]));
    }
  }

  remove(view: V, keys: readonly Key[]): void {
    this.#views.delete(view);
    for (const key of keys) {
      const found = this.#byKey.get(key);
      if (found instanceof Several) {
        found.delete(view);
        if (found.size === 0) this.#byKey.delete(key);
      } else if (found === view) this.#byKey.delete(key);
    }
  }

  visit(read: ReadValue, visit: (view: V) => void): void {
    const { property, key } = this.lookup;
    const value = read(property);
    const known = value === undefined ? undefined : value === null ? null : key(value);
    if (known === undefined) return this.#views.forEach((view) => visit(view));
    const found = this.#byKey.get(known);
    if (found instanceof Several) found.forEach((view) => visit(view));
    else if (found !== undefined) visit(found);
  }
}

/**
 * The views of one table. A view is an object that is added once.
 *
 * @example Which views does a row concern?
 * ```ts ignore
 * const index = new ViewIndex<View>();
 * index.add(view, predicateOf(entity, { authorId: 5 }, semantics));
 * index.candidates((property) => row[property.name], (view) => view.look(row));
 * ```
 */
export class ViewIndex<V extends object> {
  readonly #columns = new Map<PropertySchema, ColumnIndex<V>>();
  readonly #scanned = new Set<V>();
  readonly #lookups = new Map<V, Lookup>();

  /** How many views there are. */
  get size(): number {
    return this.#scanned.size + this.#lookups.size;
  }

  /** Adds a view: under the values that its predicate looks up, or to those that every row may concern. */
  add(view: V, { lookup }: Pick<Predicate, "lookup">): void {
    if (!lookup) return void this.#scanned.add(view);
    let column = this.#columns.get(lookup.property);
    if (!column) this.#columns.set(lookup.property, column = new ColumnIndex<V>(lookup));
    this.#lookups.set(view, lookup);
    column.add(view, lookup.values);
  }

  /** Removes a view. One that is not there is no mistake. */
  remove(view: V): void {
    this.#scanned.delete(view);
    const lookup = this.#lookups.get(view);
    if (!lookup) return;
    this.#lookups.delete(view);
    const column = this.#columns.get(lookup.property);
    column?.remove(view, lookup.values);
    if (column?.size === 0) this.#columns.delete(lookup.property);
  }

  /**
   * Visits each view once that a row with these values may match. It reads only the columns by which views are found; where
   * such a value is unknown (`undefined`), all views of that column are visited.
   */
  candidates(read: ReadValue, visit: (view: V) => void): void {
    for (const column of this.#columns.values()) column.visit(read, visit);
    this.#scanned.forEach((view) => visit(view));
  }
}
