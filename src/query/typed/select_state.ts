/**
 * What a typed query has gathered, as immutable data, and the statement it makes.
 *
 * @module
 */
import { alias, and } from "../../ast/build.ts";
import { constant, constantNumber } from "../../ast/constant.ts";
import type {
  ExpressionNode,
  JoinNode,
  LockNode,
  OrderNode,
  ResultColumn,
  SelectNode,
  SetOperationNode,
  WithNode,
} from "../../ast/nodes.ts";
import { QueryError } from "../../base/errors.ts";
import { expressionOf } from "../comparison.ts";
import type { NodeSource } from "../fragment.ts";
import { resultOf } from "./expression.ts";
import { columnOf, type Source } from "./source.ts";

/** One result: its name and what it is. */
export interface Item {
  /** The result's name. */
  readonly name: string;
  /** What is selected. */
  readonly source: NodeSource;
}

/** What the calls so far said. Every list is replaced, never changed. */
export interface SelectState {
  /** The first source. */
  readonly root: Source;
  /** Every source that has an alias. */
  readonly named: ReadonlyMap<string, Source>;
  /** What is selected; nothing: every column of the first source. */
  readonly items: readonly Item[];
  readonly joins: readonly JoinNode[];
  readonly with: readonly WithNode[];
  readonly distinct?: boolean | readonly ExpressionNode[];
  readonly where: readonly ExpressionNode[];
  readonly groupBy: readonly ExpressionNode[];
  readonly having: readonly ExpressionNode[];
  readonly setOperations: readonly SetOperationNode[];
  readonly orderBy: readonly OrderNode[];
  readonly limit?: ExpressionNode;
  readonly offset?: ExpressionNode;
  readonly lock?: LockNode;
}

/** The state of a query that only knows what it reads from. */
export function stateOf(root: Source): SelectState {
  return Object.freeze({
    root,
    named: new Map(),
    items: [],
    joins: [],
    with: root.with ? [root.with] : [],
    where: [],
    groupBy: [],
    having: [],
    setOperations: [],
    orderBy: [],
  });
}

/** Every column of a source, as results. */
export function allItems(source: Source, qualified = true): readonly Item[] {
  return Array.from(source.columns)
    .filter(([, { hidden }]) => !hidden)
    .map(([name]) => ({ name, source: columnOf(source, name, qualified) }));
}

/** Adds a declaration, unless it is there already. */
export function declare(
  withs: readonly WithNode[],
  added: WithNode | undefined,
): readonly WithNode[] {
  if (!added || withs.includes(added)) return withs;
  if (withs.some(({ name }) => name === added.name)) {
    throw new QueryError(`Cannot build the query: two WITH queries are called ${added.name}`);
  }
  return Object.freeze([...withs, added]);
}

/** Adds a source under its alias. */
export function addSource(state: SelectState, source: Source): SelectState {
  const { root, named } = state;
  if (named.has(source.name) || root.name === source.name) {
    throw new QueryError(`Cannot build the query: two sources are called ${source.name}`, {
      hint: "give one of them another alias; the first gets one by as()",
    });
  }
  if (root.columns.has(source.name)) {
    throw new QueryError(
      `Cannot build the query: ${source.name} is a column of ${root.name} and cannot be an alias`,
    );
  }
  return {
    ...state,
    named: new Map([...named, [source.name, source]]),
    with: declare(state.with, source.with),
  };
}

function selected({ name, source }: Item): ExpressionNode {
  const node = expressionOf(source);
  return node.kind === "Column" && node.name === name ? node : alias(node, name);
}

/** All of a list, or nothing for an empty one. */
function unlessEmpty<K extends string, T>(key: K, list: readonly T[]): { [P in K]?: readonly T[] } {
  return list.length > 0 ? { [key]: list } as { [P in K]?: readonly T[] } : {};
}

/** One condition from several, all of which must hold. */
export function allOf<K extends string>(
  key: K,
  conditions: readonly ExpressionNode[],
): { [P in K]?: ExpressionNode } {
  return conditions.length > 0 ? { [key]: and(conditions) } as { [P in K]?: ExpressionNode } : {};
}

interface Results {
  readonly selection: readonly ExpressionNode[];
  readonly result: readonly ResultColumn[];
}

/** What is selected where nothing is said, by the columns of a model and the name of its table. */
const wholes = new WeakMap<Source["columns"], Map<string, Results>>();
const mostNames = 100;

function whole(source: Source): Results {
  // Those of a sub-query are made anew with it.
  if (constantNumber(source.columns) === undefined) return resultsOfItems(allItems(source));
  let byName = wholes.get(source.columns);
  if (!byName) wholes.set(source.columns, byName = new Map());
  let known = byName.get(source.name);
  if (!known) {
    const { selection, result } = resultsOfItems(allItems(source));
    known = { selection: constant(selection), result: constant(result) };
    if (byName.size >= mostNames) byName.clear();
    byName.set(source.name, known);
  }
  return known;
}

function resultsOfItems(items: readonly Item[]): Results {
  return { selection: Object.freeze(items.map(selected)), result: resultsOf(items) };
}

/** The statement that the calls made. */
export function selectOf(state: SelectState): SelectNode {
  const { distinct, limit, offset, lock, items, root } = state;
  const { selection, result } = items.length > 0 ? resultsOfItems(items) : whole(root);
  return Object.freeze({
    kind: "Select",
    ...unlessEmpty("with", state.with),
    ...(distinct && { distinct }),
    selection,
    from: Object.freeze([root.node]),
    ...unlessEmpty("joins", state.joins),
    ...allOf("where", state.where),
    ...unlessEmpty("groupBy", state.groupBy),
    ...allOf("having", state.having),
    ...unlessEmpty("setOperations", state.setOperations),
    ...unlessEmpty("orderBy", state.orderBy),
    ...(limit && { limit }),
    ...(offset && { offset }),
    ...(lock && { lock }),
    result,
  });
}

/** What the results of a list of items are. */
export function resultsOf(items: readonly Item[]): readonly ResultColumn[] {
  return Object.freeze(items.map(({ name, source }) => resultOf(name, source)));
}

/** The columns of `query` in the order of `result`: set operations go by place, and rows by name. */
export function aligned(query: SelectNode, result: readonly ResultColumn[]): SelectNode {
  const own = query.result ?? [];
  const places = result.map(({ name }) => own.findIndex((column) => column.name === name));
  if (own.length !== result.length || places.includes(-1)) {
    throw new QueryError(
      "Cannot build the query: the queries of a set operation differ in columns",
      {
        hint: `select ${result.map(({ name }) => name).join(", ")} in both`,
      },
    );
  }
  if (places.every((place, index) => place === index)) return query;
  const at = <T>(list: readonly T[]): readonly T[] =>
    Object.freeze(places.flatMap((place) => list.slice(place, place + 1)));
  return Object.freeze({ ...query, selection: at(query.selection), result: at(own) });
}
