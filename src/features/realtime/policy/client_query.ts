/**
 * Queries from clients: JSON that nobody vouches for becomes a query of the repository, with the policies in it.
 *
 * Only what is known is taken over, into new objects; values are read from their wire form and held against the types of
 * their columns. Messages name the place, and neither values nor what else the model has.
 *
 * @module
 */
import { ForbiddenError, QueryError } from "../../../base/errors.ts";
import { readQuery } from "../../../repository/find.ts";
import type { Policies } from "../../../repository/policy/policies.ts";
import { restrict } from "../../../repository/policy/restrict.ts";
import { type Dictionary, ShapeReader } from "../../../repository/shape.ts";
import type { ColumnType } from "../../../schema/column_type.ts";
import type { EntitySchema, PropertySchema, RelationSchema } from "../../../schema/entity.ts";
import type { LiveShape } from "../live/live.ts";
import {
  checkSize,
  elementFault,
  noSuchName,
  shownName,
  type SizeLimits,
  valueFault,
  wireObject,
  wireValue,
} from "./client_values.ts";

/** What a query of a client may cost. */
export interface ClientQueryLimits extends SizeLimits {
  /** How often a query follows a relation: in conditions, includes, orders and counts. Default: 20. */
  readonly relations?: number;
  /** How many `%` a pattern of `like` has. Default: 10. */
  readonly wildcards?: number;
  /** The largest `limit`; larger ones are made this. Default: 1,000. */
  readonly maxLimit?: number;
}

/** A query of a client. */
export interface ClientQueryRequest<C> {
  /** The model. */
  readonly entity: EntitySchema;
  /** The query in wire form; its objects are taken over. */
  readonly wire: unknown;
  /** Who may see what. */
  readonly policies: Policies<C>;
  /** Whatever tells the policies who asks. */
  readonly context: C;
  /** What it may cost. */
  readonly limits?: ClientQueryLimits;
}

/**
 * The query that a client sent, restricted to what may be seen.
 *
 * @throws {QueryError} for what is no query of the model, and for one that costs too much
 * @throws {ForbiddenError} for a model, column or relation that may not be read
 */
export function clientQuery<C>(request: ClientQueryRequest<C>): LiveShape {
  const { entity, wire, policies, context, limits = {} } = request;
  checkSize(wire, "query", limits);
  const query = new ClientQueryReader(limits).query(entity, wire, "");
  // What is left to say, such as which operators a column takes, the repository's own reader says.
  readQuery(new ShapeReader(false), entity, query);
  const restricted = restrict(policies, context, entity, query, {
    maxLimit: limits.maxLimit ?? 1_000,
  });
  expectReadableKey(policies, context, entity);
  return restricted;
}

/** Records are told apart by their keys, so whoever sees records sees these. */
function expectReadableKey<C>(policies: Policies<C>, context: C, entity: EntitySchema): void {
  const select = entity.primaryKey.map((each) => each.name);
  if (select.length > 0) {
    restrict(policies, context, entity, { select });
    return;
  }
  throw new ForbiddenError(`Cannot read ${entity.name}: it has no primary key`);
}

type Copy = Record<string, unknown>;

/** Reads queries of one client. */
class ClientQueryReader {
  readonly #wildcards: number;
  readonly #relations: number;
  #left: number;

  constructor({ relations = 20, wildcards = 10 }: ClientQueryLimits) {
    this.#wildcards = wildcards;
    this.#relations = relations;
    this.#left = relations;
  }

  /** A whole query, or the options of an include. */
  query(entity: EntitySchema, wire: unknown, path: string): Dictionary {
    const copy: Copy = {};
    for (const [name, part] of wireObject(wire, path === "" ? "query" : path.slice(0, -1))) {
      copy[name] = this.#part(entity, name, part, path + name);
    }
    return copy;
  }

