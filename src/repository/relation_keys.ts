/**
 * Ties the query of a relation to the keys of all its parents.
 *
 * @module
 */
import { and, binary, column, select, table } from "../ast/build.ts";
import type {
  ExpressionNode,
  InNode,
  JoinNode,
  ListValueNode,
  SelectNode,
  SourceNode,
} from "../ast/nodes.ts";
import type { RelationSchema } from "../schema/entity.ts";
import { type Aliases, propertyColumn } from "./condition.ts";

/** The keys of the parents: lists of values, one for each column, or a query of them, as columns `k0`, `k1`, …. */
export type ParentKeys = readonly ListValueNode[] | SelectNode;

/** What ties a query to its parents. */
export interface Tie {
  /** The columns that hold the parent's key. */
  readonly keys: readonly ExpressionNode[];
  /** The join table of many-to-many, and several keys. */
  readonly joins: readonly JoinNode[];
  /** The condition. */
  readonly where: readonly ExpressionNode[];
}

/** Lists of keys that are given in the slots from `first`. */
export function keyLists(relation: RelationSchema, first: number): readonly ListValueNode[] {
  return relation.local.map(({ type }, i) => ({
    kind: "ListValue",
    values: { slot: first + i },
    type,
  }));
}

/** Ties the target of a relation, under `alias`, to the keys of its parents. */
export function tieToKeys(
  relation: RelationSchema,
  alias: string,
  parents: ParentKeys,
  aliases: Aliases,
): Tie {
  const { through, local, foreign } = relation;
  const joins: JoinNode[] = [];
  let keys = foreign.map((each): ExpressionNode => propertyColumn(each, alias));
  if (through) {
    const link = aliases.next();
    joins.push(joinOn(
      table(through.table.name, link, through.table.schema),
      through.foreign.map((name, i) => column(name, link, foreign[i]?.type)),
      keys,
    ));
    keys = through.local.map((name, i) => column(name, link, local[i]?.type));
  }
  const [key] = keys;
  const one = "kind" in parents ? parents : parents[0];
  if (keys.length === 1 && key && one) {
    const where: InNode = { kind: "In", operand: key, source: one, negated: false };
    return { keys, joins, where: [where] };
  }
  const name = aliases.next();
  joins.push(joinOn(
    keyTable(parents, name),
    keys,
    local.map((each, i) => column(`k${i}`, name, each.type)),
  ));
  return { keys, joins, where: [] };
}

function keyTable(parents: ParentKeys, alias: string): SourceNode {
  if ("kind" in parents) {
    return { kind: "DerivedTable", query: select({ ...parents, distinct: true }), alias };
  }
  const columns = parents.map((list, i) => ({ name: `k${i}`, list }));
  return { kind: "ListTable", alias, columns };
}

function joinOn(
  source: SourceNode,
  left: readonly ExpressionNode[],
  right: readonly ExpressionNode[],
): JoinNode {
  const on = and(left.map((each, i) => binary(each, "=", right[i] as ExpressionNode)));
  return { kind: "Join", type: "inner", source, on };
}
