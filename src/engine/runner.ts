/**
 * Compiles statements, binds their values, sends them and loads their rows: what an engine and its
 * transactions have in common. Where a statement goes, each call says.
 *
 * @module
 */
import type { CompiledQuery, QueryResult, RunOptions, StreamOptions } from "../ast/executor.ts";
import type { ResultColumn, RootNode } from "../ast/nodes.ts";
import { longestDelay } from "../base/abort.ts";
import { QueryError, UnsupportedError } from "../base/errors.ts";
import type { UnseenTables } from "../change/change.ts";
import type { Binding, CompiledStatement, Dialect } from "../dialect/dialect.ts";
import type { DriverConnection, DriverRequest, DriverResult } from "../dialect/driver.ts";
import { fits, holdsBigints, type Hydrator, hydrator } from "./hydrate.ts";
import { LruMap } from "./lru.ts";
import { type NodeShape, shapeOf, withSlots } from "./node_shape.ts";
import type { QueryObservers } from "./observers.ts";
import type { EngineOptions, NodeTransformer } from "./options.ts";
import type { CopyTarget, PerformOptions } from "./session.ts";
import { mayWrite, tablesWritten } from "./written_tables.ts";

/** Where a statement goes: the pool or one connection. */
export interface StatementTarget {
  /** Runs one statement. */
  execute(request: DriverRequest): Promise<DriverResult>;
  /** Told of tables that were written without anybody telling of the rows. */
  wrote(tables: UnseenTables): void;
}

/** Where the rows of a stream come from. */
export type StreamSource = Pick<DriverConnection, "stream">;

/** Counts since the engine was made. */
export interface RunnerStats {
  /** Statements sent, those that begin and end transactions left out. */
  readonly statements: number;
  /** Statements that failed. */
  readonly errors: number;
  /** Statements that were found compiled in the cache of plans. */
  readonly cacheHits: number;
  /** Statements that had to be compiled. */
  readonly cacheMisses: number;
}

/** A node made ready to run. */
interface Plan {
  readonly statement: CompiledStatement;
  readonly result: readonly ResultColumn[] | undefined;
  readonly bigints: boolean;
  hydrator: Hydrator | undefined;
}

const SHAPES = 500;
const CHUNK_SIZE = 500;
const NO_VALUES: readonly unknown[] = Object.freeze([]);
const NO_OPTIONS: PerformOptions = Object.freeze({});

/** Runs statements for an engine and its transactions. */
export class StatementRunner {
  readonly #dialect: Dialect;
  readonly #observers: QueryObservers;
  readonly #transformers: readonly NodeTransformer[];
  readonly #timeout: number | undefined;
  readonly #plans = new WeakMap<RootNode, Plan>();
  readonly #performed = new WeakSet<CompiledStatement>();
  readonly #rawShapes = new LruMap<string, Hydrator>(SHAPES);
  readonly #shapes = new LruMap<string, Plan>(SHAPES);
  #statements = 0;
  #errors = 0;
  #hits = 0;
  #misses = 0;

  /**
   * Makes a runner.
   *
   * @param timeout milliseconds that a statement may take where its caller says nothing
   */
  constructor(
    dialect: Dialect,
    observers: QueryObservers,
    options: EngineOptions,
    timeout: number | undefined,
  ) {
    this.#dialect = dialect;
    this.#observers = observers;
    this.#transformers = options.transformers ?? [];
    this.#timeout = bounded(timeout);
  }

  /** Counts since it was made. */
  stats(): RunnerStats {
    return {
      statements: this.#statements,
      errors: this.#errors,
      cacheHits: this.#hits,
      cacheMisses: this.#misses,
    };
  }

  /** The statement's text and values; slots, whose values come later, are `undefined`. */
  compile(node: RootNode): CompiledQuery {
    const { sql, bindings } = this.#plan(node).statement;
    return { sql, parameters: bindings.map(({ slot, value }) => slot < 0 ? value : undefined) };
  }

  /** Compiles a statement that holds slots. Not cached. */
  prepare(node: RootNode): CompiledStatement {
    this.#misses++;
    return this.#dialect.compiler.compile(this.#rewritten(node));
  }

