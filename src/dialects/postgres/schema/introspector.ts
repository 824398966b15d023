/**
 * Reads the schema of a database: ten statements, whatever the number of tables.
 *
 * @module
 */
import { QueryError } from "../../../base/errors.ts";
import type { IntrospectOptions, SchemaConnection } from "../../../dialect/schema_support.ts";
import type { ColumnType } from "../../../schema/column_type.ts";
import type {
  DatabaseSchema,
  DomainSchema,
  EnumSchema,
  OtherObject,
  QualifiedName,
  SequenceSchema,
  TriggerSchema,
} from "../../../schema/database_schema.ts";
import {
  type ColumnRow,
  columnsSql,
  type ConstraintRow,
  constraintsSql,
  domainsSql,
  enumsSql,
  indexesSql,
  type IndexRow,
  othersSql,
  type RelationRow,
  relationsSql,
  schemasSql,
  sequencesSql,
  triggersSql,
  type TypeRow,
} from "./catalog.ts";
import { postgresType } from "./column_types.ts";
import { RelationReader, unwrapped } from "./relations.ts";

/** What is read, and under which names it is told. */
export interface Scope {
  /** The schemas as they are called in the database, each with the name that it is told by; `undefined`: the default one. */
  readonly schemas: ReadonlyMap<string, string | undefined>;
  /** Tables that are left out. */
  readonly without: ReadonlySet<string>;
}

/**
 * Reads the schema of a PostgreSQL database. Has to run inside a transaction: it sets the `search_path` of that, by which
 * names are spelled.
 */
export async function introspect(
  connection: SchemaConnection,
  { schemas, without = [] }: IntrospectOptions = {},
): Promise<DatabaseSchema> {
  const { rows } = await connection.execute<{ name: string }>(schemasSql);
  const { rows: [current] } = await connection.execute<{ name: string | null; path: string }>(
    "SELECT current_schema() AS name, current_setting('search_path') AS path",
  );
  const present = new Set(rows.map(({ name }) => name));
  const fallback = current?.name ?? "public";
  for (const name of schemas ?? []) {
    if (!present.has(name)) {
      throw new QueryError(`Cannot read the schema ${name}: the database has none of that name`);
    }
  }
  const wanted = schemas ?? [...present];
  await setPath(connection, [fallback]);
  const read = await introspectScope(connection, {
    schemas: new Map(wanted.map((name) => [name, name === fallback ? undefined : name])),
    without: new Set(without),
  });
  await connection.execute("SELECT set_config('search_path', $1, true)", [current?.path]);
  return read;
}

/** Sets by which schemas names are found and spelled, up to the end of the transaction. */
export async function setPath(
  connection: SchemaConnection,
  schemas: readonly string[],
): Promise<void> {
  const path = schemas.map((name) => `"${name.replaceAll('"', '""')}"`).join(", ");
  await connection.execute("SELECT set_config('search_path', $1, true)", [path]);
}

/** Reads some schemas, with the `search_path` as it is. */
export async function introspectScope(
  connection: SchemaConnection,
  { schemas, without }: Scope,
): Promise<DatabaseSchema> {
  const names = [...schemas.keys()];
  const read = async <Row>(sql: string): Promise<Row[]> =>
    (await connection.execute<Row>(sql, [names])).rows;
  const told = (schema: string, name: string): QualifiedName => {
    const as = schemas.has(schema) ? schemas.get(schema) : schema;
    return { name, ...as !== undefined && { schema: as } };
  };
  const enumRows = await read<
    { schema: string; name: string; comment: string | null; values: string[] | null }
  >(enumsSql);
  const enums = enumRows.map(({ schema, name, comment, values }): EnumSchema => ({
    ...told(schema, name),
    values: values ?? [],
    ...comment !== null && { comment },
  }));
  const values = new Map(enums.map((each) => [enumName(each), each.values]));
  const type = (row: TypeRow): ColumnType =>
    postgresType(row, (schema, name) => enumName(told(schema, name)), (name) => values.get(name));

  const relations = await read<RelationRow>(relationsSql);
  const reader = new RelationReader({
    told,
    type,
    columns: Map.groupBy(await read<ColumnRow>(columnsSql), (each) => each.table),
    constraints: Map.groupBy(await read<ConstraintRow>(constraintsSql), (each) => each.table),
    indexes: Map.groupBy(await read<IndexRow>(indexesSql), (each) => each.table),
  });
  const kept = relations.filter(({ name }) => !without.has(name));
  const domains = await read<DomainRow>(domainsSql);
  const sequences = await read<{ schema: string; name: string; sql: string }>(sequencesSql);
  const triggers = await read<{ schema: string; table: string; name: string; sql: string }>(
    triggersSql,
  );
  const others = await read<OtherRow>(othersSql);
  return Object.freeze({
    schemas: [...schemas.values()].filter((name) => name !== undefined),
    enums,
    domains: domains.map((each) => domainOf(each, told, type)),
    sequences: sequences.map(({ schema, name, sql }): SequenceSchema => ({
      ...told(schema, name),
      sql,
    })),
    tables: kept.filter(({ kind }) => kind === "r" || kind === "p").map((each) =>
      reader.table(each)
    ),
    views: kept.filter(({ kind }) => kind === "v" || kind === "m").map((each) => reader.view(each)),
    triggers: triggers.map(({ schema, table, name, sql }): TriggerSchema => {
      const { schema: its } = told(schema, table);
      return { name, table, ...its !== undefined && { schema: its }, sql };
    }),
    others: [
      ...others.map(({ kind, schema, name, table, sql }): OtherObject => ({
        kind,
        ...told(schema, name),
        ...table !== null && { table },
        ...sql !== null && { sql },
      })),
      ...reader.leftOut,
    ],
  });
}

interface DomainRow {
  readonly schema: string;
  readonly name: string;
  readonly comment: string | null;
  readonly type: TypeRow;
  readonly notNull: boolean;
  readonly default: string | null;
  readonly checks: readonly { readonly name: string; readonly sql: string }[] | null;
}

interface OtherRow {
  readonly kind: string;
  readonly schema: string;
  readonly name: string;
  readonly table: string | null;
  readonly sql: string | null;
}

function enumName({ name, schema }: QualifiedName): string {
  return schema === undefined ? name : `${schema}.${name}`;
}

function domainOf(
  row: DomainRow,
  told: (schema: string, name: string) => QualifiedName,
  type: (row: TypeRow) => ColumnType,
): DomainSchema {
  return {
    ...told(row.schema, row.name),
    type: type(row.type),
    nullable: !row.notNull,
    ...row.default !== null && { default: { kind: "sql" as const, sql: row.default } },
    checks: (row.checks ?? []).map(({ name, sql }) => ({ name, sql: unwrapped(sql) })),
    ...row.comment !== null && { comment: row.comment },
  };
}
