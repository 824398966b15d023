/**
 * Reads a database's schema: two statements, whatever the number of tables.
 *
 * @module
 */
import type { SchemaConnection } from "../../../dialect/schema_support.ts";
import type { IntrospectOptions } from "../../../dialect/schema_support.ts";
import {
  type DatabaseSchema,
  emptySchema,
  type OtherObject,
  type TriggerSchema,
  type ViewSchema,
} from "../../../schema/database_schema.ts";
import type {
  ColumnSchema,
  ForeignKeySchema,
  IndexSchema,
  ReferentialAction,
  TableSchema,
} from "../../../schema/table.ts";
import { declaredType, ownType, typeOfCheck } from "./column_types.ts";
import { parseIndex } from "./parse_index.ts";
import {
  type ParsedCheck,
  type ParsedColumn,
  type ParsedTable,
  parseTable,
} from "./parse_table.ts";
import { TokenReader } from "./tokens.ts";

interface Entry {
  readonly type: "table" | "index" | "view" | "trigger";
  readonly name: string;
  readonly table: string;
  readonly sql: string;
  /** What kind of table it is: `table`, `virtual`, `shadow`. */
  readonly kind: string | null;
}

/** Reads the schema of a database of SQLite. */
export async function introspect(
  connection: SchemaConnection,
  { without = [] }: IntrospectOptions = {},
): Promise<DatabaseSchema> {
  const { rows } = await connection.execute<Entry>(
    'SELECT s.type, s.name, s.tbl_name AS "table", s.sql, l.type AS kind ' +
      "FROM sqlite_schema s LEFT JOIN pragma_table_list l ON l.schema = 'main' AND l.name = s.name " +
      "WHERE s.sql IS NOT NULL AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY s.name",
  );
  const columns = await viewColumns(connection);
  const hidden = new Set(without);
  const entries = rows.filter((each) => !hidden.has(each.table) && each.kind !== "shadow");
  const of = (type: Entry["type"]) => entries.filter((each) => each.type === type);
  const plain = of("table").filter((each) => each.kind !== "virtual");
  const parsed = plain.map((each) => parseTable(each.sql));
  const byName = new Map(parsed.map((table) => [folded(table.name), table]));
  const indexes = Map.groupBy(of("index"), (each) => folded(each.table));
  return Object.freeze({
    ...emptySchema,
    tables: parsed.map((table) => tableOf(table, byName, indexes.get(folded(table.name)) ?? [])),
    views: of("view").map((view) => viewOf(view, columns.get(view.name) ?? [])),
    triggers: of("trigger").map(({ name, table, sql }): TriggerSchema => ({ name, table, sql })),
    others: [
      ...of("table").filter((each) => each.kind === "virtual").map((
        { name, sql },
      ): OtherObject => ({
        kind: "virtual table",
        name,
        sql,
      })),
      ...parsed.flatMap(({ name, leftOut }) =>
        leftOut.map((sql): OtherObject => ({
          kind: sql.startsWith("ON CONFLICT") ? "conflict clause" : "key order",
          name,
          table: name,
          sql,
        }))
      ),
    ],
  });
}

async function viewColumns(connection: SchemaConnection): Promise<Map<string, string[]>> {
  const { rows } = await connection.execute<{ view: string; name: string }>(
    "SELECT s.name AS view, x.name FROM sqlite_schema s, pragma_table_xinfo(s.name) x " +
      "WHERE s.type = 'view' ORDER BY s.name, x.cid",
  );
  const columns = new Map<string, string[]>();
  for (const { view, name } of rows) columns.set(view, [...columns.get(view) ?? [], name]);
  return columns;
}

