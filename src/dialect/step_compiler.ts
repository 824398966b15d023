/**
 * Steps of migrations in standard SQL, each as one statement. What needs several, or is better done in another
 * way, is a planner's matter.
 *
 * @module
 */
import type { StepNode } from "../ast/ddl.ts";
import type { ColumnType } from "../schema/column_type.ts";
import type { EnumSchema, ViewSchema } from "../schema/database_schema.ts";
import type {
  ColumnStep,
  ConstraintStep,
  OnTable,
  OtherStep,
  Step,
  TypeStep,
} from "../schema/step.ts";
import { DdlCompiler } from "./ddl_compiler.ts";
import type { SqlWriter } from "./sql_writer.ts";

/** Writes steps in standard SQL. */
export abstract class StepCompiler extends DdlCompiler {
  /** Writes a step. */
  protected visitStep({ step }: StepNode, out: SqlWriter): void {
    switch (step.kind) {
      case "createTable":
        return this.visitCreateTable({
          kind: "CreateTable",
          table: step.definition,
          ifNotExists: false,
        }, out);
      case "dropTable": {
        const { name, schema } = step.definition;
        return this.visitDropTable({
          kind: "DropTable",
          table: name,
          ...schema !== undefined && { schema },
          ifExists: false,
          cascade: false,
        }, out);
      }
      case "createIndex":
        return this.visitCreateIndex({ ...step, kind: "CreateIndex", ifNotExists: false }, out);
      case "createEnum":
        return this.visitCreateEnum({ kind: "CreateEnum", type: this.enumType(step.enum) }, out);
      default:
        out.write(this.stepSql(step));
    }
  }

  /** An enum type as the type of a column. */
  protected enumType({ name, schema, values }: EnumSchema): ColumnType {
    const enumName = schema === undefined ? name : `${schema}.${name}`;
    return { name: "enum", enumName, values };
  }

  /** A step as text. */
  protected stepSql(step: Step): string {
    switch (step.kind) {
      case "renameTable":
        return `ALTER TABLE ${this.tableName(step.from)} RENAME TO ${
          this.identifier(step.to.name)
        }`;
      case "addColumn":
      case "dropColumn":
      case "renameColumn":
      case "alterColumn":
        return `${this.alterTable(step)} ${this.columnChange(step)}`;
      case "dropIndex":
        return `DROP INDEX ${this.path(step.schema, step.index.name)}`;
      case "renameIndex":
        return `ALTER INDEX ${this.path(step.schema, step.from)} RENAME TO ${
          this.identifier(step.to)
        }`;
      case "createView":
        return this.createView(step.view);
      case "dropView":
        return `DROP ${step.view.materialized ? "MATERIALIZED " : ""}VIEW ${
          this.tableName(step.view)
        }`;
      case "createTrigger":
        return step.trigger.sql;
      case "dropTrigger":
        return `DROP TRIGGER ${this.identifier(step.trigger.name)}`;
      case "setComment":
      case "setOptions":
        return this.describeTable(step);
      default:
        return "table" in step
          ? `${this.alterTable(step)} ${this.constraintChange(step as ConstraintStep)}`
          : this.typeChange(step as TypeStep);
    }
  }

  /** `ALTER TABLE` and its name. */
  protected alterTable({ table, schema }: OnTable): string {
    return `ALTER TABLE ${this.tableName({ name: table, ...schema !== undefined && { schema } })}`;
  }

  /** What follows `ALTER TABLE` for a column. */
  protected columnChange(step: ColumnStep): string {
    switch (step.kind) {
      case "addColumn":
        return `ADD COLUMN ${
          this.columnDefinition(step.column, {
            name: step.table,
            ...step.column.declared !== undefined && { loose: true },
            columns: [step.column],
            uniques: [],
            indexes: [],
            checks: [],
            foreignKeys: [],
          })
        }`;
      case "dropColumn":
        return `DROP COLUMN ${this.identifier(step.column.name)}`;
      case "renameColumn":
        return `RENAME COLUMN ${this.identifier(step.from)} TO ${this.identifier(step.to)}`;
      case "alterColumn":
        throw this.unsupported(`one statement that changes the column ${step.from.name}`);
    }
  }

  /** What follows `ALTER TABLE` for a constraint. */
  protected constraintChange(step: ConstraintStep): string {
    switch (step.kind) {
      case "addPrimaryKey":
        return `ADD ${this.keyConstraint("PRIMARY KEY", step.key)}`;
      case "addUnique":
        return `ADD ${this.keyConstraint("UNIQUE", step.key)}`;
      case "addCheck":
        return `ADD ${this.checkConstraint(step.check)}`;
      case "addForeignKey":
        return `ADD ${this.foreignKeyConstraint(step.foreignKey)}`;
      case "addExclusion":
        return `ADD ${this.exclusionConstraint(step.exclusion)}`;
      case "renameConstraint":
        return `RENAME CONSTRAINT ${this.identifier(step.from)} TO ${this.identifier(step.to)}`;
      case "dropPrimaryKey":
      case "dropUnique":
        return this.dropConstraint(step.key.name);
      case "dropCheck":
        return this.dropConstraint(step.check.name);
      case "dropForeignKey":
        return this.dropConstraint(step.foreignKey.name);
      case "dropExclusion":
        return this.dropConstraint(step.exclusion.name);
    }
  }

  /** `DROP CONSTRAINT`. */
  protected dropConstraint(name: string | undefined): string {
    if (name === undefined) throw this.unsupported("way to drop a constraint that has no name");
    return `DROP CONSTRAINT ${this.identifier(name)}`;
  }

  /** Schemas, types and sequences. */
  protected typeChange(step: TypeStep): string {
    switch (step.kind) {
      case "createSchema":
        return `CREATE SCHEMA ${this.identifier(step.name)}`;
      case "dropSchema":
        return `DROP SCHEMA ${this.identifier(step.name)}`;
      case "dropEnum":
        return `DROP TYPE ${this.tableName(step.enum)}`;
      case "createSequence":
        return `CREATE SEQUENCE ${this.tableName(step.sequence)} ${step.sequence.sql}`;
      case "dropSequence":
        return `DROP SEQUENCE ${this.tableName(step.sequence)}`;
      default:
        throw this.unsupported(`statement for the step ${step.kind}`);
    }
  }

  /** `CREATE VIEW`. */
  protected createView(view: ViewSchema): string {
    const kind = view.materialized ? "MATERIALIZED VIEW" : "VIEW";
    const columns = view.columns.length > 0 ? ` ${this.names(view.columns)}` : "";
    return `CREATE ${kind} ${this.tableName(view)}${columns} AS ${view.sql}`;
  }

  /** Comments and options. */
  protected describeTable(step: Extract<OtherStep, OnTable>): string {
    throw this.unsupported(`statement for the step ${step.kind}`);
  }
}
