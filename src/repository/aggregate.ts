/**
 * Aggregates over records, and over groups of them.
 *
 * @module
 */
import { alias, call, cast, order, select } from "../ast/build.ts";
import type { RunOptions } from "../ast/executor.ts";
import type { ExpressionNode } from "../ast/nodes.ts";
import { QueryError } from "../base/errors.ts";
import type { CompiledStatement } from "../dialect/dialect.ts";
import type { Session } from "../engine/session.ts";
import { type ColumnType, columnType } from "../schema/column_type.ts";
import type { EntitySchema, PropertySchema } from "../schema/entity.ts";
import { columnConditions, countNode, entityTable, propertyColumn, whereAll } from "./condition.ts";
import { conditionShape } from "./find.ts";
import { planFor } from "./plans.ts";
import { type Dictionary, isDictionary, type Row, ShapeReader, unknownName } from "./shape.ts";

const functions = ["sum", "avg", "min", "max"] as const;
type Name = (typeof functions)[number];

const integer = columnType("integer");
const number = columnType("double");
const text = columnType("text");

/** One computed value: where it goes in the result and how it is read. */
interface Output {
  readonly path: readonly string[];
  readonly expression: ExpressionNode;
  readonly type: ColumnType;
  readonly load: (wire: unknown) => unknown;
}

interface AggregatePlan {
  readonly statement: CompiledStatement;
  readonly outputs: readonly Output[];
  /** Whether there is a bigint among them, so that every integer must come as one. */
  readonly bigints: boolean;
}

/** Computes aggregates over the records of a filter. */
export async function aggregateRecords(
  session: Session,
  entity: EntitySchema,
  query: Dictionary,
  options?: RunOptions,
): Promise<Row> {
  const { where, withDeleted, ...aggregates } = query;
  const shape = conditionShape(entity, filterOf(where, withDeleted));
  const key = `${JSON.stringify(aggregates)}|${shape.key}`;
  const plan = planFor(session, entity, "aggregate", key, (): AggregatePlan => {
    const outputs = outputsOf(session, entity, aggregates, "t");
    if (outputs.length === 0) {
      throw new QueryError(`Cannot aggregate ${entity.name}: ask for count, sum, avg, min or max`);
    }
    const node = select({
      selection: outputs.map((each) => each.expression),
      from: [entityTable(entity, "t")],
      ...whereAll(shape.expressions("t")),
    });
    return planOf(session, outputs, node);
  });
  const { bigints } = plan;
  const { rows } = await session.perform(plan.statement, shape.values, { ...options, bigints });
  return resultOf(plan.outputs, rows[0] as unknown[]);
}

function planOf(
  session: Session,
  outputs: readonly Output[],
  node: Parameters<Session["prepare"]>[0],
): AggregatePlan {
  const bigints = outputs.some((each) => each.type.name === "bigint");
  return { outputs, bigints, statement: session.prepare(node) };
}

function filterOf(where: unknown, withDeleted: unknown): Dictionary {
  return {
    ...where !== undefined && { where },
    ...withDeleted !== undefined && { withDeleted },
  };
}

function resultOf(outputs: readonly Output[], row: readonly unknown[]): Row {
  const result: Row = {};
  outputs.forEach(({ path, load }, i) => {
    const wire = row[i];
    const value = wire === null || wire === undefined ? null : load(wire);
    const [first = "", second] = path;
    if (second === undefined) result[first] = value;
    else {
      const inner = (result[first] ??= {}) as Row;
      inner[second] = value;
    }
  });
  return result;
}

function outputsOf(
  session: Session,
  entity: EntitySchema,
  aggregates: Dictionary,
  table: string,
): Output[] {
  const outputs: Output[] = [];
  for (const [name, wanted] of Object.entries(aggregates)) {
    if (wanted === undefined || wanted === false) continue;
    if (name === "count") outputs.push(countOutput(["count"]));
    else if (functions.includes(name as Name) && Array.isArray(wanted)) {
      for (const each of wanted) {
        const property = typeof each === "string" ? entity.byName.get(each) : undefined;
        if (!property) throw unknownName(entity, String(each), name);
        outputs.push(functionOutput(session, name as Name, property, table));
      }
    } else throw new QueryError(`Cannot use ${name} in an aggregate of ${entity.name}`);
  }
  return outputs;
}

function countOutput(path: readonly string[]): Output {
  return { path, type: integer, expression: call("count", [{ kind: "Star" }]), load: Number };
}

const unordered = new Set(["boolean", "json", "jsonb", "bytes"]);
const integers = new Set(["smallint", "integer", "real", "double"]);

/** Results are cast, so that every database gives the same type for them. */
function functionOutput(
  session: Session,
  name: Name,
  property: PropertySchema,
  table: string,
): Output {
  const { type } = property;
  const arithmetic = integers.has(type.name) || type.name === "bigint" || type.name === "numeric";
  if ((name === "sum" || name === "avg") && !arithmetic) {
    throw new QueryError(`Cannot ${name} ${property.name}: it is ${type.name}, not a number`);
  }
  if (type.array || unordered.has(type.name)) {
    throw new QueryError(`Cannot ${name} ${property.name}: ${type.name} has no order`);
  }
  const operand = propertyColumn(property, table);
  // PostgreSQL has no min() and max() of UUIDs, but their text sorts as they do.
  const value = type.name === "uuid"
    ? cast(call(name, [cast(operand, text)]), type)
    : call(name, [operand]);
  const as: ColumnType = name === "avg" || (name === "sum" && integers.has(type.name))
    ? number
    : type;
  // The sum of decimals is one already, and keeps the digits of its column.
  const casts = (name === "sum" || name === "avg") && as.name !== "numeric";
  const expression = casts ? cast(value, as) : value;
  return { path: [name, property.name], type: as, expression, load: loaderFor(session, as) };
}

