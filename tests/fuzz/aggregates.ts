/**
 * Random aggregates and groups, and what they give according to `docs/repositories.md`.
 *
 * @module
 */
import { canonical, cents, compare, decimalOf } from "./compare.ts";
import { columnHolds, type Oracle, page, type Part } from "./oracle.ts";
import { type QueryMaker, shownColumns } from "./queries.ts";
import type { Random } from "./random.ts";
import type { ColumnInfo, Kind, ModelInfo, Row } from "./world.ts";

const numbers: ReadonlySet<Kind> = new Set(["int", "big", "num", "double"]);
const unordered: ReadonlySet<Kind> = new Set(["bool", "json", "bytes"]);

function kindOf(info: ModelInfo, name: string): Kind {
  return (info.columns[name] as ColumnInfo).kind;
}

function randomAggregates(random: Random, info: ModelInfo): Part {
  const columns = shownColumns(info);
  const summable = columns.filter((name) => numbers.has(kindOf(info, name)));
  const sortable = columns.filter((name) => !unordered.has(kindOf(info, name)));
  return {
    ...random.chance(0.5) && { count: true },
    ...summable.length > 0 && random.chance(0.5) && { sum: random.some(summable, 2) },
    ...summable.length > 0 && random.chance(0.4) && { avg: random.some(summable, 2) },
    ...random.chance(0.5) && { min: random.some(sortable, 3) },
    ...random.chance(0.5) && { max: random.some(sortable, 3) },
  };
}

/** A query for `count`, `exists` and `aggregate`. */
export function randomFilter(maker: QueryMaker, info: ModelInfo): Part {
  return {
    ...maker.random.chance(0.8) && { where: maker.where(info, 2) },
    ...maker.random.chance(0.2) && { withDeleted: maker.random.chance(0.7) },
  };
}

/** A query for `aggregate`. */
export function randomAggregate(maker: QueryMaker, info: ModelInfo): Part {
  const aggregates = randomAggregates(maker.random, info);
  return {
    ...randomFilter(maker, info),
    ...Object.keys(aggregates).length > 0 ? aggregates : { count: true },
  };
}

/** A query for `groupBy`; groups on a page are in an order that leaves nothing open. */
export function randomGroup(maker: QueryMaker, info: ModelInfo): Part {
  const { random } = maker;
  const groupable = shownColumns(info).filter((name) => kindOf(info, name) !== "json");
  const by = random.some(groupable, random.pick([1, 1, 2, 3]));
  const ordered = random.chance(0.7);
  const terms: [string, string][] = random.some(by, by.length).map((
    name,
  ) => [name, random.pick(["asc", "desc"])]);
  if (random.chance(0.4)) terms.unshift(["_count", random.pick(["asc", "desc"])]);
  return {
    by,
    ...randomFilter(maker, info),
    ...randomAggregates(random, info),
    ...random.chance(0.4) && {
      having: { count: random.chance(0.3) ? 1 : maker.operators("int", false, [1, 2, 3]) },
    },
    ...ordered && { orderBy: Object.fromEntries(terms) },
    ...ordered && random.chance(0.5) && { limit: random.int(0, 3) },
    ...ordered && random.chance(0.4) && { offset: random.int(0, 2) },
  };
}

/** What `aggregate` gives. */
export function aggregate(oracle: Oracle, info: ModelInfo, query: Part): Row {
  return computed(info, oracle.filtered(info, query), query);
}

function computed(info: ModelInfo, rows: readonly Row[], query: Part): Row {
  const result: Row = {};
  if (query.count === true) result.count = rows.length;
  for (const name of ["sum", "avg", "min", "max"]) {
    const columns = query[name] as string[] | undefined;
    if (!columns || columns.length === 0) continue;
    result[name] = Object.fromEntries(columns.map((column) => {
      const values = rows.map((row) => row[column]).filter((each) => each !== null);
      const kind = kindOf(info, column);
      return [column, values.length === 0 ? null : computeOne(name, kind, values)];
    }));
  }
  return result;
}

function computeOne(name: string, kind: Kind, values: readonly unknown[]): unknown {
  if (name === "min" || name === "max") {
    const sign = name === "min" ? 1 : -1;
    return values.reduce((best, each) => sign * compare(kind, each, best) < 0 ? each : best);
  }
  const sum = sumOf(kind, values);
  if (name === "sum") return sum;
  return Number(sum) / values.length;
}

function sumOf(kind: Kind, values: readonly unknown[]): unknown {
  if (kind === "big") return (values as bigint[]).reduce((sum, each) => sum + each, 0n);
  if (kind === "num") {
    return decimalOf((values as string[]).reduce((sum, each) => sum + cents(each), 0n));
  }
  return (values as number[]).reduce((sum, each) => sum + each, 0);
}

/** What `groupBy` gives. */
export function groups(oracle: Oracle, info: ModelInfo, query: Part): Row[] {
  const by = query.by as string[];
  const found = new Map<string, Row[]>();
  for (const row of oracle.filtered(info, query)) {
    const key = canonical(by.map((name) => row[name]));
    found.set(key, [...found.get(key) ?? [], row]);
  }
  const having = (query.having as Part | undefined)?.count;
  const kept = [...found.values()].filter((rows) =>
    having === undefined || columnHolds("int", rows.length, having) === true
  );
  if (query.orderBy !== undefined) {
    kept.sort((a, b) => compareGroups(info, Object.entries(query.orderBy as Part), a, b));
  }
  return page(kept, query).map((rows) => ({
    ...Object.fromEntries(by.map((name) => [name, rows[0]?.[name]])),
    ...computed(info, rows, query),
  }));
}

function compareGroups(
  info: ModelInfo,
  terms: readonly (readonly [string, unknown])[],
  left: readonly Row[],
  right: readonly Row[],
): number {
  for (const [name, direction] of terms) {
    const sign = direction === "asc" ? 1 : -1;
    if (name === "_count") {
      if (left.length !== right.length) return sign * (left.length - right.length);
      continue;
    }
    const [a, b] = [left[0]?.[name], right[0]?.[name]];
    if (a === null && b === null) continue;
    if (a === null) return sign;
    if (b === null) return -sign;
    const by = compare(kindOf(info, name), a, b);
    if (by !== 0) return sign * by;
  }
  return 0;
}

/** A result with averages cut to the digits that every database computes alike. */
export function rounded(result: Row): Row {
  if (result.avg === undefined) return result;
  const avg = Object.entries(result.avg as Row).map(([name, each]) => [
    name,
    typeof each === "number" ? Number(each.toPrecision(12)) : each,
  ]);
  return { ...result, avg: Object.fromEntries(avg) };
}
