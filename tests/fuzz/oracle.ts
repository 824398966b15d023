/**
 * A naive evaluator of the query shape over rows in memory, written from `docs/repositories.md`: no index, no
 * plan, no SQL. What it says is what a database has to say.
 *
 * @module
 */
import { canonical, compare } from "./compare.ts";
import { visible } from "./data.ts";
import {
  type Data,
  infoOf,
  type Kind,
  type ModelInfo,
  type RelationInfo,
  type Row,
} from "./world.ts";

/** True, false, or NULL. */
export type Truth = boolean | null;

/** A part of a query. */
export type Part = Readonly<Record<string, unknown>>;

function and(parts: readonly Truth[]): Truth {
  if (parts.includes(false)) return false;
  return parts.includes(null) ? null : true;
}

function or(parts: readonly Truth[]): Truth {
  if (parts.includes(true)) return true;
  return parts.includes(null) ? null : false;
}

function not(part: Truth): Truth {
  return part === null ? null : !part;
}

/** Whether something is an object literal. */
export function isPart(value: unknown): value is Part {
  return typeof value === "object" && value !== null &&
    Object.getPrototypeOf(value) === Object.prototype;
}

function listOf(value: unknown): readonly Part[] {
  return (Array.isArray(value) ? value : [value]) as readonly Part[];
}

/** Evaluates over some data. */
export class Oracle {
  /** Evaluates over these rows. */
  constructor(readonly data: Data) {}

  /** The rows that a relation leads to. */
  related(row: Row, relation: RelationInfo, withDeleted = false): Row[] {
    const rows = this.rows(infoOf(relation.target), withDeleted);
    const { through, local, foreign } = relation;
    if (!through) return rows.filter((each) => meets(row, local, each, foreign));
    const links = (this.data[through.table] ?? []).filter((link) =>
      meets(row, local, link, through.local)
    );
    return rows.filter((each) => links.some((link) => meets(each, foreign, link, through.foreign)));
  }

  /** The rows of a model that are not deleted. */
  rows(info: ModelInfo, withDeleted = false): Row[] {
    const all = this.data[info.name] ?? [];
    return info.soft && !withDeleted ? all.filter((row) => row.deletedAt === null) : all;
  }

  /** The rows of a filter. */
  filtered(info: ModelInfo, query: Part): Row[] {
    const where = (query.where ?? {}) as Part;
    return this.rows(info, query.withDeleted === true).filter((row) =>
      this.holds(info, row, where) === true
    );
  }

  /** Whether a condition holds for a row. */
  holds(info: ModelInfo, row: Row, where: Part): Truth {
    return and(
      Object.entries(where).map(([name, given]): Truth => {
        const each = () => listOf(given).map((part) => this.holds(info, row, part));
        if (name === "AND") return and(each());
        if (name === "OR") return or(each());
        if (name === "NOT") return and(each().map(not));
        const column = info.columns[name];
        if (column) return columnHolds(column.kind, row[name], given);
        const relation = info.relations[name];
        if (!relation) throw new RangeError(`Cannot read ${name}`);
        return this.#relationHolds(row, relation, given);
      }),
    );
  }

