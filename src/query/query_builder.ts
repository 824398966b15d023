/**
 * The untyped query builder.
 *
 * @module
 */
import { literal, order } from "../ast/build.ts";
import type {
  CompiledQuery,
  Executor,
  QueryResult,
  RunOptions,
  StreamOptions,
} from "../ast/executor.ts";
import type {
  ExpressionNode,
  JoinNode,
  QueryNode,
  RawNode,
  SelectNode,
  SetOperationNode,
  SourceNode,
} from "../ast/nodes.ts";
import { QueryError } from "../base/errors.ts";
import {
  compare,
  countOf,
  expressionOf,
  listOf,
  notAQuery,
  operandOf,
  queryOf,
} from "./comparison.ts";
import { type ColumnInput, ConditionBuilder } from "./condition_builder.ts";
import { isNodeSource, type NodeSource, type SqlFragment } from "./fragment.ts";
import { parseCondition } from "./parse/condition.ts";
import { parseName, parseSelected } from "./parse/operand.ts";
import { parseTable } from "./parse/table.ts";
import {
  type DirectionName,
  type JoinName,
  parseDirection,
  parseJoin,
  type WhereOperatorName,
} from "./parse/words.ts";
import { emptyState, type QueryState, statementOf } from "./query_state.ts";
import { assignments, insertSource, onConflict, type UntypedRow } from "./untyped_write.ts";

/** A query in place of a table. */
export interface QuerySource {
  /** The query. */
  readonly query: NodeSource;
  /** What it is called. */
  readonly as: string;
}

/** A compiled statement in the form of the specification. */
export interface BuiltQuery {
  /** The SQL text. */
  readonly query: string;
  /** The values, in order. */
  readonly params: readonly unknown[];
}

/** What to do with a row that is there already. */
export interface ConflictChoice<B> {
  /** Leave the row as it is. */
  doNothing(): B;
  /** Update the row: from the row that could not be inserted, for the columns named; or to the values given. */
  doUpdate(set: readonly string[] | UntypedRow): B;
}

/** How a common table expression is declared. */
export interface WithOptions {
  /** Whether it may refer to itself. */
  readonly recursive?: boolean;
  /** Names for its columns. */
  readonly columns?: readonly string[];
}

/**
 * Builds a statement call by call. Every string that is passed as a name, operator or direction is read as one of
 * the known forms and refused if it is none; values are always bound.
 *
 * A builder can be built and run many times. Once it was, `select`, `insert`, `update` and `delete` begin a new
 * statement; `reset()` does so at any time.
 *
 * @example
 * ```ts
 * import { QueryBuilder } from "./query_builder.ts";
 *
 * const adults = new QueryBuilder()
 *   .select(["id", "name"]).from("users").where("age", ">", 18).orderBy("name").limit(10);
 * // await adults.execute(adapter)
 * adults.toNode().kind; // "Select"
 * ```
 */
export class QueryBuilder extends ConditionBuilder implements NodeSource {
  #used = false;
  #made: { readonly state: QueryState; readonly node: QueryNode } | undefined;

  #begin(kind: NonNullable<QueryState["kind"]>): void {
    if (this.#used) this.reset();
    const before = this.state.kind;
    if (before !== undefined && (before !== "select" || kind !== "select")) {
      throw new QueryError(
        `Cannot build the query: it is ${before.toUpperCase()} already`,
        { hint: "begin another statement with reset()" },
      );
    }
    this.assign({ kind });
  }

  /** Selects columns: `name`, `u.name`, `*`, `u.*`, `COUNT(id)`, each perhaps with `AS alias`. Adds to those before. */
  select(columns: ColumnInput | readonly ColumnInput[]): this {
    this.#begin("select");
    return this.append("selection", listOf(columns).map(selected));
  }

