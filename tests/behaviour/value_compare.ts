/**
 * What is equal and what comes first, column by column: worked out without a database.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { isDeepStrictEqual } from "node:util";
import { microsecondOf } from "../../src/schema/precise_date.ts";
import { type Comparison, moodOrder } from "./value_cases.ts";

/** Negative, zero or positive as `a` comes before, with or after `b`. */
export type Compare = (a: unknown, b: unknown) => number;

function ordered<T extends number | bigint | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Numbers; NaN comes last, as PostgreSQL has it. */
function numbers(a: unknown, b: unknown): number {
  const [left, right] = [a as number, b as number];
  if (Number.isNaN(left) || Number.isNaN(right)) {
    return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
  }
  return ordered(left, right);
}

const specials: ReadonlyMap<unknown, number> = new Map([
  ["-Infinity", -1],
  ["Infinity", 1],
  ["NaN", 2],
]);

/** Exact decimals, by their digits. */
function decimals(a: unknown, b: unknown): number {
  const [left, right] = [specials.get(a) ?? 0, specials.get(b) ?? 0];
  if (left !== 0 || right !== 0) return left - right;
  const places = 100;
  const units = (text: string): bigint => {
    const [, sign, whole = "", fraction = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ??
      assert.fail();
    return BigInt(`${sign}${whole}${fraction.padEnd(places, "0")}`);
  };
  return ordered(units(a as string), units(b as string));
}

function instants(a: unknown, b: unknown): number {
  const [left, right] = [a as Date, b as Date];
  return left.getTime() - right.getTime() || microsecondOf(left) - microsecondOf(right);
}

function days(a: unknown, b: unknown): number {
  const day = (value: unknown): number => {
    if (value === "infinity") return Infinity;
    if (value === "-infinity") return -Infinity;
    const [, year, month, date, bc] = /^(\d+)-(\d\d)-(\d\d)( BC)?$/.exec(value as string) ??
      assert.fail();
    return (bc ? 1 - Number(year) : Number(year)) * 10_000 + Number(month) * 100 + Number(date);
  };
  return ordered(day(a), day(b));
}

const comparisons: Readonly<Record<Comparison, Compare | undefined>> = {
  number: numbers,
  decimal: decimals,
  instant: instants,
  day: days,
  boolean: (a, b) => Number(a) - Number(b),
  // Texts sort by the database's collation; equality is by code points.
  "code points": undefined,
  bytes: (a, b) => Buffer.compare(a as Uint8Array, b as Uint8Array),
  enum: (a, b) => (moodOrder.get(a) ?? NaN) - (moodOrder.get(b) ?? NaN),
  equality: undefined,
  none: undefined,
};

/** How a column orders its values; `undefined` where that is the database's own matter. */
export function orderOf(comparison: Comparison): Compare | undefined {
  return comparisons[comparison];
}

/** Whether a database takes two values of a column for equal. */
export function isSame(comparison: Comparison, a: unknown, b: unknown): boolean {
  const compare = comparisons[comparison];
  return compare ? compare(a, b) === 0 : isDeepStrictEqual(a, b);
}

/** The columns of a record that are named, as a plain object. */
export function pickColumns(record: object, columns: readonly string[]): Record<string, unknown> {
  const values = record as Record<string, unknown>;
  return Object.fromEntries(columns.map((name) => [name, values[name]]));
}

/** Expects records to hold exactly these values, and tells each column and place where one does not. */
export function assertRows(
  where: string,
  found: readonly object[],
  expected: readonly Readonly<Record<string, unknown>>[],
): void {
  assert.equal(found.length, expected.length, `${where}: the number of records`);
  const faults: string[] = [];
  expected.forEach((row, index) => {
    const record = found[index] as Record<string, unknown>;
    for (const [column, value] of Object.entries(row)) {
      if (isDeepStrictEqual(record[column], value)) continue;
      faults.push(`${column}, record ${index}: ${shown(record[column])}, not ${shown(value)}`);
    }
  });
  assert.equal(faults.length, 0, `${where}: ${faults.length} values differ\n${faults.join("\n")}`);
}

/** A value as a message shows it, cut to a bearable length. */
export function shown(value: unknown): string {
  return Deno.inspect(value, { depth: 4, strAbbreviateSize: 100 }).slice(0, 300);
}
