/**
 * The typed API as text can reach it at run time: without its types.
 *
 * @module
 */
import type { TransactionScope } from "../../../src/database/scope.ts";
import type { NodeSource } from "../../../src/query/mod.ts";
import type { Repository } from "../../../src/repository/repository.ts";
import type { ModelClass } from "../../../src/model/keys.ts";
import { Note } from "../arena.ts";

/** A row whose type is not known. */
export type Row = Record<string, unknown>;

/** Anything that has methods. */
// deno-lint-ignore no-explicit-any -- text stands where the types allow none
export type Loose = any;

/** A value without its type. */
export function loose(value: unknown): Loose {
  return value;
}

/** A typed query over notes, without its types. */
export function notes(tx: TransactionScope, alias?: string): Loose {
  return tx.query(Note, alias);
}

/** The repository of a model, without its types. */
export function repository(tx: TransactionScope, model: ModelClass = Note): Loose {
  return tx.repository(model) as Repository<object>;
}

/** What a query gives. */
export async function rowsOf(query: Loose): Promise<Row[]> {
  return await query.execute();
}

/** The only value of the only row, or everything if there is more. */
export function only(rows: readonly object[]): unknown {
  const values = rows.flatMap((row) => Object.values(row));
  return values.length === 1 ? values[0] : rows;
}

/** The only key of all rows, or everything if there are more. */
export function onlyKey(rows: readonly object[]): unknown {
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return rows.length > 0 && keys.length === 1 ? keys[0] : rows;
}

/** Stores a note of that name, to be found among the others. */
export async function stored(tx: TransactionScope, name: string): Promise<void> {
  await tx.insertInto(Note).values({ name }).execute();
}

/** A fragment or expression as a node source. */
export type Source = NodeSource;

/** The text `"5"` as the number that it is; every other text stays one. */
export function digits(text: string): unknown {
  return text === "5" ? 5 : text;
}