  /** Runs a node; rows are objects. */
  async run<R>(
    target: StatementTarget,
    node: RootNode,
    options: RunOptions = NO_OPTIONS,
  ): Promise<QueryResult<R>> {
    const shape = this.#shapeOf(node);
    const plan = shape === undefined ? this.#plan(node) : this.#planOfShape(node, shape.key);
    const values = shape === undefined ? NO_VALUES : shape.values;
    const request = this.#request(plan.statement, values, options, plan.bigints);
    const { columns, rows, rowCount } = await this.#send(target, request);
    if (plan.statement.kind !== "read") target.wrote(tablesWritten(node));
    if (rows.length === 0) return { rows: [], rowCount };
    return { rows: this.#hydratorOf(plan, columns).hydrate(rows) as R[], rowCount };
  }

  /** Runs SQL text; rows are objects. */
  async execute<R>(
    target: StatementTarget,
    sql: string,
    values: readonly unknown[] = NO_VALUES,
    options: RunOptions = NO_OPTIONS,
  ): Promise<QueryResult<R>> {
    const { signal } = options;
    const timeout = bounded(options.timeout) ?? this.#timeout;
    const params = this.#dumpUntyped(values);
    const request: DriverRequest = { sql, params, kind: "unknown", bigints: true, signal, timeout };
    const { columns, rows, rowCount } = await this.#send(target, request);
    if (mayWrite(sql)) target.wrote("all");
    if (rows.length === 0) return { rows: [], rowCount };
    let shape = this.#rawShapes.get(sql);
    if (shape === undefined || !fits(shape, columns)) {
      shape = hydrator(columns, undefined, this.#dialect.codecs);
      this.#rawShapes.set(sql, shape);
    }
    return { rows: shape.hydrate(rows) as R[], rowCount };
  }

  /** Runs a compiled statement; rows stay arrays of wire values. */
  perform(
    target: StatementTarget,
    statement: CompiledStatement,
    values: readonly unknown[],
    options: PerformOptions = NO_OPTIONS,
  ): Promise<DriverResult> {
    if (this.#performed.has(statement)) this.#hits++;
    else this.#performed.add(statement);
    try {
      return this.#send(target, this.#request(statement, values, options, options.bigints));
    } catch (error) {
      // A value that cannot be dumped. Not async: one promise less for the shortest way there is.
      return Promise.reject(error);
    }
  }

  /** Loads rows in bulk over one connection. Does not release it. */
  async copy(
    connection: DriverConnection,
    target: Pick<StatementTarget, "wrote">,
    { table, schema, columns }: CopyTarget,
    rows: Iterable<readonly unknown[]>,
  ): Promise<number> {
    const names = columns.map((each) => each.name);
    const dumps = columns.map((each) => this.#dialect.codecs.codec(each.type).dump);
    const path = schema === undefined ? [table] : [schema, table];
    const sql = `COPY ${path.join(".")} (${names.join(", ")}) FROM STDIN`;
    const observation = this.#observers.begin({ sql, params: NO_VALUES, kind: "write" });
    this.#statements++;
    try {
      const count = await connection.copy!(path, names, dumped(rows, dumps));
      target.wrote([table]);
      observation?.succeeded(count);
      return count;
    } catch (error) {
      this.#errors++;
      observation?.failed(error);
      throw error;
    }
  }

  /** Refuses a bulk load where the database has none. */
  requireCopy(): void {
    const { name, capabilities } = this.#dialect;
    if (capabilities.supportsCopy) return;
    throw new UnsupportedError(`Cannot load in bulk: ${name} has no COPY`, {
      hint: "insert many rows instead",
    });
  }

  /** Whether a node only reads, as far as its compiled form tells. */
  reads(node: RootNode): boolean {
    return this.#plan(node).statement.kind === "read";
  }

  /** Runs a node on one connection and gives its rows as they come. Does not release the connection. */
  async *stream<R>(
    source: StreamSource,
    node: RootNode,
    options: StreamOptions = NO_OPTIONS,
  ): AsyncGenerator<R, void, undefined> {
    const plan = this.#plan(node);
    const request = this.#request(plan.statement, NO_VALUES, options, plan.bigints);
    const observation = this.#observers.begin(request);
    let rowCount = 0;
    let failed = false;
    this.#statements++;
    try {
      for await (const chunk of source.stream(request, options.chunkSize ?? CHUNK_SIZE)) {
        rowCount += chunk.rows.length;
        if (chunk.rows.length === 0) continue;
        yield* this.#hydratorOf(plan, chunk.columns).hydrate(chunk.rows) as R[];
      }
    } catch (error) {
      failed = true;
      this.#errors++;
      observation?.failed(error);
      throw error;
    } finally {
      // Also when the reader leaves its loop early.
      if (!failed) observation?.succeeded(rowCount);
    }
  }

  /** Runs a statement that begins or ends a transaction or savepoint. Not counted. */
  async control(connection: DriverConnection, sql: string): Promise<void> {
    const request: DriverRequest = { sql, params: NO_VALUES, kind: "unknown", control: true };
    const observation = this.#observers.begin(request);
    try {
      await connection.execute(request);
      observation?.succeeded(0);
    } catch (error) {
      observation?.failed(error);
      throw error;
    }
  }

  async #send(target: StatementTarget, request: DriverRequest): Promise<DriverResult> {
    this.#statements++;
    const observation = this.#observers.begin(request);
    try {
      const result = await target.execute(request);
      observation?.succeeded(result.rowCount);
      return result;
    } catch (error) {
      this.#errors++;
      observation?.failed(error);
      throw error;
    }
  }

  #plan(node: RootNode): Plan {
    const known = this.#plans.get(node);
    if (known !== undefined) {
      this.#hits++;
      return known;
    }
    const plan = this.#newPlan(node);
    this.#plans.set(node, plan);
    return plan;
  }

  /** The shape of a query that is not compiled yet; none where transformers may look at its values. */
  #shapeOf(node: RootNode): NodeShape | undefined {
    return this.#transformers.length > 0 || this.#plans.has(node) ? undefined : shapeOf(node);
  }

  #planOfShape(node: RootNode, key: string): Plan {
    const known = this.#shapes.get(key);
    if (known !== undefined) {
      this.#hits++;
      return known;
    }
    const plan = this.#newPlan(withSlots(node));
    this.#shapes.set(key, plan);
    return plan;
  }

