/**
 * What makes one form of a table into another.
 *
 * @module
 */
import type { QualifiedName } from "../../schema/database_schema.ts";
import { mentions, mentionsAnywhere } from "../../schema/mentions.ts";
import type { ColumnStep, ConstraintStep, IndexStep, OtherStep } from "../../schema/step.ts";
import type {
  ColumnSchema,
  ForeignKeySchema,
  IndexSchema,
  TableSchema,
} from "../../schema/table.ts";
import { type Pairs, pairsBy, pairsByContent } from "./pairs.ts";
import { same, without } from "../../schema/same.ts";

/** The steps that change one table, by when they have their turn. */
export interface TableChanges {
  /** What stands in the way of changed columns: constraints, indexes and computed columns that go. */
  readonly drops: readonly (ConstraintStep | IndexStep | ColumnStep)[];
  /** Foreign keys that go: before anything that they point to. */
  readonly foreignKeyDrops: readonly ConstraintStep[];
  /** Columns. */
  readonly columns: readonly ColumnStep[];
  /** The names of those that go or become different. */
  readonly changedColumns: ReadonlySet<string>;
  /** Constraints and indexes that come. */
  readonly adds: readonly (ConstraintStep | IndexStep)[];
  /** Foreign keys that come: after everything that they point to. */
  readonly foreignKeyAdds: readonly ConstraintStep[];
  /** Names, options and comments. */
  readonly others: readonly (ConstraintStep | IndexStep | OtherStep)[];
}

/** How tables are compared. */
export interface TableDiffOptions {
  /** Names of constraints and indexes count too, where what they say is the same. */
  readonly names: boolean;
  /** Names that the indexes and constraints of new tables take: what has one of them and shall have another gives way. */
  readonly wantedNames: ReadonlySet<string>;
  /** The columns of a table that get another type. */
  readonly retyped: (table: QualifiedName) => ReadonlySet<string>;
  /** The columns of the keys of a table that go, each as {@linkcode columnsKey} has it. */
  readonly goneKeys: (table: QualifiedName) => ReadonlySet<string>;
  /** The enum types that are made anew, by name. */
  readonly replacedEnums: ReadonlySet<string>;
}

