/**
 * Changes of one table, gathered by `alterTable` and done together.
 *
 * @module
 */
import { QueryError } from "../../base/errors.ts";
import {
  applySteps,
  type OneTableStep,
  requireTable,
  tableOfStep,
} from "../../schema/apply_step.ts";
import type { DatabaseSchema } from "../../schema/database_schema.ts";
import type { OnTable, Step } from "../../schema/step.ts";
import type {
  CheckSchema,
  ColumnSchema,
  ExclusionSchema,
  ForeignKeySchema,
  KeySchema,
  TableSchema,
} from "../../schema/table.ts";
import { type ColumnDefinition, columnOf, type IndexDefinition, indexOf } from "./definition.ts";

/** What of a column is changed; the rest stays. `default: null` takes the default away. */
export interface ColumnChange extends
  Partial<
    Omit<ColumnDefinition, "default" | "identity" | "generated" | "collation" | "comment">
  > {
  /** Another default, or none. */
  readonly default?: ColumnDefinition["default"] | null;
  /** Numbered by the database from now on, or no more. */
  readonly identity?: ColumnDefinition["identity"] | null;
  /** Computed from now on, or no more. */
  readonly generated?: ColumnDefinition["generated"] | null;
  /** Another collation, or the database's own. */
  readonly collation?: string | null;
  /** How old values become new ones, in SQL; left out: a cast. */
  readonly using?: string;
}

/** A constraint: by its name, or by what it says. */
export type ConstraintName =
  | string
  | { readonly columns: readonly string[] }
  | { readonly check: string };

/** Gathers changes of a table. */
export class TableEditor {
  readonly #on: OnTable;
  readonly #changes: ((table: TableSchema) => OneTableStep)[] = [];

  /** For the table of that name. */
  constructor(on: OnTable) {
    this.#on = on;
  }

  /** Adds a column. */
  addColumn(name: string, column: ColumnDefinition): this {
    return this.#add(() => ({
      ...this.#on,
      kind: "addColumn",
      column: columnOf(name, column, this.#on.table),
    }));
  }

  /** Drops a column, and its values. */
  dropColumn(name: string): this {
    return this.#add((table) => ({ ...this.#on, kind: "dropColumn", column: column(table, name) }));
  }

  /** Gives a column another name. */
  renameColumn(from: string, to: string): this {
    return this.#add(() => ({ ...this.#on, kind: "renameColumn", from, to }));
  }

  /** Changes a column's type, NULL, default, numbering, expression or collation. */
  alterColumn(name: string, { using, ...change }: ColumnChange): this {
    return this.#add((table) => {
      const from = column(table, name);
      return {
        ...this.#on,
        kind: "alterColumn",
        from,
        to: changed(from, change, this.#on.table),
        ...using !== undefined && { using },
      };
    });
  }

  /** Adds a primary key. */
  addPrimaryKey(key: readonly string[] | KeySchema): this {
    return this.#add(() => ({
      ...this.#on,
      kind: "addPrimaryKey",
      key: "columns" in key ? key : { columns: key },
    }));
  }

  /** Drops the primary key. */
  dropPrimaryKey(): this {
    return this.#add((table) => {
      if (!table.primaryKey) throw missing(table, "primary key");
      return { ...this.#on, kind: "dropPrimaryKey", key: table.primaryKey };
    });
  }

  /** Adds a unique constraint. */
  addUnique(key: KeySchema): this {
    return this.#add(() => ({ ...this.#on, kind: "addUnique", key }));
  }

  /** Adds a check. */
  addCheck(check: CheckSchema): this {
    return this.#add(() => ({ ...this.#on, kind: "addCheck", check }));
  }

  /** Adds a foreign key. */
  addForeignKey(foreignKey: ForeignKeySchema): this {
    return this.#add(() => ({ ...this.#on, kind: "addForeignKey", foreignKey }));
  }

  /** Adds an exclusion constraint. */
  addExclusion(exclusion: ExclusionSchema): this {
    return this.#add(() => ({ ...this.#on, kind: "addExclusion", exclusion }));
  }

  /**
   * Drops the unique constraint, check, foreign key or exclusion constraint of that name; or the foreign key or unique
   * constraint over these columns, or the check of this condition, where they have no name.
   */
  dropConstraint(name: ConstraintName): this {
    return this.#add((table) => constraintDrop(this.#on, table, name));
  }

  /** Gives a constraint another name. */
  renameConstraint(from: string, to: string): this {
    return this.#add(() => ({ ...this.#on, kind: "renameConstraint", from, to }));
  }

  /** Creates an index. */
  createIndex(index: IndexDefinition): this {
    return this.#add(() => ({ ...this.#on, kind: "createIndex", index: indexOf(index) }));
  }

  /** Drops an index. */
  dropIndex(name: string): this {
    return this.#add((table) => {
      const index = table.indexes.find((each) => each.name === name);
      if (!index) throw missing(table, `index ${name}`);
      return { ...this.#on, kind: "dropIndex", index };
    });
  }

  /** Gives an index another name. */
  renameIndex(from: string, to: string): this {
    return this.#add(() => ({ ...this.#on, kind: "renameIndex", from, to }));
  }

  /** Says what the table, or one of its columns, is for; `undefined` says nothing any more. */
  setComment(comment: string | undefined, column?: string): this {
    return this.#add((table) => {
      const from = column === undefined
        ? table.comment
        : table.columns.find(({ name }) => name === column)?.comment;
      return {
        ...this.#on,
        kind: "setComment",
        ...column !== undefined && { column },
        ...from !== undefined && { from },
        ...comment !== undefined && { to: comment },
      };
    });
  }

  /** Sets storage parameters, as the database spells them. */
  setOptions(options: string | undefined): this {
    return this.#add((table) => ({
      ...this.#on,
      kind: "setOptions",
      ...table.options !== undefined && { from: table.options },
      ...options !== undefined && { to: options },
    }));
  }

  /**
   * The changes as steps.
   *
   * @throws {QueryError} for a change of what is not there
   */
  steps(current: DatabaseSchema): Step[] {
    let schema = current;
    return this.#changes.map((change) => {
      const step = change(requireTable(schema, tableOfStep(this.#on)));
      schema = applySteps(schema, [step]);
      return step;
    });
  }

  #add(change: (table: TableSchema) => OneTableStep): this {
    this.#changes.push(change);
    return this;
  }
}

