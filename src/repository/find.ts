/**
 * Finding records: a query's shape decides the plan, its values run it.
 *
 * @module
 */
import type { RunOptions } from "../ast/executor.ts";
import { binary, call, select } from "../ast/build.ts";
import type { ExpressionNode } from "../ast/nodes.ts";
import { QueryError } from "../base/errors.ts";
import type { CompiledStatement } from "../dialect/dialect.ts";
import type { Session } from "../engine/session.ts";
import type { EntitySchema } from "../schema/entity.ts";
import {
  Aliases,
  condition,
  entityTable,
  notDeleted,
  operandOf,
  propertyColumn,
  whereAll,
} from "./condition.ts";
import { Level } from "./level.ts";
import { planFor } from "./plans.ts";
import { nowhere, read } from "./read.ts";
import type { ReadPlan } from "./plan.ts";
import { ReadPlanner } from "./read_plan.ts";
import type { ReadTemplate } from "./read_template.ts";
import {
  type Dictionary,
  isDictionary,
  type Row,
  ShapeReader,
  Slot,
  unknownName,
} from "./shape.ts";

const queryKeys = new Set([
  "where",
  "select",
  "include",
  "orderBy",
  "limit",
  "offset",
  "cursor",
  "strategy",
  "withDeleted",
]);

/** Finds the records of a query. */
export async function findRecords(
  session: Session,
  entity: EntitySchema,
  query: Dictionary,
  options?: RunOptions,
): Promise<Row[]> {
  const shape = new ShapeReader(false);
  readQuery(shape, entity, query);
  const plan = planFor(session, entity, "find", shape.key, () => planQuery(session, entity, query));
  return await read(session, plan, shape.values, options);
}

/** The plan of a query, made anew. */
export function planQuery(session: Session, entity: EntitySchema, query: Dictionary): ReadPlan {
  const reader = new ShapeReader(true);
  const template = readQuery(reader, entity, query);
  const planner = new ReadPlanner(session, reader.values.length, template.strategy);
  return planner.plan(entity, template);
}

/** Walks a whole query; the template is only filled in when the reader makes one. */
export function readQuery(
  reader: ShapeReader,
  entity: EntitySchema,
  query: Dictionary,
  path = "",
): ReadTemplate {
  const template: Record<string, unknown> = {};
  for (const name in query) {
    const part = query[name];
    if (part === undefined) continue;
    if (!queryKeys.has(name)) {
      throw new QueryError(
        `Cannot use ${path}${name}: a query has ${[...queryKeys].join(", ")}`,
      );
    }
    template[name] = name === "cursor"
      ? readCursor(reader, entity, part, query.orderBy)
      : readPart(reader, entity, name, part, path + name);
  }
  return template;
}

function readPart(
  reader: ShapeReader,
  entity: EntitySchema,
  name: string,
  part: unknown,
  path: string,
): unknown {
  switch (name) {
    case "where":
      reader.mark("w");
      return reader.where(entity, part, path);
    case "select":
      return reader.columns(entity, part, path);
    case "include":
      return readInclude(reader, entity, part, path);
    case "orderBy":
      return reader.orderBy(entity, part, path);
    case "limit":
    case "offset":
      reader.mark(name);
      return reader.count(part, path);
    case "strategy":
      if (part !== "join" && part !== "query") {
        throw new QueryError(`Cannot use ${path}: it is "join" or "query"`);
      }
      reader.mark(`s${part}`);
      return part;
    default:
      if (typeof part !== "boolean") {
        throw new QueryError(`Cannot use ${path}: it must be true or false`);
      }
      reader.mark(part ? "d+" : "d-");
      return part;
  }
}

