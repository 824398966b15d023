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
  readonly kind: "Column";
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
  readonly kind: "Star";
  readonly table?: string;
}

/** A value, bound as a parameter. */
export interface ValueNode {
  readonly kind: "Value";
  readonly value: unknown;
  /** How it is converted; without it the value's own type decides. */
  readonly type?: ColumnType;
  /** Write an explicit cast to `type`, where the database could not infer the parameter's type. */
  readonly cast?: boolean;
}

/** A parameter whose value comes when the compiled statement runs: place `index` of the values given. */
export interface SlotNode {
  readonly kind: "Slot";
  readonly index: number;
  readonly type?: ColumnType;
  readonly cast?: boolean;
}

/** A list bound as one parameter, for `In` and bulk writes. The dialect decides its form. */
export interface ListValueNode {
  readonly kind: "ListValue";
  /** The values, or the slot that will hold the array. */
  readonly values: readonly unknown[] | { readonly slot: number };
  /** The type of the elements. */
  readonly type?: ColumnType;
}

/** A constant written into the SQL text. Never a caller's string. */
export interface LiteralNode {
  readonly kind: "Literal";
  readonly value: string | number | bigint | boolean | null;
}

/** SQL text with nodes between its parts: `parts[0] nodes[0] parts[1] …`. */
export interface RawNode {
  readonly kind: "Raw";
  readonly parts: readonly string[];
  readonly nodes: readonly Node[];
}

/** An identifier inside raw SQL: `schema.table`, quoted when it needs it. */
export interface IdentifierNode {
  readonly kind: "Identifier";
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
  readonly kind: "Binary";
  readonly operator: BinaryOperator;
  readonly left: ExpressionNode;
  readonly right: ExpressionNode;
}

/** `a AND b AND …`, `a OR b OR …`. No operands: true for `and`, false for `or`. */
export interface LogicalNode {
  readonly kind: "Logical";
  readonly operator: "and" | "or";
  readonly operands: readonly ExpressionNode[];
}

/** `NOT operand`, `-operand`. */
export interface UnaryNode {
  readonly kind: "Unary";
  readonly operator: "not" | "-";
  readonly operand: ExpressionNode;
}

/** `operand IS [NOT] NULL`. */
export interface NullTestNode {
  readonly kind: "NullTest";
  readonly operand: ExpressionNode;
  readonly negated: boolean;
}

/** `operand [NOT] BETWEEN low AND high`. */
export interface BetweenNode {
  readonly kind: "Between";
  readonly operand: ExpressionNode;
  readonly low: ExpressionNode;
  readonly high: ExpressionNode;
  readonly negated: boolean;
}

/** `operand [NOT] IN (…)`. An empty list is false (or true, negated), never a syntax error. */
export interface InNode {
  readonly kind: "In";
  readonly operand: ExpressionNode;
  readonly source: readonly ExpressionNode[] | ListValueNode | SelectNode;
  readonly negated: boolean;
}

/**
 * `operand [NOT] LIKE pattern`. The same everywhere: `like` minds case, `insensitive` does not.
 * `match` says how the pattern parameter is made from its value: `pattern` takes it as it is, the others
 * escape `%`, `_` and `\` in it and add `%` where it may go on.
 */
export interface LikeNode {
  readonly kind: "Like";
  readonly operand: ExpressionNode;
  readonly pattern: ExpressionNode;
  readonly match: "pattern" | "prefix" | "suffix" | "infix";
  readonly insensitive: boolean;
  readonly negated: boolean;
}

/** `[NOT] EXISTS (query)`. */
export interface ExistsNode {
  readonly kind: "Exists";
  readonly query: SelectNode;
  readonly negated: boolean;
}

/** `(query)` as a value. */
export interface SubqueryNode {
  readonly kind: "Subquery";
  readonly query: SelectNode;
}

/** `(a, b, …)`: a row of values. */
export interface TupleNode {
  readonly kind: "Tuple";
  readonly items: readonly ExpressionNode[];
}

/** A function call, an aggregate, or with `over` a window function. */
export interface FunctionNode {
  readonly kind: "Function";
  /** A plain or schema-qualified name; checked to be one. */
  readonly name: string;
  readonly args: readonly ExpressionNode[];
  readonly distinct?: boolean;
  readonly orderBy?: readonly OrderNode[];
  readonly filter?: ExpressionNode;
  readonly over?: WindowNode | string;
}

