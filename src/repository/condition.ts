/**
 * Conditions of a query shape as expressions.
 *
 * @module
 */
import {
  and,
  binary,
  call,
  column,
  isNull,
  literal,
  not,
  or,
  select,
  slot,
  table,
  value,
} from "../ast/build.ts";
import type {
  BinaryOperator,
  ExpressionNode,
  JoinNode,
  LikeNode,
  SelectNode,
  TableNode,
} from "../ast/nodes.ts";
import type { ColumnType } from "../schema/column_type.ts";
import { columnType } from "../schema/column_type.ts";
import type { EntitySchema, PropertySchema, RelationSchema } from "../schema/entity.ts";
import { type Dictionary, Slot } from "./shape.ts";

/** Hands out table aliases that differ within one statement. */
export class Aliases {
  #next = 0;

  /** A new alias. */
  next(): string {
    return `t${this.#next++}`;
  }
}

const number = columnType("integer");
const text = columnType("text");
const comparisons: Readonly<Record<string, BinaryOperator>> = {
  gt: ">",
  gte: ">=",
  lt: "<",
  lte: "<=",
};
const matches: Readonly<Record<string, Pick<LikeNode, "match" | "insensitive">>> = {
  like: { match: "pattern", insensitive: false },
  ilike: { match: "pattern", insensitive: true },
  startsWith: { match: "prefix", insensitive: false },
  endsWith: { match: "suffix", insensitive: false },
  contains: { match: "infix", insensitive: false },
};

/** The table of an entity under an alias. */
export function entityTable(entity: EntitySchema, alias?: string): TableNode {
  return table(entity.table.name, alias, entity.table.schema);
}

/** A property's column under an alias. */
export function propertyColumn(property: PropertySchema, alias?: string): ExpressionNode {
  return column(property.column.name, alias, property.type);
}

/** An operand: the slot of a value, or the value itself where the shape holds it. */
export function operandOf(operand: unknown, type: ColumnType): ExpressionNode {
  return operand instanceof Slot ? slot(operand.index, type) : value(operand, type);
}

/** A limit or offset: a slot, or a number that the shape holds. */
export function countNode(count: unknown): ExpressionNode {
  return count instanceof Slot ? slot(count.index, number) : literal(count as number);
}

/** The conditions as a WHERE clause: none where all of them are always true. */
export function whereAll(
  conditions: readonly (ExpressionNode | undefined)[],
): { where?: ExpressionNode } {
  const real = conditions.filter((each) => each !== undefined).filter((each) =>
    !(each.kind === "Logical" && each.operator === "and" && each.operands.length === 0)
  );
  return real.length > 0 ? { where: and(real) } : {};
}

/** The condition `where` (with slots in place of values) on an entity's table under `alias`. */
export function condition(
  entity: EntitySchema,
  where: Dictionary,
  alias: string | undefined,
  aliases: Aliases,
): ExpressionNode {
  const terms: ExpressionNode[] = [];
  for (const [name, operand] of Object.entries(where)) {
    if (name === "AND" || name === "OR" || name === "NOT") {
      const parts = (operand as Dictionary[]).map((each) =>
        condition(entity, each, alias, aliases)
      );
      if (name === "AND") terms.push(and(parts));
      else if (name === "OR") terms.push(or(parts));
      else terms.push(...parts.map(not));
      continue;
    }
    const property = entity.byName.get(name);
    if (property) {
      terms.push(
        ...columnConditions(
          propertyColumn(property, alias),
          property.type,
          operand as Dictionary,
        ),
      );
      continue;
    }
    const relation = entity.relations.get(name);
    if (relation) {
      terms.push(...relationConditions(relation, operand as Dictionary, alias, aliases));
    }
  }
  return and(terms);
}

/** The operators on one expression. */
export function columnConditions(
  operand: ExpressionNode,
  type: ColumnType,
  conditions: Dictionary,
): ExpressionNode[] {
  return Object.entries(conditions).map(([name, given]) =>
    columnCondition(operand, type, name, given)
  );
}

function columnCondition(
  left: ExpressionNode,
  type: ColumnType,
  name: string,
  given: unknown,
): ExpressionNode {
  if (name === "isNull") return isNull(left, given === false);
  if (name === "eq") {
    return given === null ? isNull(left) : binary(left, "=", operandOf(given, type));
  }
  if (name === "ne") {
    return given === null ? isNull(left, true) : binary(left, "<>", operandOf(given, type));
  }
  if (name === "in" || name === "notIn") {
    const values = given instanceof Slot ? { slot: given.index } : given as readonly unknown[];
    return {
      kind: "In",
      operand: left,
      source: { kind: "ListValue", values, type },
      negated: name === "notIn",
    };
  }
  if (name === "between") {
    const [low, high] = given as readonly [unknown, unknown];
    return {
      kind: "Between",
      operand: left,
      low: operandOf(low, type),
      high: operandOf(high, type),
      negated: false,
    };
  }
  const comparison = comparisons[name];
  if (comparison) return binary(left, comparison, operandOf(given, type));
  if (name === "overlaps") return binary(left, "&&", operandOf(given, type));
  if (name === "contains" && type.array) return binary(left, "@>", operandOf(given, type));
  if (name === "contains" && (type.name === "json" || type.name === "jsonb")) {
    return { kind: "JsonContains", operand: left, value: operandOf(given, type) };
  }
  return {
    kind: "Like",
    operand: left,
    pattern: operandOf(given, text),
    ...matches[name] as Pick<LikeNode, "match" | "insensitive">,
    negated: false,
  };
}

