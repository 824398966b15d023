/**
 * Renames: what was asked for, carried through the old schema, so that only what is left differs.
 *
 * @module
 */
import type { DatabaseSchema, QualifiedName } from "../../schema/database_schema.ts";
import { applySteps } from "../../schema/apply_step.ts";
import { renameColumn, renameTable } from "../../schema/rename.ts";
import type { Step } from "../../schema/step.ts";
import { nameKey } from "./pairs.ts";

/** A table that has another name now. */
export interface TableRename {
  /** Its old name. */
  readonly from: QualifiedName;
  /** Its new one. */
  readonly to: QualifiedName;
}

/** A column that has another name now. */
export interface ColumnRename {
  /** The table, by its new name. */
  readonly table: QualifiedName;
  /** Its old name. */
  readonly from: string;
  /** Its new one. */
  readonly to: string;
}

/** An enum type that has another name now. */
export interface EnumRename {
  /** Its old name. */
  readonly from: QualifiedName;
  /** Its new one. */
  readonly to: QualifiedName;
}

/** What has another name now; all else of a new name is new. */
export interface Renames {
  /** Tables. */
  readonly tables: readonly TableRename[];
  /** Columns. */
  readonly columns: readonly ColumnRename[];
  /** Enum types. */
  readonly enums?: readonly EnumRename[];
}

/** Nothing is renamed. */
export const noRenames: Renames = Object.freeze({ tables: [], columns: [] });

/** The same renames the other way. */
export function inverseRenames({ tables, columns, enums = [] }: Renames): Renames {
  const oldName = (table: QualifiedName): QualifiedName =>
    tables.find((each) => nameKey(each.to) === nameKey(table))?.from ?? table;
  return {
    tables: tables.map(({ from, to }) => ({ from: to, to: from })),
    columns: columns.map(({ table, from, to }) => ({ table: oldName(table), from: to, to: from })),
    enums: enums.map(({ from, to }) => ({ from: to, to: from })),
  };
}

/**
 * Carries renames through a schema: the steps for them, and the schema as it is after these.
 *
 * @throws {QueryError} for a table or column that is not there, or a name that is taken
 */
export function applyRenames(
  schema: DatabaseSchema,
  { tables, columns, enums = [] }: Renames,
): { readonly schema: DatabaseSchema; readonly steps: readonly Step[] } {
  const steps: Step[] = [];
  let renamed = schema;
  for (const { from, to } of tables) {
    renamed = renameTable(renamed, from, to);
    steps.push({ kind: "renameTable", from, to });
  }
  for (const { table, from, to } of columns) {
    renamed = renameColumn(renamed, table, from, to);
    const { name, schema } = table;
    steps.push({
      kind: "renameColumn",
      table: name,
      ...schema !== undefined && { schema },
      from,
      to,
    });
  }
  for (const { from, to } of enums) {
    const step: Step = { kind: "renameEnum", from, to };
    renamed = applySteps(renamed, [step]);
    steps.push(step);
  }
  return { schema: renamed, steps };
}
