/**
 * Changing records: one by its key, or all that match.
 *
 * @module
 */
import { binary, column, literal, slot } from "../ast/build.ts";
import type { AssignmentNode, ExpressionNode, UpdateNode } from "../ast/nodes.ts";
import { QueryError, StaleObjectError } from "../base/errors.ts";
import type { Change } from "../change/change.ts";
import type { CompiledStatement } from "../dialect/dialect.ts";
import type { PerformOptions, Session } from "../engine/session.ts";
import type { EntitySchema, PropertySchema } from "../schema/entity.ts";
import { entityTable, notDeleted, propertyColumn, whereAll } from "./condition.ts";
import {
  type ConditionShape,
  conditionShape,
  countRecords,
  keyCondition,
  keyValues,
  refuseUndefined,
  wholeLevel,
} from "./find.ts";
import { type ColumnSet, valuesIn } from "./column_set.ts";
import { changeTo } from "./insert.ts";
import type { Level } from "./level.ts";
import { planFor } from "./plans.ts";
import { notFound } from "./record.ts";
import type { Dictionary, Row } from "./shape.ts";
import { layoutOf, named, type Values } from "./values.ts";

/** How a change of one record is made. */
export interface UpdateOptions {
  /** The version that the record must still have. */
  readonly version?: unknown;
  /** The values before, where they are known. */
  readonly before?: Row;
  /** Also change a soft-deleted record. */
  readonly withDeleted?: boolean;
  /** What the record must meet beside; as long as it does not, it is not there. */
  readonly where?: Dictionary;
}

interface UpdatePlan {
  readonly statement: CompiledStatement;
  readonly level: Level;
  readonly options: PerformOptions;
}

/**
 * Changes the record with a key and gives the stored one.
 *
 * @throws {NotFoundError} when there is no such record
 * @throws {StaleObjectError} when it no longer has `options.version`
 */
export async function updateOne(
  session: Session,
  entity: EntitySchema,
  id: unknown,
  values: Values,
  options: UpdateOptions = {},
): Promise<Row> {
  const key = keyValues(entity, id);
  const { version } = entity.roles;
  const checked = version !== undefined && options.version !== undefined;
  const written = writtenColumns(entity, values);
  const slots = [...valuesIn(written, values), ...key];
  if (checked) slots.push(options.version);
  const beside = options.where &&
    conditionShape(entity, { where: options.where, withDeleted: true }, slots);
  const plan = updatePlan(session, entity, written, checked, {
    withDeleted: options.withDeleted === true,
    beside,
  });
  const bound = beside?.values ?? slots;
  const { rows: [row] } = await session.perform(plan.statement, bound, plan.options);
  if (!row) throw await missing(session, entity, key, checked);
  const record = plan.level.hydrate(row, []);
  if (session.followed) {
    const before = options.before ??
      (setsKey(written.properties) ? keyRow(entity, key) : undefined);
    session.record([changeTo(entity, "update", record, before)]);
  }
  return record;
}

/** Whether a change gives records another key. */
export function setsKey(written: readonly PropertySchema[]): boolean {
  return written.some((each) => each.primary);
}

function keyRow({ primaryKey }: EntitySchema, key: readonly unknown[]): Row {
  return Object.fromEntries(primaryKey.map(({ name }, i) => [name, key[i]]));
}

/** The columns that a change sets; a version counts up by itself. */
function writtenColumns(entity: EntitySchema, values: Values): ColumnSet {
  const { columns, places } = layoutOf(entity);
  const { version } = entity.roles;
  if (version) values[places.get(version.name) as number] = undefined;
  return columns.of(values);
}

function updatePlan(
  session: Session,
  entity: EntitySchema,
  written: ColumnSet,
  checked: boolean,
  { withDeleted, beside }: { withDeleted: boolean; beside: ConditionShape | undefined },
): UpdatePlan {
  const key = `${written.key}${checked ? "|v" : ""}${withDeleted ? "|d" : ""}${beside?.key ?? ""}`;
  return planFor(session, entity, "update", key, () => {
    const level = wholeLevel(session, entity);
    const { version } = entity.roles;
    const first = written.places.length;
    const conditions: (ExpressionNode | undefined)[] = keyCondition(entity, first);
    if (checked && version) {
      const given = slot(first + entity.primaryKey.length, version.type);
      conditions.push(binary(propertyColumn(version), "=", given));
    }
    if (!withDeleted) conditions.push(notDeleted(entity));
    if (beside) conditions.push(...beside.expressions(entity.table.name));
    const node = updateNode(entity, assignments(entity, written.properties), conditions);
    return {
      level,
      statement: session.prepare({ ...node, returning: level.columns(undefined) }),
      options: { bigints: level.bigints },
    };
  });
}

/** `SET` of the written properties from the first slots on; a version counts up by itself. */
function assignments(
  entity: EntitySchema,
  written: readonly PropertySchema[],
): AssignmentNode[] {
  const set = written.map((each, i) => assign(each, slot(i, each.type)));
  const { version } = entity.roles;
  if (version) set.push(assign(version, binary(propertyColumn(version), "+", literal(1))));
  const [first] = entity.primaryKey;
  // A record of which nothing changes is still looked up, and locked, by its key.
  if (set.length === 0 && first) set.push(assign(first, column(first.column.name)));
  return set;
}