  /** Selects a piece of SQL as it stands. Never pass what a user typed. */
  selectRaw(expression: string | SqlFragment<unknown>): this {
    this.#begin("select");
    const raw: ExpressionNode = typeof expression === "string"
      ? Object.freeze({ kind: "Raw", parts: [expression], nodes: [] })
      : expressionOf(expression);
    return this.append("selection", [raw]);
  }

  /** Leaves out rows that are equal. */
  distinct(): this {
    return this.assign({ distinct: true });
  }

  /** Names the table, perhaps with an alias: `users`, `users u`; or a query with its alias. */
  from(table: string | QuerySource): this {
    return this.append("from", [sourceOf(table)]);
  }

  /**
   * Joins a table or query. The condition compares columns: `u.id = p.user_id AND p.kind = 1`.
   *
   * @param table The table, perhaps with an alias, or a query
   * @param condition What joins the rows; none for CROSS, none is needed for LATERAL
   * @param type INNER unless told
   */
  join(
    table: string | QuerySource,
    condition?: string | SqlFragment<unknown> | null,
    type: JoinName = "INNER",
  ): this {
    const kind = parseJoin(type);
    const on = typeof condition === "string"
      ? parseCondition(condition)
      : condition
      ? expressionOf(condition)
      : kind.lateral
      ? literal(true)
      : undefined;
    const join: JoinNode = { kind: "Join", ...kind, source: sourceOf(table), ...(on && { on }) };
    return this.append("joins", [Object.freeze(join)]);
  }

  /** Groups the rows. */
  groupBy(columns: ColumnInput | readonly ColumnInput[]): this {
    return this.append("groupBy", listOf(columns).map(operandOf));
  }

  /** Adds a condition on groups, with AND: `having("COUNT(id)", ">", 5)`. */
  having(column: ColumnInput, operator: WhereOperatorName, value: unknown): this {
    const condition = compare(operandOf(column), operator, value);
    return this.append("having", [Object.freeze({ connector: "and" as const, condition })]);
  }

  /** Orders the rows; further calls order those that are equal so far. */
  orderBy(column: ColumnInput, direction: DirectionName = "ASC"): this {
    const { direction: to, nulls } = parseDirection(direction);
    return this.append("orderBy", [order(operandOf(column), to, nulls)]);
  }

  /** Gives no more rows than that. */
  limit(count: number): this {
    return this.assign({ limit: countOf(count, "limit") });
  }

  /** Leaves out that many rows. */
  offset(count: number): this {
    return this.assign({ offset: countOf(count, "offset") });
  }

