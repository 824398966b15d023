/**
 * Conditions on columns that hold lists.
 *
 * @module
 */
import { type ColumnContext, unknownPart, valueTest } from "./column_context.ts";
import { noLookups, type Part } from "./condition_part.ts";
import { EITHER, truthOf } from "./truth.ts";
import type { Comparable } from "./comparable.ts";
import { elementForm, type Formed } from "./value_form.ts";

/** A list's elements, those of inner lists too; NULL among them, and `undefined` for what cannot be compared. */
function elementsOf(list: unknown, formed: Formed): (Comparable | null | undefined)[] | undefined {
  if (!Array.isArray(list)) return undefined;
  return list.flat(Infinity).map((each) => each === null ? null : formed(each));
}

/** `contains` and `overlaps` are told; of equality only that lists with other elements are not equal. */
export function listCondition(context: ColumnContext, name: string, operand: unknown): Part {
  const { property, semantics } = context;
  const form = elementForm(property, semantics);
  const vague = `lists of ${property.type.name} compare only in the database: ${property.name}`;
  if (!form.equality || name === "notIn" || name === "in") return unknownPart(context, vague);
  const wanted = elementsOf(operand, form.given);
  if (!wanted || wanted.includes(undefined)) return unknownPart(context, vague);
  if (name === "eq" || name === "ne") {
    // Lists also have bounds, which are lost on the way here: equal elements do not make equal lists.
    context.doubt(vague);
    return equality(context, wanted, form.stored, name === "ne");
  }
  const evaluate = valueTest(property, (value) => {
    const found = elementsOf(value, form.stored);
    if (!found || found.includes(undefined)) return EITHER;
    // NULL equals nothing, so a list with NULL is contained in none.
    const known = new Set(found);
    const has = (each: Comparable | null | undefined) => each !== null && known.has(each);
    return truthOf(name === "contains" ? wanted.every(has) : wanted.some(has));
  });
  return { evaluate, lookups: noLookups };
}

function equality(
  { property }: ColumnContext,
  wanted: readonly (Comparable | null | undefined)[],
  stored: Formed,
  negated: boolean,
): Part {
  const evaluate = valueTest(property, (value) => {
    const found = elementsOf(value, stored);
    if (!found || found.includes(undefined)) return EITHER;
    const differ = found.length !== wanted.length ||
      found.some((each, index) => !Object.is(each, wanted[index]));
    return differ ? truthOf(negated) : EITHER;
  });
  return { evaluate, lookups: noLookups };
}
