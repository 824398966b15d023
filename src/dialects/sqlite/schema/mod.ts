/**
 * Schemas of SQLite: read, compared and changed.
 *
 * @module
 */
import type {
  ForeignKeyViolation,
  Introspector,
  SchemaConnection,
  SchemaSupport,
} from "../../../dialect/schema_support.ts";
import type { Compiler } from "../../../dialect/dialect.ts";
import { type DatabaseSchema, emptySchema } from "../../../schema/database_schema.ts";
import type { Step } from "../../../schema/step.ts";
import { SqliteDriver } from "../driver.ts";
import { introspect } from "./introspector.ts";
import { sqliteMigrationLock } from "./lock.ts";
import { SqlitePlanner } from "./planner.ts";
import { splitScript } from "./split.ts";

export { SqlitePlanner } from "./planner.ts";

/** What SQLite brings for migrations. */
export function sqliteSchemaSupport(compiler: Compiler): SchemaSupport {
  return {
    introspector: sqliteIntrospector(compiler),
    planner: new SqlitePlanner(compiler),
    lock: sqliteMigrationLock,
    // Another writer's end is waited for as `acquireTimeout` says.
    guard: () => [],
    settle: [],
    stepwise: false,
    runsAlone: () => false,
    isDone: () => Promise.resolve(false),
    split: splitScript,
    async violations(connection: SchemaConnection): Promise<ForeignKeyViolation[]> {
      const { rows } = await connection.execute<
        { table: string; rowid: number | bigint | null; parent: string }
      >("PRAGMA foreign_key_check");
      return rows.map(({ table, rowid, parent }) => ({
        table,
        ...rowid !== null && { row: String(rowid) },
        parent,
      }));
    },
  };
}

/** Reads schemas of SQLite; what shall be compared is created in memory. */
export function sqliteIntrospector(compiler: Compiler): Introspector {
  return {
    introspect,
    async canonical(
      _connection: SchemaConnection,
      schema: DatabaseSchema,
    ): Promise<DatabaseSchema> {
      const driver = new SqliteDriver({ database: "sqlite", databasePath: ":memory:" });
      try {
        const connection: SchemaConnection = {
          async execute<Row>(sql: string) {
            const { columns, rows } = await driver.execute({ sql, params: [], kind: "unknown" });
            return {
              rows: rows.map((row) =>
                Object.fromEntries(columns.map(({ name }, i) => [name, row[i]])) as Row
              ),
            };
          },
        };
        for (
          const { statements } of new SqlitePlanner(compiler).plan(creating(schema), emptySchema)
        ) {
          for (const sql of statements) await connection.execute(sql);
        }
        return await introspect(connection);
      } finally {
        await driver.close();
      }
    },
  };
}

/** Tables may point to some that are not there yet. */
function creating({ tables, views, triggers }: DatabaseSchema): Step[] {
  return [
    ...tables.map((definition): Step => ({ kind: "createTable", definition })),
    ...views.map((view): Step => ({ kind: "createView", view })),
    ...triggers.map((trigger): Step => ({ kind: "createTrigger", trigger })),
  ];
}
