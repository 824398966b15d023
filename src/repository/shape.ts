/**
 * Takes a query apart into its shape and its values: `{where: {age: {gt: 18}}}` becomes the key
 * `…age{gt}…` and the values `[18]`. Queries of one shape share one compiled plan, so the walk below is all
 * that a repeated query costs before it runs. It also refuses whatever is not a query.
 *
 * @module
 */
import { QueryError } from "../base/errors.ts";
import type { ColumnType } from "../schema/column_type.ts";
import type { EntitySchema, PropertySchema, RelationSchema } from "../schema/entity.ts";

/** The place of a value among those a plan is run with. */
export class Slot {
  /** Makes the place. */
  constructor(readonly index: number) {}
}

/** A query with its values taken out. */
export interface Shape {
  /** Equal for queries that differ only in values. */
  readonly key: string;
  /** The values, in the order of their slots. */
  readonly values: unknown[];
}

/** A record under construction: values by property. */
export type Row = Record<string, unknown>;

/** An object as callers write it. */
export type Dictionary = Readonly<Record<string, unknown>>;

const comparison = ["gt", "gte", "lt", "lte"] as const;
const textual = ["like", "ilike", "startsWith", "endsWith", "contains"] as const;

/** The operators of a column, by what they take. */
const operators: ReadonlyMap<string, "value" | "list" | "pair" | "flag" | "nullable"> = new Map([
  ["eq", "nullable" as const],
  ["ne", "nullable" as const],
  ["in", "list" as const],
  ["notIn", "list" as const],
  ["isNull", "flag" as const],
  ["between", "pair" as const],
  ["overlaps", "value" as const],
  ...[...comparison, ...textual].map((name) => [name, "value"] as const),
]);

const equality = ["eq", "ne", "in", "notIn", "isNull"];
const ordered = [...equality, ...comparison, "between"];

/** The operators of each kind of column. */
const fitting = {
  equality: new Set(equality),
  ordered: new Set(ordered),
  text: new Set([...ordered, ...textual]),
  list: new Set([...equality, "contains", "overlaps"]),
  json: new Set(["eq", "ne", "isNull", "contains"]),
};

/** The operators that a column of a type takes. */
function operatorsOf(type: ColumnType): ReadonlySet<string> {
  if (type.array) return fitting.list;
  switch (type.name) {
    case "json":
    case "jsonb":
      return fitting.json;
    case "boolean":
    case "bytes":
      return fitting.equality;
    case "smallint":
    case "integer":
    case "bigint":
    case "real":
    case "double":
    case "timestamp":
    case "timestamptz":
      return fitting.ordered;
    default:
      return fitting.text;
  }
}

const largestKnownLimit = 100;

/** How deep a query may be nested: SQLite parses 1,000 levels, and each takes up to three. */
const deepest = 200;

