/**
 * What schemas are made of while they are changed: whatever loses what it stands on falls away, so that any part can
 * be taken out and the rest still is a schema.
 *
 * @module
 */
import type { ColumnType } from "../../src/schema/column_type.ts";
import {
  type DatabaseSchema,
  emptySchema,
  type EnumSchema,
  type QualifiedName,
  type TriggerSchema,
  type ViewSchema,
} from "../../src/schema/database_schema.ts";
import type {
  ColumnSchema,
  ForeignKeySchema,
  IndexSchema,
  TableSchema,
} from "../../src/schema/table.ts";
import { type Flavour, isInteger, isInverted, isOrdered, isText } from "./schema_columns.ts";

/** A view over some columns of a table or of another view. */
export interface ViewPlan {
  /** Its name. */
  readonly name: string;
  /** What it reads. */
  readonly over: QualifiedName;
  /** The columns that it shows. */
  readonly columns: readonly string[];
  /** Whether its rows are stored. */
  readonly materialized: boolean;
}

/** A trigger of a table that mentions a column. */
export interface TriggerPlan {
  /** Its name. */
  readonly name: string;
  /** The table. */
  readonly table: QualifiedName;
  /** The column. */
  readonly column: string;
}

/** A schema in the making. */
export interface World {
  /** The database that it is for. */
  readonly flavour: Flavour;
  /** Its schemas. */
  readonly schemas: readonly string[];
  /** Its enums. */
  readonly enums: readonly EnumSchema[];
  /** Its tables. */
  readonly tables: readonly TableSchema[];
  /** Its views. */
  readonly views: readonly ViewPlan[];
  /** Its triggers. */
  readonly triggers: readonly TriggerPlan[];
  /** The rest: sequences and domains. */
  readonly rest: Pick<DatabaseSchema, "sequences" | "domains">;
}

/** Whether two names mean the same. */
export function isSame(a: QualifiedName, b: QualifiedName): boolean {
  return a.name === b.name && a.schema === b.schema;
}

/** A name in SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function path({ name, schema }: QualifiedName): string {
  return schema === undefined ? quoted(name) : `${quoted(schema)}.${quoted(name)}`;
}

/** The names of columns that an expression uses: all are in quotes. */
export function usedColumns(sql: string): string[] {
  return [...sql.matchAll(/"((?:[^"]|"")*)"/g)].map(([, name]) =>
    (name as string).replaceAll('""', '"')
  );
}

/** Whether an expression fits the columns that are there. */
function fits(sql: string, columns: readonly ColumnSchema[]): boolean {
  return usedColumns(sql).every((name) => {
    const column = columns.find((each) => each.name === name);
    if (column === undefined || column.generated !== undefined) return false;
    const [, value] = /<> '((?:[^']|'')*)'/.exec(sql) ?? [];
    if (value !== undefined) {
      return !column.type.array && column.type.enumName !== undefined &&
        column.type.values?.includes(value.replaceAll("''", "'")) === true;
    }
    if (/upper|length/.test(sql)) return isText(column.type);
    return /[*>]/.test(sql) ? isInteger(column.type) : true;
  });
}

/** A world without what has lost what it stands on. */
export function settled(world: World): World {
  const enums = new Map(world.enums.map((each) => [enumName(each), each]));
  const tables = world.tables.map((table) => settledTable(table, world, enums));
  const held = tables.filter(({ columns }) => columns.some(({ generated }) => !generated)).map((
    table,
    _,
    tables,
  ) => ({
    ...table,
    foreignKeys: table.foreignKeys.filter((key) => holds(key, table, tables)),
  }));
  const views: ViewPlan[] = [];
  for (const view of world.views) {
    const table = held.find((each) => isSame(each, view.over));
    const below = views.find((each) => isSame({ name: each.name }, view.over));
    const there = table?.columns.map(({ name }) => name) ?? below?.columns ?? [];
    const columns = view.columns.filter((name) => there.includes(name));
    if (columns.length > 0) views.push({ ...view, columns });
  }
  return {
    ...world,
    tables: held,
    views,
    triggers: world.triggers.filter(({ table, column }) =>
      held.some((each) => isSame(each, table) && each.columns.some(({ name }) => name === column))
    ),
  };
}