  #part(entity: EntitySchema, name: string, part: unknown, path: string): unknown {
    switch (name) {
      case "where":
        return this.#where(entity, part, path);
      case "select":
        return listOf(part, path).map((each) => {
          const property = typeof each === "string" ? entity.byName.get(each) : undefined;
          if (property && !property.hidden) return property.name;
          throw noSuchName(entity, String(each), path);
        });
      case "include":
        return this.#include(entity, part, path);
      case "orderBy":
        return Array.isArray(part)
          ? part.map((each) => this.#order(entity, each, path))
          : this.#order(entity, part, path);
      case "limit":
      case "offset":
        if (typeof part === "number") return part;
        throw new QueryError(`Cannot use ${path}: it must be a whole number, 0 or more`);
      case "withDeleted":
        if (typeof part === "boolean") return part;
        throw new QueryError(`Cannot use ${path}: it must be true or false`);
      default:
        throw new QueryError(
          `Cannot use ${
            shownName(path)
          }: a query has where, select, include, orderBy, limit, offset and withDeleted`,
        );
    }
  }

  #where(entity: EntitySchema, wire: unknown, path: string): Dictionary {
    const copy: Copy = {};
    for (const [name, given] of wireObject(wire, path)) {
      const property = entity.byName.get(name);
      if (name === "AND" || name === "OR" || name === "NOT") {
        const list: unknown[] = Array.isArray(given) ? given : [given];
        copy[name] = list.map((each, i) => this.#where(entity, each, `${path}.${name}[${i}]`));
      } else if (property && !property.hidden) {
        copy[name] = this.#column(property, given, `${path}.${name}`);
      } else {
        const relation = this.#relation(entity, name, path);
        copy[name] = this.#related(relation, given, `${path}.${name}`);
      }
    }
    return copy;
  }

