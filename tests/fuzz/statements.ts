/**
 * Typed queries as plain data, which can be made at random and shrunk, and the builder calls that they stand for.
 *
 * @module
 */
import type { NodeSource } from "../../src/query/fragment.ts";
import {
  and,
  caseWhen,
  cast,
  constant,
  cte,
  exists,
  fn,
  not,
  notExists,
  or,
  scalar,
} from "../../src/query/mod.ts";
import { columnType } from "../../src/schema/column_type.ts";
import { infoOf, type Kind, type Row } from "./world.ts";

/** An expression. */
export interface ExpressionSpec {
  readonly op: string;
  readonly source?: string;
  readonly name?: string;
  readonly value?: unknown;
  readonly args?: readonly ExpressionSpec[];
  readonly query?: QuerySpec;
  readonly filter?: ExpressionSpec;
  readonly distinct?: boolean;
  readonly partition?: readonly ExpressionSpec[];
  readonly order?: readonly ExpressionSpec[];
  readonly direction?: "asc" | "desc";
}

/** What rows come from. */
export interface SourceSpec {
  readonly alias: string;
  readonly model?: string;
  readonly query?: QuerySpec;
  /** The query is a common table expression of this name. */
  readonly cte?: string;
}

/** A query; whatever is on a page is ordered by all of its results. */
export interface QuerySpec {
  readonly from: SourceSpec;
  readonly joins?: readonly {
    readonly type: string;
    readonly source: SourceSpec;
    readonly on?: ExpressionSpec;
  }[];
  readonly where?: readonly ExpressionSpec[];
  readonly select: Readonly<Record<string, ExpressionSpec>>;
  readonly distinct?: boolean;
  readonly groupBy?: readonly ExpressionSpec[];
  readonly having?: ExpressionSpec;
  readonly sets?: readonly { readonly op: string; readonly query: QuerySpec }[];
  readonly ordered?: readonly ("asc" | "desc")[];
  readonly limit?: number;
  readonly offset?: number;
}

type Method = (...args: readonly unknown[]) => LooseExpression;
/** An expression whose type is not known to the compiler. */
type LooseExpression = NodeSource & Readonly<Record<string, Method>>;
type Refs = Readonly<Record<string, Readonly<Record<string, LooseExpression>>>>;

/** A query builder whose row is not known to the compiler. */
export interface LooseQuery extends NodeSource {
  as(alias: string): LooseQuery;
  select(selection: (refs: Refs) => Record<string, unknown>): LooseQuery;
  where(condition: (refs: Refs) => unknown): LooseQuery;
  having(condition: (refs: Refs) => unknown): LooseQuery;
  groupBy(by: (refs: Refs) => readonly unknown[]): LooseQuery;
  orderBy(by: string, direction: "asc" | "desc"): LooseQuery;
  distinct(): LooseQuery;
  limit(count: number): LooseQuery;
  offset(count: number): LooseQuery;
  execute(): Promise<Row[]>;
  toSQL(): { readonly sql: string };
}

/** Where queries begin. */
export interface QueryStart {
  query(target: never, alias?: string): unknown;
}

type Scope = (alias: string) => Refs[string] | undefined;
type Joiner = (target: unknown, alias: string, on?: (refs: Refs) => unknown) => LooseQuery;

/** The builder of a query. */
export function build(db: QueryStart, spec: QuerySpec, outer: Scope = () => undefined): LooseQuery {
  const own = new Set(
    [spec.from, ...(spec.joins ?? []).map((each) => each.source)].map((source) => source.alias),
  );
  const at = (refs: Refs): Scope => (alias) => own.has(alias) ? refs[alias] : outer(alias);
  const expression = (part: ExpressionSpec, refs: Refs) => expressionOf(db, part, at(refs));
  let query = start(db, spec.from, outer);
  for (const { type, source, on } of spec.joins ?? []) {
    const join = (query as unknown as Record<string, Joiner>)[type]!.bind(query);
    const target = targetOf(db, source, outer);
    query = on
      ? join(target, source.alias, (refs) => expression(on, refs))
      : join(target, source.alias);
  }
  for (const part of spec.where ?? []) query = query.where((refs) => expression(part, refs));
  query = query.select((refs) =>
    Object.fromEntries(
      Object.entries(spec.select).map(([name, part]) => [name, expression(part, refs)]),
    )
  );
  const { groupBy, having } = spec;
  if (groupBy) query = query.groupBy((refs) => groupBy.map((part) => expression(part, refs)));
  if (having) query = query.having((refs) => expression(having, refs));
  if (spec.distinct) query = query.distinct();
  for (const { op, query: other } of spec.sets ?? []) {
    const set = (query as unknown as Record<string, (other: LooseQuery) => LooseQuery>)[op]!;
    query = set.call(query, build(db, other, outer));
  }
  return paged(query, spec);
}

