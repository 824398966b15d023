/**
 * From the results of postgres.js to those of a driver.
 *
 * @module
 */
import type { DriverResult } from "../../dialect/driver.ts";
import type { WireResult } from "./wire.ts";

const noColumns = Object.freeze([]);

/** Makes the driver's result ours. */
export function resultOf(result: WireResult | WireResult[]): DriverResult {
  // A script of several queries gives a plain array of results.
  const last = "count" in result ? result : result.at(-1);
  if (!last) return { columns: noColumns, rows: [], rowCount: 0 };
  const rows = withoutHoles(last);
  return {
    columns: last.columns ?? noColumns,
    rows,
    rowCount: last.count ?? rows.length,
  };
}

/**
 * When a statement fails after some of its rows, postgres.js goes on counting in the next one on that connection,
 * whose rows then begin at that place.
 */
function withoutHoles(rows: WireResult): unknown[][] {
  return rows.length > 0 && rows[0] === undefined ? rows.filter(() => true) : rows;
}