/** SQLite takes names for equal that differ only in the case of ASCII letters. */
function folded(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function tableOf(
  table: ParsedTable,
  tables: ReadonlyMap<string, ParsedTable>,
  indexes: readonly Entry[],
): TableSchema {
  const spelling = new Map(table.columns.map(({ name }) => [folded(name), name]));
  const own = (name: string): string => spelling.get(folded(name)) ?? name;
  const typeChecks = new Set(
    table.columns.flatMap((column) => typeCheck(column, table) ?? []),
  );
  const key = (
    { name, columns }: { readonly name?: string; readonly columns: readonly string[] },
  ) => ({
    ...name !== undefined && { name },
    columns: columns.map(own),
  });
  return {
    name: table.name,
    columns: table.columns.map((column) => columnOf(column, table)),
    ...table.primaryKey && { primaryKey: key(table.primaryKey) },
    uniques: table.uniques.map(key),
    indexes: indexes.map((index) => indexOf(index, own)),
    checks: table.checks.filter((check) => !typeChecks.has(check)).map(({ name, sql }) => ({
      ...name !== undefined && { name },
      sql,
    })),
    foreignKeys: table.foreignKeys.map((each): ForeignKeySchema => {
      const target = tables.get(folded(each.table));
      const { onDelete, onUpdate, ...rest } = each;
      return {
        ...rest,
        ...acting("onDelete", onDelete),
        ...acting("onUpdate", onUpdate),
        columns: each.columns.map(own),
        table: target?.name ?? each.table,
        references: referenced(each.references ?? target?.primaryKey?.columns ?? [], target),
      };
    }),
    ...table.withoutRowid && { options: "WITHOUT ROWID" },
    ...!table.strict && { loose: true as const },
  };
}

function referenced(columns: readonly string[], target: ParsedTable | undefined): string[] {
  return columns.map((column) =>
    target?.columns.find(({ name }) => folded(name) === folded(column))?.name ?? column
  );
}

/** What is the same as nothing said is left out. */
function acting(
  when: "onDelete" | "onUpdate",
  action: ReferentialAction | undefined,
): Partial<Record<typeof when, ReferentialAction>> {
  return action === undefined || action === "no action" ? {} : { [when]: action };
}

/** The check that tells the type of a column. */
function typeCheck(
  column: ParsedColumn,
  table: ParsedTable,
): ParsedCheck | undefined {
  return table.checks.find(({ name, column: its }) =>
    its === column.name && typeOfCheck(name) !== undefined
  );
}

function columnOf(column: ParsedColumn, table: ParsedTable): ColumnSchema {
  const check = typeCheck(column, table);
  const own = typeOfCheck(check?.name) ??
    (table.strict || isOwnComment(column) ? column.comment : undefined);
  const isKey = table.primaryKey?.columns.some((each) => folded(each) === folded(column.name));
  const single = isKey && table.primaryKey?.columns.length === 1;
  const numbered = single && !table.withoutRowid && folded(column.type) === "integer";
  return {
    name: column.name,
    type: own === undefined ? declaredType(column.type) : ownType(own, check?.sql),
    // A key of a table that has no rowid, or is strict, holds no NULL; nor does one that is the rowid.
    nullable: !column.notNull && !numbered &&
      !(isKey === true && (table.withoutRowid || table.strict)),
    ...column.default !== undefined && column.default.toUpperCase() !== "NULL" &&
      { default: { kind: "sql" as const, sql: column.default } },
    ...numbered && { identity: "by default" as const },
    ...numbered && !column.autoincrement && { serial: true as const },
    ...column.generated && { generated: column.generated },
    ...column.collation !== undefined && { collation: column.collation },
    ...!table.strict && own === undefined && { declared: column.type },
  };
}

/** Whether the comment behind a type in a table of others is the one that Rex-ORM puts there. */
function isOwnComment({ type, comment }: ParsedColumn): boolean {
  return comment !== undefined && ["INTEGER", "REAL", "TEXT", "BLOB"].includes(type) &&
    ownType(comment).name !== "other";
}

function indexOf({ name, sql }: Entry, own: (name: string) => string): IndexSchema {
  const { unique, parts, where } = parseIndex(sql);
  return {
    name,
    parts: parts.map((part) =>
      part.column === undefined ? part : { ...part, column: own(part.column) }
    ),
    unique,
    ...where !== undefined && { where },
  };
}

function viewOf({ name, sql }: Entry, columns: readonly string[]): ViewSchema {
  const reader = new TokenReader(sql);
  while (!reader.takes("AS")) {
    if (reader.sees("(")) reader.parenthesised();
    else if (reader.take() === undefined) break;
  }
  return { name, sql: reader.rest(), columns, materialized: false, indexes: [] };
}
