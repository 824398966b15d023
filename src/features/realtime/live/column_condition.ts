/**
 * The operators of one column, evaluated as the database does.
 *
 * @module
 */
import type { PropertySchema } from "../../../schema/entity.ts";
import { type ColumnContext, unknownPart, valueTest } from "./column_context.ts";
import { documentCondition } from "./document_condition.ts";
import {
  always,
  type Evaluate,
  type Keys,
  type Lookups,
  never,
  noLookups,
  type Part,
} from "./condition_part.ts";
import { listCondition } from "./list_condition.ts";
import { patternMatcher } from "./pattern_matcher.ts";
import { and, EITHER, truthOf } from "./truth.ts";
import { type Comparable, same } from "./comparable.ts";
import { formOf, type ValueForm } from "./value_form.ts";

/** One operator with its operand, in which NULL is only with `eq` and `ne`. */
export function columnCondition(context: ColumnContext, name: string, operand: unknown): Part {
  const { property } = context;
  const { type } = property;
  if (name === "isNull") return nullTest(context, operand === true);
  if ((name === "eq" || name === "ne") && operand === null) {
    return nullTest(context, name === "eq");
  }
  if (type.array) return listCondition(context, name, operand);
  if (type.name === "json" || type.name === "jsonb") {
    return documentCondition(context, name, operand);
  }
  switch (name) {
    case "eq":
    case "ne":
      return equality(context, operand, name === "ne");
    case "in":
    case "notIn":
      return membership(context, operand as readonly unknown[], name === "notIn");
    case "between":
      return range(context, operand as readonly [unknown, unknown]);
    case "gt":
    case "gte":
    case "lt":
    case "lte":
      return comparison(context, name, operand);
    default:
      return pattern(context, name, operand);
  }
}

function nullTest(context: ColumnContext, wanted: boolean): Part {
  const { property } = context;
  const { type, column } = property;
  const document = !type.array && (type.name === "json" || type.name === "jsonb");
  if (document && column.nullable) {
    context.doubt(`JSON's null cannot be told from NULL: ${property.name}`);
  }
  const evaluate: Evaluate = (read) => {
    const value = read(property);
    if (value === undefined && column.nullable) return EITHER;
    if (value === null && document) return column.nullable ? EITHER : truthOf(!wanted);
    return truthOf((value === null) === wanted);
  };
  const lookups: Lookups = wanted && !document && !type.array
    ? new Map([[property, new Set([null])]])
    : noLookups;
  return { evaluate, lookups };
}

/** Why values of a column do not compare here. */
function unlike({ property }: ColumnContext): string {
  const { type, name, column } = property;
  return column.collation === undefined
    ? `values of type ${type.sql ?? type.name} compare only in the database: ${name}`
    : `the collation ${column.collation} compares only in the database: ${name}`;
}

function refusedValue({ property }: ColumnContext): string {
  return `a value has no form in which ${property.type.name} compares: ${property.name}`;
}

function equality(context: ColumnContext, operand: unknown, negated: boolean): Part {
  const { property, semantics } = context;
  const form = formOf(property, semantics);
  if (!form.equality) return unknownPart(context, unlike(context));
  const wanted = form.given(operand);
  if (wanted === undefined) return unknownPart(context, refusedValue(context));
  const evaluate = valueTest(property, (value) => {
    const found = form.stored(value);
    if (found === undefined) return EITHER;
    return truthOf(same(found, wanted) !== negated);
  });
  return { evaluate, lookups: negated ? noLookups : lookup(property, form, [operand]) };
}

function membership(
  context: ColumnContext,
  operands: readonly unknown[],
  negated: boolean,
): Part {
  const { property, semantics } = context;
  const empty = operands.length === 0;
  // Nothing is in an empty list, not even NULL.
  if (empty) return negated ? always : { ...never, lookups: new Map([[property, new Set()]]) };
  const form = formOf(property, semantics);
  if (!form.equality) return unknownPart(context, unlike(context));
  const wanted = new Set<Comparable>();
  for (const operand of operands) {
    const each = form.given(operand);
    if (each === undefined) return unknownPart(context, refusedValue(context));
    wanted.add(each);
  }
  const evaluate = valueTest(property, (value) => {
    const found = form.stored(value);
    return found === undefined ? EITHER : truthOf(wanted.has(found) !== negated);
  });
  return { evaluate, lookups: negated ? noLookups : lookup(property, form, operands) };
}

function lookup(property: PropertySchema, form: ValueForm, operands: readonly unknown[]): Lookups {
  const { key } = form;
  if (!key) return noLookups;
  const keys = new Set<Comparable>();
  for (const operand of operands) {
    const each = key(operand);
    if (each === undefined) return noLookups;
    keys.add(each);
  }
  const all: Keys = keys;
  return new Map([[property, all]]);
}

const fitting: Readonly<Record<string, (order: number) => boolean>> = {
  gt: (order) => order > 0,
  gte: (order) => order >= 0,
  lt: (order) => order < 0,
  lte: (order) => order <= 0,
};

function comparison(context: ColumnContext, name: string, operand: unknown): Part {
  const { property, semantics } = context;
  const form = formOf(property, semantics);
  const wanted = form.given(operand);
  const fits = fitting[name] as (order: number) => boolean;
  const { order } = form;
  if (form.equality && wanted === undefined) return unknownPart(context, refusedValue(context));
  if (!form.equality || wanted === undefined) return unknownPart(context, unlike(context));
  if (!order) {
    context.doubt(`orders text by the database's collation: ${property.name} ${name}`);
  }
  const evaluate = valueTest(property, (value) => {
    const found = form.stored(value);
    if (found === undefined) return EITHER;
    if (same(found, wanted)) return truthOf(fits(0));
    const placed = order?.(found, wanted) ?? NaN;
    return Number.isNaN(placed) ? EITHER : truthOf(fits(placed));
  });
  return { evaluate, lookups: noLookups };
}

function range(context: ColumnContext, [low, high]: readonly [unknown, unknown]): Part {
  const from = comparison(context, "gte", low);
  const to = comparison(context, "lte", high);
  return {
    evaluate: (read) => and(from.evaluate(read), to.evaluate(read)),
    lookups: noLookups,
  };
}

function pattern(context: ColumnContext, name: string, operand: unknown): Part {
  const { property, semantics } = context;
  const { type, column } = property;
  if (type.name === "other" || semantics.textRule(column.collation) === "none") {
    return unknownPart(context, unlike(context));
  }
  if (name === "ilike" && semantics.insensitiveLetters !== "ascii") {
    return unknownPart(context, `folds letters by the database's locale: ${property.name} ilike`);
  }
  if (typeof operand !== "string") return unknownPart(context, refusedValue(context));
  const matches = matcherOf(name, operand);
  const length = type.name === "char" && semantics.padsChar ? type.length : undefined;
  const evaluate = valueTest(property, (value) => {
    if (typeof value !== "string") return EITHER;
    return truthOf(matches(length === undefined ? value : padded(value, length)));
  });
  return { evaluate, lookups: noLookups };
}

function matcherOf(name: string, operand: string): (text: string) => boolean {
  switch (name) {
    case "startsWith":
      return (text) => text.startsWith(operand);
    case "endsWith":
      return (text) => text.endsWith(operand);
    case "contains":
      return (text) => text.includes(operand);
    default:
      return patternMatcher(operand, name === "ilike");
  }
}

/** With spaces up to so many characters. */
function padded(text: string, length: number): string {
  return text.length >= 2 * length
    ? text
    : text + " ".repeat(Math.max(0, length - [...text].length));
}
