/**
 * What an engine tells of each statement that it ran.
 *
 * @module
 */
import type { DriverRequest } from "../dialect/driver.ts";
import type { QueryCaller } from "./caller.ts";

/** One statement that ran. */
export interface QueryEvent {
  /** The SQL text. */
  readonly sql: string;
  /** The values that were bound, in wire form. Not enumerable, so that printing an event shows no values. */
  readonly parameters: readonly unknown[];
  /** What it does to data. */
  readonly kind: "read" | "write" | "ddl" | "unknown";
  /** How long it took, in milliseconds, waiting for a connection included. */
  readonly duration: number;
  /** Rows returned or affected; 0 when it failed. */
  readonly rows: number;
  /** Why it failed. */
  readonly error?: unknown;
  /** Where in your code it came from, where `captureCallers` asks for it and the stack tells. */
  readonly caller?: QueryCaller;
}

/** Takes events. What it throws is logged and does not reach the statement's caller. */
export type QueryListener = (event: QueryEvent) => void;

/** How a statement ended. */
export type QueryOutcome = { readonly rows: number } | { readonly error: unknown };

/** Makes the event of a statement that has settled. */
export function queryEvent(
  request: Pick<DriverRequest, "sql" | "params" | "kind">,
  duration: number,
  outcome: QueryOutcome,
  caller?: QueryCaller,
): QueryEvent {
  const event = {
    sql: request.sql,
    kind: request.kind,
    duration,
    rows: "rows" in outcome ? outcome.rows : 0,
    ...("error" in outcome ? { error: outcome.error } : {}),
    ...(caller === undefined ? {} : { caller }),
  };
  Object.defineProperty(event, "parameters", { value: request.params });
  return Object.freeze(event) as QueryEvent;
}
