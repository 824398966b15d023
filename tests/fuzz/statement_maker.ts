/**
 * Random typed queries: expressions, joins, sub-queries, groups, windows, set operations.
 *
 * @module
 */
import { valueOf } from "./data.ts";
import { shownColumns } from "./queries.ts";
import type { Random } from "./random.ts";
import type { ExpressionSpec, QuerySpec, SourceSpec } from "./statements.ts";
import { infoOf, type Kind, world } from "./world.ts";

/** A source in scope: its columns, and those that tell its rows apart. */
interface Visible {
  readonly alias: string;
  readonly columns: ReadonlyMap<string, Kind>;
  /** The columns that tell its rows apart; none where rows may be equal. */
  readonly key: readonly string[];
}

const kinds: readonly Kind[] = ["int", "text", "double", "bool", "big", "num"];
const sortable: ReadonlySet<Kind> = new Set(["int", "text", "double", "big", "num", "time"]);

/** The parts of a query over groups. */
type Grouped = Pick<QuerySpec, "select" | "groupBy" | "having">;

/** Makes random queries. */
export class StatementMaker {
  #aliases = 0;

  /** Chooses by these random numbers. */
  constructor(readonly random: Random) {}

  /** A query; `results` says what it gives, where that must fit something. */
  query(depth: number, outer: readonly Visible[] = [], results?: readonly Kind[]): QuerySpec {
    const { random } = this;
    const [from, first] = this.#source(depth, random.chance(0.25));
    const sources = [first];
    const joins: NonNullable<QuerySpec["joins"]>[number][] = [];
    for (let i = random.pick([0, 0, 1, 1, 2]); i > 0; i--) {
      const [source, visible] = this.#source(depth - 1, false);
      const type = random.pick(["innerJoin", "leftJoin", "leftJoin", "rightJoin", "crossJoin"]);
      const on = this.#on(sources, visible);
      sources.push(visible);
      joins.push({ type, source, ...type !== "crossJoin" && { on } });
    }
    const scope = [...sources, ...outer];
    const where = Array.from(
      { length: random.pick([0, 1, 1, 2]) },
      () => this.condition(scope, depth),
    );
    const wanted = results ?? Array.from({ length: random.int(1, 4) }, () => random.pick(kinds));
    const base = { from, ...joins.length > 0 && { joins }, ...where.length > 0 && { where } };
    if (random.chance(0.3)) return { ...base, ...this.#grouped(sources, wanted), ...this.#page() };
    const windows = results === undefined && outer.length === 0 && random.chance(0.3);
    const select = Object.fromEntries(wanted.map((kind, i) => [
      `r${i}`,
      windows && (kind === "int" || kind === "double") && random.chance(0.7)
        ? this.#window(sources, kind)
        : this.expression(kind, scope, depth),
    ]));
    const plain = { ...base, select, ...random.chance(0.2) && { distinct: true } };
    if (results !== undefined || random.chance(0.8)) return { ...plain, ...this.#page() };
    const sets = Array.from({ length: random.int(1, 2) }, () => ({
      op: random.pick(["union", "unionAll", "intersect", "except"]),
      query: withoutPage(this.query(depth - 1, [], wanted)),
    }));
    return { ...plain, sets, ...this.#page() };
  }

  #page(): Partial<QuerySpec> {
    const { random } = this;
    if (random.chance(0.5)) return {};
    return {
      ordered: Array.from({ length: 4 }, () => random.pick(["asc", "desc"] as const)),
      ...random.chance(0.4) && { limit: random.int(0, 5) },
      ...random.chance(0.3) && { offset: random.int(0, 3) },
    };
  }

  #source(depth: number, named: boolean): [SourceSpec, Visible] {
    const { random } = this;
    const alias = `s${this.#aliases++}`;
    if (depth > 0 && random.chance(0.25)) {
      const results = Array.from({ length: random.int(1, 3) }, () => random.pick(kinds));
      const query = this.query(depth - 1, [], results);
      const columns = new Map(results.map((kind, i) => [`r${i}`, kind]));
      const source = { alias, query, ...named && { cte: `named_${alias}` } };
      return [source, { alias, columns, key: [] }];
    }
    const info = random.pick([...world.values()]);
    const columns = new Map(
      shownColumns(info).map((name) => [name, infoOf(info.name).columns[name]?.kind as Kind]),
    );
    return [{ alias, model: info.name }, { alias, columns, key: info.key }];
  }

  #on(before: readonly Visible[], joined: Visible): ExpressionSpec {
    const kind = this.random.pick(["int", "text"] as const);
    const left = this.#column(kind, before);
    const right = this.#column(kind, [joined]);
    if (left && right) return { op: "eq", args: [left, right] };
    return this.condition([...before, joined], 0);
  }

