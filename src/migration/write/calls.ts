/**
 * Steps as calls of the schema editor.
 *
 * @module
 */
import type { OneTableStep } from "../../schema/apply_step.ts";
import type { Step } from "../../schema/step.ts";
import type { ColumnSchema } from "../../schema/table.ts";
import type { SchemaEditor } from "../editor/editor.ts";
import type { TableEditor } from "../editor/table_editor.ts";
import {
  changeWords,
  columnWords,
  indexWords,
  keyWord,
  nameWord,
  tableWord,
  tableWords,
} from "./words.ts";

/** A call of a method. */
export interface Call<Method extends PropertyKey> {
  /** The method. */
  readonly method: Method;
  /** What it is given. */
  readonly args: readonly unknown[];
}

/** The call for a step of one table, inside of `alterTable`. */
export function tableCall(
  step: OneTableStep,
  declared?: ColumnSchema,
): Call<keyof TableEditor> {
  switch (step.kind) {
    case "addColumn":
      return { method: "addColumn", args: [step.column.name, columnWords(step.column)] };
    case "dropColumn":
      return { method: "dropColumn", args: [step.column.name] };
    case "alterColumn":
      return { method: "alterColumn", args: [step.from.name, changeWords(step, declared)] };
    case "addPrimaryKey":
      return { method: "addPrimaryKey", args: [keyWord(step.key, step.table)] };
    case "dropPrimaryKey":
      return { method: "dropPrimaryKey", args: [] };
    case "addUnique":
      return { method: "addUnique", args: [step.key] };
    case "addCheck":
      return { method: "addCheck", args: [step.check] };
    case "addForeignKey":
      return { method: "addForeignKey", args: [step.foreignKey] };
    case "addExclusion":
      return { method: "addExclusion", args: [step.exclusion] };
    case "dropUnique":
      return { method: "dropConstraint", args: [constraintWord(step.key)] };
    case "dropForeignKey":
      return { method: "dropConstraint", args: [constraintWord(step.foreignKey)] };
    case "dropCheck":
      return { method: "dropConstraint", args: [step.check.name ?? { check: step.check.sql }] };
    case "dropExclusion":
      return { method: "dropConstraint", args: [step.exclusion.name] };
    case "createIndex":
      return { method: "createIndex", args: [indexWords(step.index)] };
    case "dropIndex":
      return { method: "dropIndex", args: [step.index.name] };
    case "renameColumn":
    case "renameConstraint":
    case "renameIndex":
      return { method: step.kind, args: [step.from, step.to] };
    case "setComment":
      return {
        method: "setComment",
        args: step.column === undefined ? [step.to] : [step.to, step.column],
      };
    case "setOptions":
      return { method: "setOptions", args: [step.to] };
  }
}

function constraintWord(
  { name, columns }: { readonly name?: string; readonly columns: readonly string[] },
): unknown {
  return name ?? { columns };
}

/** The call for any other step. */
export function schemaCall(step: Exclude<Step, OneTableStep>): Call<keyof SchemaEditor> {
  switch (step.kind) {
    case "createSchema":
    case "dropSchema":
      return { method: step.kind, args: [step.name] };
    case "createEnum":
      return { method: step.kind, args: [nameWord(step.enum), step.enum.values] };
    case "dropEnum":
      return { method: step.kind, args: [nameWord(step.enum)] };
    case "renameEnum":
    case "renameTable":
      return { method: step.kind, args: [nameWord(step.from), nameWord(step.to)] };
    case "addEnumValue":
      return {
        method: step.kind,
        args: [
          nameWord(step.enum),
          step.value,
          ...step.before === undefined ? [] : [step.before],
        ],
      };
    case "renameEnumValue":
      return { method: step.kind, args: [nameWord(step.enum), step.from, step.to] };
    case "replaceEnum":
      return { method: step.kind, args: [nameWord(step.to), step.to.values] };
    case "createDomain":
      return { method: step.kind, args: [step.domain] };
    case "dropDomain":
      return { method: step.kind, args: [nameWord(step.domain)] };
    case "alterDomain":
      return { method: step.kind, args: [step.to] };
    case "createSequence":
      return { method: step.kind, args: [nameWord(step.sequence), step.sequence.sql] };
    case "dropSequence":
      return { method: step.kind, args: [nameWord(step.sequence)] };
    case "alterSequence":
      return { method: step.kind, args: [nameWord(step.to), step.to.sql] };
    case "createTable":
      return { method: step.kind, args: [step.definition.name, tableWords(step.definition)] };
    case "dropTable":
      return { method: step.kind, args: [nameWord(step.definition)] };
    case "createView": {
      const { name: _, schema: _schema, materialized, indexes, ...rest } = step.view;
      return {
        method: step.kind,
        args: [nameWord(step.view), {
          ...rest,
          ...materialized && { materialized },
          ...indexes.length > 0 && { indexes },
        }],
      };
    }
    case "dropView":
      return { method: step.kind, args: [nameWord(step.view)] };
    case "createTrigger":
      return { method: step.kind, args: [step.trigger] };
    case "dropTrigger": {
      const { name, table, schema } = step.trigger;
      return {
        method: step.kind,
        args: [name, tableWord({ table, ...schema !== undefined && { schema } })],
      };
    }
  }
}
