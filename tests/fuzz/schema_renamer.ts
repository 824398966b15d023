/**
 * Renames of tables and columns in a world, with all that points to them.
 *
 * @module
 */
import type { QualifiedName } from "../../src/schema/database_schema.ts";
import type { IndexPart, TableSchema } from "../../src/schema/table.ts";
import { isSame, quoted, type World } from "./schema_world.ts";

function named(name: string, schema: string | undefined): QualifiedName {
  return { name, ...schema !== undefined && { schema } };
}

/** A world in which tables have other names, all at once. */
export function withTableNames(
  world: World,
  names: readonly { readonly from: QualifiedName; readonly to: QualifiedName }[],
): World {
  const other = (each: QualifiedName): QualifiedName =>
    names.find(({ from }) => isSame(from, each))?.to ?? each;
  return {
    ...world,
    tables: world.tables.map(({ name, schema, ...table }) => ({
      ...table,
      ...other(named(name, schema)),
      foreignKeys: table.foreignKeys.map(({ table: target, schema: its, ...key }) => {
        const { name, schema } = other(named(target, its));
        return { ...key, table: name, ...schema !== undefined && { schema } };
      }),
    })),
    views: world.views.map((view) => ({ ...view, over: other(view.over) })),
    triggers: world.triggers.map((trigger) => ({ ...trigger, table: other(trigger.table) })),
  };
}

/** A world in which columns of a table have other names, all at once. */
export function withColumnNames(
  world: World,
  on: QualifiedName,
  names: ReadonlyMap<string, string>,
): World {
  const other = (name: string): string => names.get(name) ?? name;
  const moved = new Map([[on.name, true]]);
  return {
    ...world,
    tables: world.tables.map((table) => {
      const changed = isSame(table, on) ? withNames(table, other) : table;
      return {
        ...changed,
        foreignKeys: changed.foreignKeys.map((key) =>
          isSame(named(key.table, key.schema), named(on.name, on.schema))
            ? { ...key, references: key.references.map(other) }
            : key
        ),
      };
    }),
    views: world.views.map((view) => {
      const below = isSame(view.over, on) ||
        view.over.schema === undefined && view.over.name !== on.name && moved.has(view.over.name);
      if (!below) return view;
      moved.set(view.name, true);
      return { ...view, columns: view.columns.map(other) };
    }),
    triggers: world.triggers.map((trigger) =>
      isSame(trigger.table, on) ? { ...trigger, column: other(trigger.column) } : trigger
    ),
  };
}

function withNames(table: TableSchema, other: (name: string) => string): TableSchema {
  const sql = (text: string): string =>
    text.replace(
      /"((?:[^"]|"")*)"/g,
      (_, name: string) => quoted(other(name.replaceAll('""', '"'))),
    );
  const part = <P extends IndexPart>(each: P): P => ({
    ...each,
    ...each.column !== undefined && { column: other(each.column) },
    ...each.sql !== undefined && { sql: sql(each.sql) },
  });
  const key = <
    K extends { readonly columns: readonly string[]; readonly include?: readonly string[] },
  >(
    each: K,
  ): K => ({
    ...each,
    columns: each.columns.map(other),
    ...each.include && { include: each.include.map(other) },
  });
  return {
    ...table,
    columns: table.columns.map((column) => ({
      ...column,
      name: other(column.name),
      ...column.generated && {
        generated: { ...column.generated, sql: sql(column.generated.sql) },
      },
    })),
    ...table.primaryKey && { primaryKey: key(table.primaryKey) },
    uniques: table.uniques.map(key),
    foreignKeys: table.foreignKeys.map(key),
    checks: table.checks.map((check) => ({ ...check, sql: sql(check.sql) })),
    indexes: table.indexes.map((index) => ({
      ...index,
      parts: index.parts.map(part),
      ...index.where !== undefined && { where: sql(index.where) },
      ...index.include && { include: index.include.map(other) },
    })),
    ...table.exclusions && {
      exclusions: table.exclusions.map((each) => ({ ...each, parts: each.parts.map(part) })),
    },
  };
}
