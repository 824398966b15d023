/**
 * Schemas of SQLite: read, compared and changed.
 *
 * @module
 */
import type { SchemaConnection } from "../../../dialect/schema_support.ts";
import type { Introspector } from "../../../dialect/schema_support.ts";
import type { Compiler } from "../../../dialect/dialect.ts";
import { type DatabaseSchema, emptySchema } from "../../../schema/database_schema.ts";
import type { Step } from "../../../schema/step.ts";
import { SqliteDriver } from "../driver.ts";
import { introspect } from "./introspector.ts";
import { SqlitePlanner } from "./planner.ts";

export { SqlitePlanner } from "./planner.ts";

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