  #relationHolds(row: Row, relation: RelationInfo, given: unknown): Truth {
    const target = infoOf(relation.target);
    const among = relation.many ? (given as Part).where as Part | undefined : undefined;
    const found = this.#among(target, this.related(row, relation), among);
    const matching = (where: unknown) =>
      found.filter((each) => this.holds(target, each, where as Part) === true);
    if (given === null) return found.length === 0;
    const part = given as Part;
    if (!relation.many && !("is" in part) && !("isNot" in part)) return matching(part).length > 0;
    return and(
      Object.entries(part).map(([name, operand]): Truth => {
        switch (name) {
          case "where":
            return true;
          case "some":
            return matching(operand).length > 0;
          case "every":
            return matching(operand).length === found.length;
          case "none":
            return matching(operand).length === 0;
          case "_count":
            return columnHolds("int", found.length, operand);
          case "is":
            return operand === null ? found.length === 0 : matching(operand).length > 0;
          case "isNot":
            return operand === null ? found.length > 0 : matching(operand).length === 0;
          default:
            throw new RangeError(`Cannot read ${name}`);
        }
      }),
    );
  }

  /** Those for which a condition holds. */
  #among(info: ModelInfo, rows: readonly Row[], where: Part = {}): readonly Row[] {
    return rows.filter((row) => this.holds(info, row, where) === true);
  }

  /** What `find` gives. */
  find(info: ModelInfo, query: Part): Row[] {
    const cursor = query.cursor as Row | undefined;
    const paged = query.limit !== undefined || query.offset !== undefined;
    let rows = this.filtered(info, query);
    const terms = orderTerms(info, query.orderBy, paged || cursor !== undefined);
    rows = this.#sorted(info, rows, terms);
    if (cursor) rows = rows.filter((row) => this.#byTerms(info, terms, row, cursor) > 0);
    return this.#shown(info, page(rows, query), query);
  }

  #shown(info: ModelInfo, rows: readonly Row[], query: Part): Row[] {
    const result = rows.map((row) => {
      const whole = visible(info.name, row);
      const select = query.select as string[] | undefined;
      const shown: Row = select
        ? Object.fromEntries(select.map((name) => [name, whole[name]]))
        : whole;
      for (const [name, options] of Object.entries((query.include ?? {}) as Part)) {
        if (options === false) continue;
        shown[name] = name === "_count"
          ? this.#counts(info, row, options as Part)
          : this.#included(info, row, name, options === true ? {} : options as Part);
      }
      return shown;
    });
    return isTotal(info, query)
      ? result
      : result.sort((a, b) => canonical(a) < canonical(b) ? -1 : 1);
  }

  #counts(info: ModelInfo, row: Row, counts: Part): Row {
    const wanted = Object.entries(counts).filter(([, each]) => each !== false);
    return Object.fromEntries(
      wanted.map(([name, each]) => {
        const relation = info.relations[name]!;
        const where = each === true ? {} : (each as Part).where as Part;
        const found = this.#among(infoOf(relation.target), this.related(row, relation), where);
        return [name, found.length];
      }),
    );
  }

  #included(info: ModelInfo, row: Row, name: string, options: Part): unknown {
    const relation = info.relations[name] as RelationInfo;
    const target = infoOf(relation.target);
    const where = (options.where ?? {}) as Part;
    const found = this.related(row, relation, options.withDeleted === true)
      .filter((each) => this.holds(target, each, where) === true);
    if (!relation.many) return this.#shown(target, found, options)[0] ?? null;
    const paged = options.limit !== undefined || options.offset !== undefined;
    const terms = orderTerms(target, options.orderBy, paged);
    return this.#shown(target, page(this.#sorted(target, found, terms), options), options);
  }

  #sorted(info: ModelInfo, rows: readonly Row[], terms: readonly Term[]): Row[] {
    return [...rows].sort((a, b) => this.#byTerms(info, terms, a, b));
  }

  #byTerms(info: ModelInfo, terms: readonly Term[], left: Row, right: Row): number {
    for (const term of terms) {
      const [kind, a] = this.#termValue(info, term.path, left, term.where);
      const [, b] = this.#termValue(info, term.path, right, term.where);
      const by = compareNullable(kind, a, b, term);
      if (by !== 0) return by;
    }
    return 0;
  }

  #termValue(
    info: ModelInfo,
    [name = "", ...rest]: readonly string[],
    row: Row,
    where?: Part,
  ): [Kind, unknown] {
    const column = info.columns[name];
    if (column) return [column.kind, row[name] ?? null];
    const relation = info.relations[name] as RelationInfo;
    const found = this.related(row, relation);
    const target = infoOf(relation.target);
    if (rest[0] === "_count") return ["int", this.#among(target, found, where).length];
    const [kind, value] = this.#termValue(target, rest, found[0] ?? {}, where);
    return [kind, found.length === 0 ? null : value];
  }
}

function meets(
  left: Row,
  leftColumns: readonly string[],
  right: Row,
  rightColumns: readonly string[],
): boolean {
  return leftColumns.every((name, i) => {
    const value = left[name] ?? null;
    return value !== null && value === right[rightColumns[i] as string];
  });
}

/** The rows of a page. */
export function page<T>(rows: readonly T[], query: Part): T[] {
  const offset = (query.offset ?? 0) as number;
  return rows.slice(offset, query.limit === undefined ? undefined : offset + Number(query.limit));
}

interface Term {
  readonly path: readonly string[];
  readonly direction: "asc" | "desc";
  readonly nulls: "first" | "last";
  /** Which records are counted. */
  readonly where?: Part;
}

