/**
 * The tables that a query reads, beside its own.
 *
 * @module
 */
import type { EntitySchema, RelationSchema } from "../../../schema/entity.ts";
import type { TableSchema } from "../../../schema/table.ts";
import type { LiveShape } from "./live.ts";

/** Tells a table from the others. */
export function tableName({ schema, name }: Pick<TableSchema, "schema" | "name">): string {
  return schema === undefined ? name : `${schema}.${name}`;
}

/** The tables that a query reaches through relations: by conditions, by what it includes and by its order. */
export function tablesReached(entity: EntitySchema, query: LiveShape): Set<string> {
  const found = new Set<string>();
  addQuery(found, entity, query);
  return found;
}

function addQuery(found: Set<string>, entity: EntitySchema, query: LiveShape): void {
  addConditions(found, entity, query.where);
  for (const term of listOf(query.orderBy)) addConditions(found, entity, term);
  const include = query.include;
  if (!isObject(include)) return;
  for (const [name, options] of Object.entries(include)) {
    if (options === undefined || options === false) continue;
    if (name === "_count") {
      if (isObject(options)) addConditions(found, entity, options);
      continue;
    }
    const relation = entity.relations.get(name);
    if (!relation) continue;
    addRelation(found, relation);
    if (isObject(options)) addQuery(found, relation.target, options);
  }
}

/** Conditions and orders name relations in the same way. */
function addConditions(found: Set<string>, entity: EntitySchema, where: unknown): void {
  if (!isObject(where)) return;
  for (const [name, condition] of Object.entries(where)) {
    if (name === "AND" || name === "OR" || name === "NOT") {
      for (const each of listOf(condition)) addConditions(found, entity, each);
      continue;
    }
    const relation = entity.relations.get(name);
    if (!relation) continue;
    addRelation(found, relation);
    if (!isObject(condition)) continue;
    addConditions(found, relation.target, condition);
    for (const operator of ["some", "every", "none", "is", "isNot"]) {
      addConditions(found, relation.target, condition[operator]);
    }
  }
}

function addRelation(found: Set<string>, { target, through }: RelationSchema): void {
  found.add(tableName(target.table));
  if (through) found.add(tableName(through.table));
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