  #setOperation(
    operator: SetOperationNode["operator"],
    all: boolean,
    query: NodeSource,
  ): this {
    return this.append("setOperations", [
      Object.freeze({ kind: "SetOperation", operator, all, query: queryOf(query) }),
    ]);
  }

  /** Adds the rows of another query, without duplicates. */
  union(query: NodeSource): this {
    return this.#setOperation("union", false, query);
  }

  /** Adds the rows of another query. */
  unionAll(query: NodeSource): this {
    return this.#setOperation("union", true, query);
  }

  /** Keeps only rows that another query gives too. */
  intersect(query: NodeSource): this {
    return this.#setOperation("intersect", false, query);
  }

  /** Leaves out the rows that another query gives. */
  except(query: NodeSource): this {
    return this.#setOperation("except", false, query);
  }

  /** Names a query, to be used like a table. */
  with(name: string, query: NodeSource, options: WithOptions = {}): this {
    const node = isNodeSource(query) ? query.toNode() : undefined;
    if (!node || (node.kind !== "Raw" && !isQuery(node))) throw notAQuery();
    const columns = options.columns?.map((column) => parseName(column, "a column"));
    return this.append("with", [Object.freeze({
      kind: "With",
      name: parseName(name),
      query: node,
      recursive: options.recursive ?? false,
      ...(columns && { columns }),
    })]);
  }

  /** Inserts a row or several. */
  insert(table: string, rows: UntypedRow | readonly UntypedRow[]): this {
    const source = insertSource(listOf(rows));
    this.#begin("insert");
    return this.assign({ target: parseTable(table), ...source });
  }

  /** Updates the rows that `where` finds; without it, all. */
  update(table: string, row: UntypedRow): this {
    const set = assignments(row);
    this.#begin("update");
    return this.assign({ target: parseTable(table), set });
  }

  /** Deletes the rows that `where` finds; without it, all. */
  delete(table: string): this {
    this.#begin("delete");
    return this.assign({ target: parseTable(table) });
  }

  /** Says what an insert does with a row that is there already: `.onConflict(["email"]).doUpdate(["name"])`. */
  onConflict(columns: string | readonly string[] = []): ConflictChoice<this> {
    const target = listOf(columns);
    return Object.freeze({
      doNothing: () => this.assign({ onConflict: onConflict(target) }),
      doUpdate: (set: readonly string[] | UntypedRow) =>
        this.assign({ onConflict: onConflict(target, set) }),
    });
  }

  /** Gives back columns of the rows that were written. */
  returning(columns: ColumnInput | readonly ColumnInput[]): this {
    return this.append("returning", listOf(columns).map(selected));
  }

  /**
   * The statement as a tree: the same object until something is added, so that it is compiled once.
   *
   * @throws {QueryError} when it is incomplete or has a clause that its kind does not take
   */
  toNode(): QueryNode {
    if (this.#made?.state !== this.state) {
      this.#made = { state: this.state, node: statementOf(this.state) };
    }
    return this.#made.node;
  }

  /** The statement's text and values, without running it. */
  toSQL(adapter: Executor): CompiledQuery {
    return adapter.compile(this.toNode());
  }

  /** The statement's text and values in the form of the specification. */
  // deno-lint-ignore require-await -- a fault in the statement is to reject, not to throw
  async build(adapter: Executor): Promise<BuiltQuery> {
    const { sql, parameters } = this.toSQL(adapter);
    this.#used = true;
    return Object.freeze({ query: sql, params: parameters });
  }

  /** Runs the statement. */
  async execute<Row = Record<string, unknown>>(
    adapter: Executor,
    options?: RunOptions,
  ): Promise<QueryResult<Row>> {
    const node = this.toNode();
    this.#used = true;
    return await adapter.run<Row>(node, options);
  }

  /** Runs the statement and gives its rows as they come; leaving the loop early ends it. */
  stream<Row = Record<string, unknown>>(
    adapter: Executor,
    options?: StreamOptions,
  ): AsyncIterableIterator<Row> {
    return adapter.stream<Row>(this.toNode(), options);
  }

  /** How the database would run the statement, as rows of its own form; `analyze` runs it. */
  async explain(
    adapter: Executor,
    options: { readonly analyze?: boolean } = {},
  ): Promise<Record<string, unknown>[]> {
    const statement = this.toNode();
    const { analyze = false } = options;
    return (await adapter.run(Object.freeze({ kind: "Explain", statement, analyze }))).rows;
  }

  /** Forgets everything. */
  reset(): this {
    this.state = emptyState;
    this.#used = false;
    return this;
  }

  /** A builder that begins where this one is. */
  clone(): QueryBuilder {
    const copy = new QueryBuilder();
    copy.state = this.state;
    return copy;
  }
}

function selected(column: ColumnInput): ExpressionNode {
  return isNodeSource(column) ? expressionOf(column) : parseSelected(column);
}

function sourceOf(source: string | QuerySource): SourceNode {
  if (typeof source === "string") return parseTable(source);
  if (!isNodeSource(source?.query)) throw notAQuery();
  const node = source.query.toNode();
  const query: SelectNode | RawNode = node.kind === "Raw" ? node : queryOf(source.query);
  return Object.freeze({ kind: "DerivedTable", query, alias: parseName(source.as, "an alias") });
}

function isQuery(node: { readonly kind: string }): node is QueryNode {
  return ["Select", "Insert", "Update", "Delete"].includes(node.kind);
}