function relationConditions(
  relation: RelationSchema,
  conditions: Dictionary,
  alias: string | undefined,
  aliases: Aliases,
): ExpressionNode[] {
  const { where: among, ...asked } = conditions;
  return Object.entries(asked).map(([name, given]) => {
    if (name === "_count") {
      const counted = countOf(relation, alias, aliases, among as Dictionary | undefined);
      return and(columnConditions(counted, number, given as Dictionary));
    }
    if (given === null) return absent(relation, alias, aliases, name === "isNot");
    const found = relatedTo(relation, alias, aliases);
    const inner = condition(relation.target, given as Dictionary, found.alias, aliases);
    const negated = name === "none" || name === "every" || name === "isNot";
    const wanted = name === "every" ? not(call("coalesce", [inner, literal(false)])) : inner;
    const wheres = [...amongThese(relation, among, found, aliases), wanted];
    return { kind: "Exists", query: related(found, [literal(1)], wheres), negated };
  });
}

function absent(
  relation: RelationSchema,
  alias: string | undefined,
  aliases: Aliases,
  negated: boolean,
): ExpressionNode {
  // A soft-deleted record is absent too, and only a look at it tells.
  if (relation.owner && !relation.target.roles.deletedAt) {
    const keys = relation.local.filter((each) => each.column.nullable);
    const tests = keys.map((each) => isNull(propertyColumn(each, alias), negated));
    return negated ? and(tests) : or(tests);
  }
  const found = relatedTo(relation, alias, aliases);
  return { kind: "Exists", query: related(found, [literal(1)], []), negated: !negated };
}

/** The condition that narrows what is asked of a relation to many. */
function amongThese(
  relation: RelationSchema,
  where: unknown,
  found: Related,
  aliases: Aliases,
): ExpressionNode[] {
  if (where === undefined) return [];
  return [condition(relation.target, where as Dictionary, found.alias, aliases)];
}

/** How many records a relation to many leads to, as an expression; with `where` only those for which it holds. */
export function countOf(
  relation: RelationSchema,
  alias: string | undefined,
  aliases: Aliases,
  where?: Dictionary,
): ExpressionNode {
  const found = relatedTo(relation, alias, aliases);
  const wheres = amongThese(relation, where, found, aliases);
  return {
    kind: "Subquery",
    query: related(found, [call("count", [{ kind: "Star" }])], wheres),
  };
}

/** The rows that a relation leads to from the row under an outer alias. */
export interface Related {
  /** The target's alias. */
  readonly alias: string;
  /** What to read from. */
  readonly from: TableNode;
  /** The join table, for many-to-many. */
  readonly joins: readonly JoinNode[];
  /** What ties them to the outer row, and keeps soft-deleted ones out. */
  readonly where: readonly ExpressionNode[];
}

/** The target of a relation, tied to the row under `outer`. */
export function relatedTo(
  relation: RelationSchema,
  outer: string | undefined,
  aliases: Aliases,
  withDeleted = false,
): Related {
  const alias = aliases.next();
  const { target, through } = relation;
  const where: ExpressionNode[] = [];
  const joins: JoinNode[] = [];
  if (through) {
    const link = aliases.next();
    joins.push({
      kind: "Join",
      type: "inner",
      source: table(through.table.name, link, through.table.schema),
      on: and(through.foreign.map((name, i) => {
        const end = relation.foreign[i] as PropertySchema;
        return binary(column(name, link, end.type), "=", propertyColumn(end, alias));
      })),
    });
    through.local.forEach((name, i) => {
      const end = relation.local[i] as PropertySchema;
      where.push(binary(column(name, link, end.type), "=", propertyColumn(end, outer)));
    });
  } else {
    relation.foreign.forEach((end, i) => {
      const start = relation.local[i] as PropertySchema;
      where.push(binary(propertyColumn(end, alias), "=", propertyColumn(start, outer)));
    });
  }
  const deleted = withDeleted ? undefined : notDeleted(target, alias);
  if (deleted) where.push(deleted);
  return { alias, from: entityTable(target, alias), joins, where };
}

/** `deleted_at IS NULL`, for models with soft delete. */
export function notDeleted(entity: EntitySchema, alias?: string): ExpressionNode | undefined {
  const { deletedAt } = entity.roles;
  return deletedAt && isNull(propertyColumn(deletedAt, alias));
}

/** A query over related rows. */
export function related(
  found: Related,
  selection: readonly ExpressionNode[],
  conditions: readonly ExpressionNode[],
): SelectNode {
  return select({
    selection,
    from: [found.from],
    joins: found.joins,
    ...whereAll([...found.where, ...conditions]),
  });
}
