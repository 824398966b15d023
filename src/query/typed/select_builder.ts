/**
 * The typed query builder.
 *
 * @module
 */
import { value as valueNode } from "../../ast/build.ts";
import type { Executor, RunOptions, StreamOptions } from "../../ast/executor.ts";
import type { OrderNode, SelectNode, SetOperationNode } from "../../ast/nodes.ts";
import { NotFoundError, QueryError } from "../../base/errors.ts";
import { columnType } from "../../schema/column_type.ts";
import type { ColumnKeys } from "../../model/keys.ts";
import { compare, countOf, expressionOf } from "../comparison.ts";
import type { WhereOperator } from "../parse/words.ts";
import { orderTerm } from "./expression.ts";
import { joined, lockOf, type LockOptions, orderByName } from "./join.ts";
import { references } from "./references.ts";
import {
  aligned,
  allItems,
  type Item,
  resultsOf,
  selectOf,
  type SelectState,
  stateOf,
} from "./select_state.ts";
import { columnOf, type Source, sourceOf } from "./source.ts";
import { Statement } from "./statement.ts";
import type {
  Add,
  Condition,
  Expression,
  Nothing,
  NullableRow,
  NullableRows,
  NullableSelected,
  Operator,
  OperatorValue,
  QueryOf,
  Refs,
  Result,
  RowOf,
  Selected,
  Selection,
  Target,
  ValueQuery,
} from "./types.ts";

/** An alias that is no column of the first source. */
export type FreeAlias<Root, A extends string> = A extends ColumnKeys<Root> ? never : A;

/** A condition of a join, from what is in scope with the joined source. */
export type On<Root, Joined, A extends string, T> = (
  refs: Refs<Root, Joined & Record<A, T>>,
) => Condition;

const bigint = columnType("bigint");

/**
 * A typed query. Immutable: every method gives a copy, so a query can be a start for many others.
 *
 * `Root` is the first source, whose columns callbacks see as `c.name`; `Joined` are the others, seen under their
 * aliases as `c.p.title`; `Row` is what was selected. It reads what is stored: soft-deleted rows too.
 *
 * @example
 * ```ts ignore
 * const adults = db.query(User).where("age", ">=", 18).orderBy("name");
 * const rows = await adults
 *   .leftJoin(Post, "p", (c) => c.p.userId.eq(c.id))
 *   .select((c) => ({ name: c.name, posts: fn.count(c.p.id) }))
 *   .groupBy("id", "name")
 *   .execute(); // { name: string; posts: number }[]
 * ```
 */
