/**
 * What the models of a database are called: a class for each table, a property for each column.
 *
 * @module
 */
import { toSnake } from "../../model/naming.ts";
import { type DatabaseSchema, nameKey } from "../../schema/database_schema.ts";
import type { ColumnSchema, TableSchema } from "../../schema/table.ts";
import {
  classNameOf,
  propertyNameOf,
  takenClassNames,
  takenProperties,
  UniqueNames,
  words,
} from "./names.ts";
import { capitalize } from "../../model/naming.ts";

/** A column with its property. */
export interface PlannedColumn {
  readonly column: ColumnSchema;
  readonly property: string;
  /** Whether it may be NULL in the model: the parts of a primary key may not. */
  readonly nullable: boolean;
}

/** A table with its class. */
export interface PlannedModel {
  readonly table: TableSchema;
  readonly className: string;
  /** The name of its file, without `.ts`. */
  readonly file: string;
  /** By the column's name; where the primary key has another order than the table, its columns come first. */
  readonly columns: ReadonlyMap<string, PlannedColumn>;
  /** The names of properties that are taken. */
  readonly properties: UniqueNames;
}

/** The models by the keys of their tables. */
export type PlannedModels = ReadonlyMap<string, PlannedModel>;

/** The properties of columns. */
export function propertiesOf(model: PlannedModel, columns: readonly string[]): string[] {
  return columns.map((column) => model.columns.get(column)?.property ?? column);
}

/**
 * Plans the models of all tables but the parts of others.
 *
 * @param types names of types that no class may have
 */
export function planModels(
  { tables }: DatabaseSchema,
  types: Iterable<string>,
): PlannedModels {
  const classes = new UniqueNames([...takenClassNames, ...types], (name) => name.toLowerCase());
  const files = new UniqueNames(["mod", "enums", "con", "prn", "aux", "nul"]);
  const models = new Map<string, PlannedModel>();
  for (const table of tables) {
    if (table.partition?.kind === "of") continue;
    const name = classNameOf(table.name);
    const inSchema = words(table.schema ?? "").map(capitalize).join("") + name;
    const model = isIdentifier(inSchema) ? inSchema : name;
    const className = classes.take(name, model, `${model}Model`);
    models.set(nameKey(table), {
      table,
      className,
      file: files.take([...toSnake(className)].slice(0, 60).join("")),
      ...planColumns(table),
    });
  }
  return models;
}

function isIdentifier(name: string): boolean {
  return /^\p{ID_Start}/u.test(name);
}

function planColumns(table: TableSchema): Pick<PlannedModel, "columns" | "properties"> {
  const properties = new UniqueNames(takenProperties);
  const columns = new Map<string, PlannedColumn>();
  for (const column of keyFirst(table)) {
    const name = propertyNameOf(column.name);
    const isKey = table.primaryKey?.columns.includes(column.name) === true;
    columns.set(column.name, {
      column,
      property: properties.take(name, `${name}Column`),
      nullable: column.nullable && !isKey && column.identity === undefined,
    });
  }
  return { columns, properties };
}

function keyFirst({ columns, primaryKey }: TableSchema): readonly ColumnSchema[] {
  const key = primaryKey?.columns ?? [];
  const inTable = columns.filter(({ name }) => key.includes(name));
  if (inTable.every(({ name }, i) => name === key[i])) return columns;
  const inKey = key.flatMap((name) => inTable.find((each) => each.name === name) ?? []);
  return [...new Set([...inKey, ...columns])];
}
