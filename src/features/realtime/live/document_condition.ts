/**
 * Conditions on JSON documents.
 *
 * @module
 */
import { jsonContains, jsonEqual } from "../../../schema/json_contains.ts";
import { parseJson, stringifyJson } from "../../../schema/json.ts";
import type { ColumnContext } from "./column_context.ts";
import { type Evaluate, noLookups, type Part } from "./condition_part.ts";
import { ANY, EITHER, FALSE, NULL, TRUE, type Truth, truthOf } from "./truth.ts";

/** `eq`, `ne` or `contains` of a document, whose operand is not NULL. */
export function documentCondition(context: ColumnContext, name: string, operand: unknown): Part {
  const { property, semantics } = context;
  const { nullable } = property.column;
  const negated = name === "ne";
  // As the database has it: without what is undefined, and dates as text.
  const given = parseJson(stringifyJson(operand));
  const vague = semantics.jsonNumbers === "decimal" && hasNumber(given);
  if (vague) {
    context.doubt(
      `numbers in JSON compare by digits that JavaScript does not keep: ${property.name}`,
    );
  } else if (nullable) {
    context.doubt(`JSON's null cannot be told from NULL: ${property.name}`, !negated);
  }
  // Equal digits are equal doubles, so other doubles are other digits.
  const wanted = vague ? asDoubles(given) : given;
  const fits = (document: unknown): Truth => {
    const value = vague ? asDoubles(document) : document;
    const found = name === "contains" ? jsonContains(value, wanted) : jsonEqual(value, wanted);
    if (found && vague) return EITHER;
    return truthOf(found !== negated);
  };
  const evaluate: Evaluate = (read) => {
    const value = read(property);
    if (value === undefined) return nullable ? ANY : EITHER;
    if (value === null && nullable) return NULL | (negated ? TRUE : FALSE);
    return fits(value);
  };
  return { evaluate, lookups: noLookups };
}

function hasNumber(value: unknown): boolean {
  if (typeof value === "number" || typeof value === "bigint") return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(hasNumber);
}

/** The document with every integer that is a bigint as the nearest number. */
function asDoubles(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(asDoubles);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, asDoubles(each)]));
}
