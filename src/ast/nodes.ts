/**
 * Every node of a query: expressions first, then what they stand in. Each is a frozen object tagged by
 * `kind`. They are in one file because they refer to one another.
 *
 * @module
 */
import type { ColumnType } from "../schema/column_type.ts";
import type { DdlNode } from "./ddl.ts";

/** A column, perhaps of a named table or alias. */
export interface ColumnNode {
  /** The tag of this kind of node. */
  readonly kind: "Column";
  /** Its name. */
  readonly name: string;
  /** The table's name or alias. */
  readonly table?: string;
  /** Its type, where known: values compared with it are converted by it. */
  readonly type?: ColumnType;
  /** It is never NULL here: where an order puts NULLs need not be written, which keeps indexes useful. */
  readonly notNull?: boolean;
}

/** All columns, perhaps of one table: `*`, `u.*`. */
export interface StarNode {
  /** The tag of this kind of node. */
  readonly kind: "Star";
  /** The table's name or alias. */
  readonly table?: string;
}

/** A value, bound as a parameter. */
export interface ValueNode {
  /** The tag of this kind of node. */
  readonly kind: "Value";
  /** The value. */
  readonly value: unknown;
  /** How it is converted; without it the value's own type decides. */
  readonly type?: ColumnType;
  /** Write an explicit cast to `type`, where the database could not infer the parameter's type. */
  readonly cast?: boolean;
}

/** A parameter whose value comes when the compiled statement runs: place `index` of the values given. */
export interface SlotNode {
  /** The tag of this kind of node. */
  readonly kind: "Slot";
  /** The place among the values given at run time. */
  readonly index: number;
  /** How the value is converted; without it the value's own type decides. */
  readonly type?: ColumnType;
  /** Write an explicit cast to `type`. */
  readonly cast?: boolean;
}

/** A list bound as one parameter, for `In` and bulk writes. The dialect decides its form. */
export interface ListValueNode {
  /** The tag of this kind of node. */
  readonly kind: "ListValue";
  /** The values, or the slot that will hold the array. */
  readonly values: readonly unknown[] | { readonly slot: number };
  /** The type of the elements. */
  readonly type?: ColumnType;
}

/** A constant written into the SQL text. Never a caller's string. */
export interface LiteralNode {
  /** The tag of this kind of node. */
  readonly kind: "Literal";
  /** The constant. */
  readonly value: string | number | bigint | boolean | null;
}

/** SQL text with nodes between its parts: `parts[0] nodes[0] parts[1] …`. */
export interface RawNode {
  /** The tag of this kind of node. */
  readonly kind: "Raw";
  /** The text before, between and after the nodes. */
  readonly parts: readonly string[];
  /** The nodes between the parts. */
  readonly nodes: readonly Node[];
}

/** An identifier inside raw SQL: `schema.table`, quoted when it needs it. */
export interface IdentifierNode {
  /** The tag of this kind of node. */
  readonly kind: "Identifier";
  /** The steps from the root down. */
  readonly path: readonly string[];
}

/** The binary operators that every database has, or that a dialect's compiler translates. */
export const binaryOperators = [
  "=",
  "<>",
  "<",
  "<=",
  ">",
  ">=",
  "+",
  "-",
  "*",
  "/",
  "%",
  "||",
  "is distinct from",
  "is not distinct from",
  "@>",
  "<@",
  "&&",
  "?",
  "?|",
  "?&",
  "@@",
] as const;

/** One of {@linkcode binaryOperators}. */
export type BinaryOperator = (typeof binaryOperators)[number];

/** `left operator right`. */
export interface BinaryNode {
  /** The tag of this kind of node. */
  readonly kind: "Binary";
  /** The operator. */
  readonly operator: BinaryOperator;
  /** What stands on the left. */
  readonly left: ExpressionNode;
  /** What stands on the right. */
  readonly right: ExpressionNode;
}

/** `a AND b AND …`, `a OR b OR …`. No operands: true for `and`, false for `or`. */
export interface LogicalNode {
  /** The tag of this kind of node. */
  readonly kind: "Logical";
  /** What joins the operands. */
  readonly operator: "and" | "or";
  /** What is joined. */
  readonly operands: readonly ExpressionNode[];
}

