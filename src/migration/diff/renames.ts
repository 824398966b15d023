/**
 * Renames: what was asked for, carried through the old schema, so that only what is left differs.
 *
 * @module
 */
import { QueryError } from "../../base/errors.ts";
import type { DatabaseSchema, Named } from "../../schema/database_schema.ts";
import type { Step } from "../../schema/step.ts";
import type { ForeignKeySchema, IndexPart, TableSchema } from "../../schema/table.ts";
import { nameKey } from "./pairs.ts";

/** A table that has another name now. */
export interface TableRename {
  /** Its old name. */
  readonly from: Named;
  /** Its new one. */
  readonly to: Named;
}

/** A column that has another name now. */
export interface ColumnRename {
  /** The table, by its new name. */
  readonly table: Named;
  /** Its old name. */
  readonly from: string;
  /** Its new one. */
  readonly to: string;
}

/** What has another name now; all else of a new name is new. */
export interface Renames {
  /** Tables. */
  readonly tables: readonly TableRename[];
  /** Columns. */
  readonly columns: readonly ColumnRename[];
}

/** Nothing is renamed. */
export const noRenames: Renames = Object.freeze({ tables: [], columns: [] });

/** The same renames the other way. */
export function inverseRenames({ tables, columns }: Renames): Renames {
  const oldName = (table: Named): Named =>
    tables.find((each) => nameKey(each.to) === nameKey(table))?.from ?? table;
  return {
    tables: tables.map(({ from, to }) => ({ from: to, to: from })),
    columns: columns.map(({ table, from, to }) => ({ table: oldName(table), from: to, to: from })),
  };
}

/**
 * Carries renames through a schema: the steps for them, and the schema as it is after these.
 *
 * @throws {QueryError} for a table or column that is not there, or a name that is taken
 */
export function applyRenames(
  schema: DatabaseSchema,
  { tables, columns }: Renames,
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
  return { schema: renamed, steps };
}

function renameTable(schema: DatabaseSchema, from: Named, to: Named): DatabaseSchema {
  requireTable(schema, from);
  if (schema.tables.some((each) => nameKey(each) === nameKey(to))) {
    throw new QueryError(`Cannot rename the table ${from.name}: there is a table ${to.name}`);
  }
  const isIt = (table: string, its: string | undefined) =>
    nameKey({ name: table, ...its !== undefined && { schema: its } }) === nameKey(from);
  const reference = (key: ForeignKeySchema): ForeignKeySchema => {
    if (!isIt(key.table, key.schema)) return key;
    const { schema: _, ...rest } = key;
    return { ...rest, table: to.name, ...to.schema !== undefined && { schema: to.schema } };
  };
  return {
    ...schema,
    tables: schema.tables.map((table) => {
      const foreignKeys = table.foreignKeys.map(reference);
      const { schema: own, name: _, ...rest } = table;
      const named = isIt(table.name, own)
        ? { ...rest, ...to }
        : { ...rest, name: table.name, ...own !== undefined && { schema: own } };
      const { partition } = table;
      return {
        ...named,
        foreignKeys,
        ...partition?.kind === "of" && isIt(partition.table, partition.schema) && {
          partition: {
            kind: "of" as const,
            bound: partition.bound,
            table: to.name,
            ...to.schema !== undefined && { schema: to.schema },
          },
        },
      };
    }),
    triggers: schema.triggers.map((trigger) =>
      isIt(trigger.table, trigger.schema)
        ? { ...trigger, table: to.name, sql: renamedIn(trigger.sql, from.name, to.name) }
        : trigger
    ),
    views: schema.views.map((view) => ({ ...view, sql: renamedIn(view.sql, from.name, to.name) })),
  };
}

function renameColumn(
  schema: DatabaseSchema,
  on: Named,
  from: string,
  to: string,
): DatabaseSchema {
  const table = requireTable(schema, on);
  if (!table.columns.some((column) => column.name === from)) {
    throw new QueryError(`Cannot rename the column ${from}: ${on.name} has no such column`);
  }
  if (table.columns.some((column) => column.name === to)) {
    throw new QueryError(`Cannot rename the column ${from}: ${on.name} has a column ${to}`);
  }
  const name = (column: string): string => column === from ? to : column;
  const sql = (text: string): string => renamedIn(text, from, to);
  const part = <P extends IndexPart>(each: P): P => ({
    ...each,
    ...each.column !== undefined && { column: name(each.column) },
    ...each.sql !== undefined && { sql: sql(each.sql) },
  });
  const key = <K extends { readonly columns: readonly string[] }>(each: K): K => ({
    ...each,
    columns: each.columns.map(name),
  });
  const isIt = (reference: ForeignKeySchema) =>
    reference.table === table.name && reference.schema === table.schema;
  const changed: TableSchema = {
    ...table,
    columns: table.columns.map((column) => ({
      ...column,
      name: name(column.name),
      ...column.generated && {
        generated: { ...column.generated, sql: sql(column.generated.sql) },
      },
    })),
    ...table.primaryKey && { primaryKey: key(table.primaryKey) },
    uniques: table.uniques.map(key),
    indexes: table.indexes.map((index) => ({
      ...index,
      parts: index.parts.map(part),
      ...index.where !== undefined && { where: sql(index.where) },
      ...index.include && { include: index.include.map(name) },
    })),
    checks: table.checks.map((check) => ({ ...check, sql: sql(check.sql) })),
    ...table.exclusions && {
      exclusions: table.exclusions.map((each) => ({
        ...each,
        parts: each.parts.map(part),
        ...each.where !== undefined && { where: sql(each.where) },
      })),
    },
    foreignKeys: table.foreignKeys.map(key),
  };
  return {
    ...schema,
    tables: schema.tables.map((each) => each === table ? changed : each).map((each) => ({
      ...each,
      foreignKeys: each.foreignKeys.map((reference) =>
        isIt(reference) ? { ...reference, references: reference.references.map(name) } : reference
      ),
    })),
  };
}

function requireTable(schema: DatabaseSchema, named: Named): TableSchema {
  const table = schema.tables.find((each) => nameKey(each) === nameKey(named));
  if (table) return table;
  throw new QueryError(`Cannot rename in ${named.name}: there is no such table`);
}

const token = /'(?:[^']|'')*'|"(?:[^"]|"")*"|[\p{L}_][\p{L}\p{N}_$]*/gu;

/** SQL with a name in the place of another; what the database does to its own expressions at a rename. */
export function renamedIn(sql: string, from: string, to: string): string {
  const quoted = `"${from.replaceAll('"', '""')}"`;
  const fresh = /^[a-z_][a-z0-9_]*$/.test(to) ? to : `"${to.replaceAll('"', '""')}"`;
  return sql.replace(token, (word) => word === from || word === quoted ? fresh : word);
}