function settledTable(
  table: TableSchema,
  { flavour }: World,
  enums: ReadonlyMap<string, EnumSchema>,
): TableSchema {
  const typed = table.columns.flatMap((column): ColumnSchema[] => {
    const { enumName } = column.type;
    if (enumName === undefined) return [column];
    const values = enums.get(enumName)?.values;
    if (values === undefined) return [];
    const { default: value, ...rest } = { ...column, type: { ...column.type, values } };
    const keeps = value?.kind !== "value" || values.includes(String(value.value));
    return [{ ...rest, ...value && keeps && { default: value } }];
  });
  const columns = typed.filter(({ generated }) => !generated || fits(generated.sql, typed));
  const type = (name: string) => columns.find((each) => each.name === name)?.type;
  const has = (names: readonly string[]) => names.every((name) => type(name) !== undefined);
  const ordered = (names: readonly string[]) =>
    has(names) && names.every((name) => isOrdered(type(name) as ColumnType));
  const primaryKey = table.primaryKey && ordered(table.primaryKey.columns) && table.primaryKey;
  const { primaryKey: _, options, ...rest } = table;
  const numbered = primaryKey && primaryKey.columns.length === 1 && options === undefined;
  return {
    ...rest,
    ...(flavour === "PostgreSQL" || primaryKey) && options !== undefined && { options },
    ...primaryKey && { primaryKey },
    columns: columns.map(({ identity, ...column }) => ({
      ...column,
      ...identity && isInteger(column.type) && (flavour === "PostgreSQL" ||
        numbered && primaryKey.columns[0] === column.name) &&
        { identity },
    })),
    uniques: table.uniques.filter((key) => ordered(key.columns) && has(key.include ?? [])),
    checks: table.checks.filter(({ sql }) => fits(sql, columns)),
    indexes: table.indexes.filter((index) => indexHolds(index, columns)),
    ...table.exclusions && {
      exclusions: table.exclusions.filter(({ method, parts }) =>
        parts.every(({ column }) => {
          const its = type(column ?? "");
          return its !== undefined && (method !== "gist" || its.sql === "int4range");
        })
      ),
    },
  };
}

function indexHolds(index: IndexSchema, columns: readonly ColumnSchema[]): boolean {
  const find = (name: string) => columns.find((each) => each.name === name);
  return fits(index.where ?? "", columns) &&
    (index.include ?? []).every((name) => find(name) !== undefined) &&
    index.parts.every(({ column: name, sql, operatorClass, collation }) => {
      if (name === undefined) return fits(sql ?? "", columns);
      const column = find(name);
      if (column === undefined || column.generated?.stored === false) return false;
      if (index.method === "gin") return isInverted(column.type);
      return isOrdered(column.type) &&
        (operatorClass === undefined && collation === undefined || isText(column.type));
    });
}

function holds(key: ForeignKeySchema, table: TableSchema, tables: readonly TableSchema[]): boolean {
  const target = tables.find((each) =>
    isSame(each, { name: key.table, ...key.schema !== undefined && { schema: key.schema } })
  );
  const keys = [...target?.primaryKey ? [target.primaryKey] : [], ...target?.uniques ?? []];
  return keys.some(({ columns, deferrable }) =>
    deferrable === undefined && String(columns) === String(key.references)
  ) && key.columns.every((name, i) => {
    const mine = table.columns.find((each) => each.name === name);
    const theirs = target?.columns.find((each) => each.name === key.references[i]);
    return mine !== undefined && mine.generated === undefined &&
      JSON.stringify(mine.type) === JSON.stringify(theirs?.type);
  });
}

function enumName({ name, schema }: QualifiedName): string {
  return schema === undefined ? name : `${schema}.${name}`;
}

/** The schema that a world stands for. */
export function schemaOf(world: World): DatabaseSchema {
  const { flavour, schemas, enums, tables, views, triggers, rest } = settled(world);
  return {
    ...emptySchema,
    ...rest,
    schemas,
    enums,
    tables,
    views: views.map(({ name, over, columns, materialized }): ViewSchema => ({
      name,
      sql: `SELECT ${columns.map(quoted).join(", ")} FROM ${path(over)}`,
      columns: [],
      materialized,
      indexes: materialized
        ? [{
          name: `ix_${name.slice(0, 50)}`,
          unique: false,
          parts: [{ column: columns[0] as string }],
        }].filter(
          () => isOrdered(columnOf(tables, over, columns[0] as string)?.type ?? { name: "json" }),
        )
        : [],
    })),
    triggers: triggers.map(({ name, table, column }): TriggerSchema => ({
      name,
      table: table.name,
      ...table.schema !== undefined && { schema: table.schema },
      sql: flavour === "SQLite"
        ? `CREATE TRIGGER ${quoted(name)} AFTER UPDATE OF ${quoted(column)} ON ${path(table)} ` +
          `BEGIN UPDATE ${path(table)} SET ${quoted(column)} = ${quoted(column)} WHERE 0; END`
        : `CREATE TRIGGER ${quoted(name)} AFTER UPDATE OF ${quoted(column)} ON ${path(table)} ` +
          `FOR EACH ROW EXECUTE FUNCTION rex_nothing()`,
    })),
  };
}

function columnOf(
  tables: readonly TableSchema[],
  table: QualifiedName,
  name: string,
): ColumnSchema | undefined {
  return tables.find((each) => isSame(each, table))?.columns.find((each) => each.name === name);
}
