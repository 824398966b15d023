/**
 * Writes that the server has not answered yet, laid over the records that it told.
 *
 * They are applied anew whenever either changes, so that taking one away leaves nothing of it behind. What a write
 * does to a result is shown where it is certain; the rest shows when the server tells it.
 *
 * @module
 */
import { compare, matches, type OrderTerm, termsOf } from "./local_match.ts";
import { isSame, type Row, type Rows } from "./rows.ts";

/** A write without an answer. */
export interface PendingWrite {
  /** Its number. */
  readonly id: number;
  /** What it does. */
  readonly op: "create" | "update" | "delete";
  /** To which model. */
  readonly model: string;
  /** The primary key by property; of a new record only once the server has told it. */
  readonly key?: Row;
  /** The columns that it sets. */
  readonly values: Row;
  /** What a new record is shown with beside them; where it is given, the record counts as complete. */
  readonly preview?: Row;
}

/** The query of a subscription. */
export interface ViewQuery {
  /** The condition. */
  readonly where?: unknown;
  /** The columns. */
  readonly select?: readonly string[];
  /** The relations. */
  readonly include?: Readonly<Record<string, unknown>>;
  /** The order. */
  readonly orderBy?: unknown;
  /** How many. */
  readonly limit?: number;
  /** How many are left out. */
  readonly offset?: number;
}

/** Records with the writes over them. */
export interface Overlaid {
  /** All records, in order. */
  readonly rows: Rows;
  /** The keys of those that are not the server's. */
  readonly changed: ReadonlySet<string>;
}

/**
 * Lays writes over records.
 *
 * @param base what the server told
 * @param writes those of the model, in the order in which they were made
 * @param arrived the numbers of new records that the server has told meanwhile
 */
export function overlay(
  base: Rows,
  query: ViewQuery,
  writes: readonly PendingWrite[],
  arrived: ReadonlyMap<number, string>,
): Overlaid {
  const terms = termsOf(query.orderBy);
  // All that is known of a changed record, also what is not selected.
  const facts = new Map<string, Row>();
  let rows = new Map(base);
  for (const { id, op, key, values, preview } of writes) {
    if (op === "create") {
      const row = { ...values, ...preview };
      const told = arrived.has(id) || isTold(base, key, values);
      const shown = told ? undefined : newRow(base, query, row, preview !== undefined);
      const placed = shown && place(rows, `~${id}`, shown, row, terms);
      if (!placed) continue;
      facts.set(`~${id}`, row);
      rows = placed;
      continue;
    }
    const found = findKey(rows, key as Row);
    if (found === undefined) continue;
    if (op === "delete") {
      rows.delete(found);
      facts.delete(found);
      continue;
    }
    const row = rows.get(found) as Row;
    const fact = { ...row, ...facts.get(found), ...values };
    const next = Object.fromEntries(Object.keys(row).map((name) => [name, fact[name]]));
    facts.set(found, fact);
    rows.set(found, next);
    if (terms?.some(([name]) => Object.hasOwn(values, name))) {
      rows = place(rows, found, next, fact, terms) ?? rows;
    }
  }
  for (const [key, fact] of facts) if (matches(query.where, fact) === false) rows.delete(key);
  const limit = Math.max(query.limit ?? Infinity, 0);
  const kept = rows.size > limit ? new Map([...rows].slice(0, limit)) : rows;
  return { rows: kept, changed: new Set(facts.keys()) };
}

/** A new record as the result shows it; `undefined` where it is not certain that it belongs there, or whole. */
function newRow(base: Rows, query: ViewQuery, row: Row, vouched: boolean): Row | undefined {
  if ((query.offset ?? 0) > 0 || !matches(query.where, row)) return undefined;
  const [sample] = base.values();
  const columns = query.select ?? (sample && Object.keys(sample));
  if (!columns && !vouched) return undefined;
  const included = Object.keys(query.include ?? {}).filter((name) => query.include?.[name]);
  const names = columns ? new Set([...columns, ...included]) : Object.keys(row);
  if (included.some((name) => row[name] === undefined)) return undefined;
  const shown = [...names].map((name) => [name, row[name]] as const);
  return shown.every(([, value]) => value !== undefined) ? Object.fromEntries(shown) : undefined;
}

/** Whether a new record is among those that the server told, by its key, or by the `id` that it was given. */
function isTold(base: Rows, key: Row | undefined, { id }: Row): boolean {
  const known = key ?? (id === undefined ? undefined : { id });
  return known !== undefined && findKey(base, known) !== undefined;
}

/** The key of the record with a primary key; none where the result does not show its columns. */
function findKey(rows: Rows, key: Row): string | undefined {
  const parts = Object.entries(key);
  for (const [found, row] of rows) {
    if (parts.every(([name, value]) => isSame(row[name], value))) return found;
  }
  return undefined;
}

/** Records with one at its place in the order; `undefined` where only the database knows the place. */
function place(
  rows: Rows,
  key: string,
  shown: Row,
  fact: Row,
  terms: readonly OrderTerm[] | undefined,
): Map<string, Row> | undefined {
  if (!terms) return undefined;
  const others = [...rows].filter(([each]) => each !== key);
  let at = others.length;
  if (terms.length > 0) {
    const places = others.map(([, other]) => compare(fact, other, terms));
    if (places.includes(undefined)) return undefined;
    if (terms.some(([name]) => fact[name] === undefined)) return undefined;
    const first = places.findIndex((each) => (each as number) < 0);
    if (first >= 0) at = first;
  }
  others.splice(at, 0, [key, shown]);
  return new Map(others);
}

/**
 * Finds which new records of this client the server has told: those that are new, and equal in all that was written.
 * From then on the server's record is shown instead.
 */
export function noteArrivals(
  before: Rows,
  after: Rows,
  writes: readonly PendingWrite[],
  arrived: Map<number, string>,
): void {
  for (const { id, op, values } of writes) {
    if (op !== "create" || arrived.has(id)) continue;
    const taken = new Set(arrived.values());
    for (const [key, row] of after) {
      if (before.has(key) || taken.has(key)) continue;
      const names = Object.keys(values).filter((name) => Object.hasOwn(row, name));
      const equal = names.length > 0 && names.every((name) => isSame(row[name], values[name]));
      if (!equal) continue;
      arrived.set(id, key);
      break;
    }
  }
}
