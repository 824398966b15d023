/**
 * A query that is followed: what it reads, and in which way it can be kept true.
 *
 * @module
 */
import { QueryError } from "../../../base/errors.ts";
import type { ChangeSource } from "../../../change/source.ts";
import type { Semantics } from "../../../dialect/semantics.ts";
import { readQuery } from "../../../repository/find.ts";
import { type Dictionary, isDictionary, ShapeReader } from "../../../repository/shape.ts";
import type { EntitySchema, RelationSchema } from "../../../schema/entity.ts";
import type { TableSchema } from "../../../schema/table.ts";
import type { LiveExplanation, LiveShape } from "./live.ts";
import { type Ordering, orderingOf } from "./ordering.ts";
import { type Predicate, predicateOf, withoutDeleted } from "./predicate.ts";

/** A query that is followed. */
export interface ViewQuery {
  /** The model. */
  readonly entity: EntitySchema;
  /** The query. */
  readonly query: LiveShape;
  /** Whether the places of records count. */
  readonly ordered: boolean;
  /** The condition on the root's rows. */
  readonly predicate: Predicate;
  /** The order; only where rows are put into it in memory. */
  readonly ordering: Ordering | undefined;
  /** Whether changed rows tell all: the query need not be run again for them. */
  readonly inMemory: boolean;
  /** A row that neither is nor was in the result can change it, by being before its first record. */
  readonly shifts: boolean;
  /** The tables that it reads beside that of its own rows. */
  readonly others: readonly TableSchema[];
  /** How it is kept true. */
  readonly explanation: LiveExplanation;
}

/**
 * A text that only equal queries of one entity have in common; `undefined` where its values have none.
 *
 * @throws {QueryError} for a query that the model does not have, or one without a primary key
 */
export function queryKey(entity: EntitySchema, query: LiveShape): string | undefined {
  if (entity.primaryKey.length === 0) {
    throw new QueryError(
      `Cannot follow ${entity.name}: it has no primary key, by which changed records are told apart`,
    );
  }
  const reader = new ShapeReader(false);
  readQuery(reader, entity, query as Dictionary);
  try {
    return `${reader.key} ${JSON.stringify(reader.values.map(plain))}`;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** A value in a form in which JSON keeps apart what differs. */
function plain(value: unknown): unknown {
  switch (typeof value) {
    case "bigint":
      return { bigint: String(value) };
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { number: Object.is(value, -0) ? "-0" : String(value) };
    case "object":
      if (value === null) return null;
      if (Array.isArray(value)) return value.map(plain);
      if (value instanceof Date) return { date: value.toJSON() };
      if (value instanceof Uint8Array) return { bytes: value.join() };
      if (!isDictionary(value)) throw new TypeError("no text for it");
      return { of: Object.entries(value).map(([name, each]) => [name, plain(each)]) };
    default:
      return value;
  }
}

/** Finds out how a query can be kept true. */
export function viewQueryOf(
  entity: EntitySchema,
  query: LiveShape,
  semantics: Semantics,
  images: ChangeSource["images"],
): ViewQuery {
  const where = query.where as LiveShape | undefined;
  const predicate = predicateOf(
    entity,
    withoutDeleted(entity, where, query.withDeleted === true),
    semantics,
  );
  const ordering = query.orderBy === undefined
    ? undefined
    : orderingOf(entity, query.orderBy, semantics);
  const others = new Set(predicate.tables);
  addOrdered(entity, query.orderBy, semantics, others);
  addIncluded(entity, query.include, semantics, others);
  const obstacles = obstaclesOf(query, predicate, ordering);
  const inMemory = obstacles.length === 0;
  const { lookup } = predicate;
  const shifts = query.offset !== undefined;
  const helps = lookup !== undefined && !shifts;
  return Object.freeze({
    entity,
    query,
    ordered: ["orderBy", "cursor", "offset"].some((part) => query[part] !== undefined),
    predicate,
    ordering: inMemory ? ordering : undefined,
    inMemory,
    shifts,
    others: [...others],
    explanation: Object.freeze({
      way: !inMemory ? "query" : lookup ? "index" : "scan",
      columns: Object.freeze(helps ? [lookup.property.name] : []),
      tables: Object.freeze([...new Set([entity.table, ...others])].map(tableName)),
      reasons: Object.freeze([
        ...obstacles,
        ...inMemory && !lookup ? ["no condition fixes the values of a column"] : [],
        ...images === "keys" ? ["the source tells only keys: changed rows are read"] : [],
      ]),
    }),
  });
}

function obstaclesOf(
  query: LiveShape,
  predicate: Predicate,
  ordering: Ordering | undefined,
): string[] {
  const { include } = query;
  const included = isDictionary(include)
    ? Object.keys(include).filter((name) => include[name] !== undefined && include[name] !== false)
    : [];
  return [
    ...included.length > 0 ? [`includes other records: ${included.join(", ")}`] : [],
    ...query.limit !== undefined ? ["has a limit: what comes after it is not known"] : [],
    ...query.offset !== undefined ? ["has an offset: what comes before it is not known"] : [],
    ...query.cursor !== undefined ? ["has a cursor"] : [],
    ...predicate.reasons,
    ...ordering?.reasons ?? [],
  ];
}

function addIncluded(
  entity: EntitySchema,
  include: unknown,
  semantics: Semantics,
  into: Set<TableSchema>,
): void {
  if (!isDictionary(include)) return;
  for (const [name, options] of Object.entries(include)) {
    if (options === undefined || options === false) continue;
    if (name === "_count") {
      for (const [counted, wanted] of Object.entries(options as Dictionary)) {
        const relation = entity.relations.get(counted);
        if (wanted !== false) addRelation(relation, into);
        if (relation && isDictionary(wanted)) {
          addWhere(relation.target, wanted.where, semantics, into);
        }
      }
      continue;
    }
    const relation = entity.relations.get(name);
    addRelation(relation, into);
    if (!relation || !isDictionary(options)) continue;
    const { target } = relation;
    const { where, orderBy } = options;
    addWhere(target, where, semantics, into);
    addOrdered(target, orderBy, semantics, into);
    addIncluded(target, options.include, semantics, into);
  }
}

/** The tables that an order reads, those among them by which a policy narrows what is counted. */
function addOrdered(
  entity: EntitySchema,
  orderBy: unknown,
  semantics: Semantics,
  into: Set<TableSchema>,
): void {
  if (orderBy === undefined) return;
  add(orderingOf(entity, orderBy, semantics).tables, into);
  for (const term of Array.isArray(orderBy) ? orderBy : [orderBy]) {
    for (const [name, value] of Object.entries(term as Dictionary)) {
      const relation = entity.relations.get(name);
      if (!relation || !isDictionary(value)) continue;
      if (relation.many) addWhere(relation.target, value.where, semantics, into);
      else addOrdered(relation.target, value, semantics, into);
    }
  }
}

function addWhere(
  entity: EntitySchema,
  where: unknown,
  semantics: Semantics,
  into: Set<TableSchema>,
): void {
  if (where !== undefined) add(predicateOf(entity, where as LiveShape, semantics).tables, into);
}

function addRelation(relation: RelationSchema | undefined, into: Set<TableSchema>): void {
  if (!relation) return;
  into.add(relation.target.table);
  if (relation.through) into.add(relation.through.table);
}

function add(tables: Iterable<TableSchema>, into: Set<TableSchema>): void {
  for (const table of tables) into.add(table);
}

/** A table's name, with its schema where it has one. */
export function tableName(
  { schema, name }: { readonly schema?: string; readonly name: string },
): string {
  return schema === undefined ? name : `${schema}.${name}`;
}
