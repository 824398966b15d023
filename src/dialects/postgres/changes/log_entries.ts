/**
 * From the entries of one transaction to its changes.
 *
 * @module
 */
import type { RowChange, RowImage } from "../../../change/source.ts";
import type { Layout } from "./layouts.ts";
import { inOrder, type MadeChange } from "./log_order.ts";
import { parseRecords, type RecordText } from "./record_text.ts";

/** An entry of the log. */
export interface LogEntry {
  /** Its number. */
  readonly id: number;
  /** The transaction. */
  readonly xid: string;
  /** The number of the table. */
  readonly rel: string;
  /** In how many triggers the statement ran. */
  readonly depth: number;
  /** `i`, `u`, `d` or `t`; in upper case, an entry goes on with the rows of the one before. */
  readonly kind: string;
  /** The rows before. */
  readonly olds: string | null;
  /** The rows after. */
  readonly news: string | null;
}

/** What a transaction changed. */
export interface EntryChanges {
  /** In order. */
  readonly changes: readonly RowChange[];
  /** Tables of which more changed. */
  readonly unseen: readonly string[];
}

const kinds: Readonly<Record<string, RowChange["kind"]>> = {
  i: "insert",
  u: "update",
  d: "delete",
  t: "truncate",
};

/**
 * Makes the changes of one transaction.
 *
 * @param entries all of it, in the order of their numbers
 * @param layouts the tables; entries of those that are gone are left out
 * @param readable whether the columns are what they were when it wrote
 */
export function changesOf(
  entries: readonly LogEntry[],
  layouts: ReadonlyMap<string, Layout>,
  readable: (layout: Layout) => boolean,
): EntryChanges {
  const unseen = new Set<string>();
  const unreadable = new Set<string>();
  const emptied = new Set<string>();
  const logged = new Map<string, MadeChange[]>();
  const tables = new Map<string, readonly MadeChange[]>();
  const read = new StatementReader();
  entries.forEach((entry, index) => {
    const layout = layouts.get(entry.rel);
    if (!layout) return;
    const list = logged.get(layout.top) ?? [];
    logged.set(layout.top, list);
    if (entry.kind === "t" && layout.top === layout.rel) emptied.add(layout.top);
    if (readable(layout)) { for (const made of read.entry(entry, index, layout)) list.push(made); }
    else {
      unseen.add(layout.table);
      unreadable.add(layout.top);
    }
  });
  for (const [top, made] of logged) {
    // Which rows were in a part that was emptied alone, nobody knows.
    const parts = made.some(({ kind, layout }) => kind === "truncate" && layout.top !== layout.rel);
    const ordered = unreadable.has(top) || parts && !emptied.has(top)
      ? undefined
      : inOrder(parts ? made.filter(isWhole) : made, entries);
    if (ordered) tables.set(top, ordered);
    else for (const { layout } of made) unseen.add(layout.table);
  }
  return { changes: inTurns(tables).map(change), unseen: [...unseen] };
}

function isWhole({ kind, layout }: MadeChange): boolean {
  return kind !== "truncate" || layout.top === layout.rel;
}

/** The changes of all tables as they were logged, those of each table in its own order. */
function inTurns(tables: ReadonlyMap<string, readonly MadeChange[]>): readonly MadeChange[] {
  const [only, ...others] = tables.values();
  if (others.length === 0) return only ?? [];
  const turns = [...tables.values()].flatMap((made) => made);
  turns.sort((a, b) => a.statement - b.statement);
  const next = new Map<string, number>();
  return turns.map(({ layout: { top } }) => {
    const at = next.get(top) ?? 0;
    next.set(top, at + 1);
    return tables.get(top)?.[at] as MadeChange;
  });
}

/** Reads entries one after the other, and puts together what is one statement's. */
class StatementReader {
  readonly #statements = new Map<string, number>();
  readonly #befores = new Map<string, readonly RecordText[]>();
  readonly #afters = new Map<string, readonly RecordText[]>();

  *entry(entry: LogEntry, index: number, layout: Layout): Generator<MadeChange> {
    const { rel, depth, olds, news } = entry;
    const kind = kinds[entry.kind.toLowerCase()] ?? "update";
    const place = `${rel} ${depth} ${kind}`;
    if (entry.kind in kinds) this.#statements.set(place, index);
    const statement = this.#statements.get(place) ?? index;
    const same = { statement, depth, layout, kind };
    const before = olds === null ? [] : parseRecords(olds);
    const after = news === null ? [] : parseRecords(news);
    if (kind === "truncate") yield same;
    if (kind === "insert") { for (const each of after) yield { ...same, after: each }; }
    if (kind === "delete") { for (const each of before) yield { ...same, before: each }; }
    if (kind !== "update") return;
    // The chunks of rows before and after end where they are full, not at the same row.
    const befores = [...this.#befores.get(place) ?? [], ...before];
    const afters = [...this.#afters.get(place) ?? [], ...after];
    const pairs = Math.min(befores.length, afters.length);
    for (let i = 0; i < pairs; i++) yield { ...same, before: befores[i], after: afters[i] };
    this.#befores.set(place, befores.slice(pairs));
    this.#afters.set(place, afters.slice(pairs));
  }
}

function change({ layout, kind, before, after }: MadeChange): RowChange {
  return {
    ...layout.schema !== null && { schema: layout.schema },
    table: layout.table,
    kind,
    ...before && { before: image(layout, before) },
    ...after && { after: image(layout, after) },
  };
}

function image({ columns }: Layout, { values }: RecordText): RowImage {
  const row: Record<string, string | null> = {};
  for (let i = 0; i < columns.length; i++) {
    const name = columns[i];
    if (name !== null && name !== undefined) row[name] = values[i] ?? null;
  }
  return row;
}
