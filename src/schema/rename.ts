/**
 * Renames carried through schema data: whatever points to a table or column by its name does so by the new one.
 *
 * @module
 */
import { QueryError } from "../base/errors.ts";
import { type DatabaseSchema, nameKey, type QualifiedName } from "./database_schema.ts";
import type { ForeignKeySchema, IndexPart, TableSchema } from "./table.ts";

/**
 * A schema after the rename of a table.
 *
 * @throws {QueryError} when it is not there, or the new name is taken
 */
export function renameTable(
  schema: DatabaseSchema,
  from: QualifiedName,
  to: QualifiedName,
): DatabaseSchema {
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
    triggers: schema.triggers.map((trigger) => {
      if (!isIt(trigger.table, trigger.schema)) return trigger;
      const { schema: _, ...rest } = trigger;
      return {
        ...rest,
        table: to.name,
        ...to.schema !== undefined && { schema: to.schema },
        sql: renamedIn(trigger.sql, from.name, to.name),
      };
    }),
    views: schema.views.map((view) => ({ ...view, sql: renamedIn(view.sql, from.name, to.name) })),
  };
}

/**
 * A schema after the rename of a column.
 *
 * @throws {QueryError} when it is not there, or the new name is taken
 */
export function renameColumn(
  schema: DatabaseSchema,
  on: QualifiedName,
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

function requireTable(schema: DatabaseSchema, named: QualifiedName): TableSchema {
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
