/**
 * Puts policies into a query: what comes of it gives what the query would give of a database that holds only what may
 * be seen.
 *
 * Records that may not be seen are as if they were not there, in results as in conditions, orders and counts. Columns and
 * relations that may not be read are refused wherever they are named: a condition on them would tell their values.
 *
 * @module
 */
import { ForbiddenError, QueryError } from "../../base/errors.ts";
import type { EntitySchema, RelationSchema } from "../../schema/entity.ts";
import { type Dictionary, isDictionary, unknownName } from "../shape.ts";
import { type Access, columnNamed, type Condition, Visitor } from "./access.ts";
import type { Policies } from "./policies.ts";

/** How a query is restricted beside its policies. */
export interface RestrictOptions {
  /** No limit, of the query or of what it includes, is above this; where none is given, none is set. */
  readonly maxLimit?: number;
}

/**
 * The query that gives of a query's result what may be seen, in the same shape. It always has a `select`, so that its
 * records are plain data with nothing but columns and relations that may be read.
 *
 * ```ts ignore
 * const query = restrict(policies, { user }, entityOf(Post), { where: { title: { contains: "SQL" } } });
 * await db.repository(Post).find(query);
 * ```
 *
 * @param context whatever tells the policies who asks
 * @throws {ForbiddenError} for a model, column or relation that may not be read, and for an order by a relation to one
 *   of which not all records may be seen
 * @throws {QueryError} for what is no query
 */
export function restrict<C>(
  policies: Policies<C>,
  context: C,
  entity: EntitySchema,
  query: Readonly<Record<string, unknown>>,
  options: RestrictOptions = {},
): Readonly<Record<string, unknown>> {
  return new Restriction(new Visitor(policies, context), options).query(entity, query);
}

/** Both conditions hold. */
export function both(where: unknown, records: Condition): Dictionary {
  const given = where as Dictionary;
  if (records === true) return given;
  return Object.keys(given).length === 0 ? records : { AND: [given, records] };
}

/** Walks queries of one visitor. */
export class Restriction<C> {
  readonly #visitor: Visitor<C>;
  readonly #options: RestrictOptions;

  /** Restricts to what a visitor sees. */
  constructor(visitor: Visitor<C>, options: RestrictOptions = {}) {
    this.#visitor = visitor;
    this.#options = options;
  }

  /** A whole query, or the options of an include. */
  query(entity: EntitySchema, query: Dictionary, path = ""): Dictionary {
    const access = this.#visitor.access(entity);
    const result: Record<string, unknown> = {};
    for (const name of Object.keys(query)) {
      const part = query[name];
      if (part === undefined) {
        if (name !== "where") continue;
        throw new QueryError(`Cannot use undefined in ${path}where`);
      }
      result[name] = this.#part(entity, access, name, part, path + name);
    }
    const where = both(result.where ?? {}, access.records);
    if (query.where !== undefined || Object.keys(where).length > 0) result.where = where;
    result.select ??= access.columns;
    if ((result.select as readonly string[]).length === 0) throw unreadable(entity, "any column");
    if (query.cursor !== undefined) result.cursor = this.#cursor(entity, access, query);
    return result;
  }