  #newPlan(node: RootNode): Plan {
    this.#misses++;
    const rewritten = this.#rewritten(node);
    const result = "result" in rewritten ? rewritten.result : undefined;
    const statement = this.#dialect.compiler.compile(rewritten);
    return { statement, result, bigints: holdsBigints(result), hydrator: undefined };
  }

  #rewritten(node: RootNode): RootNode {
    return this.#transformers.reduce((before, transform) => transform(before), node);
  }

  #hydratorOf(plan: Plan, columns: DriverResult["columns"]): Hydrator {
    if (plan.hydrator === undefined || !fits(plan.hydrator, columns)) {
      plan.hydrator = hydrator(columns, plan.result, this.#dialect.codecs);
    }
    return plan.hydrator;
  }

  #request(
    statement: CompiledStatement,
    values: readonly unknown[],
    options: PerformOptions,
    bigints: boolean | undefined,
  ): DriverRequest {
    return {
      sql: statement.sql,
      params: options.dumped ? bind(statement, values) : dump(statement.bindings, values),
      kind: statement.kind,
      bigints,
      signal: options.signal,
      timeout: bounded(options.timeout) ?? this.#timeout,
    };
  }

  #dumpUntyped(values: readonly unknown[]): unknown[] {
    const { codecs } = this.#dialect;
    return values.map((value, index) => {
      if (value === undefined) {
        throw new QueryError(`Cannot bind parameter ${index + 1}: its value is undefined`, {
          hint: "Use null for a missing value, and check the order of the parameters.",
        });
      }
      return value === null ? null : codecs.dumpUntyped(value);
    });
  }
}

/** A time limit that a timer can run; what is longer is as good as none. */
function bounded(timeout: number | undefined): number | undefined {
  return timeout !== undefined && timeout > longestDelay ? longestDelay : timeout;
}

function* dumped(
  rows: Iterable<readonly unknown[]>,
  dumps: readonly (((value: unknown) => unknown) | null)[],
): Generator<unknown[]> {
  for (const row of rows) {
    yield row.map((value, i) => {
      if (value === null || value === undefined) return null;
      const dump = dumps[i];
      return dump ? dump(value) : value;
    });
  }
}

/** Statements that take one value for each parameter, in order; looked at once, for they can be very long. */
const straight = new WeakMap<CompiledStatement, boolean>();

/** Wire values in the statement's order. */
function bind(statement: CompiledStatement, values: readonly unknown[]): readonly unknown[] {
  const { bindings } = statement;
  let isStraight = straight.get(statement);
  if (isStraight === undefined) {
    isStraight = bindings.every(({ slot }, i) => slot === i);
    straight.set(statement, isStraight);
  }
  if (isStraight && bindings.length === values.length) return values;
  return bindings.map((binding) =>
    binding.slot < 0 ? dumpOne(binding, binding.value) : values[binding.slot]
  );
}

/** Values in the statement's order, in wire form; what is missing is NULL. */
function dump(bindings: readonly Binding[], values: readonly unknown[]): unknown[] {
  const params = new Array<unknown>(bindings.length);
  for (let i = 0; i < bindings.length; i++) {
    const binding = bindings[i]!;
    params[i] = dumpOne(binding, binding.slot < 0 ? binding.value : values[binding.slot]);
  }
  return params;
}

function dumpOne({ dump }: Binding, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  return dump === null ? value : dump(value);
}
