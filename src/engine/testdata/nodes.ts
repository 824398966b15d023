/**
 * Nodes for tests.
 *
 * @module
 */
import type { RawNode } from "../../ast/nodes.ts";

/** A statement as it is. */
export function raw(sql: string): RawNode {
  return Object.freeze({ kind: "Raw", parts: [sql], nodes: [] });
}
