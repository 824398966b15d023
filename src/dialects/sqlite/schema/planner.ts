/**
 * Steps as SQLite carries them out: `ALTER TABLE` where it can, else one rebuild for all the steps of a table.
 *
 * @module
 */
import type { Compiler } from "../../../dialect/dialect.ts";
import type { PlannedStep, Risk, SchemaPlanner } from "../../../dialect/schema_support.ts";
import { dataLoss } from "../../../dialect/step_risk.ts";
import {
  applySteps,
  isOneTableStep,
  type OneTableStep,
  requireTable,
  tableOfStep,
} from "../../../schema/apply_step.ts";
import type { DatabaseSchema } from "../../../schema/database_schema.ts";
import type { Step } from "../../../schema/step.ts";
import type { ColumnSchema, TableSchema } from "../../../schema/table.ts";
import { rebuild } from "./rebuild.ts";

/** Plans steps for SQLite. */
export class SqlitePlanner implements SchemaPlanner {
  readonly #compiler: Compiler;

  /** Writes statements by `compiler`. */
  constructor(compiler: Compiler) {
    this.#compiler = compiler;
  }

  /** Plans steps in their order; those of a table that is rebuilt are done together, where the last one stands. */
  plan(steps: readonly Step[], current: DatabaseSchema): PlannedStep[] {
    const groups = grouped(steps, current);
    const planned: PlannedStep[] = [];
    let schema = current;
    for (const step of steps) {
      const group = isOneTableStep(step) ? groups.get(step) : undefined;
      if (group === undefined) {
        planned.push(this.#single(step, schema));
        schema = applySteps(schema, [step]);
      } else if (group.at(-1) === step) {
        const on = tableOfStep(group[0] as OneTableStep);
        planned.push({
          steps: group,
          statements: rebuild(this.#compiler, schema, on, group),
          ...risk(group, `copies the table ${on.name}`, clausesOf(on.name, schema)),
          transactional: true,
        });
        schema = applySteps(schema, group);
      }
    }
    return planned;
  }

  #single(step: Step, schema: DatabaseSchema): PlannedStep {
    const statements = this.#statements(step, schema);
    const reason = step.kind === "createIndex"
      ? `reads the table ${step.table} through`
      : undefined;
    return { steps: [step], statements, ...risk([step], reason), transactional: true };
  }

  #statements(step: Step, schema: DatabaseSchema): string[] {
    const sql = (each: Step) => this.#compiler.compile({ kind: "Step", step: each }).sql;
    switch (step.kind) {
      case "createTable":
        return [
          sql(step),
          ...step.definition.indexes.map((index) =>
            sql({ kind: "createIndex", table: step.definition.name, index })
          ),
        ];
      case "renameIndex": {
        const { indexes } = requireTable(schema, tableOfStep(step));
        return indexes.filter(({ name }) => name === step.from).flatMap((index) => [
          sql({ ...step, kind: "dropIndex", index }),
          sql({ ...step, kind: "createIndex", index: { ...index, name: step.to } }),
        ]);
      }
      case "setComment":
        // SQLite keeps none.
        return [];
      case "addColumn": {
        const { declared: _, ...column } = step.column;
        const { loose } = requireTable(schema, tableOfStep(step));
        return [sql(loose ? step : { ...step, column })];
      }
      case "renameTable": {
        // Names that differ in case alone are the same to SQLite.
        if (step.from.name.toLowerCase() !== step.to.name.toLowerCase()) return [sql(step)];
        const between = { name: `rex_moving_${step.to.name}` };
        return [sql({ ...step, to: between }), sql({ ...step, from: between })];
      }
      default:
        return [sql(step)];
    }
  }
}

/** What a table's definition says that a new one will not. */
function clausesOf(table: string, { others }: DatabaseSchema): string[] {
  const clauses = others.filter((each) =>
    each.table === table && ["conflict clause", "key order"].includes(each.kind)
  );
  return clauses.map(({ sql }) => `takes ${sql} from the definition of ${table}`);
}

function risk(
  steps: readonly Step[],
  blocking: string | undefined,
  more: readonly string[] = [],
): { readonly risk: Risk; readonly reason: string } {
  const losses = [...steps.map(dataLoss).filter((reason) => reason !== undefined), ...more];
  if (losses.length > 0) return { risk: "destructive", reason: losses.join("; ") };
  return blocking === undefined
    ? { risk: "safe", reason: "" }
    : { risk: "blocking", reason: blocking };
}

/**
 * The steps that are done by a rebuild, each with all that are done by the same one. A rename ends a group: what
 * points to the name from elsewhere is changed by `ALTER TABLE` alone.
 */
function grouped(
  steps: readonly Step[],
  current: DatabaseSchema,
): Map<OneTableStep, readonly OneTableStep[]> {
  const groups = new Map<OneTableStep, readonly OneTableStep[]>();
  const open = new Map<string, OneTableStep[]>();
  const close = (table: string): void => {
    const group = open.get(table) ?? [];
    open.delete(table);
    const before = current.tables.find(({ name }) => name === table);
    if (!group.some((step) => !isDirect(step, before))) return;
    for (const step of group) groups.set(step, group);
  };
  for (const step of steps) {
    if (step.kind === "renameColumn") close(step.table);
    else if (step.kind === "renameTable") close(step.from.name);
    else if (isOneTableStep(step) && step.kind !== "setComment") {
      const group = open.get(step.table);
      if (group) group.push(step);
      else open.set(step.table, [step]);
    }
  }
  for (const table of [...open.keys()]) close(table);
  return groups;
}

/** Whether SQLite has a statement for a step. */
function isDirect(step: OneTableStep, table: TableSchema | undefined): boolean {
  switch (step.kind) {
    case "createIndex":
    case "dropIndex":
    case "renameIndex":
      return true;
    case "addColumn":
      return isAddable(step.column);
    case "dropColumn":
      return table !== undefined && isFree(step.column, table);
    default:
      return false;
  }
}

/** What `ADD COLUMN` takes: no key, no stored expression, no default that is computed, no NOT NULL without one. */
function isAddable(column: ColumnSchema): boolean {
  if (column.identity !== undefined || column.generated?.stored) return false;
  if (column.default === undefined) return column.nullable;
  const { default: value } = column;
  if (value.kind === "value") return value.value !== null || column.nullable;
  return value.kind === "sql" && /^(?:'(?:[^']|'')*'|-?\d+(?:\.\d+)?)$/.test(value.sql);
}

/** Whether nothing else of the table stands on a column, so that `DROP COLUMN` takes it. */
function isFree({ name }: ColumnSchema, table: TableSchema): boolean {
  const uses = (columns: readonly (string | undefined)[]) => columns.includes(name);
  const text = new RegExp(`(?<![\\p{L}\\p{N}_])${escaped(name)}(?![\\p{L}\\p{N}_])`, "iu");
  return table.columns.length > 1 && !uses(table.primaryKey?.columns ?? []) &&
    !table.uniques.some(({ columns }) => uses(columns)) &&
    !table.foreignKeys.some(({ columns }) => uses(columns)) &&
    !table.indexes.some(({ parts, where }) =>
      parts.some((part) => part.column === name || text.test(part.sql ?? "")) ||
      text.test(where ?? "")
    ) &&
    !table.checks.some(({ sql }) => text.test(sql)) &&
    !table.columns.some(({ generated }) => text.test(generated?.sql ?? ""));
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
