/**
 * A schema in the database's own spelling: it is created in schemas of its own, read back, and rolled back.
 *
 * @module
 */
import { MigrationError } from "../../../base/errors.ts";
import type { Compiler } from "../../../dialect/dialect.ts";
import type { SchemaConnection } from "../../../dialect/schema_support.ts";
import type { DatabaseSchema, QualifiedName } from "../../../schema/database_schema.ts";
import type { Step } from "../../../schema/step.ts";
import type { TableSchema } from "../../../schema/table.ts";
import { introspectScope, setPath } from "./introspector.ts";
import { PostgresPlanner } from "./planner.ts";

const prefix = "rex_shadow";

/**
 * Gives a schema as PostgreSQL would tell it. Has to run inside a transaction; what it creates is rolled back to a
 * savepoint, so that nobody ever sees it.
 */
export async function canonical(
  connection: SchemaConnection,
  schema: DatabaseSchema,
  compiler: Compiler,
): Promise<DatabaseSchema> {
  const { rows: [current] } = await connection.execute<{ path: string; first: string | null }>(
    "SELECT current_setting('search_path') AS path, current_schema() AS first",
  );
  const fallback = current?.first ?? "public";
  const shadows = new Map<string, string | undefined>([[prefix, undefined]]);
  for (const name of schema.schemas) shadows.set(`${prefix}_${name}`, name);
  await connection.execute("SAVEPOINT rex_shadow");
  try {
    for (const name of shadows.keys()) await connection.execute(`CREATE SCHEMA "${name}"`);
    // What the models do not bring (types and functions of extensions) is found where it is.
    await setPath(connection, [prefix, fallback]);
    for (const { statements } of new PostgresPlanner(compiler).plan(creating(schema), schema)) {
      for (const sql of statements) await connection.execute(sql);
    }
    const read = await introspectScope(connection, { schemas: shadows, without: new Set() });
    return withoutShadows(read);
  } catch (cause) {
    throw new MigrationError(
      "Cannot compare: the database does not take the schema that is wanted",
      {
        cause,
        hint: cause instanceof Error ? cause.message.split("\n")[0] : undefined,
      },
    );
  } finally {
    await connection.execute("ROLLBACK TO SAVEPOINT rex_shadow");
    await connection.execute("RELEASE SAVEPOINT rex_shadow");
    await connection.execute("SELECT set_config('search_path', $1, true)", [current?.path ?? ""]);
  }
}

/** Everything, types first; foreign keys last, since tables may point to each other. */
function creating(schema: DatabaseSchema): Step[] {
  const shadowed = <T extends QualifiedName>(each: T): T =>
    each.schema === undefined ? each : { ...each, schema: `${prefix}_${each.schema}` };
  const typed = (table: TableSchema): TableSchema => ({
    ...shadowed(table),
    columns: table.columns.map((column) => {
      const name = column.type.enumName;
      return name === undefined || !schema.schemas.some((each) => name.startsWith(`${each}.`))
        ? column
        : { ...column, type: { ...column.type, enumName: `${prefix}_${name}` } };
    }),
    foreignKeys: [],
  });
  const wholes = schema.tables.filter(({ partition }) => partition?.kind !== "of");
  const parts = schema.tables.filter(({ partition }) => partition?.kind === "of");
  return [
    ...schema.enums.map((each): Step => ({ kind: "createEnum", enum: shadowed(each) })),
    ...schema.domains.map((domain): Step => ({ kind: "createDomain", domain: shadowed(domain) })),
    ...schema.sequences.map((sequence): Step => ({
      kind: "createSequence",
      sequence: shadowed(sequence),
    })),
    ...[...wholes, ...parts].map((table): Step => ({
      kind: "createTable",
      definition: typed(table),
    })),
    ...schema.tables.flatMap((table) =>
      table.foreignKeys.map((foreignKey): Step => ({
        kind: "addForeignKey",
        table: table.name,
        ...table.schema !== undefined && { schema: `${prefix}_${table.schema}` },
        foreignKey: shadowed({ ...foreignKey, name: foreignKey.name ?? "" }),
      }))
    ),
    ...schema.views.map((view): Step => ({ kind: "createView", view: shadowed(view) })),
    ...schema.triggers.map((trigger): Step => ({ kind: "createTrigger", trigger })),
  ];
}

/** Names of the shadow schemas in the text of expressions. */
function withoutShadows(schema: DatabaseSchema): DatabaseSchema {
  const text = JSON.stringify(schema);
  if (!text.includes(prefix)) return schema;
  return JSON.parse(
    text.replaceAll(new RegExp(`${prefix}_(\\w+)\\.`, "g"), "$1.").replaceAll(`${prefix}.`, ""),
  );
}
