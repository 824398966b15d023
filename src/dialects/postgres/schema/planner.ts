/**
 * Steps as PostgreSQL carries them out. With `online` those that would lock a table for as long as it is read through take
 * another form: indexes are built concurrently, constraints are added without a look at the rows and validated after.
 * Those forms are done statement by statement, outside of a transaction, since a transaction holds its locks to its end.
 *
 * @module
 */
import type { Compiler } from "../../../dialect/dialect.ts";
import type {
  PlannedStep,
  PlanOptions,
  Risk,
  SchemaPlanner,
} from "../../../dialect/schema_support.ts";
import { dataLoss } from "../../../dialect/step_risk.ts";
import { applySteps, requireTable, tableOfStep } from "../../../schema/apply_step.ts";
import type { DatabaseSchema } from "../../../schema/database_schema.ts";
import type { ConstraintStep, OnTable, Step, StepOf } from "../../../schema/step.ts";
import type { IndexSchema } from "../../../schema/table.ts";
import { alterColumn, columnRisk } from "./alter_column.ts";
import { alterDomain, replaceEnum } from "./alter_type.ts";
import { literal, shortened, SqlNames } from "./names.ts";
import type { Work } from "./work.ts";

/** Plans steps for PostgreSQL. */
export class PostgresPlanner implements SchemaPlanner {
  readonly #compiler: Compiler;
  readonly #names: SqlNames;

  /** Writes statements by `compiler`. */
  constructor(compiler: Compiler) {
    this.#compiler = compiler;
    this.#names = new SqlNames(compiler);
  }

  /** Plans steps in their order, each by itself. */
  plan(
    steps: readonly Step[],
    current: DatabaseSchema,
    { online = false }: PlanOptions = {},
  ): PlannedStep[] {
    let schema = current;
    return steps.map((step) => {
      const { statements, blocking, alone } = this.#work(step, schema, online);
      schema = applySteps(schema, [step]);
      return {
        steps: [step],
        statements,
        ...riskOf(step, blocking),
        transactional: alone !== true,
      };
    });
  }

