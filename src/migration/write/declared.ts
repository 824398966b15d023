/**
 * Steps in the words of who declared the schema, where a comparison has the database's: `varchar(255)` and `now` for what
 * a database spells in its own way.
 *
 * @module
 */
import { type OneTableStep, tableOfStep } from "../../schema/apply_step.ts";
import { type DatabaseSchema, nameKey, type QualifiedName } from "../../schema/database_schema.ts";
import type { Step } from "../../schema/step.ts";
import type { ColumnSchema, ForeignKeySchema, TableSchema } from "../../schema/table.ts";

/** Finds the declared forms of what steps bring. */
export class DeclaredWords {
  readonly #tables: ReadonlyMap<string, TableSchema>;
  readonly #byName: ReadonlyMap<string, readonly TableSchema[]>;

  /** Finds them in `schema`. */
  constructor(schema: DatabaseSchema) {
    this.#tables = new Map(schema.tables.map((table) => [nameKey(table), table]));
    this.#byName = Map.groupBy(schema.tables, ({ name }) => name);
  }

  /** The table; the default schema may be said or left out. */
  #found(name: QualifiedName): TableSchema | undefined {
    const found = this.#tables.get(nameKey(name));
    if (found || name.schema !== undefined) return found;
    const [only, ...others] = this.#byName.get(name.name) ?? [];
    return others.length === 0 ? only : undefined;
  }

  /** The column that an `alterColumn` changes, as it is declared. */
  column(on: QualifiedName, name: string): ColumnSchema | undefined {
    return this.#found(on)?.columns.find((each) => each.name === name);
  }

  /** The step with what it brings in the declared form; what is not declared stays as it is. */
  step(step: Step): Step {
    if (step.kind === "createTable") {
      const table = this.#found(step.definition);
      return table ? { ...step, definition: this.#table(table, step.definition) } : step;
    }
    return "table" in step ? this.#inTable(step) : step;
  }

  #inTable(step: OneTableStep): Step {
    const table = this.#found(tableOfStep(step));
    if (!table) return step;
    switch (step.kind) {
      case "addColumn":
        return { ...step, column: named(table.columns, step.column) };
      case "addUnique":
        return { ...step, key: named(table.uniques, step.key) };
      case "addCheck":
        return { ...step, check: named(table.checks, step.check) };
      case "addExclusion":
        return { ...step, exclusion: named(table.exclusions ?? [], step.exclusion) };
      case "addForeignKey":
        return { ...step, foreignKey: declaredKey(table, step.foreignKey) };
      case "createIndex":
        return { ...step, index: named(table.indexes, step.index) };
      default:
        return step;
    }
  }

  /** Foreign keys that come later are left out of both. */
  #table(declared: TableSchema, wanted: TableSchema): TableSchema {
    return {
      ...declared,
      foreignKeys: wanted.foreignKeys.map((each) => declaredKey(declared, each)),
    };
  }
}

function named<T extends { readonly name?: string }>(declared: readonly T[], wanted: T): T {
  return declared.find(({ name }) => name !== undefined && name === wanted.name) ?? wanted;
}

function declaredKey(table: TableSchema, wanted: ForeignKeySchema): ForeignKeySchema {
  const found = named(table.foreignKeys, wanted);
  if (found !== wanted) return found;
  return table.foreignKeys.find((each) =>
    each.columns.join("\0") === wanted.columns.join("\0") && each.table === wanted.table
  ) ?? wanted;
}