/** `NOT operand`, `-operand`. */
export interface UnaryNode {
  /** The tag of this kind of node. */
  readonly kind: "Unary";
  /** The operator. */
  readonly operator: "not" | "-";
  /** What it is applied to. */
  readonly operand: ExpressionNode;
}

/** `operand IS [NOT] NULL`. */
export interface NullTestNode {
  /** The tag of this kind of node. */
  readonly kind: "NullTest";
  /** What it is applied to. */
  readonly operand: ExpressionNode;
  /** Whether it is the contrary. */
  readonly negated: boolean;
}

/** `operand [NOT] BETWEEN low AND high`. */
export interface BetweenNode {
  /** The tag of this kind of node. */
  readonly kind: "Between";
  /** What it is applied to. */
  readonly operand: ExpressionNode;
  /** The lower bound, included. */
  readonly low: ExpressionNode;
  /** The upper bound, included. */
  readonly high: ExpressionNode;
  /** Whether it is the contrary. */
  readonly negated: boolean;
}

/** `operand [NOT] IN (…)`. An empty list is false (or true, negated), never a syntax error. */
export interface InNode {
  /** The tag of this kind of node. */
  readonly kind: "In";
  /** What it is applied to. */
  readonly operand: ExpressionNode;
  /** The values: expressions, one list parameter, or a query of one column. */
  readonly source: readonly ExpressionNode[] | ListValueNode | SelectNode;
  /** Whether it is the contrary. */
  readonly negated: boolean;
}

/**
 * `operand [NOT] LIKE pattern`. The same everywhere: `like` minds case, `insensitive` does not.
 * `match` says how the pattern parameter is made from its value: `pattern` takes it as it is, the others
 * escape `%`, `_` and `\` in it and add `%` where it may go on.
 */
export interface LikeNode {
  /** The tag of this kind of node. */
  readonly kind: "Like";
  /** What it is applied to. */
  readonly operand: ExpressionNode;
  /** The pattern. */
  readonly pattern: ExpressionNode;
  /** How the pattern is made from its value. */
  readonly match: "pattern" | "prefix" | "suffix" | "infix";
  /** Whether case does not matter. */
  readonly insensitive: boolean;
  /** Whether it is the contrary. */
  readonly negated: boolean;
}

/** `[NOT] EXISTS (query)`. */
export interface ExistsNode {
  /** The tag of this kind of node. */
  readonly kind: "Exists";
  /** The query. */
  readonly query: SelectNode;
  /** Whether it must have no row. */
  readonly negated: boolean;
}

/** `(query)` as a value. */
export interface SubqueryNode {
  /** The tag of this kind of node. */
  readonly kind: "Subquery";
  /** The query. */
  readonly query: SelectNode;
}

/** `(a, b, …)`: a row of values. */
export interface TupleNode {
  /** The tag of this kind of node. */
  readonly kind: "Tuple";
  /** The values, in order. */
  readonly items: readonly ExpressionNode[];
}

/** A function call, an aggregate, or with `over` a window function. */
export interface FunctionNode {
  /** The tag of this kind of node. */
  readonly kind: "Function";
  /** A plain or schema-qualified name; checked to be one. */
  readonly name: string;
  /** The arguments. */
  readonly args: readonly ExpressionNode[];
  /** Whether each different value counts once. */
  readonly distinct?: boolean;
  /** The order. */
  readonly orderBy?: readonly OrderNode[];
  /** Only rows for which this holds count. */
  readonly filter?: ExpressionNode;
  /** The window, or the name of one. */
  readonly over?: WindowNode | string;
}

/** What a window function looks at. */
export interface WindowNode {
  /** The tag of this kind of node. */
  readonly kind: "Window";
  /** Rows with the same values of these belong together. */
  readonly partitionBy: readonly ExpressionNode[];
  /** The order. */
  readonly orderBy: readonly OrderNode[];
  /** Which rows around the current one count. */
  readonly frame?: {
    /** What the bounds count. */
    readonly unit: "rows" | "range" | "groups";
    /** Where it begins. */
    readonly start: FrameBound;
    /** Where it ends; without it, at the current row. */
    readonly end?: FrameBound;
  };
}

/** One end of a window frame; numbers count rows before (negative) or after (positive). */
export type FrameBound = "unbounded preceding" | "current row" | "unbounded following" | number;

