/**
 * Random queries in the query shape.
 *
 * @module
 */
import { valueOf } from "./data.ts";
import type { Part } from "./oracle.ts";
import type { Random } from "./random.ts";
import {
  type ColumnInfo,
  type Data,
  infoOf,
  type Kind,
  type ModelInfo,
  type RelationInfo,
} from "./world.ts";

const patterns = ["%", "a%", "%b", "_", "A_", "%_%", "%'%", "", "a", "B%", "%.%", "_%e%"];
const pieces = ["", "a", "B%", "_", "\\", "b", "ë", "x", "@"];
const withoutOrder: ReadonlySet<Kind> = new Set(["json", "bytes"]);

/** Makes random queries over some data. */
export class QueryMaker {
  /** Takes values out of the data, so that conditions meet rows. */
  constructor(readonly random: Random, readonly data: Data) {}

  /** A query for `find`. */
  query(info: ModelInfo): Part {
    const { random } = this;
    const orderBy = random.chance(0.8) ? this.orderBy(info, 1) : undefined;
    const paged = orderBy !== undefined && random.chance(0.5);
    const query: Record<string, unknown> = {
      ...random.chance(0.7) && { where: this.where(info, 2) },
      ...orderBy !== undefined && { orderBy },
      ...paged && random.chance(0.8) && { limit: random.pick([0, 1, 2, 3, 101]) },
      ...paged && random.chance(0.4) && { offset: random.int(0, 4) },
      ...this.#result(info, 2),
      ...random.chance(0.3) && { strategy: random.pick(["join", "query"]) },
    };
    const rows = this.data[info.name] ?? [];
    if (rows.length > 0 && random.chance(0.25)) {
      query.orderBy = this.#ownOrder(info);
      query.cursor = Object.fromEntries(
        Object.entries(random.pick(rows)).filter(([name]) => !info.columns[name]?.hidden),
      );
    }
    return query;
  }

  /** A query whose records are walked page by page; the order may have ties, which the key decides. */
  walk(info: ModelInfo): Part {
    const { random } = this;
    return {
      ...random.chance(0.6) && { where: this.where(info, 2) },
      orderBy: this.#ownOrder(info),
      ...random.chance(0.2) && { withDeleted: true },
    };
  }