function assign(property: PropertySchema, value: ExpressionNode): AssignmentNode {
  return { kind: "Assignment", column: property.column.name, value };
}

function updateNode(
  entity: EntitySchema,
  set: readonly AssignmentNode[],
  conditions: readonly (ExpressionNode | undefined)[],
): UpdateNode {
  return { kind: "Update", table: entityTable(entity), set, ...whereAll(conditions) };
}

/** The error for a record that was not found: whether it is gone, or only has another version. */
export async function missing(
  session: Session,
  entity: EntitySchema,
  key: readonly unknown[],
  checked: boolean,
  what = "update",
): Promise<Error> {
  if (checked) {
    const where = Object.fromEntries(entity.primaryKey.map((each, i) => [each.name, key[i]]));
    if (await countRecords(session, entity, { where }) > 0) {
      return new StaleObjectError(
        `Cannot ${what} ${entity.name}: it was changed by somebody else since it was read`,
        { hint: "read it again, apply the change again, and save" },
      );
    }
  }
  return notFound(entity, what);
}

/** Changes all records of a filter and gives how many there were. */
export async function updateMany(
  session: Session,
  entity: EntitySchema,
  filter: Dictionary,
  values: Values,
): Promise<number> {
  const given = layoutOf(entity).columns.of(values);
  if (given.places.length === 0) {
    throw new QueryError(`Cannot update ${entity.name}: no value was given`);
  }
  const written = writtenColumns(entity, values);
  return await changeMany(session, entity, filter, {
    kind: `set ${written.key}`,
    values: valuesIn(written, values),
    set: () => assignments(entity, written.properties),
    after: () => named(entity, values),
    setsKey: setsKey(written.properties),
  });
}

const numbers = new Set(["smallint", "integer", "bigint", "real", "double"]);

/** Adds to numeric columns of all records of a filter, in the database; `also` is set beside. */
export async function incrementMany(
  session: Session,
  entity: EntitySchema,
  filter: Dictionary,
  by: Values,
  also: Values,
): Promise<number> {
  const { columns } = layoutOf(entity);
  const grown = columns.of(by);
  const written = columns.of(also.map((value, i) => by[i] === undefined ? value : undefined));
  refuseSteps(entity, grown, by);
  const { version } = entity.roles;
  return await changeMany(session, entity, filter, {
    kind: `grow ${grown.key}${written.key}`,
    values: [...valuesIn(grown, by), ...valuesIn(written, also)],
    set: () => [
      ...grown.properties.map((each, i) =>
        assign(each, binary(propertyColumn(each), "+", slot(i, each.type)))
      ),
      ...written.properties.map((each, i) =>
        assign(each, slot(grown.places.length + i, each.type))
      ),
      ...version && !grown.properties.includes(version)
        ? [assign(version, binary(propertyColumn(version), "+", literal(1)))]
        : [],
    ],
    after: () => ({}),
    setsKey: setsKey([...grown.properties, ...written.properties]),
  });
}

function refuseSteps(entity: EntitySchema, grown: ColumnSet, by: Values): void {
  if (grown.places.length === 0) {
    throw new QueryError(`Cannot increment ${entity.name}: no column was given`);
  }
  grown.properties.forEach((each, i) => {
    if (!numbers.has(each.type.name) || each.type.array) {
      throw new QueryError(
        `Cannot increment ${entity.name}.${each.name}: it is a column of type ${each.type.name}`,
      );
    }
    if (!["number", "bigint"].includes(typeof by[grown.places[i] as number])) {
      throw new QueryError(
        `Cannot increment ${entity.name}.${each.name}: the step must be a number`,
      );
    }
  });
}

interface ManyChange {
  readonly kind: string;
  readonly values: readonly unknown[];
  readonly set: () => AssignmentNode[];
  readonly after: () => Row;
  readonly setsKey: boolean;
}

async function changeMany(
  session: Session,
  entity: EntitySchema,
  filter: Dictionary,
  change: ManyChange,
): Promise<number> {
  refuseUndefined(entity, filter, "change");
  const shape = conditionShape(entity, filter, change.values);
  const followed = session.followed && entity.primaryKey.length > 0;
  const statement = planFor(
    session,
    entity,
    `${change.kind}${followed ? "|keys" : ""}`,
    shape.key,
    () =>
      session.prepare({
        ...updateNode(entity, change.set(), shape.expressions(entity.table.name)),
        ...followed && { returning: entity.primaryKey.map((each) => propertyColumn(each)) },
      }),
  );
  const { rows, rowCount } = await session.perform(statement, shape.values);
  if (followed) recordKeys(session, entity, rows, { kind: "update", after: change.after() });
  // The keys that the rows had are not known any more.
  if (followed && change.setsKey) session.recordUnseen([entity.table.name]);
  return rowCount;
}

/** Tells of the changes of many rows, of which only the primary keys were read back. */
export function recordKeys(
  session: Session,
  entity: EntitySchema,
  rows: readonly (readonly unknown[])[],
  change: Pick<Change, "kind" | "after">,
): void {
  const loaders = entity.primaryKey.map(({ type }) => session.dialect.codecs.codec(type).load);
  session.record(rows.map((row) => ({
    table: entity.table.name,
    model: entity.name,
    key: Object.fromEntries(entity.primaryKey.map(({ name }, i) => {
      const load = loaders[i];
      return [name, load ? load(row[i]) : row[i]];
    })),
    ...change,
  })));
}
