/**
 * Turns rows of wire values into objects keyed by column.
 *
 * @module
 */
import type { ResultColumn } from "../ast/nodes.ts";
import type { DriverColumn } from "../dialect/driver.ts";
import type { Codecs } from "../schema/codec.ts";

/** Converts one wire value that is not null; `null`: nothing needs converting. */
export type Loader = ((wire: unknown) => unknown) | null;

/** A row keyed by column. */
export type Row = Record<string, unknown>;

/** Makes objects of the rows of one shape. */
export interface Hydrator {
  /** The shape it was made for. */
  readonly columns: readonly DriverColumn[];
  /** Makes an object of each row. A column name that comes twice has the last value. */
  hydrate(rows: readonly unknown[][]): Row[];
}

/**
 * Makes a hydrator.
 *
 * @param columns what the driver returned
 * @param result what the statement's author knows of them
 * @param codecs the dialect's codecs
 */
export function hydrator(
  columns: readonly DriverColumn[],
  result: readonly ResultColumn[] | undefined,
  codecs: Codecs,
): Hydrator {
  const known = knownColumns(columns, result);
  const names = columns.map((column, index) => known[index]?.name ?? column.name);
  const loaders = columns.map((column, index) => loaderOf(column, known[index], codecs));
  const objectOf = names.includes("__proto__") ? safeObjectOf : plainObjectOf;
  return {
    columns,
    hydrate(rows) {
      const objects = new Array<Row>(rows.length);
      for (let i = 0; i < rows.length; i++) objects[i] = objectOf(names, loaders, rows[i]!);
      return objects;
    },
  };
}

/** Whether a hydrator was made for columns like these: they change when a table does. */
export function fits(hydrator: Hydrator, columns: readonly DriverColumn[]): boolean {
  const own = hydrator.columns;
  if (own === columns) return true;
  if (own.length !== columns.length) return false;
  for (let i = 0; i < columns.length; i++) {
    if (own[i]!.name !== columns[i]!.name || own[i]!.type !== columns[i]!.type) return false;
  }
  return true;
}

/** Whether a statement's rows may hold integers beyond 2^53. */
export function holdsBigints(result: readonly ResultColumn[] | undefined): boolean {
  if (result === undefined) return true;
  return result.some(({ type, as }) =>
    type === undefined ? as === undefined : type.name === "bigint"
  );
}

/** By place where the author knows all columns, else by name. */
function knownColumns(
  columns: readonly DriverColumn[],
  result: readonly ResultColumn[] | undefined,
): readonly (ResultColumn | undefined)[] {
  if (result === undefined) return [];
  if (result.length === columns.length) return result;
  const byName = new Map(result.map((column) => [column.name, column]));
  return columns.map(({ name }) => byName.get(name));
}

function loaderOf(column: DriverColumn, known: ResultColumn | undefined, codecs: Codecs): Loader {
  if (known?.as === "number") return Number;
  if (known?.type !== undefined) return codecs.codec(known.type).load;
  return codecs.loadUntyped(column.type);
}

function plainObjectOf(
  names: readonly string[],
  loaders: readonly Loader[],
  row: readonly unknown[],
): Row {
  const object: Row = {};
  for (let i = 0; i < names.length; i++) {
    const wire = row[i];
    const load = loaders[i]!;
    object[names[i]!] = load === null || wire === null ? wire : load(wire);
  }
  return object;
}

/** Assigning `__proto__` would change the object's prototype instead of making a property. */
function safeObjectOf(
  names: readonly string[],
  loaders: readonly Loader[],
  row: readonly unknown[],
): Row {
  const entries = names.map((name, i): [string, unknown] => {
    const [wire, load] = [row[i], loaders[i]!];
    return [name, load === null || wire === null ? wire : load(wire)];
  });
  return Object.fromEntries(entries);
}
