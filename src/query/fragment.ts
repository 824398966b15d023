/**
 * SQL text with bound values: what the `sql` tag makes.
 *
 * @module
 */
import type {
  CompiledQuery,
  Executor,
  QueryResult,
  RunOptions,
  StreamOptions,
} from "../ast/executor.ts";
import type { Node, RawNode } from "../ast/nodes.ts";

/** Anything that stands for a node: a fragment, an expression, a builder. */
export interface NodeSource {
  /** Its node. */
  toNode(): Node;
}

/** Whether a value is a {@linkcode NodeSource}. */
export function isNodeSource(value: unknown): value is NodeSource {
  return typeof value === "object" && value !== null && "toNode" in value &&
    typeof value.toNode === "function";
}

/**
 * A piece of SQL, or a whole statement, with its values. Immutable. `Row` is the type of the rows it gives as a
 * statement, or of its value as an expression.
 */
export class SqlFragment<out Row = Record<string, unknown>> implements NodeSource {
  /** Exists only in types. */
  declare readonly _row?: Row;
  readonly #node: RawNode;

  /** Makes a fragment from its node. */
  constructor(node: RawNode) {
    this.#node = Object.freeze(node);
  }

  /** Its node. */
  toNode(): RawNode {
    return this.#node;
  }

  /** The same fragment with another type of row. */
  as<T>(): SqlFragment<T> {
    return new SqlFragment<T>(this.#node);
  }

  /** The statement's text and values, without running it. */
  compile(executor: Executor): CompiledQuery {
    return executor.compile(this.#node);
  }

  /** Runs it as a statement. */
  execute(executor: Executor, options?: RunOptions): Promise<QueryResult<Row>> {
    return executor.run<Row>(this.#node, options);
  }

  /** Runs it as a statement and gives its rows as they come. */
  stream(executor: Executor, options?: StreamOptions): AsyncIterableIterator<Row> {
    return executor.stream<Row>(this.#node, options);
  }
}
