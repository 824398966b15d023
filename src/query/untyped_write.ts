/**
 * What the untyped builder writes: rows, assignments, conflicts.
 *
 * @module
 */
import type { AssignmentNode, InsertNode, OnConflictNode } from "../ast/nodes.ts";
import { QueryError } from "../base/errors.ts";
import { valueOf } from "./comparison.ts";
import { parseName } from "./parse/operand.ts";

/** A row to write: values by column. */
export type UntypedRow = Readonly<Record<string, unknown>>;

const column = (name: string): string => parseName(name, "a column to write");

/** Columns and values of an insert. All rows must have the same columns. */
export function insertSource(
  rows: readonly UntypedRow[],
): { columns: readonly string[]; source: InsertNode["source"] } {
  const [first] = rows;
  if (!first) throw new QueryError("Cannot build the insert: there are no rows");
  const keys = Object.keys(first);
  const columns = keys.map(column);
  if (columns.length === 0 && rows.length === 1) return { columns, source: { kind: "Defaults" } };
  const values = rows.map((row) => {
    if (Object.keys(row).length !== keys.length || !keys.every((key) => Object.hasOwn(row, key))) {
      throw new QueryError("Cannot build the insert: the rows have different columns", {
        hint: "give every row the same columns, with null where a value is missing",
      });
    }
    return Object.freeze(keys.map((key) => valueOf(row[key])));
  });
  return { columns, source: Object.freeze({ kind: "Rows", rows: Object.freeze(values) }) };
}

/** `column = value` for every column of a row. */
export function assignments(row: UntypedRow): readonly AssignmentNode[] {
  const set = Object.entries(row).map(([name, value]): AssignmentNode =>
    Object.freeze({ kind: "Assignment", column: column(name), value: valueOf(value) })
  );
  if (set.length === 0) throw new QueryError("Cannot build the update: it sets nothing");
  return Object.freeze(set);
}

/** `ON CONFLICT`; `set` names the columns to take from the row that could not be inserted, or gives values. */
export function onConflict(
  columns: readonly string[],
  set?: readonly string[] | UntypedRow,
): OnConflictNode {
  const target = { kind: "OnConflict", columns: Object.freeze(columns.map(column)) } as const;
  if (!set) return Object.freeze(target);
  if (!isNames(set)) return Object.freeze({ ...target, set: assignments(set) });
  if (set.length === 0) throw new QueryError("Cannot build the upsert: it sets nothing");
  const taken = set.map((name): AssignmentNode =>
    Object.freeze({
      kind: "Assignment",
      column: column(name),
      value: Object.freeze({ kind: "Excluded", name: column(name) }),
    })
  );
  return Object.freeze({ ...target, set: Object.freeze(taken) });
}

function isNames(set: readonly string[] | UntypedRow): set is readonly string[] {
  return Array.isArray(set);
}
