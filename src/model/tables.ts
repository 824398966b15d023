/**
 * The tables that models need.
 *
 * @module
 */
import { ModelError } from "../base/errors.ts";
import type { EntitySchema } from "../schema/entity.ts";
import type { TableSchema } from "../schema/table.ts";

/**
 * All tables of these classes, and the join tables of their relations, each once. A table comes after those
 * that it points to, as far as there is such an order: tables that point to each other come as they are
 * given.
 *
 * @throws {ModelError} when two classes, or a class and a relation, have the same table
 */
export function tablesOf(entities: Iterable<EntitySchema>): TableSchema[] {
  const tables = new Map<string, TableSchema>();
  const joins: TableSchema[] = [];
  for (const entity of entities) {
    const key = keyOf(entity.table);
    if (tables.has(key) && tables.get(key) !== entity.table) {
      throw new ModelError(`Cannot use the table ${entity.table.name} for two models`, {
        hint: `${entity.name} is one of them; give it another \`tableName\``,
      });
    }
    tables.set(key, entity.table);
    for (const { through } of entity.relations.values()) if (through) joins.push(through.table);
  }
  for (const join of joins) {
    const other = tables.get(keyOf(join));
    if (other !== undefined && other !== join) {
      throw new ModelError(`Cannot use the table ${join.name} for a model and as a join table`, {
        hint:
          "write `through: { model: () => … }` on the many-to-many relation, or name another table",
      });
    }
    tables.set(keyOf(join), join);
  }
  return inOrder(tables);
}

function keyOf({ name, schema }: { readonly name: string; readonly schema?: string }): string {
  return schema === undefined ? name : `${schema}.${name}`;
}

function inOrder(tables: ReadonlyMap<string, TableSchema>): TableSchema[] {
  const ordered = new Set<TableSchema>();
  const waiting = new Set<TableSchema>();
  const visit = (table: TableSchema): void => {
    if (ordered.has(table) || waiting.has(table)) return;
    waiting.add(table);
    for (const { table: name, schema } of table.foreignKeys) {
      const target = tables.get(keyOf({ name, ...(schema !== undefined && { schema }) }));
      if (target !== undefined) visit(target);
    }
    ordered.add(table);
  };
  for (const table of tables.values()) visit(table);
  return [...ordered];
}