/** `CASE WHEN … THEN … ELSE … END`. */
export interface CaseNode {
  /** The tag of this kind of node. */
  readonly kind: "Case";
  /** The cases, in order. */
  readonly whens: readonly { readonly when: ExpressionNode; readonly then: ExpressionNode }[];
  /** The value if no condition holds. */
  readonly otherwise?: ExpressionNode;
}

/** `CAST(operand AS type)`. */
export interface CastNode {
  /** The tag of this kind of node. */
  readonly kind: "Cast";
  /** What it is applied to. */
  readonly operand: ExpressionNode;
  /** The type it becomes. */
  readonly type: ColumnType;
}

/** A value inside a JSON document. `text` gives SQL text, `json` a JSON value. Path steps are bound or escaped. */
export interface JsonPathNode {
  /** The tag of this kind of node. */
  readonly kind: "JsonPath";
  /** What it is applied to. */
  readonly operand: ExpressionNode;
  /** The steps from the root down. */
  readonly path: readonly (string | number)[];
  /** Whether the value is JSON or SQL text. */
  readonly as: "json" | "text";
}

/** Whether the JSON document (or array column) `operand` contains `value`. */
export interface JsonContainsNode {
  /** The tag of this kind of node. */
  readonly kind: "JsonContains";
  /** What it is applied to. */
  readonly operand: ExpressionNode;
  /** What it is to contain. */
  readonly value: ExpressionNode;
}

/**
 * The rows of `query` as one JSON array of arrays, never NULL, in the query's order.
 * Each selected column is written in the form that its codec's `loadNested` reads.
 */
export interface JsonRowsNode {
  /** The tag of this kind of node. */
  readonly kind: "JsonRows";
  /** The query. */
  readonly query: SelectNode;
  /** `true`: the first row alone, as one JSON array, or NULL. */
  readonly single: boolean;
  /** `true`: one array of the values of each column instead of one for each row, which PostgreSQL makes in half the time; `null` for none. */
  readonly byColumn?: boolean;
}

/** Full-text search of `columns` for the words of `query`. */
export interface FullTextNode {
  /** The tag of this kind of node. */
  readonly kind: "FullText";
  /** The columns. */
  readonly columns: readonly ColumnNode[];
  /** The words that are looked for. */
  readonly query: ExpressionNode;
  /** The text-search configuration, such as `english`, where the database has them. */
  readonly language?: string;
}

/** `expression AS alias`. */
export interface AliasNode {
  /** The tag of this kind of node. */
  readonly kind: "Alias";
  /** The expression. */
  readonly expression: ExpressionNode;
  /** The name. */
  readonly alias: string;
}

/** One term of `ORDER BY`. */
export interface OrderNode {
  /** The tag of this kind of node. */
  readonly kind: "Order";
  /** What is ordered by. */
  readonly expression: ExpressionNode;
  /** Ascending or descending. */
  readonly direction: "asc" | "desc";
  /**
   * Where NULLs go. Without it the database's own default holds, which differs between databases: typed builders
   * and repositories set it for every column that may be NULL.
   */
  readonly nulls?: "first" | "last";
}

/** `excluded.column` in an upsert's update. */
export interface ExcludedNode {
  /** The tag of this kind of node. */
  readonly kind: "Excluded";
  /** Its name. */
  readonly name: string;
}

/** The column's default, in an insert or update. */
export interface DefaultNode {
  /** The tag of this kind of node. */
  readonly kind: "Default";
}

/** Anything that has a value. */
export type ExpressionNode =
  | ColumnNode
  | StarNode
  | ValueNode
  | SlotNode
  | ListValueNode
  | LiteralNode
  | RawNode
  | IdentifierNode
  | BinaryNode
  | LogicalNode
  | UnaryNode
  | NullTestNode
  | BetweenNode
  | InNode
  | LikeNode
  | ExistsNode
  | SubqueryNode
  | TupleNode
  | FunctionNode
  | CaseNode
  | CastNode
  | JsonPathNode
  | JsonContainsNode
  | JsonRowsNode
  | FullTextNode
  | AliasNode
  | ExcludedNode
  | DefaultNode;

/** Any node. */
export type Node = ExpressionNode | OrderNode | WindowNode | StatementNode;