function loaderFor(session: Session, type: ColumnType): Output["load"] {
  const { load } = session.dialect.codecs.codec(type);
  if (type.name === "bigint") return load ?? ((wire) => wire);
  return (wire) => {
    const narrow = typeof wire === "bigint" ? Number(wire) : wire;
    return load ? load(narrow) : narrow;
  };
}

/** Computes aggregates for each combination of some columns. */
export async function groupRecords(
  session: Session,
  entity: EntitySchema,
  query: Dictionary,
  options?: RunOptions,
): Promise<Row[]> {
  const { where, withDeleted, by, having, orderBy, limit, offset, ...aggregates } = query;
  const shape = conditionShape(entity, filterOf(where, withDeleted));
  const rest = readGrouping(entity, shape.values, { by, having, orderBy, limit, offset });
  const values = rest.values;
  const key = `${JSON.stringify(aggregates)}|${shape.key}|${rest.key}`;
  const plan = planFor(session, entity, "group", key, (): AggregatePlan => {
    const template = rest.template();
    const outputs: Output[] = template.by.map((property) => ({
      path: [property.name],
      type: property.type,
      expression: propertyColumn(property, "t"),
      load: loaderFor(session, property.type),
    }));
    outputs.push(...outputsOf(session, entity, aggregates, "t"));
    const count = call("count", [{ kind: "Star" }]);
    const node = select(
      {
        selection: outputs.map((each, i) => alias(each.expression, `c${i}`)),
        from: [entityTable(entity, "t")],
        ...whereAll(shape.expressions("t")),
        groupBy: template.by.map((property) => propertyColumn(property, "t")),
        ...template.having && {
          having: whereAll(columnConditions(count, columnType("integer"), template.having)).where,
        },
        ...template.orderBy.length > 0 && {
          orderBy: template.orderBy.map(([name, direction]) => {
            const property = entity.byName.get(name);
            return property
              ? order(
                propertyColumn(property, "t"),
                direction,
                property.column.nullable ? direction === "asc" ? "last" : "first" : undefined,
              )
              : order(count, direction);
          }),
        },
        ...template.limit !== undefined && {
          limit: countNode(template.limit),
        },
        ...template.offset !== undefined && {
          offset: countNode(template.offset),
        },
      } as Parameters<typeof select>[0],
    );
    return planOf(session, outputs, node);
  });
  const { bigints } = plan;
  const { rows } = await session.perform(plan.statement, values, { ...options, bigints });
  return rows.map((row) => resultOf(plan.outputs, row));
}

interface GroupingTemplate {
  readonly by: readonly PropertySchema[];
  readonly having: Dictionary | undefined;
  readonly orderBy: readonly (readonly [string, "asc" | "desc"])[];
  readonly limit: unknown;
  readonly offset: unknown;
}

function readGrouping(
  entity: EntitySchema,
  before: readonly unknown[],
  parts: Dictionary,
): { key: string; values: unknown[]; template: () => GroupingTemplate } {
  const walk = (copying: boolean): [ShapeReader, GroupingTemplate] => {
    const reader = new ShapeReader(copying);
    reader.values.push(...before);
    const by = reader.columns(entity, parts.by, "by");
    const having = parts.having === undefined ? undefined : readHaving(reader, parts.having);
    const orderBy = Object.entries((parts.orderBy ?? {}) as Dictionary).map(([name, direction]) => {
      if (name !== "_count" && !by.includes(name)) {
        throw new QueryError(`Cannot order groups by ${name}: it is not one of ${by.join(", ")}`);
      }
      if (direction !== "asc" && direction !== "desc") {
        throw new QueryError(`Cannot order groups by ${name}: the direction is "asc" or "desc"`);
      }
      reader.mark(`${name}:${direction};`);
      return [name, direction] as const;
    });
    reader.mark("l");
    const limit = parts.limit === undefined ? undefined : reader.count(parts.limit, "limit");
    reader.mark("o");
    const offset = parts.offset === undefined ? undefined : reader.count(parts.offset, "offset");
    const properties = by.map((name) => entity.byName.get(name) as PropertySchema);
    return [reader, { by: properties, having, orderBy, limit, offset }];
  };
  const [reader] = walk(false);
  return { key: reader.key, values: reader.values, template: () => walk(true)[1] };
}

function readHaving(reader: ShapeReader, having: unknown): Dictionary {
  if (!isDictionary(having) || Object.keys(having).join() !== "count") {
    throw new QueryError("Cannot read having: it takes { count: … }");
  }
  const { count } = having;
  reader.mark("h");
  return isDictionary(count)
    ? reader.operators(count, "having.count")
    : { eq: reader.value(count, "having.count") };
}
