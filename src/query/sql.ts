/**
 * The `sql` tag: parameterised SQL by hand.
 *
 * @module
 */
import type { Node } from "../ast/nodes.ts";
import { value as valueNode } from "../ast/build.ts";
import { QueryError } from "../base/errors.ts";
import type { ColumnType } from "../schema/column_type.ts";
import { isNodeSource, type NodeSource, SqlFragment } from "./fragment.ts";

/** What may stand in `${…}`: a value, which is bound, or another fragment, expression or query. */
export type Interpolation =
  | null
  | string
  | number
  | bigint
  | boolean
  | Date
  | Uint8Array
  | NodeSource
  | (object & { readonly length?: never });

/** The `sql` tag and what makes its parts. */
export interface SqlTag {
  /**
   * SQL text in which every `${value}` is bound as a parameter, never written into the text.
   *
   * @throws {QueryError} for `undefined` and for arrays
   *
   * @example
   * ```ts
   * import { sql } from "./sql.ts";
   *
   * const adults = sql<{ id: number }>`
   *   select ${sql.id("u", "id")} from users u where age >= ${18} and role in ${sql.list(["a", "b"])}
   * `;
   * // await adults.execute(db)
   * adults.toNode().nodes.length; // 3
   * ```
   */
  <Row = Record<string, unknown>>(
    strings: TemplateStringsArray,
    ...values: Interpolation[]
  ): SqlFragment<Row>;
  /** A name, dotted when there are several parts, quoted when it needs it. */
  id(...path: [string, ...string[]]): SqlFragment;
  /** `($1, $2, …)` for `IN`. An empty list is a `QueryError`, because SQL has no form for it. */
  list(values: readonly unknown[], type?: ColumnType): SqlFragment;
  /** A list bound as one parameter, as an array or in the form that the database has for it. */
  array(values: readonly unknown[], type?: ColumnType): SqlFragment;
  /** A value bound with a column type. */
  value(value: unknown, type: ColumnType): SqlFragment;
  /** Text written into the statement as it is: the only way to do so. Never pass what a user typed. */
  raw(text: string): SqlFragment;
  /** Fragments with a separator between them: `, ` unless told. */
  join(fragments: readonly NodeSource[], separator?: SqlFragment): SqlFragment;
}

/** The node that an interpolated value stands for. */
function interpolated(value: unknown): Node {
  if (isNodeSource(value)) {
    const node = value.toNode();
    return node.kind === "Select" ? Object.freeze({ kind: "Subquery", query: node }) : node;
  }
  return valueNode(bindable(value));
}

function bindable(value: unknown): unknown {
  if (value === undefined) {
    throw new QueryError("Cannot build the SQL: an interpolated value is undefined", {
      hint: "use null for a missing value",
    });
  }
  if (Array.isArray(value)) {
    throw new QueryError("Cannot build the SQL: an array was interpolated", {
      hint: "use sql.list(values) for IN, sql.array(values) for one array parameter",
    });
  }
  if (typeof value === "function" || typeof value === "symbol") {
    throw new QueryError(`Cannot build the SQL: a ${typeof value} was interpolated`);
  }
  return value;
}

function fragment<Row>(parts: readonly string[], nodes: readonly Node[]): SqlFragment<Row> {
  return new SqlFragment<Row>({
    kind: "Raw",
    parts: Object.freeze(parts),
    nodes: Object.freeze(nodes),
  });
}

/** Nodes with text between them, at the start and at the end. */
function separated(
  nodes: readonly Node[],
  start: string,
  between: string,
  end: string,
): SqlFragment {
  return fragment([start, ...nodes.slice(1).map(() => between), end], nodes);
}

function tag<Row>(strings: TemplateStringsArray, ...values: Interpolation[]): SqlFragment<Row> {
  if (!Array.isArray(strings) || !Object.hasOwn(strings, "raw")) {
    throw new QueryError("Cannot build the SQL: sql was called as a function", {
      hint: "write sql`…`; use sql.raw(text) for text that is not a template",
    });
  }
  return fragment<Row>([...strings], values.map(interpolated));
}

/** Parameterised SQL: see {@linkcode SqlTag}. */
export const sql: SqlTag = Object.freeze(Object.assign(tag, {
  id: (...path: [string, ...string[]]): SqlFragment =>
    fragment(["", ""], [Object.freeze({ kind: "Identifier", path: Object.freeze([...path]) })]),

  list(values: readonly unknown[], type?: ColumnType): SqlFragment {
    if (values.length === 0) {
      throw new QueryError("Cannot build the SQL: sql.list() got an empty list", {
        hint: "leave the condition out, or use whereIn(), which takes an empty list as false",
      });
    }
    const nodes = values.map((value) =>
      isNodeSource(value) ? interpolated(value) : valueNode(bindable(value), type)
    );
    return separated(nodes, "(", ", ", ")");
  },

  array: (values: readonly unknown[], type?: ColumnType): SqlFragment =>
    fragment(["", ""], [
      Object.freeze({
        kind: "ListValue",
        values: Object.freeze([...values]),
        ...(type && { type }),
      }),
    ]),

  value: (value: unknown, type: ColumnType): SqlFragment =>
    fragment(["", ""], [valueNode(value, type)]),

  raw: (text: string): SqlFragment => fragment([text], []),

  join(fragments: readonly NodeSource[], separator?: SqlFragment): SqlFragment {
    const nodes = fragments.map(interpolated);
    if (nodes.length === 0) return fragment([""], []);
    if (!separator) return separated(nodes, "", ", ", "");
    const between = separator.toNode();
    const all = nodes.flatMap((node, index) => index === 0 ? [node] : [between, node]);
    return separated(all, "", "", "");
  },
}));
