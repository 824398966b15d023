/**
 * The rebuild of a table: what `ALTER TABLE` cannot do is done by making a new table, copying the rows and taking
 * the old one's place. https://www.sqlite.org/lang_altertable.html#otheralter
 *
 * Dropping the old table would delete its rows, and with them, by `ON DELETE CASCADE`, the rows of its children. So the
 * connection must have `foreign_keys` off, which has no effect inside a transaction: see
 * `TransactionOptions.schemaChange`.
 *
 * @module
 */
import type { Compiler } from "../../../dialect/dialect.ts";
import { applySteps, type OneTableStep, requireTable } from "../../../schema/apply_step.ts";
import type { DatabaseSchema, QualifiedName } from "../../../schema/database_schema.ts";
import type { Step } from "../../../schema/step.ts";
import type { ColumnSchema, TableSchema } from "../../../schema/table.ts";
import { conversion } from "./conversion.ts";

/** The statements that carry out steps on one table by making it anew. */
export function rebuild(
  compiler: Compiler,
  current: DatabaseSchema,
  on: QualifiedName,
  steps: readonly OneTableStep[],
): string[] {
  const before = requireTable(current, on);
  const after = requireTable(applySteps(current, steps), on);
  const name = freeName(`rex_new_${before.name}`, current);
  const [old, fresh] = [compiler.identifier(before.name), compiler.identifier(name)];
  const sql = (step: Step) => compiler.compile({ kind: "Step", step }).sql;
  return [
    // Views and triggers that use the table do not resolve while it is away; the renaming is not to look at them.
    "PRAGMA legacy_alter_table = ON",
    sql({ kind: "createTable", definition: { ...after, name } }),
    ...copying(compiler, before, after, old, fresh, steps),
    ...numbering(before, after, name),
    `DROP TABLE ${old}`,
    `ALTER TABLE ${fresh} RENAME TO ${old}`,
    "PRAGMA legacy_alter_table = OFF",
    ...after.indexes.map((index) => sql({ kind: "createIndex", table: after.name, index })),
    ...current.triggers.filter((trigger) => trigger.table === before.name)
      .map((trigger) => trigger.sql),
  ];
}

function freeName(name: string, schema: DatabaseSchema): string {
  const taken = new Set(
    [...schema.tables, ...schema.views].map((each) => each.name.toLowerCase()),
  );
  return taken.has(name.toLowerCase()) ? freeName(`${name}_`, schema) : name;
}

function copying(
  compiler: Compiler,
  before: TableSchema,
  after: TableSchema,
  old: string,
  fresh: string,
  steps: readonly OneTableStep[],
): string[] {
  const sources = new Map(before.columns.map((column) => [column.name, column]));
  // One that was dropped and added again under its name has nothing to copy.
  for (const step of steps) if (step.kind === "dropColumn") sources.delete(step.column.name);
  const using = new Map(
    steps.flatMap((step): [string, string][] =>
      step.kind === "alterColumn" && step.using !== undefined ? [[step.to.name, step.using]] : []
    ),
  );
  const pairs = after.columns.flatMap((column): [string, string][] => {
    if (column.generated !== undefined) return [];
    const source = sources.get(column.name);
    const given = using.get(column.name);
    if (source === undefined && given === undefined) return [];
    return [[
      compiler.identifier(column.name),
      given ?? converted(compiler, source as ColumnSchema, column),
    ]];
  });
  if (pairs.length === 0) return [];
  const [columns, values] = [pairs.map(([name]) => name), pairs.map(([, value]) => value)];
  return [`INSERT INTO ${fresh} (${columns.join(", ")}) SELECT ${values.join(", ")} FROM ${old}`];
}

function converted(compiler: Compiler, from: ColumnSchema, to: ColumnSchema): string {
  return conversion(compiler.identifier(from.name), from.type, to.type);
}

/** Numbers that were given out once are not given out again. */
function numbering(before: TableSchema, after: TableSchema, name: string): string[] {
  if (!isNumbered(before) || !isNumbered(after)) return [];
  const [old, fresh] = [literal(before.name), literal(name)];
  return [
    `DELETE FROM sqlite_sequence WHERE name = ${fresh}`,
    `INSERT INTO sqlite_sequence (name, seq) SELECT ${fresh}, seq FROM sqlite_sequence WHERE name = ${old}`,
  ];
}

function isNumbered(table: TableSchema): boolean {
  return table.columns.some((column) => column.identity !== undefined && !column.serial);
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
