/**
 * Renames: what was asked for, carried through the old schema, so that only what is left differs.
 *
 * @module
 */
import { type DatabaseSchema, nameKey, type QualifiedName } from "../../schema/database_schema.ts";
import { applySteps } from "../../schema/apply_step.ts";
import { renameColumn, renameTable } from "../../schema/rename.ts";
import type { Step } from "../../schema/step.ts";

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
  const free = (name: string, { schema }: QualifiedName): QualifiedName => ({
    name,
    ...schema !== undefined && { schema },
  });
  for (const { from, to } of inOrder(tables, schema.tables, nameKey, free)) {
    renamed = renameTable(renamed, from, to);
    steps.push({ kind: "renameTable", from, to });
  }
  for (const [{ table }, ...more] of byTable(columns)) {
    const present = renamed.tables.find((each) => nameKey(each) === nameKey(table))?.columns ?? [];
    const names = present.map(({ name }) => name);
    for (const { from, to } of inOrder(more, names, (name) => name, (name) => name)) {
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
  }
  for (const { from, to } of enums) {
    const step: Step = { kind: "renameEnum", from, to };
    renamed = applySteps(renamed, [step]);
    steps.push(step);
  }
  return { schema: renamed, steps };
}

/** The renames of each table, the first of them twice. */
function byTable(columns: readonly ColumnRename[]): [ColumnRename, ...ColumnRename[]][] {
  return [...Map.groupBy(columns, ({ table }) => nameKey(table)).values()].map((each) => [
    each[0] as ColumnRename,
    ...each,
  ]);
}

/**
 * Renames so that each new name is free when its turn comes: `b` gives way before `a` becomes `b`. Where names change places,
 * one of them waits under a name of its own; and so does what has no new name, until it is dropped.
 */
function inOrder<N>(
  renames: readonly { readonly from: N; readonly to: N }[],
  present: readonly N[],
  key: (name: N) => string,
  waiting: (name: string, of: N) => N,
): { readonly from: N; readonly to: N }[] {
  const left = renames.filter(({ from, to }) => key(from) !== key(to));
  const moved = new Set(renames.map(({ from }) => key(from)));
  const wanted = new Set(left.map(({ to }) => key(to)));
  let aside = 0;
  const between = (name: N): N => waiting(`rex_moving_${++aside}`, name);
  const ordered = present.filter((name) => wanted.has(key(name)) && !moved.has(key(name)))
    .map((name) => ({ from: name, to: between(name) }));
  while (left.length > 0) {
    const at = left.findIndex(({ to }) => !left.some(({ from }) => key(from) === key(to)));
    if (at >= 0) {
      ordered.push(...left.splice(at, 1));
      continue;
    }
    const [{ from, to }] = left.splice(0, 1) as [{ from: N; to: N }];
    const name = between(from);
    ordered.push({ from, to: name });
    left.push({ from: name, to });
  }
  return ordered;
}
