/**
 * What a {@linkcode QueryBuilder} has gathered, as immutable data, and the statement it makes.
 *
 * @module
 */
import { and, or } from "../ast/build.ts";
import type {
  AssignmentNode,
  DeleteNode,
  ExpressionNode,
  InsertNode,
  JoinNode,
  OnConflictNode,
  OrderNode,
  QueryNode,
  SelectNode,
  SetOperationNode,
  SourceNode,
  TableNode,
  UpdateNode,
  WithNode,
} from "../ast/nodes.ts";
import { QueryError } from "../base/errors.ts";

/** A condition and how it is joined to those before it. */
export interface Term {
  /** The word before it. */
  readonly connector: "and" | "or";
  /** The condition. */
  readonly condition: ExpressionNode;
}

/** What the calls so far said. Every list is replaced, never changed. */
export interface QueryState {
  /** What the statement does. */
  readonly kind?: "select" | "insert" | "update" | "delete";
  /** The table that is written. */
  readonly target?: TableNode;
  /** The columns that an insert writes. */
  readonly columns?: readonly string[];
  /** What an insert writes. */
  readonly source?: InsertNode["source"];
  /** What an update sets. */
  readonly set?: readonly AssignmentNode[];
  /** What an insert does with a row that is there already. */
  readonly onConflict?: OnConflictNode;
  /** What a statement that writes gives back. */
  readonly returning?: readonly ExpressionNode[];
  /** The named queries. */
  readonly with?: readonly WithNode[];
  /** Whether rows that are equal are left out. */
  readonly distinct?: true;
  /** What is selected. */
  readonly selection?: readonly ExpressionNode[];
  /** The tables that are read. */
  readonly from?: readonly SourceNode[];
  /** The joins. */
  readonly joins?: readonly JoinNode[];
  /** The conditions, in the order of their calls. */
  readonly where?: readonly Term[];
  /** What rows are grouped by. */
  readonly groupBy?: readonly ExpressionNode[];
  /** The conditions on groups. */
  readonly having?: readonly Term[];
  /** The set operations, from left to right. */
  readonly setOperations?: readonly SetOperationNode[];
  /** The order. */
  readonly orderBy?: readonly OrderNode[];
  /** How many rows at most. */
  readonly limit?: ExpressionNode;
  /** How many rows are left out. */
  readonly offset?: ExpressionNode;
}

/** Nothing was said yet. */
export const emptyState: QueryState = Object.freeze({});

/** One tree from conditions in the order of their calls; as in SQL, AND binds tighter than OR. */
export function conditionOf(terms: readonly Term[]): ExpressionNode {
  const groups: ExpressionNode[][] = [];
  for (const { connector, condition } of terms) {
    const last = groups.at(-1);
    if (connector === "and" && last) last.push(condition);
    else groups.push([condition]);
  }
  return or(Object.freeze(groups.map((group) => and(Object.freeze(group)))));
}

type Clause = Exclude<keyof QueryState, "kind">;

const clauses: Readonly<Record<NonNullable<QueryState["kind"]>, readonly Clause[]>> = {
  select: [
    "with",
    "distinct",
    "selection",
    "from",
    "joins",
    "where",
    "groupBy",
    "having",
    "setOperations",
    "orderBy",
    "limit",
    "offset",
  ],
  insert: ["with", "target", "columns", "source", "onConflict", "returning"],
  update: ["with", "target", "set", "where", "returning"],
  delete: ["with", "target", "where", "returning"],
};

function refuseForeignClauses(kind: NonNullable<QueryState["kind"]>, state: QueryState): void {
  const wrong = Object.keys(state).find((key) =>
    key !== "kind" && !clauses[kind].includes(key as Clause)
  );
  if (wrong === undefined) return;
  throw new QueryError(`Cannot build the query: ${kind.toUpperCase()} takes no ${wrong}`, {
    hint: "begin another statement with reset()",
  });
}

/**
 * The statement that the calls made.
 *
 * @throws {QueryError} when it is incomplete, or has a clause that its kind does not take
 */
export function statementOf(state: QueryState): QueryNode {
  const kind = state.kind ?? "select";
  refuseForeignClauses(kind, state);
  switch (kind) {
    case "select":
      return selectOf(state);
    case "insert":
      return insertOf(state);
    case "update":
      return updateOf(state);
    case "delete":
      return deleteOf(state);
  }
}

function selectOf(state: QueryState): SelectNode {
  const { kind: _, where, having, selection, from = [], ...rest } = state;
  if (!selection && from.length === 0) {
    throw new QueryError("Cannot build the query: nothing was selected", {
      hint: 'begin with select("*").from("table"), insert(), update() or delete()',
    });
  }
  return Object.freeze({
    kind: "Select",
    ...rest,
    selection: selection ?? [Object.freeze({ kind: "Star" })],
    from,
    ...(where && { where: conditionOf(where) }),
    ...(having && { having: conditionOf(having) }),
  });
}

function targetOf({ target }: QueryState): TableNode {
  if (target) return target;
  throw new QueryError("Cannot build the query: no table was named");
}

const defaults: InsertNode["source"] = Object.freeze({ kind: "Defaults" });

function insertOf(state: QueryState): InsertNode {
  return Object.freeze({
    kind: "Insert",
    into: targetOf(state),
    columns: state.columns ?? [],
    source: state.source ?? defaults,
    ...(state.with && { with: state.with }),
    ...(state.onConflict && { onConflict: state.onConflict }),
    ...(state.returning && { returning: state.returning }),
  });
}

function updateOf(state: QueryState): UpdateNode {
  return Object.freeze({
    kind: "Update",
    table: targetOf(state),
    set: state.set ?? [],
    ...(state.with && { with: state.with }),
    ...(state.where && { where: conditionOf(state.where) }),
    ...(state.returning && { returning: state.returning }),
  });
}

function deleteOf(state: QueryState): DeleteNode {
  return Object.freeze({
    kind: "Delete",
    from: targetOf(state),
    ...(state.with && { with: state.with }),
    ...(state.where && { where: conditionOf(state.where) }),
    ...(state.returning && { returning: state.returning }),
  });
}
