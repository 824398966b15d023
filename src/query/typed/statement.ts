/**
 * What all typed builders can do with their statement.
 *
 * @module
 */
import type { CompiledQuery, Executor } from "../../ast/executor.ts";
import type { QueryNode } from "../../ast/nodes.ts";

/** A statement and where it runs. */
export abstract class Statement<N extends QueryNode> {
  /** Where it runs. */
  protected readonly executor: Executor;

  /** Binds a statement to where it runs. */
  constructor(executor: Executor) {
    this.executor = executor;
  }

  /** The statement as a tree. */
  abstract toNode(): N;

  /** The statement's text and values, without running it. */
  toSQL(): CompiledQuery {
    return this.executor.compile(this.toNode());
  }

  /** How the database would run the statement, as rows of its own form; `analyze` runs it. */
  async explain(options: { readonly analyze?: boolean } = {}): Promise<Record<string, unknown>[]> {
    const { analyze = false } = options;
    const statement = this.toNode();
    return (await this.executor.run(Object.freeze({ kind: "Explain", statement, analyze }))).rows;
  }
}
