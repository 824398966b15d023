/**
 * Compares two schemas: the steps that make the one into the other, in an order in which they can be done.
 *
 * Pure and blind to databases: both sides have to be in the same spelling, which is what
 * `Introspector.canonical` is for.
 *
 * @module
 */
import { type DatabaseSchema, nameKey, type QualifiedName } from "../../schema/database_schema.ts";
import type { ConstraintStep, Step } from "../../schema/step.ts";
import type { ForeignKeySchema, TableSchema } from "../../schema/table.ts";
import { pairsBy } from "./pairs.ts";
import { applyRenames, noRenames, type Renames } from "./renames.ts";
import { diffTable, goneKeyColumns, retypedColumns, type TableChanges } from "./table_diff.ts";
import { diffTypes } from "./type_diff.ts";
import { diffViews } from "./view_diff.ts";

/** How schemas are compared. */
export interface DiffOptions {
  /** What has another name now. Default: nothing; then the old goes and the new comes. */
  readonly renames?: Renames;
  /** Names of constraints and indexes count too where all else is the same. Default: `false`. */
  readonly names?: boolean;
}

/**
 * Compares two schemas.
 *
 * ```ts ignore
 * const steps = diffSchemas(await introspect(db), wanted);
 * ```
 *
 * @param from what is
 * @param to what shall be
 * @returns the steps; none when the schemas say the same
 */
export function diffSchemas(
  from: DatabaseSchema,
  to: DatabaseSchema,
  { renames = noRenames, names = false }: DiffOptions = {},
): Step[] {
  const renamed = applyRenames(from, renames);
  const types = diffTypes(renamed.schema, to);
  const tables = pairsBy(renamed.schema.tables, to.tables, nameKey);
  const replacedEnums = new Set(
    types.before.flatMap((step) => step.kind === "replaceEnum" ? [enumPath(step.to)] : []),
  );
  const retyped = byTable(tables.kept, (old, next) => retypedColumns(old, next, replacedEnums));
  const goneKeys = byTable(tables.kept, goneKeyColumns);
  const compared = (wantedNames: ReadonlySet<string>) =>
    tables.kept.map(([old, next]) =>
      diffTable(old, next, { names, wantedNames, retyped, goneKeys, replacedEnums })
    );
  // What gives way is known when it is known what comes.
  const come = tables.added.flatMap(indexNames);
  const changes = compared(new Set([...come, ...compared(new Set()).flatMap(addedNames)]));
  const removed = inOrder(tables.removed);
  const added = inOrder(tables.added);
  const views = diffViews(renamed.schema, to, {
    removed: tables.removed,
    changed: tables.kept.flatMap(([, table], i) => {
      const columns = changes[i]?.changedColumns;
      return columns?.size ? [{ table, columns }] : [];
    }),
  });
  return [
    ...renamed.steps,
    ...views.before,
    ...changes.flatMap((each) => each.foreignKeyDrops),
    ...removed.later.map(([table, foreignKey]) =>
      onForeignKey("dropForeignKey", table, foreignKey)
    ),
    ...removed.tables.reverse().map((definition): Step => ({ kind: "dropTable", definition })),
    ...changes.flatMap((each) => each.drops),
    ...types.before,
    ...changes.flatMap((each) => each.columns),
    ...changes.flatMap((each) => each.adds),
    ...added.tables.map((definition): Step => ({ kind: "createTable", definition })),
    ...changes.flatMap((each) => each.foreignKeyAdds),
    ...added.later.map(([table, foreignKey]) => onForeignKey("addForeignKey", table, foreignKey)),
    ...changes.flatMap((each) => each.others),
    ...views.after,
    ...types.after,
  ];
}

/** What is found of each table, by its name. */
function byTable(
  kept: readonly (readonly [TableSchema, TableSchema])[],
  find: (old: TableSchema, next: TableSchema) => ReadonlySet<string>,
): (table: QualifiedName) => ReadonlySet<string> {
  const found = new Map(kept.map(([old, next]) => [nameKey(next), find(old, next)]));
  const none: ReadonlySet<string> = new Set();
  return (table) => found.get(nameKey(table)) ?? none;
}

/** The names that no two indexes of a schema can have. */
function indexNames({ primaryKey, uniques, indexes, exclusions = [] }: TableSchema): string[] {
  const all = [...primaryKey ? [primaryKey] : [], ...uniques, ...indexes, ...exclusions];
  return all.flatMap(({ name }) => name ?? []);
}

/** The same of what comes to a table that stays. */
function addedNames({ adds }: TableChanges): string[] {
  return adds.flatMap((step) => {
    if ("key" in step) return step.key.name ?? [];
    if ("exclusion" in step) return step.exclusion.name;
    return "index" in step ? step.index.name : [];
  });
}

function enumPath({ name, schema }: QualifiedName): string {
  return schema === undefined ? name : `${schema}.${name}`;
}

function onForeignKey(
  kind: "addForeignKey" | "dropForeignKey",
  { name, schema }: TableSchema,
  foreignKey: ForeignKeySchema,
): ConstraintStep {
  return { kind, table: name, ...schema !== undefined && { schema }, foreignKey };
}

/**
 * Tables after those that they point to or are parts of. Where they point in a circle, the foreign keys that
 * close it are taken out of their tables and told apart.
 */
function inOrder(tables: readonly TableSchema[]): {
  readonly tables: TableSchema[];
  readonly later: readonly (readonly [TableSchema, ForeignKeySchema])[];
} {
  const byKey = new Map(tables.map((table) => [nameKey(table), table]));
  const target = ({ table, schema }: { readonly table: string; readonly schema?: string }) =>
    byKey.get(nameKey({ name: table, ...schema !== undefined && { schema } }));
  const ordered: TableSchema[] = [];
  const state = new Map<TableSchema, "open" | "done">();
  const later: (readonly [TableSchema, ForeignKeySchema])[] = [];
  const visit = (table: TableSchema): void => {
    if (state.has(table)) return;
    state.set(table, "open");
    if (table.partition?.kind === "of") {
      const whole = target(table.partition);
      if (whole) visit(whole);
    }
    const closing = new Set<ForeignKeySchema>();
    for (const foreignKey of table.foreignKeys) {
      const other = target(foreignKey);
      if (other === undefined || other === table) continue;
      if (state.get(other) === "open") closing.add(foreignKey);
      else visit(other);
    }
    for (const foreignKey of closing) later.push([table, foreignKey]);
    state.set(table, "done");
    ordered.push(
      closing.size === 0
        ? table
        : { ...table, foreignKeys: table.foreignKeys.filter((each) => !closing.has(each)) },
    );
  };
  tables.forEach(visit);
  return { tables: ordered, later };
}