/** A table by name. */
export interface TableNode {
  /** The tag of this kind of node. */
  readonly kind: "Table";
  /** Its name. */
  readonly name: string;
  /** The schema it is in, where the database has schemas. */
  readonly schema?: string;
  /** What it is called. */
  readonly alias?: string;
}

/** A query in place of a table. */
export interface DerivedTableNode {
  /** The tag of this kind of node. */
  readonly kind: "DerivedTable";
  /** The query. */
  readonly query: SelectNode | RawNode;
  /** What it is called in the statement. */
  readonly alias: string;
  /** Names for its columns. */
  readonly columns?: readonly string[];
}

/** `VALUES`-like lists in place of a table: one list parameter per column (`unnest`, `json_each`). */
export interface ListTableNode {
  /** The tag of this kind of node. */
  readonly kind: "ListTable";
  /** What it is called. */
  readonly alias: string;
  /** The columns and their values. */
  readonly columns: readonly { readonly name: string; readonly list: ListValueNode }[];
}

/** Anything that can stand after `FROM`. */
export type SourceNode = TableNode | DerivedTableNode | ListTableNode;

/** The kinds of joins. */
export type JoinType = "inner" | "left" | "right" | "full" | "cross";

/** One join. */
export interface JoinNode {
  /** The tag of this kind of node. */
  readonly kind: "Join";
  /** The kind of join. */
  readonly type: JoinType;
  /** What is joined. */
  readonly source: SourceNode;
  /** The condition. */
  readonly on?: ExpressionNode;
  /** Whether the source may refer to tables before it. */
  readonly lateral?: boolean;
}

/** One common table expression. */
export interface WithNode {
  /** The tag of this kind of node. */
  readonly kind: "With";
  /** Its name. */
  readonly name: string;
  /** Names for its columns. */
  readonly columns?: readonly string[];
  /** What it stands for. */
  readonly query: SelectNode | InsertNode | UpdateNode | DeleteNode | RawNode;
  /** Whether it may refer to itself. */
  readonly recursive: boolean;
  /** Whether its rows are computed once and kept; without it the database decides. */
  readonly materialized?: boolean;
}

/** `UNION`, `INTERSECT`, `EXCEPT`. */
export interface SetOperationNode {
  /** The tag of this kind of node. */
  readonly kind: "SetOperation";
  /** The operator. */
  readonly operator: "union" | "intersect" | "except";
  /** Whether equal rows are kept. */
  readonly all: boolean;
  /** The query. */
  readonly query: SelectNode;
}

/** `FOR UPDATE` and its kin. */
export interface LockNode {
  /** The tag of this kind of node. */
  readonly kind: "Lock";
  /** How strong the lock is. */
  readonly strength: "update" | "no key update" | "share" | "key share";
  /** Only the rows of these tables. */
  readonly of?: readonly string[];
  /** What to do about rows that are locked; without it, wait. */
  readonly wait?: "nowait" | "skip locked";
}

/** What a result column is called and, where known, its type: how its values are loaded. */
export interface ResultColumn {
  /** What it is called. */
  readonly name: string;
  /** Without it, the driver's type decides. */
  readonly type?: ColumnType;
  /** An aggregate that is to be a plain number: `count`. */
  readonly as?: "number";
}

/** A query. */
export interface SelectNode {
  /** The tag of this kind of node. */
  readonly kind: "Select";
  /** Named queries that stand before it. */
  readonly with?: readonly WithNode[];
  /** Whether rows that are equal are left out; of rows equal in these expressions, all but the first. */
  readonly distinct?: boolean | readonly ExpressionNode[];
  /** What is selected. */
  readonly selection: readonly ExpressionNode[];
  /** What is read. */
  readonly from: readonly SourceNode[];
  /** The joins, in order. */
  readonly joins?: readonly JoinNode[];
  /** Which rows. */
  readonly where?: ExpressionNode;
  /** What rows are grouped by. */
  readonly groupBy?: readonly ExpressionNode[];
  /** Which groups. */
  readonly having?: ExpressionNode;
  /** Windows with a name. */
  readonly windows?: readonly { readonly name: string; readonly window: WindowNode }[];
  /** Set operations, from left to right. */
  readonly setOperations?: readonly SetOperationNode[];
  /** The order. */
  readonly orderBy?: readonly OrderNode[];
  /** How many rows at most. */
  readonly limit?: ExpressionNode;
  /** How many rows are left out. */
  readonly offset?: ExpressionNode;
  /** How the rows are locked. */
  readonly lock?: LockNode;
  /** What the result's columns are, where the builder knows. */
  readonly result?: readonly ResultColumn[];
}