function column(table: TableSchema, name: string): ColumnSchema {
  const found = table.columns.find((each) => each.name === name);
  if (!found) throw missing(table, `column ${name}`);
  return found;
}

function missing(table: TableSchema, what: string): QueryError {
  return new QueryError(`Cannot change the table ${table.name}: it has no ${what}`);
}

function changed(
  from: ColumnSchema,
  change: Omit<ColumnChange, "using">,
  table: string,
): ColumnSchema {
  const { default: value, identity, generated, collation, type, nullable, ...rest } = change;
  const input = columnOf(from.name, {
    type: type ?? "text",
    ...rest,
    ...value !== undefined && value !== null && { default: value },
    ...identity && { identity },
    ...generated && { generated },
    ...collation && { collation },
  }, table);
  const kept: { -readonly [K in keyof ColumnSchema]: ColumnSchema[K] } = { ...from };
  delete kept.declared;
  if (value !== undefined) delete kept.default;
  if (generated !== undefined) delete kept.generated;
  if (collation !== undefined) delete kept.collation;
  if (identity !== undefined) {
    delete kept.identity;
    delete kept.serial;
  }
  return {
    ...kept,
    ...input,
    type: type === undefined ? from.type : input.type,
    nullable: nullable ?? from.nullable,
  };
}

function constraintDrop(on: OnTable, table: TableSchema, wanted: ConstraintName): OneTableStep {
  const isIt = (each: { readonly name?: string; readonly columns?: readonly string[] }) =>
    typeof wanted === "string"
      ? each.name === wanted
      : "columns" in wanted && each.columns?.join("\0") === wanted.columns.join("\0");
  const foreignKey = table.foreignKeys.find(isIt);
  if (foreignKey) return { ...on, kind: "dropForeignKey", foreignKey };
  const key = table.uniques.find(isIt);
  if (key) return { ...on, kind: "dropUnique", key };
  const check = table.checks.find((each) =>
    typeof wanted === "object" && "check" in wanted ? each.sql === wanted.check : isIt(each)
  );
  if (check) return { ...on, kind: "dropCheck", check };
  const exclusion = table.exclusions?.find(isIt);
  if (exclusion) return { ...on, kind: "dropExclusion", exclusion };
  if (table.primaryKey && isIt(table.primaryKey)) {
    return { ...on, kind: "dropPrimaryKey", key: table.primaryKey };
  }
  throw missing(table, told(wanted));
}

function told(wanted: ConstraintName): string {
  if (typeof wanted === "string") return `constraint ${wanted}`;
  return "check" in wanted ? `check ${wanted.check}` : `key over ${wanted.columns.join(", ")}`;
}