/** What a window function looks at. */
export interface WindowNode {
  readonly kind: "Window";
  readonly partitionBy: readonly ExpressionNode[];
  readonly orderBy: readonly OrderNode[];
  readonly frame?: {
    readonly unit: "rows" | "range" | "groups";
    readonly start: FrameBound;
    readonly end?: FrameBound;
  };
}

/** One end of a window frame; numbers count rows before (negative) or after (positive). */
export type FrameBound = "unbounded preceding" | "current row" | "unbounded following" | number;

/** `CASE WHEN … THEN … ELSE … END`. */
export interface CaseNode {
  readonly kind: "Case";
  readonly whens: readonly { readonly when: ExpressionNode; readonly then: ExpressionNode }[];
  readonly otherwise?: ExpressionNode;
}

/** `CAST(operand AS type)`. */
export interface CastNode {
  readonly kind: "Cast";
  readonly operand: ExpressionNode;
  readonly type: ColumnType;
}

/** A value inside a JSON document. `text` gives SQL text, `json` a JSON value. Path steps are bound or escaped. */
export interface JsonPathNode {
  readonly kind: "JsonPath";
  readonly operand: ExpressionNode;
  readonly path: readonly (string | number)[];
  readonly as: "json" | "text";
}

/** Whether the JSON document (or array column) `operand` contains `value`. */
export interface JsonContainsNode {
  readonly kind: "JsonContains";
  readonly operand: ExpressionNode;
  readonly value: ExpressionNode;
}

/**
 * The rows of `query` as one JSON array of arrays, never NULL, in the query's order.
 * Each selected column is written in the form that its codec's `loadNested` reads.
 */
export interface JsonRowsNode {
  readonly kind: "JsonRows";
  readonly query: SelectNode;
  /** `true`: the first row alone, as one JSON array, or NULL. */
  readonly single: boolean;
}

/** Full-text search of `columns` for the words of `query`. */
export interface FullTextNode {
  readonly kind: "FullText";
  readonly columns: readonly ColumnNode[];
  readonly query: ExpressionNode;
  /** The text-search configuration, such as `english`, where the database has them. */
  readonly language?: string;
}

/** `expression AS alias`. */
export interface AliasNode {
  readonly kind: "Alias";
  readonly expression: ExpressionNode;
  readonly alias: string;
}

/** One term of `ORDER BY`. */
export interface OrderNode {
  readonly kind: "Order";
  readonly expression: ExpressionNode;
  readonly direction: "asc" | "desc";
  /**
   * Where NULLs go. Without it the database's own default holds, which differs between databases: typed builders
   * and repositories set it for every column that may be NULL.
   */
  readonly nulls?: "first" | "last";
}

/** `excluded.column` in an upsert's update. */
export interface ExcludedNode {
  readonly kind: "Excluded";
  readonly name: string;
}

/** The column's default, in an insert or update. */
export interface DefaultNode {
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
  readonly kind: "Table";
  readonly name: string;
  readonly schema?: string;
  readonly alias?: string;
}

/** A query in place of a table. */
export interface DerivedTableNode {
  readonly kind: "DerivedTable";
  readonly query: SelectNode | RawNode;
  readonly alias: string;
  /** Names for its columns. */
  readonly columns?: readonly string[];
}

/** `VALUES`-like lists in place of a table: one list parameter per column (`unnest`, `json_each`). */
export interface ListTableNode {
  readonly kind: "ListTable";
  readonly alias: string;
  readonly columns: readonly { readonly name: string; readonly list: ListValueNode }[];
}

/** Anything that can stand after `FROM`. */
export type SourceNode = TableNode | DerivedTableNode | ListTableNode;

/** The kinds of joins. */
export type JoinType = "inner" | "left" | "right" | "full" | "cross";

/** One join. */
export interface JoinNode {
  readonly kind: "Join";
  readonly type: JoinType;
  readonly source: SourceNode;
  readonly on?: ExpressionNode;
  /** Whether the source may refer to tables before it. */
  readonly lateral?: boolean;
}