/** `column = value` in an update. */
export interface AssignmentNode {
  /** The tag of this kind of node. */
  readonly kind: "Assignment";
  /** The column's name. */
  readonly column: string;
  /** The value. */
  readonly value: ExpressionNode;
}

/** What an insert does with a row that is there already. */
export interface OnConflictNode {
  /** The tag of this kind of node. */
  readonly kind: "OnConflict";
  /** The columns of the unique key; none: any conflict (only for `do nothing`). */
  readonly columns: readonly string[];
  /** The condition of the partial unique index. */
  readonly targetWhere?: ExpressionNode;
  /** What to set; none: do nothing. */
  readonly set?: readonly AssignmentNode[];
  /** Which rows. */
  readonly where?: ExpressionNode;
}

/** An insert. */
export interface InsertNode {
  /** The tag of this kind of node. */
  readonly kind: "Insert";
  /** Named queries that stand before it. */
  readonly with?: readonly WithNode[];
  /** The table. */
  readonly into: TableNode;
  /** The columns that are written, in the order of the values. */
  readonly columns: readonly string[];
  /** Rows of values, a query, lists (one per column), or none: one row of defaults. */
  readonly source:
    | { readonly kind: "Rows"; readonly rows: readonly (readonly ExpressionNode[])[] }
    | { readonly kind: "Query"; readonly query: SelectNode | RawNode }
    | { readonly kind: "Lists"; readonly lists: readonly ListValueNode[] }
    | { readonly kind: "Defaults" };
  /** What to do with a row that is there already. */
  readonly onConflict?: OnConflictNode;
  /** Whether to accept a value for an `always` identity column. */
  readonly overriding?: boolean;
  /** What the written rows give back. */
  readonly returning?: readonly ExpressionNode[];
  /** What the result's columns are, where the builder knows. */
  readonly result?: readonly ResultColumn[];
}

/** An update. */
export interface UpdateNode {
  /** The tag of this kind of node. */
  readonly kind: "Update";
  /** Named queries that stand before it. */
  readonly with?: readonly WithNode[];
  /** The table. */
  readonly table: TableNode;
  /** What is set. */
  readonly set: readonly AssignmentNode[];
  /** Other tables that values and conditions refer to. */
  readonly from?: readonly SourceNode[];
  /** The joins, in order. */
  readonly joins?: readonly JoinNode[];
  /** Which rows. */
  readonly where?: ExpressionNode;
  /** What the written rows give back. */
  readonly returning?: readonly ExpressionNode[];
  /** What the result's columns are, where the builder knows. */
  readonly result?: readonly ResultColumn[];
}

/** A delete. */
export interface DeleteNode {
  /** The tag of this kind of node. */
  readonly kind: "Delete";
  /** Named queries that stand before it. */
  readonly with?: readonly WithNode[];
  /** The table. */
  readonly from: TableNode;
  /** Other tables that the condition refers to. */
  readonly using?: readonly SourceNode[];
  /** Which rows. */
  readonly where?: ExpressionNode;
  /** What the written rows give back. */
  readonly returning?: readonly ExpressionNode[];
  /** What the result's columns are, where the builder knows. */
  readonly result?: readonly ResultColumn[];
}

/** `EXPLAIN` of a statement. */
export interface ExplainNode {
  /** The tag of this kind of node. */
  readonly kind: "Explain";
  /** The statement. */
  readonly statement: SelectNode | InsertNode | UpdateNode | DeleteNode | RawNode;
  /** Run it and measure. */
  readonly analyze: boolean;
}

/** A query or a change of data. */
export type QueryNode = SelectNode | InsertNode | UpdateNode | DeleteNode;

/** Anything that can be compiled and run as a whole. */
export type StatementNode =
  | QueryNode
  | RawNode
  | ExplainNode
  | DdlNode
  | SourceNode
  | JoinNode
  | WithNode
  | SetOperationNode
  | LockNode
  | AssignmentNode
  | OnConflictNode;

/** What `compile` takes. */
export type RootNode = QueryNode | RawNode | ExplainNode | DdlNode;
