/**
 * Which tables a statement writes, for those who follow changes and are told of no rows.
 *
 * @module
 */
import type { RootNode } from "../ast/nodes.ts";
import type { UnseenTables } from "../change/change.ts";
import type { DriverRequest } from "../dialect/driver.ts";

/** Statements that only read, as far as their first word tells. A function that writes is not seen. */
const reading =
  /^(?:\s|--[^\n]*\n|\/\*[^]*?\*\/)*(?:select|values|table|show|explain|pragma|set|reset|begin|start|commit|rollback|savepoint|release|listen|unlisten|notify|declare|fetch|close|discard)\b/i;

/** Whether SQL text may write. */
export function mayWrite(sql: string): boolean {
  return !reading.test(sql);
}

/** Whether a statement may write. */
export function writes({ kind, sql }: Pick<DriverRequest, "kind" | "sql">): boolean {
  return kind === "unknown" ? mayWrite(sql) : kind !== "read";
}

/** The tables that a statement writes. */
export function tablesWritten(node: RootNode): UnseenTables {
  switch (node.kind) {
    case "Insert":
      return node.with ? "all" : [node.into.name];
    case "Update":
      return node.with ? "all" : [node.table.name];
    case "Delete":
      return node.with ? "all" : [node.from.name];
    default:
      return "all";
  }
}

/** The tables of both. */
export function bothOf(some: UnseenTables, others: UnseenTables): UnseenTables {
  if (some === "all" || others === "all") return "all";
  if (others.every((each) => some.includes(each))) return some;
  return [...new Set([...some, ...others])];
}