  #work(step: Step, schema: DatabaseSchema, online: boolean): Work {
    switch (step.kind) {
      case "createTable":
        return { statements: this.#createTable(step) };
      case "renameTable":
        return { statements: this.#renameTable(step, schema) };
      case "dropTable":
        return { statements: [this.#sql(step)], blocking: locks(step.definition.name) };
      case "addColumn":
        return {
          statements: [this.#sql(step), ...this.#comments(step, [step.column])],
          ...columnRisk(step),
        };
      case "alterColumn":
        return alterColumn(step, requireTable(schema, tableOfStep(step)), this.#compiler, online);
      case "addPrimaryKey":
      case "addUnique":
        return online ? this.#keyByIndex(step) : this.#reading(step, schema);
      case "addCheck":
      case "addForeignKey":
        return online ? this.#validatedAfter(step) : this.#reading(step, schema);
      case "addExclusion":
        return this.#reading(step, schema);
      case "createIndex":
      case "dropIndex":
        return this.#index(step, schema, online);
      case "replaceEnum":
        return {
          statements: replaceEnum(step, schema, this.#compiler),
          blocking: `writes the tables with ${step.to.name} anew while nobody else can use them`,
        };
      case "alterDomain":
        return { statements: alterDomain(step, this.#compiler) };
      case "createView":
        return {
          statements: [
            this.#sql(step),
            ...step.view.indexes.map((index) =>
              this.#sql({ kind: "createIndex", ...onView(step.view), index })
            ),
            ...step.view.comment === undefined ? [] : [
              `COMMENT ON ${step.view.materialized ? "MATERIALIZED " : ""}VIEW ${
                this.#names.table(step.view)
              } IS ${literal(step.view.comment)}`,
            ],
          ],
        };
      default:
        return { statements: [this.#sql(step)] };
    }
  }

  #sql(step: Step): string {
    return this.#compiler.compile({ kind: "Step", step }).sql;
  }

  #createTable(step: StepOf<"createTable">): string[] {
    const { name, schema, indexes, columns, comment } = step.definition;
    const on = { table: name, ...schema !== undefined && { schema } };
    return [
      this.#sql(step),
      ...indexes.flatMap((index) => [
        this.#sql({ ...on, kind: "createIndex", index }),
        ...this.#indexComment(on, index),
      ]),
      ...comment === undefined ? [] : [this.#sql({ ...on, kind: "setComment", to: comment })],
      ...this.#comments(on, columns),
    ];
  }

  #indexComment(on: OnTable, { name, comment }: IndexSchema): string[] {
    if (comment === undefined) return [];
    const named = this.#names.table({ ...tableOfStep(on), name });
    return [`COMMENT ON INDEX ${named} IS ${literal(comment)}`];
  }

  /** A name and a schema change one after the other, by a way on which no other table stands. */
  #renameTable({ kind, from, to }: StepOf<"renameTable">, schema: DatabaseSchema): string[] {
    if (from.name === to.name || from.schema === to.schema) return [this.#sql({ kind, from, to })];
    const moved = { ...to, name: from.name };
    const isTaken = schema.tables.some((each) =>
      each.name === moved.name && each.schema === moved.schema
    );
    const between = isTaken ? { ...from, name: to.name } : moved;
    return [
      this.#sql({ kind, from, to: between }),
      this.#sql({ kind, from: between, to }),
    ];
  }

  #comments(
    on: OnTable,
    columns: readonly { readonly name: string; readonly comment?: string }[],
  ): string[] {
    const { table, schema } = on;
    return columns.filter(({ comment }) => comment !== undefined).map(({ name, comment }) =>
      this.#sql({
        table,
        ...schema !== undefined && { schema },
        kind: "setComment",
        column: name,
        ...comment !== undefined && { to: comment },
      })
    );
  }

  /** The form that reads the table through under its lock. */
  #reading(step: ConstraintStep, schema: DatabaseSchema): Work {
    return {
      statements: [this.#sql(step)],
      ...isNew(step, schema) ? {} : { blocking: readsThrough(step.table) },
    };
  }

  #validatedAfter(step: StepOf<"addCheck" | "addForeignKey">): Work {
    const { name } = "check" in step ? step.check : step.foreignKey;
    if (name === undefined) {
      return { statements: [this.#sql(step)], blocking: readsThrough(step.table) };
    }
    return {
      statements: [
        `${this.#sql(step)} NOT VALID`,
        `ALTER TABLE ${this.#names.onTable(step)} VALIDATE CONSTRAINT ${this.#names.name(name)}`,
      ],
      alone: true,
    };
  }

  #keyByIndex(step: StepOf<"addPrimaryKey" | "addUnique">): Work {
    const { key } = step;
    const suffix = step.kind === "addPrimaryKey" ? "pkey" : `${key.columns.join("_")}_key`;
    const name = key.name ?? shortened(`${step.table}_${suffix}`);
    const index = this.#sql({
      kind: "createIndex",
      ...onTable(step),
      index: {
        name,
        unique: true,
        parts: key.columns.map((column) => ({ column })),
        ...key.include && { include: key.include },
        ...key.nullsNotDistinct && { nullsNotDistinct: true as const },
      },
    });
    const kind = step.kind === "addPrimaryKey" ? "PRIMARY KEY" : "UNIQUE";
    const deferral = key.deferrable ? ` DEFERRABLE ${key.deferrable.toUpperCase()}` : "";
    return {
      statements: [
        concurrently(index),
        `ALTER TABLE ${this.#names.onTable(step)} ADD CONSTRAINT ${
          this.#names.name(name)
        } ${kind} USING INDEX ${this.#names.name(name)}${deferral}`,
      ],
      alone: true,
    };
  }

  #index(
    step: StepOf<"createIndex" | "dropIndex">,
    schema: DatabaseSchema,
    online: boolean,
  ): Work {
    const sql = this.#sql(step);
    if (step.kind === "dropIndex") {
      return online ? { statements: [concurrently(sql)], alone: true } : { statements: [sql] };
    }
    const comment = this.#indexComment(step, step.index);
    // What PostgreSQL cannot build concurrently is built at once: the index of a divided table.
    const divided = schema.tables.some((each) =>
      each.name === step.table && each.schema === step.schema && each.partition?.kind === "by"
    );
    if (online && !divided) return { statements: [concurrently(sql), ...comment], alone: true };
    return {
      statements: [sql, ...comment],
      blocking: `keeps others from writing ${step.table} while it reads it through`,
    };
  }
}

function concurrently(sql: string): string {
  return sql.replace(/^((?:CREATE (?:UNIQUE )?|DROP )INDEX)/, "$1 CONCURRENTLY");
}

function onTable({ table, schema }: OnTable): OnTable {
  return { table, ...schema !== undefined && { schema } };
}

function onView({ name, schema }: { readonly name: string; readonly schema?: string }): OnTable {
  return { table: name, ...schema !== undefined && { schema } };
}

function isNew(step: OnTable, schema: DatabaseSchema): boolean {
  return !schema.tables.some(({ name, schema: its }) => name === step.table && its === step.schema);
}

function readsThrough(table: string): string {
  return `reads ${table} through while nobody else can write it; fails where a row does not fit`;
}

function locks(table: string): string {
  return `waits for everybody who uses ${table}`;
}

function riskOf(
  step: Step,
  blocking: string | undefined,
): { readonly risk: Risk; readonly reason: string } {
  const loss = dataLoss(step);
  if (loss !== undefined) return { risk: "destructive", reason: loss };
  return blocking === undefined
    ? { risk: "safe", reason: "" }
    : { risk: "blocking", reason: blocking };
}
