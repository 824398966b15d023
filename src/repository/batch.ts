/**
 * One statement for several levels of a nested read: each level is a WITH query that is tied to the one that it
 * is read from, and comes as one JSON array of its columns, in the first row of the statement.
 *
 * A level is so read once for all its parents, where a sub-query for each parent would be run as often as there
 * are parents; and all levels are of one snapshot.
 *
 * @module
 */
import { alias, binary, call, column, literal, select, table } from "../ast/build.ts";
import type { ExpressionNode, SelectNode, WithNode } from "../ast/nodes.ts";
import type { ColumnType } from "../schema/column_type.ts";
import { parseJson } from "../schema/json.ts";

/** The levels of one statement: the first gives its rows. */
export class Batches {
  readonly #levels: SelectNode[];

  /** Starts with the statement of the first level. */
  constructor(root: SelectNode) {
    this.#levels = [root];
  }

  /** The values of a level's columns, by their places, as `k0`, `k1`, …. */
  keys(level: number, places: readonly number[]): SelectNode {
    return select({
      selection: places.map((place, i) => alias(this.#column(level, place), `k${i}`)),
      from: [table(nameOf(level))],
    });
  }

  /** Adds a level, and gives its number. */
  add(node: SelectNode): number {
    return this.#levels.push(node) - 1;
  }

  /** Where in the first row of the statement the rows of a level are. */
  columnOf(level: number): number {
    return this.#width(0) + level - 1;
  }

  /** The whole statement. */
  statement(): SelectNode {
    const [root, ...others] = this.#levels;
    if (!root || others.length === 0) return root as SelectNode;
    return select({
      with: this.#levels.map((query, level): WithNode => ({
        kind: "With",
        name: nameOf(level),
        columns: query.selection.map((_, place) => `c${place}`),
        query,
        recursive: false,
      })),
      selection: [
        ...this.#columns(0),
        ...others.map((_, i) => inFirstRow(this.#rows(i + 1))),
      ],
      from: [table(nameOf(0))],
    });
  }

  #rows(level: number): ExpressionNode {
    const query = select({ selection: this.#columns(level), from: [table(nameOf(level))] });
    return { kind: "JsonRows", query, single: false, byColumn: true };
  }

  #columns(level: number): ExpressionNode[] {
    return Array.from({ length: this.#width(level) }, (_, place) => this.#column(level, place));
  }

  #column(level: number, place: number): ExpressionNode {
    return column(`c${place}`, nameOf(level), typeOf(this.#levels[level]?.selection[place]));
  }

  #width(level: number): number {
    return this.#levels[level]?.selection.length ?? 0;
  }
}

/** Hides a table of that name in the statement: none will be called so. */
function nameOf(level: number): string {
  return `rex_level_${level}`;
}

function typeOf(node: ExpressionNode | undefined): ColumnType | undefined {
  return node?.kind === "Column" ? node.type : undefined;
}

/** The rows of a level, out of what the first row has of it. */
export function batchRows(json: unknown): unknown[][] {
  const columns = (typeof json === "string" ? parseJson(json) : json) as (unknown[] | null)[];
  // A column has one value for each row, and is null where there are none.
  const rows = new Array<unknown[]>(columns[0]?.length ?? 0);
  for (let row = 0; row < rows.length; row++) {
    const values = new Array<unknown>(columns.length);
    for (let at = 0; at < columns.length; at++) values[at] = columns[at]?.[row];
    rows[row] = values;
  }
  return rows;
}

function inFirstRow(value: ExpressionNode): ExpressionNode {
  const number = call("row_number", [], { over: { kind: "Window", partitionBy: [], orderBy: [] } });
  return { kind: "Case", whens: [{ when: binary(number, "=", literal(1)), then: value }] };
}
