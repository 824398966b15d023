/**
 * A schema in the database's own spelling: it is created in schemas of its own, read back, and rolled back.
 *
 * @module
 */
import { MigrationError } from "../../../base/errors.ts";
import type { Compiler } from "../../../dialect/dialect.ts";
import type { SchemaConnection } from "../../../dialect/schema_support.ts";
import type { DatabaseSchema } from "../../../schema/database_schema.ts";
import { domainsInOrder, viewsInOrder } from "../../../schema/mentions.ts";
import type { Step } from "../../../schema/step.ts";
import { introspectScope, setPath } from "./introspector.ts";
import { PostgresPlanner } from "./planner.ts";
import { Shadows } from "./shadows.ts";

/** So many statements are sent at once. */
const batch = 200;

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
  const shadows = new Shadows(schema, fallback);
  await connection.execute("SAVEPOINT rex_shadow");
  try {
    for (const name of shadows.schemas.keys()) await connection.execute(`CREATE SCHEMA "${name}"`);
    // What the models do not bring (types and functions of extensions) is found where it is.
    await setPath(connection, [shadows.main, fallback]);
    const shadowed = shadows.hide(schema);
    const planned = new PostgresPlanner(compiler).plan(creating(shadowed), shadowed);
    const all = planned.flatMap(({ statements }) => statements);
    for (let i = 0; i < all.length; i += batch) {
      await connection.execute(all.slice(i, i + batch).join(";\n"));
    }
    const read = await introspectScope(connection, {
      schemas: shadows.schemas,
      without: new Set(),
    });
    return shadows.reveal(read);
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
  const wholes = schema.tables.filter(({ partition }) => partition?.kind !== "of");
  const parts = schema.tables.filter(({ partition }) => partition?.kind === "of");
  return [
    ...schema.enums.map((each): Step => ({ kind: "createEnum", enum: each })),
    ...domainsInOrder(schema.domains).map((domain): Step => ({ kind: "createDomain", domain })),
    ...schema.sequences.map((sequence): Step => ({ kind: "createSequence", sequence })),
    ...[...wholes, ...parts].map((table): Step => ({
      kind: "createTable",
      definition: { ...table, foreignKeys: [] },
    })),
    ...schema.tables.flatMap(({ name, schema, foreignKeys }) =>
      foreignKeys.map((foreignKey): Step => ({
        kind: "addForeignKey",
        table: name,
        ...schema !== undefined && { schema },
        foreignKey,
      }))
    ),
    ...viewsInOrder(schema.views).map((view): Step => ({ kind: "createView", view })),
    ...schema.triggers.map((trigger): Step => ({ kind: "createTrigger", trigger })),
  ];
}