function paged(query: LooseQuery, spec: QuerySpec): LooseQuery {
  const { ordered, limit, offset } = spec;
  let result = query;
  if (ordered || limit !== undefined || offset !== undefined) {
    Object.keys(spec.select).forEach((name, i) => {
      result = result.orderBy(name, ordered?.[i] ?? "asc");
    });
  }
  if (limit !== undefined) result = result.limit(limit);
  return offset === undefined ? result : result.offset(offset);
}

function start(db: QueryStart, source: SourceSpec, outer: Scope): LooseQuery {
  const target = targetOf(db, source, outer) as never;
  if (source.model) return (db.query(target) as LooseQuery).as(source.alias);
  return (db.query(target, source.cte ? undefined : `${source.alias}_`) as LooseQuery)
    .as(source.alias);
}

function targetOf(db: QueryStart, source: SourceSpec, outer: Scope): unknown {
  if (source.model) return infoOf(source.model).model;
  const query = build(db, source.query as QuerySpec, outer);
  return source.cte ? cte(source.cte, query as never) : query;
}

const functions = fn as unknown as Readonly<Record<string, Method>>;

function expressionOf(db: QueryStart, spec: ExpressionSpec, scope: Scope): LooseExpression {
  const all = (spec.args ?? []).map((part) => expressionOf(db, part, scope));
  const [first, ...rest] = all as [LooseExpression, ...LooseExpression[]];
  const query = () => build(db, spec.query as QuerySpec, scope) as never;
  const of = (given: unknown) => given as LooseExpression;
  switch (spec.op) {
    case "column": {
      const found = scope(spec.source as string)?.[spec.name as string];
      if (!found) throw new RangeError(`Cannot find ${spec.source}.${spec.name}`);
      return found;
    }
    case "constant":
      return of(constant(spec.value as never, typeOf(spec.name as Kind) as never));
    case "and":
      return of(and(...all as never[]));
    case "or":
      return of(or(...all as never[]));
    case "not":
      return of(not(first as never));
    case "exists":
      return of(exists(query()));
    case "notExists":
      return of(notExists(query()));
    case "scalar":
      return of(scalar(query()));
    case "inQuery":
      return first.in!(query());
    case "notInQuery":
      return first.notIn!(query());
    case "case":
      return of(caseWhen([[first, rest[0]]] as never, rest[1] as never));
    case "cast":
      return of(cast(first as never, typeOf(spec.name as Kind) as never));
    case "aggregate":
    case "window":
      return called(db, spec, all, scope);
    case "function":
      return functions[spec.name as string]!(...all);
    default:
      return spec.value === undefined ? first[spec.op]!(...rest) : first[spec.op]!(
        ...Array.isArray(spec.value) && spec.op === "between" ? spec.value : [spec.value],
      );
  }
}

interface Window {
  partitionBy(...by: readonly unknown[]): Window;
  orderBy(by: unknown, direction?: string): Window;
}

function called(
  db: QueryStart,
  spec: ExpressionSpec,
  args: readonly LooseExpression[],
  scope: Scope,
): LooseExpression {
  let result = functions[spec.name as string]!(...args);
  if (spec.distinct) result = result.distinct!();
  if (spec.filter) result = result.filter!(expressionOf(db, spec.filter, scope));
  if (spec.op === "aggregate") return result;
  return result.over!(
    ((window: Window) => {
      const by = (spec.partition ?? []).map((part) => expressionOf(db, part, scope));
      let over = by.length > 0 ? window.partitionBy(...by) : window;
      for (const part of spec.order ?? []) {
        over = over.orderBy(expressionOf(db, part, scope), spec.direction ?? "asc");
      }
      return over;
    }) as never,
  );
}

function typeOf(kind: Kind): unknown {
  switch (kind) {
    case "int":
      return columnType("integer");
    case "big":
      return columnType("bigint");
    case "num":
      return columnType("numeric", { precision: 30, scale: 2 });
    case "double":
      return columnType("double");
    case "bool":
      return columnType("boolean");
    default:
      return columnType("text");
  }
}
