/**
 * What a database has and models cannot say: told, never dropped in silence.
 *
 * @module
 */
import { type DatabaseSchema, nameKey, type QualifiedName } from "../../schema/database_schema.ts";
import type { TableSchema } from "../../schema/table.ts";
import type { PlannedModel, PlannedModels } from "./model_plan.ts";

/** One thing that is not in the models. */
export interface Note {
  readonly text: string;
  /** The model whose table has it. */
  readonly model?: PlannedModel;
}

/** All that is not in the models. */
export function notesOf(
  schema: DatabaseSchema,
  models: PlannedModels,
): Note[] {
  const on = (table: QualifiedName, text: string): Note => {
    const model = models.get(nameKey(table));
    return { text: `${label(table)}: ${text}`, ...model && { model } };
  };
  return [
    ...[...models.values()].flatMap((model) =>
      tableNotes(model.table).map((text) => on(model.table, text))
    ),
    ...schema.tables.flatMap((table): Note[] =>
      table.partition?.kind === "of"
        ? [{ text: `${label(table)}: has no model, it is a part of ${table.partition.table}` }]
        : []
    ),
    ...schema.views.map((view): Note => ({
      text: `${label(view)}: the ${view.materialized ? "materialized view" : "view"} has no model`,
    })),
    ...schema.domains.map((each): Note => ({
      text: `${label(each)}: the domain is not in the models, only its name as a type`,
    })),
    ...schema.sequences.map((each): Note => ({
      text: `${label(each)}: the sequence is not in the models`,
    })),
    ...schema.triggers.map(({ name, table, schema: its }) =>
      on({ name: table, ...its !== undefined && { schema: its } }, `the trigger ${name}`)
    ),
    ...schema.others.map(({ kind, name, table, schema: its }) =>
      table === undefined
        ? { text: `${label({ name, ...its !== undefined && { schema: its } })}: the ${kind}` }
        : on(
          { name: table, ...its !== undefined && { schema: its } },
          name === table ? kind : `the ${kind} ${name}`,
        )
    ),
  ];
}

function tableNotes({ primaryKey, columns }: TableSchema): string[] {
  const key = primaryKey?.columns ?? [];
  return [
    ...columns.filter(({ name, nullable }) => nullable && key.includes(name))
      .map(({ name }) => `the column ${name} of the primary key may be NULL`),
    ...columns.filter(({ nullable, identity }) => nullable && identity !== undefined)
      .map(({ name }) => `the column ${name}, which the database numbers, may be NULL`),
  ];
}

function label({ name, schema }: QualifiedName): string {
  return schema === undefined ? name : `${schema}.${name}`;
}
