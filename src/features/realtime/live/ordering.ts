/**
 * The order of a query, told outside of the database.
 *
 * @module
 */
import type { Semantics } from "../../../dialect/semantics.ts";
import { type Dictionary, isDictionary, ShapeReader } from "../../../repository/shape.ts";
import type { EntitySchema, PropertySchema, RelationSchema } from "../../../schema/entity.ts";
import type { TableSchema } from "../../../schema/table.ts";
import type { ReadValue } from "./condition_part.ts";
import { compareCodePoints, compareNumbers, type Order } from "./comparable.ts";
import { formOf } from "./value_form.ts";

/** An order in which rows can be put. */
export interface Ordering {
  /** Whether `compare` gives the database's order, for rows that this does not leave open. */
  readonly exact: boolean;
  /** Why it is not exact, in sentences. */
  readonly reasons: readonly string[];
  /** The columns that it reads. */
  readonly properties: readonly PropertySchema[];
  /** The models of other rows by which the database orders. */
  readonly entities: readonly EntitySchema[];
  /** The tables of these, and the join tables on the way. */
  readonly tables: readonly TableSchema[];
  /** Less than zero where `a` comes first. Rows that the order leaves open go by their primary key, so none are equal. */
  compare(a: ReadValue, b: ReadValue): number;
}

interface OwnTerm {
  readonly property: PropertySchema;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
  compare(a: unknown, b: unknown): number;
}

/**
 * Makes the order of `orderBy`, with NULLs where repositories put them: last ascending, first descending.
 *
 * @param orderBy as repositories take it; left out: by the primary key
 * @param semantics how the database compares
 * @throws {QueryError} for an order that the model does not have
 */
export function orderingOf(
  entity: EntitySchema,
  orderBy: unknown,
  semantics: Semantics,
): Ordering {
  const given = orderBy === undefined ? [] : new ShapeReader(false).orderBy(entity, orderBy);
  const terms: OwnTerm[] = [];
  const reasons = new Set<string>();
  const entities = new Set<EntitySchema>();
  const tables = new Set<TableSchema>();
  for (const [name, value] of given.flatMap(Object.entries)) {
    const property = entity.byName.get(name);
    if (property) {
      terms.push(termOf(property, value, semantics));
      const why = doubt(property, semantics);
      if (why) reasons.add(why);
      continue;
    }
    reasons.add(`orders by other records: ${entity.name}.${name}`);
    followed(entity.relations.get(name), value, entities, tables);
  }
  const descending = terms.at(-1)?.descending ?? false;
  const used = new Set(terms.map((term) => term.property));
  for (const property of entity.primaryKey) {
    if (!used.has(property)) terms.push(termOf(property, descending ? "desc" : "asc", semantics));
  }
  return Object.freeze({
    exact: reasons.size === 0,
    reasons: Object.freeze([...reasons]),
    properties: Object.freeze(terms.map((term) => term.property)),
    entities: Object.freeze([...entities]),
    tables: Object.freeze([...tables]),
    compare: (a: ReadValue, b: ReadValue) => compareRows(terms, a, b),
  });
}

function compareRows(terms: readonly OwnTerm[], a: ReadValue, b: ReadValue): number {
  for (let i = 0; i < terms.length; i++) {
    const term = terms[i] as OwnTerm;
    const [left, right] = [a(term.property) ?? null, b(term.property) ?? null];
    if (left === null || right === null) {
      if (left === right) continue;
      return (left === null) === term.nullsFirst ? -1 : 1;
    }
    const order = term.compare(left, right);
    if (order !== 0) return term.descending ? -order : order;
  }
  return 0;
}

function termOf(property: PropertySchema, value: unknown, semantics: Semantics): OwnTerm {
  const given: Dictionary = isDictionary(value) ? value : { direction: value };
  const descending = given.direction === "desc";
  const nulls = given.nulls ?? (descending ? "first" : "last");
  return {
    property,
    descending,
    nullsFirst: nulls === "first",
    compare: comparer(property, semantics),
  };
}

/** Values without a form are put last, by their text: any order is as good, if it is always the same. */
function comparer(property: PropertySchema, semantics: Semantics): OwnTerm["compare"] {
  const { stored, order = compareTexts } = formOf(property, semantics);
  return (left, right) => {
    const [a, b] = [stored(left), stored(right)];
    if (a === undefined || b === undefined) {
      if (a !== b) return a === undefined ? 1 : -1;
      return compareTexts(String(left), String(right));
    }
    // A place that is not known (NaN) leaves it open.
    return order(a, b) || 0;
  };
}

const compareTexts: Order = (a, b) =>
  typeof a === "string" && typeof b === "string" ? compareCodePoints(a, b) : compareNumbers(a, b);

function doubt(property: PropertySchema, semantics: Semantics): string | undefined {
  const { name, type, column } = property;
  const form = formOf(property, semantics);
  if (form.order) return undefined;
  if (form.equality) return `orders text by the database's collation: ${name}`;
  return column.collation === undefined
    ? `values of type ${type.sql ?? type.name} are ordered only by the database: ${name}`
    : `the collation ${column.collation} orders only in the database: ${name}`;
}

/** Notes what is read for a term that leads over a relation. */
function followed(
  relation: RelationSchema | undefined,
  value: unknown,
  entities: Set<EntitySchema>,
  tables: Set<TableSchema>,
): void {
  if (!relation) return;
  const { target, through } = relation;
  entities.add(target);
  tables.add(target.table);
  if (through?.entity) entities.add(through.entity);
  if (through) tables.add(through.table);
  if (!isDictionary(value)) return;
  for (const [name, inner] of Object.entries(value)) {
    followed(target.relations.get(name), inner, entities, tables);
  }
}
