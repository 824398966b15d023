/**
 * Statements as log records.
 *
 * @module
 */
import { Logger } from "../base/logger.ts";
import type { EngineOptions } from "./options.ts";
import type { QueryEvent } from "./query_event.ts";

const log = Logger.child("query");

/** Logs a statement: failed ones and fine ones as `debug`, slow ones as `warn`. */
export function logQuery(
  event: QueryEvent,
  options: Pick<EngineOptions, "slowQueryThreshold" | "logParameters">,
): void {
  const slow = event.duration >= (options.slowQueryThreshold ?? Infinity);
  const level = slow ? "warn" : "debug";
  if (!log.isEnabled(level)) return;
  const data: Record<string, unknown> = {
    sql: event.sql,
    duration: Math.round(event.duration * 100) / 100,
    rows: event.rows,
  };
  if (options.logParameters) data.parameters = event.parameters;
  if (event.caller !== undefined) data.caller = event.caller;
  if (event.error !== undefined) data.error = event.error;
  const what = event.error !== undefined ? "failed" : slow ? "was slow" : "ran";
  log[level](`Statement ${what} (${event.duration.toFixed(2)} ms)`, data);
}