/** Compares two forms of one table; their names and schemas are equal. */
export function diffTable(
  from: TableSchema,
  to: TableSchema,
  { names, wantedNames, retyped, goneKeys, replacedEnums }: TableDiffOptions,
): TableChanges {
  const on = { table: to.name, ...to.schema !== undefined && { schema: to.schema } };
  const drops: (ConstraintStep | IndexStep | ColumnStep)[] = [];
  const adds: (ConstraintStep | IndexStep)[] = [];
  const others: (ConstraintStep | IndexStep | OtherStep)[] = [];
  // A part of a table has the columns of the whole, which is where they change.
  const isPart = to.partition?.kind === "of";
  const columns = computedAnew(
    pairsBy(isPart ? [] : from.columns, isPart ? [] : to.columns, (column) => column.name),
    retyped(to),
  );
  const anew = new Set([
    ...columns.removed.map(({ name }) => name),
    ...to.columns.filter(({ type }) => replacedEnums.has(type.enumName ?? "")).map(({ name }) =>
      name
    ),
  ]);
  // What stands on a column that is made anew goes with it and has to come again.
  const stays =
    <T extends { readonly name?: string }>(says: (a: T, b: T) => boolean) =>
    (a: T, b: T): boolean => says(a, b) && !(anew.size > 0 && mentionsAnywhere(b, anew));

  const indexes = pairsByContent(from.indexes, to.indexes, stays(sameIndex));
  for (const index of indexes.removed) drops.push({ ...on, kind: "dropIndex", index });
  for (const index of indexes.added) adds.push({ ...on, kind: "createIndex", index });
  for (const [old, next] of renamed(indexes)) {
    const rename = { ...on, kind: "renameIndex" as const, from: old, to: next };
    if (wantedNames.has(old)) drops.push(rename);
    else if (names) others.push(rename);
  }

  const exclusions = pairsByContent(
    from.exclusions ?? [],
    to.exclusions ?? [],
    stays(saysTheSame),
  );
  for (const exclusion of exclusions.removed) {
    drops.push({ ...on, kind: "dropExclusion", exclusion });
  }
  for (const exclusion of exclusions.added) adds.push({ ...on, kind: "addExclusion", exclusion });

  const checks = pairsByContent(from.checks, to.checks, stays(saysTheSame));
  for (const check of checks.removed) drops.push({ ...on, kind: "dropCheck", check });
  for (const check of checks.added) adds.push({ ...on, kind: "addCheck", check });

  const uniques = pairsByContent(from.uniques, to.uniques, stays(saysTheSame));
  for (const key of uniques.removed) drops.push({ ...on, kind: "dropUnique", key });
  for (const key of uniques.added) adds.push({ ...on, kind: "addUnique", key });

  const primary = pairsByContent(
    from.primaryKey ? [from.primaryKey] : [],
    to.primaryKey ? [to.primaryKey] : [],
    stays(saysTheSame),
  );
  for (const key of primary.removed) drops.push({ ...on, kind: "dropPrimaryKey", key });
  for (const key of primary.added) adds.unshift({ ...on, kind: "addPrimaryKey", key });

  // Both ends of a foreign key change their type one after the other: it cannot stay between.
  const foreignKeys = pairsByContent(from.foreignKeys, to.foreignKeys, (a, b) => {
    const [here, there] = [retyped(to), retyped(targetOf(b))];
    return saysTheSame(a, b) && !goneKeys(targetOf(b)).has(columnsKey(b.references)) &&
      !b.columns.some((name) => here.has(name)) &&
      !b.references.some((name) => there.has(name));
  });
  for (const pairs of [exclusions, checks, uniques, primary, foreignKeys]) {
    for (const [old, next] of renamed<{ readonly name?: string }>(pairs)) {
      const rename = { ...on, kind: "renameConstraint" as const, from: old, to: next };
      if (wantedNames.has(old)) drops.push(rename);
      else if (names) others.push(rename);
    }
  }
  if (!same(from.options, to.options)) {
    others.push({ ...on, kind: "setOptions", ...change(from.options, to.options) });
  }
  if (!same(from.comment, to.comment)) {
    others.push({ ...on, kind: "setComment", ...change(from.comment, to.comment) });
  }

  for (const [old, next] of columns.kept) {
    if (same(old.comment, next.comment)) continue;
    others.push({
      ...on,
      kind: "setComment",
      column: next.name,
      ...change(old.comment, next.comment),
    });
  }
  for (const column of columns.removed.filter(isComputed)) {
    drops.push({ ...on, kind: "dropColumn", column });
  }
  return {
    drops,
    foreignKeyDrops: foreignKeys.removed.map((foreignKey) => ({
      ...on,
      kind: "dropForeignKey",
      foreignKey,
    })),
    columns: columnSteps(on, columns),
    changedColumns: new Set([
      ...columns.removed.map(({ name }) => name),
      ...columns.kept.filter(([old, next]) => !sameColumn(old, next)).map(([, { name }]) => name),
      ...retyped(to),
    ]),
    adds,
    foreignKeyAdds: foreignKeys.added.map((foreignKey) => ({
      ...on,
      kind: "addForeignKey",
      foreignKey,
    })),
    others,
  };
}

/**
 * Computed columns go first and come last: they stand on others. What comes comes before what goes, so that
 * no table is ever without columns.
 */
function columnSteps(
  on: { readonly table: string; readonly schema?: string },
  { added, removed, kept }: Pairs<ColumnSchema>,
): ColumnStep[] {
  const add = (column: ColumnSchema): ColumnStep => ({ ...on, kind: "addColumn", column });
  const drop = (column: ColumnSchema): ColumnStep => ({ ...on, kind: "dropColumn", column });
  return [
    ...kept.filter(([from, to]) => !sameColumn(from, to)).map(([from, to]): ColumnStep => ({
      ...on,
      kind: "alterColumn",
      from,
      to,
    })),
    ...added.filter((column) => !isComputed(column)).map(add),
    ...added.filter(isComputed).map(add),
    ...removed.filter((column) => !isComputed(column)).map(drop),
  ];
}

