/**
 * Nodes for tests.
 *
 * @module
 */
import { column, order, select, table, value } from "../../ast/build.ts";
import type { InsertNode, RawNode, SelectNode } from "../../ast/nodes.ts";
import { columnType } from "../../schema/column_type.ts";

/** A statement as it is. */
export function raw(sql: string): RawNode {
  return Object.freeze({ kind: "Raw", parts: [sql], nodes: [] });
}

/** All names of `t`, by id. */
export function selectNames(): SelectNode {
  return select({
    selection: [column("name", undefined, columnType("text"))],
    from: [table("t")],
    orderBy: [order(column("id"))],
    result: [{ name: "name", type: columnType("text") }],
  });
}

/** A new row of `t`, given back. */
export function insertName(name: string): InsertNode {
  return Object.freeze({
    kind: "Insert",
    into: table("t"),
    columns: ["name"],
    source: { kind: "Rows", rows: [[value(name, columnType("text"))]] },
    returning: [column("id"), column("name")],
    result: [{ name: "id", type: columnType("bigint") }, {
      name: "name",
      type: columnType("text"),
    }],
  } as InsertNode);
}
