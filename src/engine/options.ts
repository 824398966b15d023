/**
 * How an engine is set up.
 *
 * @module
 */
import type { RootNode } from "../ast/nodes.ts";
import type { Instrument } from "./instrumentation.ts";
import type { QueryListener } from "./query_event.ts";

/** Rewrites a statement before it is compiled. Pure: its result is kept with the statement it was given. */
export type NodeTransformer = (node: RootNode) => RootNode;

/** How an engine is set up, beside its configuration. */
export interface EngineOptions {
  /** Told of every statement; more can be added with `engine.onQuery`. */
  readonly onQuery?: QueryListener;
  /** Applied to every statement before it is compiled, in this order. */
  readonly transformers?: readonly NodeTransformer[];
  /** Milliseconds from which on a statement is logged as slow (level `warn`, category `query`). */
  readonly slowQueryThreshold?: number;
  /** Put parameter values into log records. Default: `false`. */
  readonly logParameters?: boolean;
  /**
   * Tell listeners, the log and `instrument` where in your code each statement came from; costs some ten
   * microseconds a statement. The log tells it of slow ones without. Default: `false`.
   */
  readonly captureCallers?: boolean;
  /** Who watches statements and transactions, such as `telemetry(api)` of `@rex/orm/otel`. */
  readonly instrument?: readonly Instrument[];
}