  /** `select`, `include` and `withDeleted`. */
  #result(info: ModelInfo, depth: number): Part {
    const { random } = this;
    return {
      ...random.chance(0.3) && { select: random.some(shownColumns(info), random.int(1, 4)) },
      ...depth > 0 && random.chance(0.7) && { include: this.include(info, depth) },
      ...random.chance(0.15) && { withDeleted: random.chance(0.7) },
    };
  }

  /** An include of some relations. */
  include(info: ModelInfo, depth: number): Part {
    const { random } = this;
    const include: Record<string, unknown> = {};
    for (const [name, relation] of random.some(relationsOf(info), random.int(1, 2))) {
      include[name] = random.chance(0.2) ? random.chance(0.9) : this.#options(relation, depth - 1);
    }
    const many = relationsOf(info).filter(([, each]) => each.many);
    if (many.length > 0 && random.chance(0.25)) {
      include._count = Object.fromEntries(
        random.some(many, random.int(1, 2)).map(([name, relation]) => [
          name,
          random.chance(0.3)
            ? { where: this.where(infoOf(relation.target), 1) }
            : random.chance(0.9),
        ]),
      );
    }
    return include;
  }

  #options(relation: RelationInfo, depth: number): Part {
    const { random } = this;
    const target = infoOf(relation.target);
    const many = relation.many;
    return {
      ...random.chance(0.4) && { where: this.where(target, 1) },
      ...many && random.chance(0.7) && { orderBy: this.orderBy(target, 1) },
      ...many && random.chance(0.4) && { limit: random.int(0, 3) },
      ...many && random.chance(0.3) && { offset: random.int(0, 2) },
      ...this.#result(target, depth),
      ...random.chance(0.6) && { strategy: random.pick(["join", "query"]) },
    };
  }

  /** An order; most leave nothing open. */
  orderBy(info: ModelInfo, depth: number): Part | Part[] {
    const { random } = this;
    const terms: Part[] = [];
    for (let i = random.int(0, 2); i > 0; i--) terms.push(this.#orderTerm(info, depth));
    if (random.chance(0.8) || terms.length === 0) {
      for (const name of info.key) terms.push({ [name]: random.pick(["asc", "desc"]) });
    }
    return random.chance(0.3) && distinct(terms) ? Object.assign({}, ...terms) : terms;
  }

  #ownOrder(info: ModelInfo): Part[] {
    const orders = Array.from({ length: this.random.int(0, 3) }, () => this.#columnTerm(info));
    return orders.length === 0 ? [{ [info.key[0] as string]: "asc" }] : orders;
  }

  #orderTerm(info: ModelInfo, depth: number): Part {
    const { random } = this;
    const relations = relationsOf(info);
    if (relations.length === 0 || random.chance(0.65)) return this.#columnTerm(info);
    const [name, relation] = random.pick(relations);
    const target = infoOf(relation.target);
    if (relation.many) {
      const narrowed = random.chance(0.3) && { where: this.where(target, 1) };
      return { [name]: { _count: random.pick(["asc", "desc"]), ...narrowed } };
    }
    return { [name]: depth > 0 ? this.#orderTerm(target, depth - 1) : this.#columnTerm(target) };
  }

  #columnTerm(info: ModelInfo): Part {
    const { random } = this;
    const names = shownColumns(info).filter((name) =>
      !withoutOrder.has(info.columns[name]?.kind as Kind)
    );
    const direction = random.pick(["asc", "desc"]);
    const term = random.chance(0.6) ? direction : {
      ...random.chance(0.8) && { direction },
      ...random.chance(0.7) && { nulls: random.pick(["first", "last"]) },
    };
    return { [random.pick(names)]: term };
  }

  /** A condition; `depth` is how far relations and brackets nest. */
  where(info: ModelInfo, depth: number): Part {
    const { random } = this;
    const parts: Part[] = [];
    for (let i = random.pick([0, 1, 1, 1, 2, 2, 3]); i > 0; i--) {
      parts.push(this.#condition(info, depth));
    }
    return Object.assign({}, ...parts);
  }

  #condition(info: ModelInfo, depth: number): Part {
    const { random } = this;
    const relations = relationsOf(info);
    const kind = random.weighted({
      column: 5,
      relation: depth > 0 && relations.length > 0 ? 3 : 0,
      bracket: depth > 0 ? 2 : 0,
    });
    if (kind === "column") return this.#columnCondition(info);
    if (kind === "relation") {
      const [name, relation] = random.pick(relations);
      return { [name]: this.#relationCondition(relation, depth - 1) };
    }
    const name = random.pick(["AND", "OR", "NOT"]);
    if (name !== "OR" && random.chance(0.3)) return { [name]: this.where(info, depth - 1) };
    const list = Array.from({ length: random.int(0, 3) }, () => this.where(info, depth - 1));
    return { [name]: list };
  }

  #relationCondition(relation: RelationInfo, depth: number): unknown {
    const { random } = this;
    const where = () => this.where(infoOf(relation.target), depth);
    if (relation.many) {
      const names = random.some(["some", "every", "none", "_count"], random.pick([1, 1, 2]));
      if (random.chance(0.2)) names.push("where");
      return Object.fromEntries(names.map((name) => {
        if (name !== "_count") return [name, where()];
        return [
          name,
          random.chance(0.4) ? random.int(0, 3) : this.operators("int", false, [0, 1, 2]),
        ];
      }));
    }
    const name = random.weighted({ bare: 3, null: 1, is: 2, isNot: 2, both: 1 });
    if (name === "null") return null;
    if (name === "bare") return where();
    const one = () => random.chance(0.3) ? null : where();
    if (name === "both") return { is: one(), isNot: one() };
    return { [name]: one() };
  }

  #columnCondition(info: ModelInfo): Part {
    const { random } = this;
    const name = random.pick(shownColumns(info));
    const { kind, nullable } = info.columns[name] as ColumnInfo;
    const known = (this.data[info.name] ?? []).map((row) => row[name]).filter((each) =>
      each !== null && each !== undefined
    );
    if (nullable && random.chance(0.1)) return { [name]: null };
    if (kind !== "json" && random.chance(0.3)) return { [name]: this.#value(kind, known) };
    return { [name]: this.operators(kind, nullable, known) };
  }

  #value(kind: Kind, known: readonly unknown[]): unknown {
    const { random } = this;
    return known.length > 0 && random.chance(0.7) ? random.pick(known) : valueOf(random, kind);
  }

  /** One or two operators that fit a column. */
  operators(kind: Kind, nullable: boolean, known: readonly unknown[]): Part {
    const names = ["eq", "ne"];
    if (kind !== "json") names.push("in", "notIn");
    if (nullable) names.push("isNull");
    if (!["json", "bytes", "bool"].includes(kind)) names.push("gt", "gte", "lt", "lte", "between");
    if (kind === "json") names.push("contains", "contains");
    if (kind === "text") {
      names.push("like", "ilike", "startsWith", "endsWith", "contains", "like", "ilike");
    }
    const used = this.random.some(names, this.random.pick([1, 1, 1, 2]));
    return Object.fromEntries(
      used.map((name) => [name, this.#operand(name, kind, nullable, known)]),
    );
  }

  #operand(name: string, kind: Kind, nullable: boolean, known: readonly unknown[]): unknown {
    const { random } = this;
    const value = () => this.#value(kind, known);
    switch (name) {
      case "isNull":
        return random.chance(0.5);
      case "eq":
      case "ne":
        return nullable && random.chance(0.2) ? null : value();
      case "in":
      case "notIn":
        return Array.from({ length: random.int(0, 3) }, value);
      case "between":
        return [value(), value()];
      case "like":
      case "ilike":
        return random.pick(patterns);
      case "startsWith":
      case "endsWith":
        return random.pick(pieces);
      case "contains":
        return kind === "json" ? value() : random.pick(pieces);
      default:
        return value();
    }
  }
}

function distinct(terms: readonly Part[]): boolean {
  const names = terms.flatMap((each) => Object.keys(each));
  return new Set(names).size === names.length;
}

/** The columns that are properties of the class. */
export function shownColumns(info: ModelInfo): string[] {
  return Object.keys(info.columns).filter((name) => !info.columns[name]?.hidden);
}

function relationsOf(info: ModelInfo): [string, RelationInfo][] {
  return Object.entries(info.relations);
}