  #column(kind: Kind, scope: readonly Visible[]): ExpressionSpec | undefined {
    const found = scope.flatMap((source) =>
      [...source.columns].filter(([, each]) => each === kind).map(([name]) => ({
        op: "column",
        source: source.alias,
        name,
      }))
    );
    return found.length > 0 ? this.random.pick(found) : undefined;
  }

  #constant(kind: Kind): ExpressionSpec {
    return { op: "constant", name: kind, value: this.#value(kind) };
  }

  #value(kind: Kind): unknown {
    if (kind === "int") return this.random.int(-3, 10);
    if (kind === "big") return BigInt(this.random.int(-3, 10));
    return valueOf(this.random, kind);
  }

  /** An expression of a kind. */
  expression(kind: Kind, scope: readonly Visible[], depth: number): ExpressionSpec {
    const { random } = this;
    const leaf = () => this.#column(kind, scope) ?? this.#constant(kind);
    if (depth <= 0 || random.chance(0.4)) {
      return random.chance(0.85) ? leaf() : this.#constant(kind);
    }
    const sub = (of: Kind = kind) => this.expression(of, scope, depth - 1);
    switch (random.pick(["own", "own", "own", "case", "orElse", "scalar"])) {
      case "case":
        return {
          op: "case",
          args: [this.condition(scope, depth - 1), sub(), ...random.chance(0.6) ? [sub()] : []],
        };
      case "orElse":
        return { op: "orElse", args: [sub()], value: this.#value(kind) };
      case "scalar":
        return { op: "scalar", query: this.#scalar(kind, scope, depth) };
    }
    if (kind === "bool") return this.condition(scope, depth - 1);
    if (kind === "text") {
      const name = random.pick(["lower", "upper", "trim"]);
      return random.chance(0.5)
        ? { op: "function", name, args: [sub()] }
        : { op: "concat", args: [sub(), sub()] };
    }
    if (kind === "int" && random.chance(0.3)) {
      return { op: "function", name: "length", args: [sub("text")] };
    }
    if (random.chance(0.2)) return { op: "function", name: "abs", args: [sub()] };
    const op = random.pick(["plus", "minus", ...kind === "num" ? [] : ["times", "dividedBy"]]);
    if (op !== "dividedBy") return { op, args: [sub(), sub()] };
    const by = kind === "double"
      ? 0.5
      : kind === "big"
      ? random.pick([2n, -3n])
      : random.pick([2, -3]);
    return { op, args: [sub()], value: by };
  }

  /** A query of one row at most: an aggregate of rows that may refer to the outer ones. */
  #scalar(kind: Kind, scope: readonly Visible[], depth: number): QuerySpec {
    const query = this.query(depth - 1, scope, [kind]);
    const { groupBy: _groupBy, having: _having, ...rest } = withoutPage(query);
    if (kind === "bool") return { ...rest, select: { r0: this.#constant("bool") }, limit: 1 };
    const own = this.#ownSources(query);
    const args = [this.#column(kind, own) ?? this.#constant(kind)];
    const name = this.random.pick(["min", "max"]);
    return { ...rest, distinct: false, select: { r0: { op: "aggregate", name, args } } };
  }

  #ownSources({ from, joins }: QuerySpec): Visible[] {
    return [from, ...(joins ?? []).map((each) => each.source)].flatMap((source) => {
      if (!source.model) return [];
      const { columns, key } = infoOf(source.model);
      const shown = Object.entries(columns).filter(([, each]) => !each.hidden);
      const kinds = new Map(shown.map(([name, each]) => [name, each.kind]));
      return [{ alias: source.alias, columns: kinds, key }];
    });
  }

  /** SQLite itself forgets DISTINCT before an OFFSET inside EXISTS. */
  #unpaged(depth: number, scope: readonly Visible[]): QuerySpec {
    return withoutPage(this.query(depth, scope, ["int"]));
  }

  /** A condition. */
  condition(scope: readonly Visible[], depth: number): ExpressionSpec {
    const { random } = this;
    if (depth > 0 && random.chance(0.4)) {
      const sub = () => this.condition(scope, depth - 1);
      switch (random.pick(["and", "or", "not", "exists", "notExists", "inQuery", "notInQuery"])) {
        case "and":
          return { op: "and", args: [sub(), sub()] };
        case "or":
          return { op: "or", args: [sub(), sub(), ...random.chance(0.3) ? [sub()] : []] };
        case "not":
          return { op: "not", args: [sub()] };
        case "exists":
          return { op: "exists", query: this.#unpaged(depth - 1, scope) };
        case "notExists":
          return { op: "notExists", query: this.#unpaged(depth - 1, scope) };
        default: {
          const kind = random.pick(["int", "text", "num"] as const);
          const args = [this.expression(kind, scope, depth - 1)];
          return {
            op: random.pick(["inQuery", "notInQuery"]),
            args,
            query: this.query(depth - 1, scope, [kind]),
          };
        }
      }
    }
    return this.#comparison(scope, depth);
  }

  #comparison(scope: readonly Visible[], depth: number): ExpressionSpec {
    const { random } = this;
    const kind = random.pick(kinds);
    const args = [this.expression(kind, scope, depth - 1)];
    // PostgreSQL 18.4 makes an inner join of an outer one where it must not be NULL that NULL is in an empty list.
    const list = () => Array.from({ length: random.int(1, 3) }, () => this.#value(kind));
    const ops = ["eq", "ne", "isNull", "isNotNull", "isSame", "in", "notIn"];
    if (kind !== "bool") ops.push("gt", "gte", "lt", "lte", "between");
    if (kind === "text") ops.push("like", "ilike", "startsWith", "endsWith", "contains");
    const op = random.pick(ops);
    switch (op) {
      case "isNull":
      case "isNotNull":
        return { op, args };
      case "in":
      case "notIn":
        return { op, args, value: list() };
      case "between":
        return { op, args, value: [this.#value(kind), this.#value(kind)] };
      case "isSame":
        return { op, args, value: random.chance(0.4) ? null : this.#value(kind) };
      case "like":
      case "ilike":
        return { op, args, value: random.pick(["%", "a%", "_", "%b%", "%_c"]) };
      default:
        return random.chance(0.5)
          ? { op, args: [...args, this.expression(kind, scope, depth - 1)] }
          : { op, args, value: this.#value(kind) };
    }
  }

  #grouped(sources: readonly Visible[], wanted: readonly Kind[]): Grouped {
    const { random } = this;
    const groupBy: ExpressionSpec[] = [];
    const select = wanted.map((kind, i): [string, ExpressionSpec] => {
      const column = this.#column(kind, sources);
      if (kind === "bool" || (column && random.chance(0.4))) {
        const by = column ?? this.#constant(kind);
        if (column) groupBy.push(by);
        return [`r${i}`, by];
      }
      return [`r${i}`, this.#aggregate(kind, sources)];
    });
    // SQLite refuses HAVING where nothing is computed.
    const computed = groupBy.length > 0 || select.some(([, each]) => each.op === "aggregate");
    const having: ExpressionSpec = {
      op: random.pick(["gt", "lte", "ne"]),
      args: [{ op: "aggregate", name: "count", args: [] }],
      value: random.int(0, 3),
    };
    return {
      select: Object.fromEntries(select),
      ...groupBy.length > 0 && { groupBy },
      ...computed && random.chance(0.3) && { having },
    };
  }

  #aggregate(kind: Kind, sources: readonly Visible[]): ExpressionSpec {
    const { random } = this;
    const filter = random.chance(0.2) ? { filter: this.#comparison(sources, 0) } : {};
    if (kind === "int" && random.chance(0.5)) {
      const column = this.#column(random.pick(kinds), sources);
      if (!column) return { op: "aggregate", name: "count", args: [], ...filter };
      return {
        op: "aggregate",
        name: "count",
        args: [column],
        ...random.chance(0.3) && { distinct: true },
        ...filter,
      };
    }
    const names = kind === "text" ? ["min", "max"] : ["min", "max", "sum"];
    const average = kind === "double" && random.chance(0.4);
    const of = average ? random.pick(["int", "double", "big", "num"] as const) : kind;
    const args = [this.#column(of, sources) ?? this.#constant(of)];
    return { op: "aggregate", name: average ? "avg" : random.pick(names), args, ...filter };
  }

  #window(sources: readonly Visible[], kind: Kind): ExpressionSpec {
    const { random } = this;
    const total = sources.flatMap(({ alias, key }) =>
      key.map((name) => ({ op: "column", source: alias, name }))
    );
    const by = random.pick([...sortable]);
    const column = this.#column(by, sources);
    const partitioned = this.#column(random.pick(kinds), sources);
    const common = {
      op: "window",
      ...partitioned && random.chance(0.6) && { partition: [partitioned] },
      direction: random.pick(["asc", "desc"] as const),
    };
    // Equal rows are numbered as the database likes: only what treats them alike can be compared.
    const alike = sources.some(({ key }) => key.length === 0);
    const ranked = kind === "int" && random.chance(0.5);
    if (ranked && (alike || random.chance(0.6))) {
      const name = random.pick(["rank", "denseRank"]);
      return { ...common, name, args: [], ...column && { order: [column] } };
    }
    const order = column ? [column, ...total] : total;
    if (ranked) return { ...common, name: "rowNumber", args: [], order };
    const name = random.pick(
      alike
        ? ["sum", "min", "max"]
        : ["lag", "lead", "firstValue", "lastValue", "sum", "min", "max"],
    );
    const args = [this.#column(kind, sources) ?? this.#constant(kind)];
    return { ...common, name, args, order };
  }
}

function withoutPage(query: QuerySpec): QuerySpec {
  const { ordered: _ordered, limit: _limit, offset: _offset, ...rest } = query;
  return rest;
}
