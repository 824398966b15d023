/**
 * How a query is kept true: in memory, or by running it again.
 *
 * @module
 */
import { QueryError } from "../../../base/errors.ts";
import type { Semantics } from "../../../dialect/semantics.ts";
import type { EntitySchema } from "../../../schema/entity.ts";
import type { LiveExplanation, LiveShape } from "./live.ts";
import { type Ordering, orderingOf } from "./ordering.ts";
import { type Predicate, predicateOf } from "./predicate.ts";
import { tableName, tablesReached } from "./tables.ts";

/** What is known of a query before it runs. */
export interface Analysis {
  /** Whether changes can be applied to its result without asking the database. */
  readonly inMemory: boolean;
  /** The condition on the records of its own table, soft deletion included. */
  readonly predicate: Predicate;
  /** The order, where it has one. */
  readonly ordering: Ordering | undefined;
  /** Whether the order of its result means something. */
  readonly ordered: boolean;
  /** Tables every change of which concerns it. */
  readonly reached: ReadonlySet<string>;
  /** Whether a change of its own table concerns it only where the row matches, or is held. */
  readonly filtered: boolean;
  /** How it is explained. */
  readonly explanation: LiveExplanation;
}

const liveKeys = new Set([
  "where",
  "select",
  "include",
  "orderBy",
  "limit",
  "offset",
  "strategy",
  "withDeleted",
]);

/**
 * Looks at a query.
 *
 * @throws {QueryError} for what a live query cannot have
 */
export function analyse(
  entity: EntitySchema,
  query: LiveShape,
  semantics: Semantics,
): Analysis {
  refuse(entity, query);
  const { where, orderBy } = query;
  const predicate = predicateOf(entity, conditionOf(entity, query), semantics);
  const ordered = orderBy !== undefined && !(Array.isArray(orderBy) && orderBy.length === 0);
  const ordering = ordered ? orderingOf(entity, orderBy, semantics) : undefined;
  const reached = tablesReached(entity, query);
  const own = tableName(entity.table);
  const reasons = [
    ...predicate.reasons,
    ...ordering?.reasons ?? [],
    ...query.limit !== undefined ? ["it has a limit"] : [],
    ...query.offset !== undefined ? ["it has an offset"] : [],
    ...query.include !== undefined ? ["it includes relations"] : [],
    ...where !== undefined && reached.size > 0 && query.include === undefined
      ? ["its condition or order reads other tables"]
      : [],
  ];
  const inMemory = predicate.exact && (ordering?.exact ?? true) && reached.size === 0 &&
    query.limit === undefined && query.offset === undefined && query.include === undefined &&
    !ordering?.properties.some((each) => each.hidden);
  const filtered = !reached.has(own);
  const columns = filtered && predicate.lookup ? [predicate.lookup.property.column.name] : [];
  return {
    inMemory,
    predicate,
    ordering,
    ordered,
    reached,
    filtered,
    explanation: Object.freeze({
      way: inMemory ? (columns.length > 0 ? "index" : "scan") : "query",
      columns: Object.freeze(columns),
      tables: Object.freeze([...new Set([own, ...reached])]),
      reasons: Object.freeze(inMemory ? [] : reasons),
    }),
  };
}

function conditionOf(entity: EntitySchema, { where, withDeleted }: LiveShape): LiveShape {
  const { deletedAt } = entity.roles;
  const given = (where ?? {}) as LiveShape;
  if (deletedAt === undefined || withDeleted === true) return given;
  return { AND: [given, { [deletedAt.name]: { isNull: true } }] };
}

function refuse(entity: EntitySchema, query: LiveShape): void {
  for (const name of Object.keys(query)) {
    if (query[name] === undefined || liveKeys.has(name)) continue;
    throw new QueryError(
      `Cannot follow ${entity.name}: a live query has no ${name}, it has ${
        [...liveKeys].join(", ")
      }`,
    );
  }
  if (entity.primaryKey.length > 0) return;
  throw new QueryError(
    `Cannot follow ${entity.name}: it has no primary key, so its records cannot be told apart`,
  );
}