/** One common table expression. */
export interface WithNode {
  readonly kind: "With";
  readonly name: string;
  readonly columns?: readonly string[];
  readonly query: SelectNode | InsertNode | UpdateNode | DeleteNode | RawNode;
  readonly recursive: boolean;
  readonly materialized?: boolean;
}

/** `UNION`, `INTERSECT`, `EXCEPT`. */
export interface SetOperationNode {
  readonly kind: "SetOperation";
  readonly operator: "union" | "intersect" | "except";
  readonly all: boolean;
  readonly query: SelectNode;
}

/** `FOR UPDATE` and its kin. */
export interface LockNode {
  readonly kind: "Lock";
  readonly strength: "update" | "no key update" | "share" | "key share";
  readonly of?: readonly string[];
  readonly wait?: "nowait" | "skip locked";
}

/** What a result column is called and, where known, its type: how its values are loaded. */
export interface ResultColumn {
  readonly name: string;
  /** Without it, the driver's type decides. */
  readonly type?: ColumnType;
  /** An aggregate that is to be a plain number: `count`. */
  readonly as?: "number";
}

/** A query. */
export interface SelectNode {
  readonly kind: "Select";
  readonly with?: readonly WithNode[];
  readonly distinct?: boolean | readonly ExpressionNode[];
  readonly selection: readonly ExpressionNode[];
  readonly from: readonly SourceNode[];
  readonly joins?: readonly JoinNode[];
  readonly where?: ExpressionNode;
  readonly groupBy?: readonly ExpressionNode[];
  readonly having?: ExpressionNode;
  readonly windows?: readonly { readonly name: string; readonly window: WindowNode }[];
  readonly setOperations?: readonly SetOperationNode[];
  readonly orderBy?: readonly OrderNode[];
  readonly limit?: ExpressionNode;
  readonly offset?: ExpressionNode;
  readonly lock?: LockNode;
  /** What the result's columns are, where the builder knows. */
  readonly result?: readonly ResultColumn[];
}

/** `column = value` in an update. */
export interface AssignmentNode {
  readonly kind: "Assignment";
  readonly column: string;
  readonly value: ExpressionNode;
}

/** What an insert does with a row that is there already. */
export interface OnConflictNode {
  readonly kind: "OnConflict";
  /** The columns of the unique key; none: any conflict (only for `do nothing`). */
  readonly columns: readonly string[];
  /** The condition of the partial unique index. */
  readonly targetWhere?: ExpressionNode;
  /** What to set; none: do nothing. */
  readonly set?: readonly AssignmentNode[];
  readonly where?: ExpressionNode;
}

/** An insert. */
export interface InsertNode {
  readonly kind: "Insert";
  readonly with?: readonly WithNode[];
  readonly into: TableNode;
  readonly columns: readonly string[];
  /** Rows of values, a query, lists (one per column), or none: one row of defaults. */
  readonly source:
    | { readonly kind: "Rows"; readonly rows: readonly (readonly ExpressionNode[])[] }
    | { readonly kind: "Query"; readonly query: SelectNode | RawNode }
    | { readonly kind: "Lists"; readonly lists: readonly ListValueNode[] }
    | { readonly kind: "Defaults" };
  readonly onConflict?: OnConflictNode;
  /** Whether to accept a value for an `always` identity column. */
  readonly overriding?: boolean;
  readonly returning?: readonly ExpressionNode[];
  readonly result?: readonly ResultColumn[];
}

/** An update. */
export interface UpdateNode {
  readonly kind: "Update";
  readonly with?: readonly WithNode[];
  readonly table: TableNode;
  readonly set: readonly AssignmentNode[];
  readonly from?: readonly SourceNode[];
  readonly joins?: readonly JoinNode[];
  readonly where?: ExpressionNode;
  readonly returning?: readonly ExpressionNode[];
  readonly result?: readonly ResultColumn[];
}

/** A delete. */
export interface DeleteNode {
  readonly kind: "Delete";
  readonly with?: readonly WithNode[];
  readonly from: TableNode;
  readonly using?: readonly SourceNode[];
  readonly where?: ExpressionNode;
  readonly returning?: readonly ExpressionNode[];
  readonly result?: readonly ResultColumn[];
}

/** `EXPLAIN` of a statement. */
export interface ExplainNode {
  readonly kind: "Explain";
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