export class SelectBuilder<in out Root extends object, in out Joined, in out Row>
  extends Statement<SelectNode>
  implements QueryOf<Result<Root, Row>>, ValueQuery<Result<Root, Row>[keyof Result<Root, Row>]> {
  /** Exists only in types. */
  declare readonly _rows?: (row: Result<Root, Row>) => Result<Root, Row>;
  /** Exists only in types. */
  declare readonly _value?: Result<Root, Row>[keyof Result<Root, Row>];
  readonly #state: SelectState;
  #node: SelectNode | undefined;
  #one: SelectBuilder<Root, Joined, Row> | undefined;

  /** Use {@linkcode query}. */
  constructor(executor: Executor, state: SelectState) {
    super(executor);
    this.#state = Object.freeze(state);
  }

  #with(part: Partial<SelectState>): SelectBuilder<Root, Joined, Row> {
    return new SelectBuilder(this.executor, { ...this.#state, ...part });
  }

  #refs(): Refs<Root, Joined> {
    return references(this.#state.root, this.#state.named);
  }

  /** Names the first source, so that it can be joined with itself. Comes before everything else. */
  as<A extends string>(
    alias: FreeAlias<Root, A>,
  ): SelectBuilder<Root, Joined & Record<A, Root>, Row> {
    const { root, named, items, joins, where } = this.#state;
    if (named.size + items.length + joins.length + where.length > 0) {
      throw new QueryError("Cannot build the query: as() comes before everything else");
    }
    const node = root.node.kind === "ListTable" ? root.node : { ...root.node, alias };
    const renamed: Source = { ...root, name: alias, node: Object.freeze(node) };
    const state = { ...this.#state, root: renamed, named: new Map([[alias as string, renamed]]) };
    return new SelectBuilder(this.executor, state);
  }

  /** Selects columns of the first source. Adds to what was selected before. */
  select<K extends ColumnKeys<Root>>(
    ...columns: readonly K[]
  ): SelectBuilder<Root, Joined, Add<Row, { [P in K]: RowOf<Root>[P] }>>;
  /** Selects expressions by the names of their results. Adds to what was selected before. */
  select<const X extends Selection>(
    selection: (refs: Refs<Root, Joined>) => X,
  ): SelectBuilder<Root, Joined, Add<Row, Selected<X>>>;
  select(
    ...args: readonly string[] | readonly [(refs: Refs<Root, Joined>) => Selection]
  ): Statement<SelectNode> {
    return new SelectBuilder(this.executor, {
      ...this.#state,
      items: [...this.#state.items, ...this.#items(args)],
    });
  }

  #items(args: readonly string[] | readonly [(refs: Refs<Root, Joined>) => Selection]): Item[] {
    const [first] = args;
    if (typeof first === "function") {
      return Object.entries(first(this.#refs())).map(([name, source]) => ({ name, source }));
    }
    return (args as readonly string[]).map((name) => ({
      name,
      source: columnOf(this.#state.root, name),
    }));
  }

  /** Selects every column of the first source. */
  selectAll(): SelectBuilder<Root, Joined, Add<Row, RowOf<Root>>> {
    const items = [...this.#state.items, ...allItems(this.#state.root)];
    return new SelectBuilder(this.executor, { ...this.#state, items });
  }

  /** Leaves out rows that are equal. */
  distinct(): SelectBuilder<Root, Joined, Row> {
    return this.#with({ distinct: true });
  }

  /** Of rows that are equal in these, keeps the first. Where the database has it. */
  distinctOn(
    by: (refs: Refs<Root, Joined>) => readonly Expression<unknown>[],
  ): SelectBuilder<Root, Joined, Row> {
    return this.#with({ distinct: Object.freeze(by(this.#refs()).map(expressionOf)) });
  }

  /** Adds a condition: a column, an operator and a value. Several conditions must all hold. */
  where<K extends ColumnKeys<Root>, O extends Operator<RowOf<Root>[K]>>(
    column: K,
    operator: O,
    value: OperatorValue<RowOf<Root>[K], O>,
  ): SelectBuilder<Root, Joined, Row>;
  /** Adds a condition. Several conditions must all hold. */
  where(condition: (refs: Refs<Root, Joined>) => Condition): SelectBuilder<Root, Joined, Row>;
  where(
    first: string | ((refs: Refs<Root, Joined>) => Condition),
    operator?: string,
    value?: unknown,
  ): SelectBuilder<Root, Joined, Row> {
    const condition = typeof first === "function"
      ? expressionOf(first(this.#refs()))
      : compare(columnOf(this.#state.root, first).toNode(), operator as WhereOperator, value);
    return this.#with({ where: Object.freeze([...this.#state.where, condition]) });
  }

  /** Joins a model or a query: only rows that have a match. */
  innerJoin<T extends object, A extends string>(
    target: Target<T>,
    alias: FreeAlias<Root, A>,
    on: On<Root, Joined, A, T>,
  ): SelectBuilder<Root, Joined & Record<A, T>, Row> {
    const source = sourceOf(target, alias);
    return new SelectBuilder(this.executor, joined(this.#state, "inner", source, on));
  }

  /** Joins a model or a query: its columns are NULL where there is no match. */
  leftJoin<T extends object, A extends string>(
    target: Target<T>,
    alias: FreeAlias<Root, A>,
    on: On<Root, Joined, A, T>,
  ): SelectBuilder<Root, Joined & Record<A, NullableRow<T>>, Row> {
    const source = sourceOf(target, alias);
    return new SelectBuilder(this.executor, joined(this.#state, "left", source, on));
  }

  /** Joins a model or a query: all of its rows, and NULL in the columns before where there is no match. */
  rightJoin<T extends object, A extends string>(
    target: Target<T>,
    alias: FreeAlias<Root, A>,
    on: On<Root, Joined, A, T>,
  ): SelectBuilder<NullableRow<Root>, NullableRows<Joined> & Record<A, T>, NullableSelected<Row>> {
    const source = sourceOf(target, alias);
    return new SelectBuilder(this.executor, joined(this.#state, "right", source, on));
  }

  /** Joins a model or a query: all rows of both sides, with NULL where there is no match. */
  fullJoin<T extends object, A extends string>(
    target: Target<T>,
    alias: FreeAlias<Root, A>,
    on: On<Root, Joined, A, T>,
  ): SelectBuilder<
    NullableRow<Root>,
    NullableRows<Joined> & Record<A, NullableRow<T>>,
    NullableSelected<Row>
  > {
    const source = sourceOf(target, alias);
    return new SelectBuilder(this.executor, joined(this.#state, "full", source, on));
  }

  /** Joins every row with every row of a model or a query. */
  crossJoin<T extends object, A extends string>(
    target: Target<T>,
    alias: FreeAlias<Root, A>,
  ): SelectBuilder<Root, Joined & Record<A, T>, Row> {
    const source = sourceOf(target, alias);
    return new SelectBuilder(this.executor, joined(this.#state, "cross", source));
  }

  /** Joins, for each row, the rows of a query that refers to it. */
  innerJoinLateral<R extends object, A extends string>(
    query: (refs: Refs<Root, Joined>) => QueryOf<R>,
    alias: FreeAlias<Root, A>,
  ): SelectBuilder<Root, Joined & Record<A, R>, Row> {
    const source = sourceOf(query(this.#refs()), alias);
    const state = joined(this.#state, "inner", source, undefined, true);
    return new SelectBuilder(this.executor, state);
  }

  /** Joins, for each row, the rows of a query that refers to it; NULL where it gives none. */
  leftJoinLateral<R extends object, A extends string>(
    query: (refs: Refs<Root, Joined>) => QueryOf<R>,
    alias: FreeAlias<Root, A>,
  ): SelectBuilder<Root, Joined & Record<A, NullableRow<R>>, Row> {
    const source = sourceOf(query(this.#refs()), alias);
    const state = joined(this.#state, "left", source, undefined, true);
    return new SelectBuilder(this.executor, state);
  }

  /** Groups the rows by columns of the first source. */
  groupBy(...columns: readonly ColumnKeys<Root>[]): SelectBuilder<Root, Joined, Row>;
  /** Groups the rows. */
  groupBy(
    by: (refs: Refs<Root, Joined>) => readonly Expression<unknown>[],
  ): SelectBuilder<Root, Joined, Row>;
  groupBy(
    ...args:
      | readonly string[]
      | readonly [(refs: Refs<Root, Joined>) => readonly Expression<unknown>[]]
  ): SelectBuilder<Root, Joined, Row> {
    const [first] = args;
    const by = typeof first === "function"
      ? first(this.#refs())
      : (args as readonly string[]).map((name) => columnOf(this.#state.root, name));
    return this.#with({ groupBy: [...this.#state.groupBy, ...by.map(expressionOf)] });
  }

  /** Adds a condition on groups. Several conditions must all hold. */
  having(condition: (refs: Refs<Root, Joined>) => Condition): SelectBuilder<Root, Joined, Row> {
    return this.#with({ having: [...this.#state.having, expressionOf(condition(this.#refs()))] });
  }

  /**
   * Orders the rows by a result, a column or an expression; further calls order those that are equal so far. NULLs go
   * last when ascending and first when descending, unless told.
   */
  orderBy(
    by:
      | ColumnKeys<Root>
      | keyof Result<Root, Row>
      | ((refs: Refs<Root, Joined>) => Expression<unknown>),
    direction: OrderNode["direction"] = "asc",
    nulls?: OrderNode["nulls"],
  ): SelectBuilder<Root, Joined, Row> {
    const { orderBy } = this.#state;
    const term = typeof by === "function"
      ? orderTerm(by(this.#refs()), direction, nulls)
      : orderByName(this.#state, String(by), direction, nulls);
    return this.#with({ orderBy: Object.freeze([...orderBy, term]) });
  }

  /** Gives no more rows than that. */
  limit(count: number): SelectBuilder<Root, Joined, Row> {
    countOf(count, "limit");
    return this.#with({ limit: valueNode(BigInt(count), bigint) });
  }

  /** Leaves out that many rows. */
  offset(count: number): SelectBuilder<Root, Joined, Row> {
    countOf(count, "offset");
    return this.#with({ offset: valueNode(BigInt(count), bigint) });
  }

  #setOperation(
    operator: SetOperationNode["operator"],
    all: boolean,
    other: QueryOf<Result<Root, Row>>,
  ): SelectBuilder<Root, Joined, Row> {
    const { items, root, setOperations } = this.#state;
    const result = resultsOf(items.length > 0 ? items : allItems(root));
    const query = aligned(other.toNode(), result);
    return this.#with({
      setOperations: [
        ...setOperations,
        Object.freeze({ kind: "SetOperation", operator, all, query }),
      ],
    });
  }

  /** Adds the rows of a query, without duplicates. */
  union(other: QueryOf<Result<Root, Row>>): SelectBuilder<Root, Joined, Row> {
    return this.#setOperation("union", false, other);
  }

  /** Adds the rows of a query. */
  unionAll(other: QueryOf<Result<Root, Row>>): SelectBuilder<Root, Joined, Row> {
    return this.#setOperation("union", true, other);
  }

  /** Keeps only rows that a query gives too. */
  intersect(other: QueryOf<Result<Root, Row>>): SelectBuilder<Root, Joined, Row> {
    return this.#setOperation("intersect", false, other);
  }

  /** Leaves out the rows that a query gives. */
  except(other: QueryOf<Result<Root, Row>>): SelectBuilder<Root, Joined, Row> {
    return this.#setOperation("except", false, other);
  }

  /** Locks the rows until the transaction ends: nobody else changes or locks them. */
  forUpdate(options: LockOptions = {}): SelectBuilder<Root, Joined, Row> {
    return this.#with({ lock: lockOf("update", options) });
  }

  /** Locks the rows until the transaction ends: nobody else changes them. */
  forShare(options: LockOptions = {}): SelectBuilder<Root, Joined, Row> {
    return this.#with({ lock: lockOf("share", options) });
  }

  /** The statement as a tree: the same object every time, so that a query that is run again is compiled once. */
  override toNode(): SelectNode {
    return this.#node ??= selectOf(this.#state);
  }

  /** Runs the query. */
  async execute(options?: RunOptions): Promise<Result<Root, Row>[]> {
    return (await this.executor.run<Result<Root, Row>>(this.toNode(), options)).rows;
  }

  /** The first row, if there is one. */
  async first(options?: RunOptions): Promise<Result<Root, Row> | null> {
    this.#one ??= this.#state.limit ? this : this.limit(1);
    return (await this.#one.execute(options))[0] ?? null;
  }

  /**
   * The first row.
   *
   * @throws {NotFoundError} when there is none
   */
  async firstOrThrow(options?: RunOptions): Promise<Result<Root, Row>> {
    const row = await this.first(options);
    if (row !== null) return row;
    throw new NotFoundError(
      `Cannot find a row of ${this.#state.root.name} that the query asks for`,
    );
  }

  /** Runs the query and gives its rows as they come; leaving the loop early ends it. */
  stream(options?: StreamOptions): AsyncIterableIterator<Result<Root, Row>> {
    return this.executor.stream<Result<Root, Row>>(this.toNode(), options);
  }
}

/**
 * Begins a typed query.
 *
 * @param executor Where it runs: a database or a transaction
 * @param target A model, a query or a common table expression
 * @param alias What it is called; a query needs one
 */
export function query<T extends object>(
  executor: Executor,
  target: Target<T>,
  alias?: string,
): SelectBuilder<T, Nothing, never> {
  return new SelectBuilder(executor, stateOf(sourceOf(target, alias)));
}