  #column({ type }: PropertySchema, given: unknown, path: string): unknown {
    if (!isOperators(given)) return operand(type, given, path);
    const copy: Copy = {};
    for (const [name, each] of Object.entries(given)) {
      copy[name] = this.#operand(type, name, each, `${path}.${name}`);
    }
    return copy;
  }

  #operand(type: ColumnType, name: string, given: unknown, path: string): unknown {
    switch (name) {
      case "eq":
      case "ne":
      case "gt":
      case "gte":
      case "lt":
      case "lte":
        return operand(type, given, path);
      case "in":
      case "notIn":
        return listOf(given, path).map((each, i) => operand(type, each, `${path}[${i}]`));
      case "between":
        return listOf(given, path).map((each, i) => operand(type, each, `${path}[${i}]`));
      case "isNull":
        return given;
      case "overlaps":
        return operand(type, given, path);
      case "contains":
        if (type.array || type.name.startsWith("json")) return operand(type, given, path);
        return text(given, path);
      case "startsWith":
      case "endsWith":
        return text(given, path);
      case "like":
      case "ilike":
        return this.#pattern(text(given, path), path);
      default:
        throw new QueryError(`Cannot use ${shownName(name)} in ${path}: there is no such operator`);
    }
  }

  #pattern(pattern: string, path: string): string {
    if (pattern.split("%").length - 1 <= this.#wildcards) return pattern;
    throw new QueryError(`Cannot use ${path}: it has more than ${this.#wildcards} wildcards`);
  }

  #related(relation: RelationSchema, given: unknown, path: string): unknown {
    if (given === null) return null;
    const { target, many } = relation;
    const asked = wireObject(given, path);
    if (!many && !asked.has("is") && !asked.has("isNot")) return this.#where(target, given, path);
    const copy: Copy = {};
    for (const [name, each] of asked) {
      const at = `${path}.${name}`;
      if (many && name === "_count") copy[name] = this.#counted(each, at);
      else if (!many && each === null) copy[name] = null;
      else if ((many ? manyOperators : oneOperators).has(name)) {
        copy[name] = this.#where(target, each, at);
      } else {throw new QueryError(
          `Cannot use ${shownName(name)} in ${path}: there is no such operator`,
        );}
    }
    return copy;
  }

  #counted(given: unknown, path: string): unknown {
    if (!isOperators(given)) return operand(integer, given, path);
    return Object.fromEntries(
      Object.entries(given).map((
        [name, each],
      ) => [name, this.#operand(integer, name, each, `${path}.${name}`)]),
    );
  }

  #include(entity: EntitySchema, wire: unknown, path: string): Dictionary {
    const copy: Copy = {};
    for (const [name, options] of wireObject(wire, path)) {
      if (name === "_count") {
        copy[name] = this.#counts(entity, options, `${path}._count`);
        continue;
      }
      const { target } = this.#relation(entity, name, path);
      copy[name] = typeof options === "boolean"
        ? options
        : this.query(target, options, `${path}.${name}.`);
    }
    return copy;
  }

  #counts(entity: EntitySchema, wire: unknown, path: string): Dictionary {
    const copy: Copy = {};
    for (const [name, given] of wireObject(wire, path)) {
      const { target } = this.#relation(entity, name, path);
      const at = `${path}.${name}`;
      if (typeof given === "boolean") copy[name] = given;
      else {
        const { where, ...others } = Object.fromEntries(wireObject(given, at));
        if (Object.keys(others).length > 0) {
          throw new QueryError(`Cannot read ${at}: it has only where`);
        }
        copy[name] = { where: this.#where(target, where, `${at}.where`) };
      }
    }
    return copy;
  }

  #order(entity: EntitySchema, wire: unknown, path: string): Dictionary {
    const copy: Copy = {};
    for (const [name, term] of wireObject(wire, path)) {
      const at = `${path}.${name}`;
      const property = entity.byName.get(name);
      if (property && !property.hidden) copy[name] = direction(term, at);
      else {
        const { target, many } = this.#relation(entity, name, path);
        copy[name] = many ? this.#countTerm(target, term, at) : this.#order(target, term, at);
      }
    }
    return copy;
  }

  #countTerm(target: EntitySchema, wire: unknown, path: string): Dictionary {
    const copy: Copy = {};
    for (const [name, each] of wireObject(wire, path)) {
      if (name === "_count") copy._count = direction(each, `${path}._count`);
      else if (name === "where") copy.where = this.#where(target, each, `${path}.where`);
      else {throw new QueryError(
          `Cannot use ${shownName(name)} in ${path}: it has _count and where`,
        );}
    }
    return copy;
  }

  #relation(entity: EntitySchema, name: string, path: string): RelationSchema {
    const relation = entity.relations.get(name);
    if (!relation) throw noSuchName(entity, name, path);
    if (--this.#left < 0) {
      throw new QueryError(
        `Cannot read ${path}: the query follows more than ${this.#relations} relations`,
      );
    }
    return relation;
  }
}

const integer: ColumnType = Object.freeze({ name: "integer" });
const manyOperators: ReadonlySet<string> = new Set(["some", "every", "none", "where"]);
const oneOperators: ReadonlySet<string> = new Set(["is", "isNot"]);

/** Whether it is an object of operators, and no value in wire form. */
function isOperators(given: unknown): given is Dictionary {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return false;
  const [first, ...others] = Object.keys(given);
  return others.length > 0 || first?.startsWith("$") !== true;
}

/** A value that a column is compared with. NULL is judged by whoever knows the operator. */
function operand(type: ColumnType, wire: unknown, path: string): unknown {
  const value = wireValue(wire, path);
  if (value === null) return null;
  const fault = valueFault(type, value);
  if (fault) throw new QueryError(`Cannot use ${path}: it ${fault}`);
  return value;
}

const anyText: ColumnType = Object.freeze({ name: "text" });

function text(wire: unknown, path: string): string {
  const fault = elementFault(anyText, wire);
  if (fault) throw new QueryError(`Cannot use ${path}: it ${fault}`);
  return wire as string;
}

function listOf(wire: unknown, path: string): readonly unknown[] {
  if (Array.isArray(wire)) return wire;
  throw new QueryError(`Cannot read ${path}: it must be a list`);
}

/** A direction: a word, or an object of words. */
function direction(term: unknown, path: string): unknown {
  if (typeof term === "string") return term;
  return Object.fromEntries(wireObject(term, path));
}