function readInclude(
  reader: ShapeReader,
  entity: EntitySchema,
  include: unknown,
  path: string,
): Dictionary {
  if (!isDictionary(include)) {
    throw new QueryError(`Cannot read ${path}: it must be an object of relations`);
  }
  const copy: Record<string, unknown> = {};
  reader.enter("include");
  reader.mark("i<");
  for (const name in include) {
    const options = include[name];
    if (options === undefined || options === false) continue;
    reader.mark(name);
    if (name === "_count") {
      copy._count = readCounts(reader, entity, options, `${path}._count`);
      continue;
    }
    const relation = entity.relations.get(name);
    if (!relation) throw unknownName(entity, name, path);
    if (options === true) {
      reader.mark(",");
      copy[name] = true;
    } else if (isDictionary(options)) {
      if (options.cursor !== undefined) {
        throw new QueryError(`Cannot use ${path}.${name}.cursor: only a whole query has one`);
      }
      reader.mark("(");
      copy[name] = readQuery(reader, relation.target, options, `${path}.${name}.`);
      reader.mark(")");
    } else {
      throw new QueryError(`Cannot read ${path}.${name}: it must be true or an object`);
    }
  }
  reader.mark(">");
  reader.leave();
  return copy;
}

function readCounts(
  reader: ShapeReader,
  entity: EntitySchema,
  counts: unknown,
  path: string,
): Dictionary {
  if (!isDictionary(counts)) {
    throw new QueryError(`Cannot read ${path}: it must be an object of relations`);
  }
  const copy: Record<string, unknown> = {};
  for (const name in counts) {
    const wanted = counts[name];
    const relation = entity.relations.get(name);
    if (!relation) throw unknownName(entity, name, path);
    if (!relation.many) {
      throw new QueryError(`Cannot count ${path}.${name}: it is a relation to one`);
    }
    if (isDictionary(wanted)) {
      reader.mark(`${name}w`);
      copy[name] = { where: reader.where(relation.target, countWhere(wanted, path, name)) };
    } else {
      reader.mark(`${name}${wanted === true ? "+" : "-"}`);
      copy[name] = wanted === true;
    }
  }
  return copy;
}

function countWhere({ where, ...others }: Dictionary, path: string, name: string): unknown {
  if (where !== undefined && Object.keys(others).length === 0) return where;
  throw new QueryError(`Cannot read ${path}.${name}: it must be true or { where }`);
}

/** Only what the order needs: a whole record as cursor must not make a shape for each of its NULLs. */
function readCursor(
  reader: ShapeReader,
  entity: EntitySchema,
  cursor: unknown,
  orderBy: unknown,
): Dictionary {
  if (typeof cursor !== "object" || cursor === null) {
    throw new QueryError("Cannot read cursor: it must be an object of column values");
  }
  if (entity.primaryKey.length === 0) {
    throw new QueryError(
      `Cannot use a cursor: ${entity.name} has no primary key, so rows that are equal would be lost`,
    );
  }
  const copy: Record<string, unknown> = {};
  const terms = (Array.isArray(orderBy) ? orderBy : [orderBy]).filter(isDictionary);
  reader.mark("c{");
  for (const property of entity.properties) {
    if (!property.primary && !terms.some((term) => property.name in term)) continue;
    const value = (cursor as Dictionary)[property.name];
    if (value === undefined) continue;
    reader.mark(property.name);
    copy[property.name] = reader.value(value, `cursor.${property.name}`);
  }
  reader.mark("}");
  return copy;
}

/** The values of a primary key, in the order of its properties. */
export function keyValues(entity: EntitySchema, id: unknown): unknown[] {
  const { primaryKey } = entity;
  if (primaryKey.length === 0) {
    throw new QueryError(`Cannot find ${entity.name} by key: it has no primary key`);
  }
  if (primaryKey.length > 1 && (typeof id !== "object" || id === null)) {
    const names = primaryKey.map((each) => each.name).join(", ");
    throw new QueryError(`Cannot find ${entity.name} by key: it must be an object of ${names}`);
  }
  const values = isDictionary(id) || primaryKey.length > 1
    ? primaryKey.map((each) => (id as Dictionary | null)?.[each.name])
    : [id];
  values.forEach((value, i) => {
    if (value === undefined || value === null) {
      throw new QueryError(
        `Cannot find ${entity.name} by key: ${primaryKey[i]?.name} is ${value}`,
      );
    }
  });
  return values;
}