/** Whether a value is an object literal rather than a value of its own (a date, bytes, an instance). */
export function isDictionary(value: unknown): value is Dictionary {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Walks queries of one entity; `template` collects a copy in which slots stand for values. */
export class ShapeReader {
  key = "";
  readonly values: unknown[] = [];
  readonly #template: boolean;
  #depth = 0;

  /** Makes a reader; with `template` the walk returns copies with slots in place of values. */
  constructor(template: boolean) {
    this.#template = template;
  }

  /** A value: its place, and whether it is NULL, which changes the statement. */
  value(value: unknown, where: string): unknown {
    if (value === undefined) throw undefinedError(where);
    if (value === null) {
      this.key += "~";
      return null;
    }
    this.key += "?";
    this.values.push(value);
    return this.#template ? new Slot(this.values.length - 1) : undefined;
  }

  /**
   * A whole number that is not negative: a limit or offset. Small limits belong to the shape: they are few,
   * and databases plan better (and SQLite runs several times faster) when they know them.
   */
  count(value: unknown, path: string): unknown {
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
      throw new QueryError(`Cannot use ${path}: it must be a whole number, 0 or more`);
    }
    if (value > largestKnownLimit || path.endsWith("offset")) return this.value(value, path);
    this.key += value;
    return value;
  }

  /** A condition on an entity's records. */
  where(entity: EntitySchema, where: unknown, path = "where"): Dictionary {
    if (!isDictionary(where)) {
      throw new QueryError(`Cannot read ${path}: it must be an object of conditions`);
    }
    this.enter("where");
    this.key += "{";
    const copy: Record<string, unknown> = {};
    for (const name in where) {
      const condition = where[name];
      if (condition === undefined) throw undefinedError(`${path}.${name}`);
      this.key += name;
      if (name === "AND" || name === "OR" || name === "NOT") {
        copy[name] = this.#conditions(entity, condition, `${path}.${name}`);
        continue;
      }
      const property = entity.byName.get(name);
      const relation = property ? undefined : entity.relations.get(name);
      if (property) copy[name] = this.#column(property, condition, `${path}.${name}`);
      else if (relation) copy[name] = this.#relation(relation, condition, `${path}.${name}`);
      else throw unknownName(entity, name, path);
      this.key += ",";
    }
    this.key += "}";
    this.leave();
    return copy;
  }

  /** Goes one level down into a part of the query. */
  enter(part: string): void {
    if (++this.#depth <= deepest) return;
    throw new QueryError(`Cannot read ${part}: it is more than ${deepest} levels deep`);
  }

  /** Comes one level up again. */
  leave(): void {
    this.#depth--;
  }

  #conditions(entity: EntitySchema, value: unknown, path: string): unknown {
    const list = Array.isArray(value) ? value : [value];
    this.key += "[";
    const copies = list.map((each, i) => this.where(entity, each, `${path}[${i}]`));
    this.key += "]";
    return copies;
  }

  #column(property: PropertySchema, condition: unknown, path: string): unknown {
    const { type } = property;
    const allowed = operatorsOf(type);
    if (!isDictionary(condition)) {
      if (allowed === fitting.json && condition !== null) {
        throw new QueryError(`Cannot compare ${path} with a bare value: write { eq: value }`);
      }
      return { eq: this.value(condition, path) };
    }
    const kind = type.array ? `a list of ${type.name}` : `a column of type ${type.name}`;
    return this.operators(condition, path, kind, allowed);
  }

  /** The operators of one column, or of a number such as `_count`, which is the default. */
  operators(
    condition: Dictionary,
    path: string,
    kind = "a count",
    allowed: ReadonlySet<string> = fitting.ordered,
  ): Dictionary {
    const copy: Record<string, unknown> = {};
    this.key += "(";
    let any = false;
    for (const name in condition) {
      any = true;
      const takes = allowed.has(name) ? operators.get(name) : undefined;
      const operand = condition[name];
      if (!takes) {
        throw new QueryError(
          `Cannot use ${path}.${name}: ${kind} takes ${[...allowed].join(", ")}`,
        );
      }
      if (operand === undefined) throw undefinedError(`${path}.${name}`);
      this.key += name;
      copy[name] = this.#operand(takes, operand, `${path}.${name}`);
    }
    if (!any) throw new QueryError(`Cannot read ${path}: it has no operator`);
    this.key += ")";
    return copy;
  }

  #operand(takes: string, operand: unknown, path: string): unknown {
    if (takes === "flag") {
      if (typeof operand !== "boolean") {
        throw new QueryError(`Cannot read ${path}: it must be true or false`);
      }
      this.key += operand ? "+" : "-";
      return operand;
    }
    if (takes === "nullable") return this.value(operand, path);
    if (operand === null) {
      throw new QueryError(`Cannot compare ${path} with null: use isNull, or eq and ne`);
    }
    if (takes === "list") return this.#list(operand, path);
    if (takes === "pair") {
      if (!Array.isArray(operand) || operand.length !== 2) {
        throw new QueryError(`Cannot read ${path}: it must be a pair [from, to]`);
      }
      return operand.map((each, i) => {
        if (each === null) throw new QueryError(`Cannot compare ${path}[${i}] with null`);
        return this.value(each, `${path}[${i}]`);
      });
    }
    return this.value(operand, path);
  }

  #list(operand: unknown, path: string): unknown {
    if (!Array.isArray(operand)) throw new QueryError(`Cannot read ${path}: it must be a list`);
    for (let i = 0; i < operand.length; i++) {
      if (operand[i] === undefined || operand[i] === null) {
        throw new QueryError(
          `Cannot use ${operand[i]} in ${path}[${i}]: NULL is in no list, use isNull`,
        );
      }
    }
    return this.value(operand, path);
  }

  #relation(relation: RelationSchema, condition: unknown, path: string): unknown {
    if (condition === null) {
      if (relation.many) {
        throw new QueryError(`Cannot compare ${path} with null: it is a list, use none: {}`);
      }
      this.key += "~";
      return { is: null };
    }
    if (!isDictionary(condition)) {
      throw new QueryError(`Cannot read ${path}: it must be an object`);
    }
    const names = relation.many ? manyOperators : oneOperators;
    const used = Object.keys(condition);
    if (!relation.many && !used.some((name) => names.has(name))) {
      return { is: this.where(relation.target, condition, path) };
    }
    const copy: Record<string, unknown> = {};
    this.key += "<";
    for (const name of used) {
      if (!names.has(name)) {
        throw new QueryError(
          `Cannot use ${path}.${name}: a relation to ${relation.many ? "many" : "one"} takes ${
            [...names].join(", ")
          }`,
        );
      }
      this.key += name;
      const operand = condition[name];
      if (operand === undefined) throw undefinedError(`${path}.${name}`);
      if (name === "where" && used.length === 1) {
        throw new QueryError(`Cannot read ${path}: it needs some, every, none or _count`);
      }
      if (name === "_count") {
        copy[name] = isDictionary(operand)
          ? this.operators(operand, `${path}._count`)
          : { eq: this.value(operand, `${path}._count`) };
      } else if (operand === null && !relation.many) {
        this.key += "~";
        copy[name] = null;
      } else {
        copy[name] = this.where(relation.target, operand, `${path}.${name}`);
      }
    }
    this.key += ">";
    return copy;
  }

  /** Terms to order by, as a list. */
  orderBy(entity: EntitySchema, orderBy: unknown, path = "orderBy"): Dictionary[] {
    const list: unknown[] = Array.isArray(orderBy) ? orderBy : [orderBy];
    this.key += "o[";
    const copies = list.map((each) => this.#orderTerm(entity, each, path));
    this.key += "]";
    return copies;
  }

  #orderTerm(entity: EntitySchema, term: unknown, path: string): Dictionary {
    if (!isDictionary(term)) throw new QueryError(`Cannot read ${path}: it must be an object`);
    this.enter("orderBy");
    const copy: Record<string, unknown> = {};
    for (const name in term) {
      const value = term[name];
      this.key += name;
      if (entity.byName.has(name)) {
        this.#direction(value, `${path}.${name}`);
        copy[name] = value;
      } else {
        const relation = entity.relations.get(name);
        if (!relation) throw unknownName(entity, name, path);
        this.key += "{";
        copy[name] = relation.many
          ? this.#countTerm(relation, value, `${path}.${name}`)
          : this.#orderTerm(relation.target, value, `${path}.${name}`);
        this.key += "}";
      }
    }
    this.leave();
    return copy;
  }

  #countTerm(relation: RelationSchema, term: unknown, path: string): Dictionary {
    const { _count: direction = undefined, where = undefined, ...others } = isDictionary(term)
      ? term
      : {};
    if (direction === undefined || Object.keys(others).length > 0) {
      throw new QueryError(`Cannot order by ${path}: use { _count: "asc" | "desc" }`);
    }
    this.#direction(direction, `${path}._count`);
    if (where === undefined) return { _count: direction };
    this.key += "w";
    return { _count: direction, where: this.where(relation.target, where, `${path}.where`) };
  }

  #direction(value: unknown, path: string): void {
    const { direction = "asc", nulls = undefined, ...others } = isDictionary(value)
      ? value
      : { direction: value };
    for (const name in others) {
      throw new QueryError(`Cannot use ${path}.${name}: an order has direction and nulls`);
    }
    if (direction !== "asc" && direction !== "desc") {
      throw new QueryError(`Cannot order by ${path}: the direction is "asc" or "desc"`);
    }
    if (nulls !== undefined && nulls !== "first" && nulls !== "last") {
      throw new QueryError(`Cannot order by ${path}: nulls is "first" or "last"`);
    }
    this.key += `:${direction}${nulls ?? ""};`;
  }

  /** Names of columns. */
  columns(entity: EntitySchema, names: unknown, path: string): readonly string[] {
    if (!Array.isArray(names)) {
      throw new QueryError(`Cannot read ${path}: it must be a list of columns`);
    }
    if (names.length === 0) throw new QueryError(`Cannot read ${path}: it names no column`);
    this.key += `${path}[`;
    for (const name of names) {
      if (typeof name !== "string" || !entity.byName.has(name)) {
        throw unknownName(entity, String(name), path);
      }
      this.key += `${name},`;
    }
    this.key += "]";
    return names as readonly string[];
  }

  /** Marks a part of the query in the key. */
  mark(text: string): void {
    this.key += text;
  }
}

const manyOperators = new Set(["some", "every", "none", "_count", "where"]);
const oneOperators = new Set(["is", "isNot"]);

function undefinedError(path: string): QueryError {
  return new QueryError(`Cannot use undefined in ${path}`, {
    hint: "leave the key out, or use null or isNull to ask for NULL",
  });
}

/** The error for a name that an entity does not have; suggests what it has. */
export function unknownName(entity: EntitySchema, name: string, path: string): QueryError {
  const known = [
    ...entity.properties.filter((each) => !each.hidden).map((each) => each.name),
    ...entity.relations.keys(),
  ];
  return new QueryError(
    `Cannot use ${JSON.stringify(name)} in ${path}: ${entity.name} has ${known.join(", ")}`,
  );
}