function ownTerms(info: ModelInfo, orderBy: unknown, path: readonly string[]): Term[] {
  if (orderBy === undefined) return [];
  return listOf(orderBy).flatMap((each) =>
    Object.entries(each).flatMap(([name, value]): Term[] => {
      if (info.columns[name]) return [termOf([...path, name], value)];
      const relation = info.relations[name] as RelationInfo;
      return relation.many
        ? [{
          ...termOf([...path, name, "_count"], (value as Part)._count),
          where: (value as { where?: Part }).where ?? {},
        }]
        : ownTerms(infoOf(relation.target), value, [...path, name]);
    })
  );
}

function termOf(path: readonly string[], value: unknown): Term {
  const { direction = "asc", nulls } = (isPart(value) ? value : { direction: value }) as Partial<
    Term
  >;
  return { path, direction, nulls: nulls ?? (direction === "asc" ? "last" : "first") };
}

/** The terms of an order; on a page the primary key follows, in the direction of the last term. */
function orderTerms(info: ModelInfo, orderBy: unknown, paged: boolean): Term[] {
  const terms = ownTerms(info, orderBy, []);
  if (!paged) return terms;
  const direction = terms.at(-1)?.direction ?? "asc";
  const missing = info.key.filter((name) => !terms.some((term) => term.path.join() === name));
  return [...terms, ...missing.map((name) => termOf([name], direction))];
}

/** Whether the order of a query leaves nothing open. */
export function isTotal(info: ModelInfo, query: Part): boolean {
  const paged = query.limit !== undefined || query.offset !== undefined ||
    query.cursor !== undefined;
  const terms = orderTerms(info, query.orderBy, paged);
  return info.key.every((name) => terms.some((term) => term.path.join() === name));
}

function compareNullable(kind: Kind, a: unknown, b: unknown, term: Term): number {
  if (a === null && b === null) return 0;
  if (a === null) return term.nulls === "first" ? -1 : 1;
  if (b === null) return term.nulls === "first" ? 1 : -1;
  const by = compare(kind, a, b);
  return term.direction === "asc" ? by : -by;
}

/** Whether the operators on one value hold. */
export function columnHolds(kind: Kind, value: unknown, given: unknown): Truth {
  if (!isPart(given)) return operatorHolds(kind, value, "eq", given);
  return and(
    Object.entries(given).map(([name, operand]) => operatorHolds(kind, value, name, operand)),
  );
}

function operatorHolds(kind: Kind, value: unknown, name: string, given: unknown): Truth {
  if (name === "isNull") return (value === null) === given;
  if (name === "eq" && given === null) return value === null;
  if (name === "ne" && given === null) return value !== null;
  const list = given as unknown[];
  if (name === "in" && list.length === 0) return false;
  if (name === "notIn" && list.length === 0) return true;
  if (value === null) return null;
  const by = (other: unknown) => compare(kind, value, other);
  switch (name) {
    case "eq":
      return by(given) === 0;
    case "ne":
      return by(given) !== 0;
    case "in":
      return list.some((each) => by(each) === 0);
    case "notIn":
      return !list.some((each) => by(each) === 0);
    case "gt":
      return by(given) > 0;
    case "gte":
      return by(given) >= 0;
    case "lt":
      return by(given) < 0;
    case "lte":
      return by(given) <= 0;
    case "between":
      return by(list[0]) >= 0 && by(list[1]) <= 0;
    case "contains":
      return kind === "json" ? contains(value, given) : (value as string).includes(given as string);
    case "startsWith":
      return (value as string).startsWith(given as string);
    case "endsWith":
      return (value as string).endsWith(given as string);
    case "like":
      return pattern(given as string, "su").test(value as string);
    case "ilike":
      return pattern(given as string, "sui").test(value as string);
    default:
      throw new RangeError(`Cannot read ${name}`);
  }
}

function pattern(like: string, flags: string): RegExp {
  const source = like.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&").replaceAll("%", ".*");
  return new RegExp(`^${source.replaceAll("_", ".")}$`, flags);
}

/** Whether every key and element of the second document is in the first. */
function contains(whole: unknown, part: unknown): boolean {
  if (Array.isArray(part)) {
    return Array.isArray(whole) &&
      part.every((each) => whole.some((other) => contains(other, each)));
  }
  if (isPart(part)) {
    return isPart(whole) &&
      Object.entries(part).every(([key, each]) => key in whole && contains(whole[key], each));
  }
  return whole === part;
}
