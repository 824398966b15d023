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
 * Puts the changes of one table into an order in which they can be applied one after the other.
 *
 * @param made as they were logged
 * @param entries all entries of the transaction
 * @returns nothing where the order cannot be told
 */
export function inOrder(
  made: readonly MadeChange[],
  entries: readonly { readonly depth: number }[],
): readonly MadeChange[] | undefined {
  const [first] = made;
  if (first === undefined || first.layout.key.length === 0) return made;
  if (first.statement === made.at(-1)?.statement && !isTangled(made)) return made;
  const logged = followed(made);
  if (made.every(({ depth }) => depth === first.depth)) return logged?.changes;
  const places = nestedPlaces(entries);
  const place = ({ statement }: MadeChange) => places[statement] ?? statement;
  const turned = [...made].sort((a, b) => place(a) - place(b));
  if (turned.every((each, index) => each === made[index])) return logged?.changes;
  const other = followed(turned);
  if (!logged || !other) return (logged ?? other)?.changes;
  return sameRows(logged, other) ? logged.changes : undefined;
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

/** What is known of the rows after some changes. */
interface Followed {
  /** The rows by key; `null` where one is gone. */
  readonly rows: Map<string, string | null>;
  /** Whether there was nothing else before. */
  emptied: boolean;
  /** The changes, to be applied one after the other. */
  readonly changes: MadeChange[];
}

function sameRows({ rows }: Followed, { rows: others }: Followed): boolean {
  return rows.size === others.size &&
    [...rows].every(([key, text]) => others.get(key) === text);
}

/** Follows changes; nothing where one does not begin with what was left of its row, or there are two ways to see it. */
function followed(made: readonly MadeChange[]): Followed | undefined {
  let found: Followed = { rows: new Map(), emptied: false, changes: [] };
  for (const statement of statementsOf(made)) {
    if (!isTangled(statement)) {
      if (!follow(found, statement)) return undefined;
      for (const each of statement) found.changes.push(each);
      continue;
    }
    const copy = () => ({ ...found, rows: new Map(found.rows), changes: [...found.changes] });
    const atOnce = copy();
    const inTurn = copy();
    const isAtOnce = follow(atOnce, statement);
    const isInTurn = statement.every((each) => follow(inTurn, [each]));
    if (isAtOnce === isInTurn && !(isAtOnce && sameRows(atOnce, inTurn))) return undefined;
    found = isInTurn ? inTurn : atOnce;
    found.changes.push(...isInTurn ? statement : untangled(statement));
  }
  return found;
}

/** Takes changes for made at once. */
function follow(found: Followed, changes: readonly MadeChange[]): boolean {
  const { rows } = found;
  for (const { layout, kind, before } of changes) {
    if (kind === "truncate") {
      rows.clear();
      found.emptied = true;
    }
    if (!before) continue;
    const key = keyOf(layout, before);
    const left = rows.has(key) ? rows.get(key) : found.emptied ? null : before.text;
    if (left !== before.text) return false;
    rows.set(key, null);
  }
  for (const { layout, after } of changes) {
    if (!after) continue;
    const key = keyOf(layout, after);
    if ((rows.get(key) ?? null) !== null) return false;
    rows.set(key, after.text);
  }
  return true;
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
 * Whether rows of one statement meet at a key: they take each other's keys, or a cascade changed a row once more,
 * which PostgreSQL counts as the same statement.
 */
function isTangled(statement: readonly MadeChange[]): boolean {
  if (statement[0]?.kind !== "update") return false;
  const from = new Set<string>();
  for (const { layout, before } of statement) {
    if (!before) continue;
    const key = keyOf(layout, before);
    if (from.has(key)) return true;
    from.add(key);
  }
  return statement.some(({ layout, before, after }) => {
    const key = after && keyOf(layout, after);
    return key !== undefined && before && key !== keyOf(layout, before) && from.has(key);
  });
}

/** Tells rows that take each other's keys as gone and come again. */
function untangled(statement: readonly MadeChange[]): MadeChange[] {
  return [
    ...statement.map((each) => ({ ...each, kind: "delete" as const, after: undefined })),
    ...statement.map((each) => ({ ...each, kind: "insert" as const, before: undefined })),
  ];
}

function keyOf({ columns, key }: Layout, { values }: RecordText): string {
  const [first = "", ...others] = key;
  const value = values[columns.indexOf(first)] ?? "";
  if (others.length === 0) return value;
  return JSON.stringify([value, ...others.map((name) => values[columns.indexOf(name)])]);
}
