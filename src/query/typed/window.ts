/**
 * Aggregates and windows.
 *
 * @module
 */
import type { FrameBound, FunctionNode, OrderNode, WindowNode } from "../../ast/nodes.ts";
import { expressionOf } from "../comparison.ts";
import { Expr, type ExpressionInfo, orderTerm } from "./expression.ts";
import type { Condition, Expression } from "./types.ts";

/** What a window function looks at. Immutable: every method gives a copy. */
export class WindowBuilder {
  readonly #node: WindowNode;

  /** Makes a window over all rows. */
  constructor(node: WindowNode = { kind: "Window", partitionBy: [], orderBy: [] }) {
    this.#node = Object.freeze(node);
  }

  /** Its node. */
  toNode(): WindowNode {
    return this.#node;
  }

  /** Only rows that have the same values of these. */
  partitionBy(...by: readonly Expression<unknown>[]): WindowBuilder {
    const partitionBy = [...this.#node.partitionBy, ...by.map(expressionOf)];
    return new WindowBuilder({ ...this.#node, partitionBy });
  }

  /** In this order. */
  orderBy(
    by: Expression<unknown>,
    direction: OrderNode["direction"] = "asc",
    nulls?: OrderNode["nulls"],
  ): WindowBuilder {
    const orderBy = [...this.#node.orderBy, orderTerm(by, direction, nulls)];
    return new WindowBuilder({ ...this.#node, orderBy });
  }

  /** Only so many rows before (negative) and after (positive) this one. */
  rows(start: FrameBound, end?: FrameBound): WindowBuilder {
    return this.#frame("rows", start, end);
  }

  /** Only rows whose order value is within these bounds of this one's. */
  range(start: FrameBound, end?: FrameBound): WindowBuilder {
    return this.#frame("range", start, end);
  }

  #frame(unit: "rows" | "range", start: FrameBound, end?: FrameBound): WindowBuilder {
    const frame = Object.freeze({ unit, start, ...(end !== undefined && { end }) });
    return new WindowBuilder({ ...this.#node, frame });
  }
}

/** An aggregate or window function. */
export class FunctionExpr<out T> extends Expr<T> {
  /** Its call. */
  declare protected readonly node: FunctionNode;

  /** Makes an expression from a call. */
  constructor(node: FunctionNode, info?: ExpressionInfo) {
    super(Object.freeze(node), info);
  }

  /** Computed for each row over a window of the rows around it; without a window, over all. */
  over(window?: (window: WindowBuilder) => WindowBuilder): FunctionExpr<T> {
    const over = (window?.(new WindowBuilder()) ?? new WindowBuilder()).toNode();
    return new FunctionExpr({ ...this.node, over }, this.info);
  }

  /** Only over rows for which this holds. */
  filter(condition: Condition): FunctionExpr<T> {
    return new FunctionExpr({ ...this.node, filter: expressionOf(condition) }, this.info);
  }

  /** Each different value once. */
  distinct(): FunctionExpr<T> {
    return new FunctionExpr({ ...this.node, distinct: true }, this.info);
  }
}
