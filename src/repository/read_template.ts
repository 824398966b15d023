/**
 * A query with slots in place of its values, and what a planner asks of it.
 *
 * @module
 */
import { QueryError } from "../base/errors.ts";
import type { EntitySchema, LoadStrategy, RelationSchema } from "../schema/entity.ts";
import type { Dictionary } from "./shape.ts";

/** The parts of a query, with slots in place of values: what `ShapeReader` made. */
export interface ReadTemplate {
  readonly where?: Dictionary;
  readonly select?: readonly string[];
  readonly include?: Dictionary;
  readonly orderBy?: readonly Dictionary[];
  readonly limit?: unknown;
  readonly offset?: unknown;
  readonly cursor?: Dictionary;
  readonly strategy?: LoadStrategy;
  readonly withDeleted?: boolean;
}

/** Whether the columns of a query have to be told from those of other tables in it. */
export function needsAlias(template: ReadTemplate): boolean {
  return template.include !== undefined || usesRelations(template.where) ||
    (template.orderBy ?? []).some((each) => usesRelations(each));
}

function usesRelations(part: Dictionary | undefined): boolean {
  return part !== undefined && Object.values(part).some((each) => typeof each === "object");
}

/** A relation whose records are to be counted. */
export interface CountedRelation {
  readonly relation: RelationSchema;
  /** Only those for which this holds. */
  readonly where?: Dictionary;
}

/** The relations whose records are to be counted. */
export function countedRelations(entity: EntitySchema, template: ReadTemplate): CountedRelation[] {
  const counts = template.include?._count as Dictionary | undefined;
  return Object.entries(counts ?? {}).filter(([, wanted]) => wanted !== false).map((
    [name, wanted],
  ) => {
    const relation = entity.relations.get(name);
    if (!relation?.many) {
      throw new QueryError(
        `Cannot count ${name}: ${entity.name} has no relation to many of that name`,
      );
    }
    return wanted === true ? { relation } : { relation, ...wanted as { where: Dictionary } };
  });
}

/** The relations to include, each read by a query of its own. */
export function asQueries(include: Dictionary): Dictionary {
  return Object.fromEntries(
    Object.entries(include).filter(([name]) => name !== "_count").map(([name, options]) => [
      name,
      options === false
        ? false
        : { ...(options === true ? {} : options as Dictionary), strategy: "query" },
    ]),
  );
}
