/**
 * What conditions on one column are made with.
 *
 * @module
 */
import type { Semantics } from "../../../dialect/semantics.ts";
import type { PropertySchema } from "../../../schema/entity.ts";
import { type Evaluate, noLookups, type Part } from "./condition_part.ts";
import { ANY, EITHER, NULL, type Truth } from "./truth.ts";

/** What a condition on a column is made with. */
export interface ColumnContext {
  /** The column. */
  readonly property: PropertySchema;
  /** How the database compares. */
  readonly semantics: Semantics;
  /**
   * Notes why a part cannot tell for sure; with `untrue` it can tell true from the rest, but not false from NULL, which
   * matters only where it is negated.
   */
  doubt(reason: string, untrue?: boolean): void;
}

/** Whether one value fits; called with values that are known and not NULL. */
export type Fits = (value: unknown) => Truth;

/** A test of values; NULL makes it NULL, and an unknown value anything. */
export function valueTest(property: PropertySchema, fits: Fits): Evaluate {
  const unknown = property.column.nullable ? ANY : EITHER;
  return (read) => {
    const value = read(property);
    if (value === undefined) return unknown;
    return value === null ? NULL : fits(value);
  };
}

/** A test of which nothing is known but that NULL makes it NULL. */
export function unknownPart(context: ColumnContext, reason: string): Part {
  context.doubt(reason);
  return { evaluate: valueTest(context.property, () => EITHER), lookups: noLookups };
}
