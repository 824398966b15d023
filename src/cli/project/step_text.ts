/**
 * Steps of a comparison in a few words: `add column users.email`.
 *
 * @module
 */
import type { QualifiedName } from "../../schema/database_schema.ts";
import type { OnTable, Step } from "../../schema/step.ts";

/** What a step does. */
export function stepText(step: Step): string {
  const verb = step.kind.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return `${verb} ${objectOf(step)}`;
}

function objectOf(step: Step): string {
  switch (step.kind) {
    case "createSchema":
    case "dropSchema":
      return step.name;
    case "createEnum":
    case "dropEnum":
      return named(step.enum);
    case "addEnumValue":
      return `${step.value} to ${named(step.enum)}`;
    case "renameEnumValue":
      return `${step.from} of ${named(step.enum)} to ${step.to}`;
    case "renameEnum":
    case "renameTable":
      return `${named(step.from)} to ${named(step.to)}`;
    case "replaceEnum":
    case "alterDomain":
    case "alterSequence":
      return named(step.to);
    case "createDomain":
    case "dropDomain":
      return named(step.domain);
    case "createSequence":
    case "dropSequence":
      return named(step.sequence);
    case "createTable":
    case "dropTable":
      return named(step.definition);
    case "createView":
    case "dropView":
      return named(step.view);
    case "createTrigger":
    case "dropTrigger":
      return `${step.trigger.name} on ${step.trigger.table}`;
    default:
      return partOfTable(step);
  }
}

type TablePart = Extract<Step, OnTable>;

function partOfTable(step: TablePart): string {
  const table = named({ name: step.table, ...step.schema && { schema: step.schema } });
  switch (step.kind) {
    case "addColumn":
    case "dropColumn":
      return `${table}.${step.column.name}`;
    case "renameColumn":
    case "renameConstraint":
    case "renameIndex":
      return `${table}.${step.from} to ${step.to}`;
    case "alterColumn":
      return `${table}.${step.to.name}`;
    case "addPrimaryKey":
    case "dropPrimaryKey":
    case "addUnique":
    case "dropUnique":
      return `${table} (${step.key.columns.join(", ")})`;
    case "addForeignKey":
    case "dropForeignKey":
      return `${table} (${step.foreignKey.columns.join(", ")}) to ${step.foreignKey.table}`;
    case "addCheck":
    case "dropCheck":
      return `${step.check.name ?? step.check.sql} on ${table}`;
    case "addExclusion":
    case "dropExclusion":
      return `${step.exclusion.name} on ${table}`;
    case "createIndex":
    case "dropIndex":
      return `${step.index.name} on ${table}`;
    case "setComment":
      return `on ${table}${step.column === undefined ? "" : `.${step.column}`}`;
    case "setOptions":
      return `of ${table}`;
  }
}

function named({ name, schema }: QualifiedName): string {
  return schema === undefined ? name : `${schema}.${name}`;
}
