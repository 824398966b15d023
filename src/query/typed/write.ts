/**
 * What the typed builders write: rows, assignments, what comes back.
 *
 * @module
 */
import { binary, literal, value as valueNode } from "../../ast/build.ts";
import type { RunOptions } from "../../ast/executor.ts";
import type {
  AssignmentNode,
  DeleteNode,
  ExpressionNode,
  InsertNode,
  ResultColumn,
  UpdateNode,
} from "../../ast/nodes.ts";
import { QueryError } from "../../base/errors.ts";
import type { EntitySchema, PropertySchema } from "../../schema/entity.ts";
import { expressionOf, valueOf } from "../comparison.ts";
import { isNodeSource } from "../fragment.ts";
import type { Item } from "./select_state.ts";
import { resultsOf } from "./select_state.ts";
import { columnOf, type Source } from "./source.ts";
import { Statement } from "./statement.ts";

/** What a statement that writes gives: rows, or how many it wrote. */
export type WriteResult<Row> = [Row] extends [never] ? number : { [K in keyof Row]: Row[K] }[];

/** A statement that writes. */
export abstract class WriteStatement<N extends InsertNode | UpdateNode | DeleteNode, Row>
  extends Statement<N> {
  /** Runs it: gives the rows that `returning` asked for, or how many rows were written. */
  async execute(options?: RunOptions): Promise<WriteResult<Row>> {
    const node = this.toNode();
    const { rows, rowCount } = await this.executor.run(node, options);
    return (node.returning ? rows : rowCount) as WriteResult<Row>;
  }
}

/** A property that is written. */
export function writable(entity: EntitySchema, name: string): PropertySchema {
  const property = entity.byName.get(name);
  if (!property) {
    throw new QueryError(`Cannot write ${entity.name}: it has no column ${name}`, {
      hint: `it has ${entity.properties.map((each) => each.name).join(", ")}`,
    });
  }
  if (property.readonly) {
    throw new QueryError(`Cannot write ${entity.name}: ${name} is computed by the database`);
  }
  return property;
}

/** A value for a column: bound by its type, unless it is an expression. */
export function written({ type }: PropertySchema, value: unknown): ExpressionNode {
  if (isNodeSource(value)) return expressionOf(value);
  return value === undefined ? valueOf(value) : valueNode(value, type);
}

/** What an update sets. */
export function changesOf(
  entity: EntitySchema,
  changes: Readonly<Record<string, unknown>>,
): readonly AssignmentNode[] {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  if (given.length === 0) throw new QueryError(`Cannot update ${entity.name}: nothing is set`);
  return Object.freeze(given.map(([name, value]) => {
    const property = writable(entity, name);
    return assignment(property, written(property, value));
  }));
}

/**
 * With what changes by itself, unless it is set: a version column counts up, a time of the last change is now. Made
 * anew for every statement, because time goes on.
 */
export function withAutomatic(
  entity: EntitySchema,
  source: Source,
  set: readonly AssignmentNode[],
): readonly AssignmentNode[] {
  const all = [...set];
  const { updatedAt, version } = entity.roles;
  const isSet = ({ column }: PropertySchema) => set.some((each) => each.column === column.name);
  if (updatedAt && !isSet(updatedAt)) {
    all.push(assignment(updatedAt, valueNode(new Date(), updatedAt.type)));
  }
  if (version && !isSet(version)) {
    const before = columnOf(source, version.name).toNode();
    all.push(assignment(version, binary(before, "+", literal(1))));
  }
  return Object.freeze(all);
}

function assignment(property: PropertySchema, value: ExpressionNode): AssignmentNode {
  return Object.freeze({ kind: "Assignment", column: property.column.name, value });
}

/** What comes back, and what it is. */
export function returningOf(
  items: readonly Item[],
): { returning?: readonly ExpressionNode[]; result?: readonly ResultColumn[] } {
  if (items.length === 0) return {};
  return {
    returning: Object.freeze(items.map(({ source }) => expressionOf(source))),
    result: resultsOf(items),
  };
}