  #part(
    entity: EntitySchema,
    access: Access,
    name: string,
    part: unknown,
    path: string,
  ): unknown {
    switch (name) {
      case "where":
        return this.where(entity, dictionary(part, path), path);
      case "select":
        return selected(entity, access, part, path);
      case "include":
        return this.#include(entity, access, dictionary(part, path), path);
      case "orderBy":
        return Array.isArray(part)
          ? part.map((each) => this.#order(entity, access, dictionary(each, path), path))
          : this.#order(entity, access, dictionary(part, path), path);
      case "limit":
        return typeof part === "number" ? Math.min(part, this.#options.maxLimit ?? part) : part;
      case "withDeleted":
        if (part === true && !access.withDeleted) throw unreadable(entity, "deleted records", path);
        return part;
      case "offset":
      case "cursor":
      case "strategy":
        return part;
      default:
        throw new QueryError(`Cannot use ${path}: a query has no such part`);
    }
  }

  /** A condition of a visitor: everything in it is about what they see. */
  where(entity: EntitySchema, where: Dictionary, path: string): Dictionary {
    const access = this.#visitor.access(entity);
    const copy: Record<string, unknown> = {};
    const more: Dictionary[] = [];
    for (const name of Object.keys(where)) {
      const given = where[name];
      const at = `${path}.${name}`;
      if (name === "AND" || name === "OR" || name === "NOT") {
        const list: unknown[] = Array.isArray(given) ? given : [given];
        copy[name] = list.map((each) => this.where(entity, dictionary(each, at), at));
      } else if (entity.byName.has(name)) {
        if (!columnNamed(entity, name)) throw unknownName(entity, name, path);
        readable(entity, access, name, path);
        copy[name] = given;
      } else {
        const relation = this.#relation(entity, access, name, path);
        const [first, ...rest] = this.#related(relation, given, at);
        copy[name] = first;
        more.push(...rest.map((each) => ({ [name]: each })));
      }
    }
    if (more.length === 0) return copy;
    return { ...copy, AND: [...(copy.AND ?? []) as readonly Dictionary[], ...more] };
  }

  /** The conditions on a relation, which all have to hold. */
  #related(relation: RelationSchema, given: unknown, path: string): unknown[] {
    const { records } = this.#visitor.access(relation.target);
    if (!relation.many) return this.#one(relation, records, given, path);
    const { where, ...asked } = dictionary(given, path);
    const copy: Record<string, unknown> = {};
    const inside = (each: unknown, name: string) =>
      this.where(relation.target, dictionary(each, `${path}.${name}`), `${path}.${name}`);
    // `every` and `_count` say something of the records that do not match, so the hidden ones are left out beforehand.
    const beforehand = where !== undefined || "every" in asked || "_count" in asked;
    for (const name of Object.keys(asked)) {
      if (name === "_count") copy[name] = asked[name];
      else if (name !== "some" && name !== "every" && name !== "none") {
        throw new QueryError(`Cannot use ${path}.${name}: a relation to many has no such operator`);
      } else {
        const inner = inside(asked[name], name);
        copy[name] = beforehand ? inner : both(inner, records);
      }
    }
    if (beforehand && (where !== undefined || records !== true)) {
      copy.where = both(where === undefined ? {} : inside(where, "where"), records);
    }
    return [copy];
  }

  #one(
    relation: RelationSchema,
    records: Condition,
    given: unknown,
    path: string,
  ): unknown[] {
    const inside = (each: unknown) =>
      both(this.where(relation.target, dictionary(each, path), path), records);
    if (given === null) return [records === true ? null : { isNot: records }];
    const asked = dictionary(given, path);
    if (!("is" in asked) && !("isNot" in asked)) return [{ is: inside(asked) }];
    return Object.keys(asked).map((name) => {
      if (name !== "is" && name !== "isNot") {
        throw new QueryError(`Cannot use ${path}.${name}: a relation to one has is and isNot`);
      }
      if (asked[name] !== null) return { [name]: inside(asked[name]) };
      // What cannot be seen is absent, whether or not there is a foreign key.
      if (records === true) return { [name]: null };
      return { [name === "is" ? "isNot" : "is"]: records };
    });
  }

  #include(entity: EntitySchema, access: Access, include: Dictionary, path: string): Dictionary {
    const copy: Record<string, unknown> = {};
    for (const name of Object.keys(include)) {
      const options = include[name];
      if (name === "_count") {
        copy._count = this.#counts(entity, access, dictionary(options, path), `${path}._count`);
        continue;
      }
      if (options === undefined || options === false) continue;
      const relation = this.#relation(entity, access, name, path);
      const at = `${path}.${name}`;
      const asked = options === true ? {} : dictionary(options, at);
      if (asked.cursor !== undefined) {
        throw new QueryError(`Cannot use ${at}.cursor: only a whole query has one`);
      }
      copy[name] = this.query(relation.target, asked, `${at}.`);
    }
    return copy;
  }

  #counts(entity: EntitySchema, access: Access, counts: Dictionary, path: string): Dictionary {
    return Object.fromEntries(
      Object.keys(counts).filter((name) => counts[name] !== false && counts[name] !== undefined)
        .map((name) => {
          const at = `${path}.${name}`;
          const relation = this.#relation(entity, access, name, path);
          const { records } = this.#visitor.access(relation.target);
          if (counts[name] === true) return [name, records === true || { where: records }];
          const { where, ...others } = dictionary(counts[name], at);
          const inner = this.where(
            relation.target,
            dictionary(where, `${at}.where`),
            `${at}.where`,
          );
          return [name, { ...others, where: both(inner, records) }];
        }),
    );
  }

  #order(entity: EntitySchema, access: Access, order: Dictionary, path: string): Dictionary {
    const copy: Record<string, unknown> = {};
    for (const name of Object.keys(order)) {
      const at = `${path}.${name}`;
      if (columnNamed(entity, name)) {
        readable(entity, access, name, path);
        copy[name] = order[name];
        continue;
      }
      const relation = this.#relation(entity, access, name, path);
      const target = this.#visitor.access(relation.target);
      const term = dictionary(order[name], at);
      if (relation.many) {
        const where = term.where === undefined
          ? {}
          : this.where(relation.target, dictionary(term.where, at), `${at}.where`);
        const among = both(where, target.records);
        copy[name] = { ...term, ...Object.keys(among).length > 0 && { where: among } };
      } else if (target.records === true) {
        copy[name] = this.#order(relation.target, target, term, at);
      } else {
        throw new ForbiddenError(
          `Cannot order by ${at}: not all records of ${relation.target.name} may be seen`,
        );
      }
    }
    return copy;
  }

  /** Only the values that the order needs, of columns that may be read. */
  #cursor(entity: EntitySchema, access: Access, { cursor, orderBy }: Dictionary): Dictionary {
    if (typeof cursor !== "object" || cursor === null) {
      throw new QueryError("Cannot read cursor: it must be an object of column values");
    }
    const terms = (Array.isArray(orderBy) ? orderBy : [orderBy]).filter(isDictionary);
    const names = entity.properties.filter((each) =>
      each.primary || terms.some((term) => each.name in term)
    ).map((each) => each.name);
    for (const name of names) readable(entity, access, name, "cursor");
    return Object.fromEntries(names.map((name) => [name, (cursor as Dictionary)[name]]));
  }

  /** A relation that may be followed. */
  #relation(entity: EntitySchema, access: Access, name: string, path: string): RelationSchema {
    const relation = entity.relations.get(name);
    if (!relation) throw unknownName(entity, name, path);
    readable(entity, access, name, path);
    const link = relation.through?.entity;
    if (link && this.#visitor.access(link).records !== true) {
      throw new ForbiddenError(
        `Cannot use ${path}.${name}: not all records of ${link.name} may be seen`,
        { hint: `read it by way of ${link.name}` },
      );
    }
    return relation;
  }
}

function dictionary(value: unknown, path: string): Dictionary {
  if (isDictionary(value)) return value;
  throw new QueryError(`Cannot read ${path}: it must be an object`);
}

function selected(
  entity: EntitySchema,
  access: Access,
  names: unknown,
  path: string,
): readonly string[] {
  if (!Array.isArray(names)) {
    throw new QueryError(`Cannot read ${path}: it must be a list of columns`);
  }
  for (const name of names) {
    if (typeof name !== "string" || !columnNamed(entity, name)) {
      throw unknownName(entity, String(name), path);
    }
    readable(entity, access, name, path);
  }
  return names;
}

function readable(entity: EntitySchema, access: Access, name: string, path: string): void {
  if (!access.fields.has(name)) throw unreadable(entity, name, path);
}

function unreadable(entity: EntitySchema, name: string, path?: string): ForbiddenError {
  const where = path === undefined ? "" : ` in ${path}`;
  return new ForbiddenError(`Cannot use ${name} of ${entity.name}${where}: it may not be read`);
}
