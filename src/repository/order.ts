/**
 * The order of a query, and where a page begins in it.
 *
 * @module
 */
import { and, binary, isNull, or, order } from "../ast/build.ts";
import type { ExpressionNode, OrderNode } from "../ast/nodes.ts";
import { QueryError } from "../base/errors.ts";
import type { EntitySchema, PropertySchema } from "../schema/entity.ts";
import {
  type Aliases,
  countOf,
  operandOf,
  propertyColumn,
  related,
  relatedTo,
} from "./condition.ts";
import { type Dictionary, isDictionary } from "./shape.ts";

/** One term, with the property it is over where it is a plain column. */
export interface Term {
  /** What is ordered by. */
  readonly expression: ExpressionNode;
  /** The column, where it is one of the entity's own. */
  readonly property?: PropertySchema;
  /** The direction. */
  readonly direction: "asc" | "desc";
  /** Where NULLs go; only where there can be any. */
  readonly nulls?: "first" | "last";
}

/**
 * The terms of `orderBy`; with `total`, the primary key follows, so that no two records tie. It goes the way of
 * the last term, so that one index can serve them all.
 */
export function orderTerms(
  entity: EntitySchema,
  orderBy: readonly Dictionary[],
  alias: string | undefined,
  aliases: Aliases,
  total: boolean,
): Term[] {
  const terms = orderBy.flatMap((each) => ownTerms(entity, each, alias, aliases));
  if (!total) return terms;
  const used = new Set(terms.map((each) => each.property));
  const direction = terms.at(-1)?.direction ?? "asc";
  for (const property of entity.primaryKey) {
    if (used.has(property)) continue;
    terms.push({ expression: propertyColumn(property, alias), property, direction });
  }
  return terms;
}

function ownTerms(
  entity: EntitySchema,
  orderBy: Dictionary,
  alias: string | undefined,
  aliases: Aliases,
  optional = false,
): Term[] {
  return Object.entries(orderBy).flatMap(([name, value]): Term[] => {
    const property = entity.byName.get(name);
    if (property) {
      const nullable = optional || property.column.nullable;
      return [termOf(propertyColumn(property, alias), value, nullable, property)];
    }
    const relation = entity.relations.get(name);
    if (!relation) return [];
    if (relation.many) {
      const { _count: direction, where } = value as Dictionary;
      const counted = countOf(relation, alias, aliases, where as Dictionary | undefined);
      return [termOf(counted, direction, false)];
    }
    const found = relatedTo(relation, alias, aliases);
    // Where the record is absent, what it would be ordered by is NULL.
    const terms = ownTerms(relation.target, value as Dictionary, found.alias, aliases, true);
    return terms.map(({ expression, direction, nulls }) => ({
      expression: { kind: "Subquery", query: related(found, [expression], []) },
      direction,
      nulls: nulls ?? (direction === "asc" ? "last" : "first"),
    }));
  });
}

function termOf(
  expression: ExpressionNode,
  value: unknown,
  nullable: boolean,
  property?: PropertySchema,
): Term {
  const given = isDictionary(value) ? value : { direction: value };
  const direction = given.direction === "desc" ? "desc" : "asc";
  const nulls = (given.nulls ?? (direction === "asc" ? "last" : "first")) as "first" | "last";
  return { expression, direction, ...property && { property }, ...nullable && { nulls } };
}

/** The terms as nodes. */
export function orderNodes(terms: readonly Term[]): OrderNode[] {
  return terms.map((term) => order(term.expression, term.direction, term.nulls));
}

/**
 * The condition that a record comes after the cursor: for terms a, b, c it is
 * `a > A OR (a = A AND (b > B OR (b = B AND c > C)))`, with NULLs where the order puts them.
 */
export function afterCursor(
  entity: EntitySchema,
  terms: readonly Term[],
  cursor: Dictionary,
): ExpressionNode {
  const steps = terms.map((term) => {
    const { property } = term;
    if (!property) {
      throw new QueryError(
        "Cannot use a cursor with this order: every term must be a column of the model itself",
      );
    }
    if (!(property.name in cursor)) {
      throw new QueryError(
        `Cannot use this cursor: it lacks ${property.name}, by which ${entity.name} is ordered`,
        { hint: "pass the last record of the page before" },
      );
    }
    return { term, given: cursor[property.name], property };
  });
  return steps.reduceRight<ExpressionNode | undefined>((rest, { term, given, property }) => {
    const past = comesAfter(term, given, property);
    if (!rest) return past ?? or([]);
    const tie = given === null
      ? isNull(term.expression)
      : binary(term.expression, "=", operandOf(given, property.type));
    const among = and([tie, rest]);
    return past ? or([past, among]) : among;
  }, undefined) ?? or([]);
}

function comesAfter(
  term: Term,
  given: unknown,
  property: PropertySchema,
): ExpressionNode | undefined {
  const { expression, nulls } = term;
  if (given === null) return nulls === "first" ? isNull(expression, true) : undefined;
  const past = binary(
    expression,
    term.direction === "asc" ? ">" : "<",
    operandOf(given, property.type),
  );
  return nulls === "last" ? or([past, isNull(expression)]) : past;
}
