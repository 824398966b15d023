/**
 * Finds what was probably renamed: one that went and one that came and are much alike. Never decides: whoever
 * asks for the comparison confirms.
 *
 * @module
 */
import { type DatabaseSchema, nameKey, type QualifiedName } from "../../schema/database_schema.ts";
import type { ColumnSchema, TableSchema } from "../../schema/table.ts";
import { pairsBy } from "./pairs.ts";
import { noRenames, type Renames } from "./renames.ts";
import { same, without } from "../../schema/same.ts";

/** What may have been renamed. Each name comes once on each side, the likeliest first. */
export interface RenameCandidates extends Renames {
  /** Nothing looks renamed. */
  readonly none: boolean;
}

/** Of two tables at least this part of the columns has to agree. */
const alike = 0.6;

/**
 * Finds likely renames.
 *
 * @param known what was confirmed already: it is not proposed again
 */
export function renameCandidates(
  from: DatabaseSchema,
  to: DatabaseSchema,
  known: Renames = noRenames,
): RenameCandidates {
  const renamed = new Map(known.tables.map((each) => [nameKey(each.to), nameKey(each.from)]));
  const old = new Map(from.tables.map((table) => [nameKey(table), table]));
  const taken = new Set(renamed.values());
  const { added, removed } = pairsBy(from.tables, to.tables, nameKey);
  const tables = best(
    removed.filter((table) => !taken.has(nameKey(table))),
    added.filter((table) => !renamed.has(nameKey(table))),
    (before, after) => before.partition || after.partition ? 0 : tableLikeness(before, after),
  ).map(([before, after]) => ({ from: named(before), to: named(after) }));

  const columns = to.tables.flatMap((after) => {
    const before = old.get(renamed.get(nameKey(after)) ?? nameKey(after));
    if (!before) return [];
    const confirmed = known.columns.filter((each) => nameKey(each.table) === nameKey(after));
    const gone = new Set(confirmed.map((each) => each.from));
    const come = new Set(confirmed.map((each) => each.to));
    const pairs = pairsBy(before.columns, after.columns, (column) => column.name);
    return best(
      pairs.removed.filter((column) => !gone.has(column.name)),
      pairs.added.filter((column) => !come.has(column.name)),
      columnLikeness,
    ).map(([a, b]) => ({ table: named(after), from: a.name, to: b.name }));
  });
  return { tables, columns, none: tables.length === 0 && columns.length === 0 };
}

function named({ name, schema }: QualifiedName): QualifiedName {
  return { name, ...schema !== undefined && { schema } };
}

/** Pairs each with its likeliest counterpart, the likeliest pairs first; 0 is no pair. */
function best<T>(
  removed: readonly T[],
  added: readonly T[],
  likeness: (before: T, after: T) => number,
): [T, T][] {
  const scored = removed.flatMap((before) =>
    added.map((after) => ({ before, after, score: likeness(before, after) }))
  ).filter(({ score }) => score > 0).sort((a, b) => b.score - a.score);
  const used = new Set<T>();
  const pairs: [T, T][] = [];
  for (const { before, after } of scored) {
    if (used.has(before) || used.has(after)) continue;
    used.add(before).add(after);
    pairs.push([before, after]);
  }
  return pairs;
}

function tableLikeness(before: TableSchema, after: TableSchema): number {
  const columns = pairsBy(before.columns, after.columns, (column) => column.name);
  const agreeing = columns.kept.filter(([a, b]) => same(a.type, b.type)).length;
  const share = agreeing / Math.max(before.columns.length, after.columns.length);
  return share < alike ? 0 : share + textLikeness(before.name, after.name) / 10;
}

/** Columns of equal type are alike; their names only tell which is likelier. */
function columnLikeness(before: ColumnSchema, after: ColumnSchema): number {
  if (!same(before.type, after.type)) return 0;
  if ((before.generated === undefined) !== (after.generated === undefined)) return 0;
  const rest = same(without(before, "name"), without(after, "name")) ? 1 : 0;
  return 1 + rest + textLikeness(before.name, after.name);
}

/** From 0 to 1: the share of pairs of letters that both have (Dice's coefficient). */
function textLikeness(a: string, b: string): number {
  const pairs = (text: string) =>
    Array.from({ length: Math.max(text.length - 1, 0) }, (_, i) => text.slice(i, i + 2));
  const left = pairs(a.toLowerCase());
  const rest = pairs(b.toLowerCase());
  const all = left.length + rest.length;
  if (all === 0) return a === b ? 1 : 0;
  let common = 0;
  for (const pair of left) {
    const at = rest.indexOf(pair);
    if (at < 0) continue;
    rest.splice(at, 1);
    common++;
  }
  return 2 * common / all;
}
