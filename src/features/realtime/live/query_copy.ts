/**
 * Queries as values: copied, so that a caller's later changes do not matter, and named by what is in them.
 *
 * @module
 */
import { isDictionary } from "../../../repository/shape.ts";
import type { LiveShape } from "./live.ts";

/** A copy of a query; values that are no plain objects or lists are taken over. */
export function copyOfQuery(query: LiveShape): LiveShape {
  return copy(query) as LiveShape;
}

function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  if (!isDictionary(value)) return value;
  const own: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    if (value[name] !== undefined) own[name] = copy(value[name]);
  }
  return own;
}

/** A text of values: different for different ones. */
export function valuesText(values: readonly unknown[]): string {
  return JSON.stringify(values.map(marked));
}

function marked(value: unknown): unknown {
  switch (typeof value) {
    case "bigint":
      return ["n", String(value)];
    case "number":
      return Object.is(value, -0) ? ["z"] : Number.isFinite(value) ? value : ["f", String(value)];
    case "object":
      if (value instanceof Date) return ["d", value.toJSON()];
      if (value instanceof Uint8Array) return ["b", [...value]];
      if (Array.isArray(value)) return ["l", value.map(marked)];
      return value === null ? value : ["o", Object.entries(value).map(([k, v]) => [k, marked(v)])];
    default:
      return value;
  }
}
