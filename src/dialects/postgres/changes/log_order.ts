/**
 * The order of the changes of one transaction.
 *
 * A trigger logs its statement when that is done. A statement that another trigger runs in between is therefore logged
 * before the one that it belongs to, though it changed its rows later, or earlier where it ran ahead of it. Which it
 * was, the rows themselves tell: each was before a change what the last change had made of it.
 *
 * @module
 */
import type { RowChange } from "../../../change/source.ts";
import type { Layout } from "./layouts.ts";
import type { RecordText } from "./record_text.ts";

/** A change beside what it was made of. */
export interface MadeChange {
  /** The place of the statement's first entry in the transaction. */
  readonly statement: number;
  /** In how many triggers the statement ran. */
  readonly depth: number;
  /** The table. */
  readonly layout: Layout;
  /** What happened. */
  readonly kind: RowChange["kind"];
  /** The row before. */
  readonly before?: RecordText | undefined;
  /** The row after. */
  readonly after?: RecordText | undefined;
}

/**
 * Puts the changes of one table into the order in which they were made.
 *
 * @param made as they were logged
 * @param entries all entries of the transaction
 * @returns nothing where the order cannot be told
 */
export function inOrder(
  made: MadeChange[],
  entries: readonly { readonly depth: number }[],
): MadeChange[] | undefined {
  const [first] = made;
  if (first === undefined || first.statement === made.at(-1)?.statement) return made;
  const logged = rowsAfter(made);
  if (made.every(({ depth }) => depth === first.depth)) return logged && made;
  const places = nestedPlaces(entries);
  const place = ({ statement }: MadeChange) => places[statement] ?? statement;
  const turned = [...made].sort((a, b) => place(a) - place(b));
  if (turned.every((each, index) => each === made[index])) return logged && made;
  const other = rowsAfter(turned);
  if (!other) return logged && made;
  if (!logged) return turned;
  return sameRows(logged, other) ? made : undefined;
}

interface Nest {
  readonly index: number;
  readonly depth: number;
  readonly inner: readonly Nest[];
}

/** The places of entries when each comes before those that are nested in it, or seem to be. */
function nestedPlaces(entries: readonly { readonly depth: number }[]): number[] {
  const open: Nest[] = [];
  entries.forEach(({ depth }, index) => {
    let outer = open.length;
    while (outer > 0 && (open[outer - 1]?.depth ?? 0) > depth) outer--;
    open.push({ index, depth, inner: open.splice(outer) });
  });
  const places: number[] = [];
  let place = 0;
  const walk = (nests: readonly Nest[]): void => {
    for (const { index, inner } of nests) {
      places[index] = place++;
      walk(inner);
    }
  };
  walk(open);
  return places;
}

type Rows = ReadonlyMap<string, string | null>;

function sameRows(rows: Rows, others: Rows): boolean {
  return rows.size === others.size &&
    [...rows].every(([key, text]) => others.get(key) === text);
}

/** What is left of each row, `null` where it is gone; nothing where a change does not begin with what was left. */
function rowsAfter(made: readonly MadeChange[]): Rows | undefined {
  const rows = new Map<string, string | null>();
  let emptied = false;
  for (const statement of statementsOf(made)) {
    for (const { layout, kind, before } of statement) {
      if (layout.key.length === 0) return rows;
      if (kind === "truncate") {
        rows.clear();
        emptied = true;
      }
      if (!before) continue;
      const key = keyOf(layout, before);
      const left = rows.has(key) ? rows.get(key) : emptied ? null : before.text;
      if (left !== before.text) return undefined;
      rows.set(key, null);
    }
    for (const { layout, after } of statement) {
      if (!after) continue;
      const key = keyOf(layout, after);
      if ((rows.get(key) ?? null) !== null) return undefined;
      rows.set(key, after.text);
    }
  }
  return rows;
}

function statementsOf(made: readonly MadeChange[]): MadeChange[][] {
  const statements: MadeChange[][] = [];
  let last: number | undefined;
  for (const each of made) {
    if (each.statement === last) statements.at(-1)?.push(each);
    else statements.push([each]);
    last = each.statement;
  }
  return statements;
}

/**
 * Tells rows that take each other's keys in one statement as gone and come again: one after the other, the second
 * would overwrite the first.
 */
export function untangled(made: MadeChange[]): MadeChange[] {
  if (!made.some(movesKey)) return made;
  return statementsOf(made).flatMap((statement) => {
    const moved = statement.filter(movesKey);
    const from = new Set(moved.map(({ layout, before }) => before && keyOf(layout, before)));
    const tangled = moved.some(({ layout, after }) => after && from.has(keyOf(layout, after)));
    if (!tangled) return statement;
    return [
      ...statement.filter((each) => !movesKey(each)),
      ...moved.map((each) => ({ ...each, kind: "delete" as const, after: undefined })),
      ...moved.map((each) => ({ ...each, kind: "insert" as const, before: undefined })),
    ];
  });
}

function movesKey({ layout, before, after }: MadeChange): boolean {
  return before !== undefined && after !== undefined && layout.key.length > 0 &&
    keyOf(layout, before) !== keyOf(layout, after);
}

function keyOf({ columns, key }: Layout, { values }: RecordText): string {
  const [first = "", ...others] = key;
  const value = values[columns.indexOf(first)] ?? "";
  if (others.length === 0) return value;
  return JSON.stringify([value, ...others.map((name) => values[columns.indexOf(name)])]);
}