/** Columns as one text, to find a key by. */
export function columnsKey(columns: readonly string[]): string {
  return JSON.stringify(columns);
}

/** The columns of the keys that go, so that no foreign key can stand on them. */
export function goneKeyColumns(from: TableSchema, to: TableSchema): ReadonlySet<string> {
  const primary = ({ primaryKey }: TableSchema) => primaryKey ? [primaryKey] : [];
  const gone = [
    ...pairsByContent(primary(from), primary(to), saysTheSame).removed,
    ...pairsByContent(from.uniques, to.uniques, saysTheSame).removed,
  ];
  return new Set(gone.map(({ columns }) => columnsKey(columns)));
}

/** The columns of a table that get another type. */
export function retypedColumns(
  from: TableSchema,
  to: TableSchema,
  replacedEnums: ReadonlySet<string>,
): ReadonlySet<string> {
  const { kept } = pairsBy(from.columns, to.columns, (column) => column.name);
  const type = ({ type, collation }: ColumnSchema) => ({
    ...type.enumName === undefined ? type : without(type, "values"),
    collation,
  });
  return new Set(
    kept.filter(([old, next]) =>
      !same(type(old), type(next)) || replacedEnums.has(next.type.enumName ?? "")
    ).map(([, { name }]) => name),
  );
}

/** A computed column that says something else, or stands on a column that changes, goes and comes again. */
function computedAnew(
  { added, removed, kept }: Pairs<ColumnSchema>,
  retyped: ReadonlySet<string>,
): Pairs<ColumnSchema> {
  const changed = new Set([
    ...retyped,
    ...kept.filter(([from, to]) => !sameColumn(from, to)).map(([, { name }]) => name),
  ]);
  const anew = kept.filter(([from, to]) =>
    from.generated !== undefined && to.generated !== undefined &&
    (changed.has(to.name) || mentions(from.generated.sql, changed) ||
      mentions(to.generated.sql, changed))
  );
  return {
    added: [...added, ...anew.map(([, to]) => to)],
    removed: [...removed, ...anew.map(([from]) => from)],
    kept: kept.filter((pair) => !anew.includes(pair)),
  };
}

function targetOf({ table, schema }: ForeignKeySchema): QualifiedName {
  return { name: table, ...schema !== undefined && { schema } };
}

function isComputed(column: ColumnSchema): boolean {
  return column.generated !== undefined;
}

/**
 * Comments have steps of their own; a `serial` is numbered as well as an identity; how a type is spelled makes no
 * other type; an enum's values are its type's.
 */
function sameColumn(from: ColumnSchema, to: ColumnSchema): boolean {
  return same(comparable(from), comparable(to));
}

function comparable(column: ColumnSchema): object {
  const { type, ...rest } = without(column, "comment", "serial", "declared");
  return { ...rest, type: type.enumName === undefined ? type : without(type, "values") };
}

function saysTheSame(a: { readonly name?: string }, b: { readonly name?: string }): boolean {
  return same(without(a, "name"), without(b, "name"));
}

function sameIndex(a: IndexSchema, b: IndexSchema): boolean {
  return same(without(a, "name", "comment"), without(b, "name", "comment"));
}

/** The pairs whose names differ, where both have one. */
function renamed<T extends { readonly name?: string }>({ kept }: Pairs<T>): [string, string][] {
  return kept.flatMap(([from, to]): [string, string][] =>
    from.name !== undefined && to.name !== undefined && from.name !== to.name
      ? [[from.name, to.name]]
      : []
  );
}

function change(from: string | undefined, to: string | undefined): { from?: string; to?: string } {
  return { ...from !== undefined && { from }, ...to !== undefined && { to } };
}