/** The condition that the primary key has the values of the slots from `first`. */
export function keyCondition(
  entity: EntitySchema,
  first: number,
  alias?: string,
): ExpressionNode[] {
  return entity.primaryKey.map((each, i) =>
    binary(propertyColumn(each, alias), "=", operandOf(new Slot(first + i), each.type))
  );
}

/** Finds a record by its primary key: the shortest way there is. */
export async function findByKey(
  session: Session,
  entity: EntitySchema,
  id: unknown,
  options?: RunOptions,
): Promise<Row | null> {
  const values = keyValues(entity, id);
  const plan = planFor(session, entity, "key", "", () => {
    const level = wholeLevel(session, entity);
    const deleted = notDeleted(entity);
    const node = select({
      selection: level.columns(undefined),
      from: [entityTable(entity)],
      ...whereAll([...keyCondition(entity, 0), deleted]),
    });
    return { statement: session.prepare(node), level };
  });
  const run = { signal: options?.signal, timeout: options?.timeout, bigints: plan.level.bigints };
  const row = (await session.perform(plan.statement, values, run)).rows[0];
  return row ? plan.level.hydrate(row, nowhere) : null;
}

/** The level of whole records, as instances. */
export function wholeLevel(session: Session, entity: EntitySchema): Level {
  return new Level({
    entity,
    needed: [],
    nested: false,
    gather: -1,
    codecs: session.dialect.codecs,
  });
}

/** A condition's shape, for statements over many records. */
export interface ConditionShape {
  /** Equal for conditions that differ only in values. */
  readonly key: string;
  /** The values. */
  readonly values: readonly unknown[];
  /** The condition as expressions; values are in the slots from `first`. */
  expressions(alias?: string): ExpressionNode[];
}

/** Takes a filter apart; `first` is the number of values that stand before its own. */
export function conditionShape(
  entity: EntitySchema,
  filter: Dictionary,
  before: readonly unknown[] = [],
): ConditionShape {
  if (!isDictionary(filter)) throw new QueryError("Cannot read the filter: it must be an object");
  for (const name in filter) {
    if (name !== "where" && name !== "withDeleted") {
      throw new QueryError(`Cannot use ${name} here: a filter has where and withDeleted`);
    }
  }
  const { where = {}, withDeleted = false } = filter;
  const reader = new ShapeReader(false);
  reader.values.push(...before);
  reader.where(entity, where);
  reader.mark(withDeleted === true ? "d+" : "d-");
  return {
    key: reader.key,
    values: reader.values,
    expressions: (alias) => {
      const copier = new ShapeReader(true);
      copier.values.push(...before);
      const template = copier.where(entity, where);
      const deleted = withDeleted === true ? undefined : notDeleted(entity, alias);
      return [condition(entity, template, alias, new Aliases()), ...deleted ? [deleted] : []];
    },
  };
}

/**
 * Refuses `{ where: undefined }` before a write: it would reach all records, and was hardly meant so.
 *
 * @param what the write, for the message
 */
export function refuseUndefined(entity: EntitySchema, filter: Dictionary, what: string): void {
  if (isDictionary(filter) && "where" in filter && filter.where === undefined) {
    throw new QueryError(`Cannot ${what} ${entity.name}: where is undefined`, {
      hint: "leave it out to mean all records",
    });
  }
}

/** Counts the records of a filter. */
export async function countRecords(
  session: Session,
  entity: EntitySchema,
  filter: Dictionary,
  options?: RunOptions,
): Promise<number> {
  const shape = conditionShape(entity, filter);
  const statement = planFor(session, entity, "count", shape.key, (): CompiledStatement => {
    const alias = "t";
    return session.prepare(select({
      selection: [call("count", [{ kind: "Star" }])],
      from: [entityTable(entity, alias)],
      ...whereAll(shape.expressions(alias)),
    }));
  });
  const { rows } = await session.perform(statement, shape.values, options);
  return Number(rows[0]?.[0]);
}
