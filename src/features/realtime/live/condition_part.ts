/**
 * A part of a condition that can be evaluated, and what is known of it without evaluating it.
 *
 * @module
 */
import type { PropertySchema } from "../../../schema/entity.ts";
import { and, FALSE, not, or, TRUE, type Truth } from "./truth.ts";
import type { Comparable } from "./comparable.ts";

/** Gives a row's value of a column; `undefined`: it is unknown. */
export type ReadValue = (property: PropertySchema) => unknown;

/** Evaluates a part for a row. */
export type Evaluate = (read: ReadValue) => Truth;

/** Keys of values, NULL among them. */
export type Keys = ReadonlySet<Comparable | null>;

/** For columns: every row for which the part is true has one of these values. */
export type Lookups = ReadonlyMap<PropertySchema, Keys>;

/** A part of a condition. */
export interface Part {
  /** Its truth for a row. */
  readonly evaluate: Evaluate;
  /** What rows for which it is true have in common. */
  readonly lookups: Lookups;
}

/** Nothing is known of the rows. */
export const noLookups: Lookups = new Map();

/** Always true. */
export const always: Part = Object.freeze({ evaluate: () => TRUE, lookups: noLookups });
/** Never true. */
export const never: Part = Object.freeze({ evaluate: () => FALSE, lookups: noLookups });

/** All of them. */
export function allOf(parts: readonly Part[]): Part {
  const [first, second] = parts;
  if (!first) return always;
  if (!second) return first;
  const tests = parts.map((part) => part.evaluate);
  const evaluate: Evaluate = (read) => {
    let result = TRUE;
    for (let i = 0; i < tests.length && result !== FALSE; i++) {
      result = and(result, (tests[i] as Evaluate)(read));
    }
    return result;
  };
  return { evaluate, lookups: inAll(parts) };
}

/** One of them. */
export function anyOf(parts: readonly Part[]): Part {
  const [first, second] = parts;
  if (!first) return never;
  if (!second) return first;
  const tests = parts.map((part) => part.evaluate);
  const evaluate: Evaluate = (read) => {
    let result = FALSE;
    for (let i = 0; i < tests.length && result !== TRUE; i++) {
      result = or(result, (tests[i] as Evaluate)(read));
    }
    return result;
  };
  return { evaluate, lookups: inAny(parts) };
}

/** Its opposite, by which no row can be looked up. */
export function noneOf({ evaluate }: Part): Part {
  return { evaluate: (read) => not(evaluate(read)), lookups: noLookups };
}

/** Rows that match all parts have what those of each part have. */
function inAll(parts: readonly Part[]): Lookups {
  const found = new Map<PropertySchema, Keys>();
  for (const { lookups } of parts) {
    for (const [property, keys] of lookups) {
      const known = found.get(property);
      found.set(property, known ? known.intersection(keys) : keys);
    }
  }
  return found;
}

/** Rows that match one of the parts have what the rows of one of them have, in columns that all parts know. */
function inAny([first, ...others]: readonly Part[]): Lookups {
  let found = new Map<PropertySchema, Keys>(first?.lookups);
  for (const { lookups } of others) {
    const common = new Map<PropertySchema, Keys>();
    for (const [property, keys] of lookups) {
      const known = found.get(property);
      if (known) common.set(property, known.union(keys));
    }
    found = common;
  }
  return found;
}
