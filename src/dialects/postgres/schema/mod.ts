/**
 * Schemas of PostgreSQL: read, compared and changed.
 *
 * @module
 */
import type { Compiler } from "../../../dialect/dialect.ts";
import type { Introspector, SchemaSupport } from "../../../dialect/schema_support.ts";
import { canonical } from "./canonical.ts";
import { withoutDefaultSchema } from "./default_schema.ts";
import { isDone, runsAlone } from "./resume.ts";
import { introspect } from "./introspector.ts";
import { postgresMigrationLock } from "./lock.ts";
import { PostgresPlanner } from "./planner.ts";
import { splitScript } from "./split.ts";

export { PostgresPlanner } from "./planner.ts";

/** What PostgreSQL brings for migrations. */
export function postgresSchemaSupport(compiler: Compiler): SchemaSupport {
  return {
    introspector: postgresIntrospector(compiler),
    planner: new PostgresPlanner(compiler),
    lock: postgresMigrationLock,
    guard: (lockTimeout) => [`SET LOCAL lock_timeout = ${Math.ceil(lockTimeout)}`],
    settle: [
      // As `RESET ALL`, without the driver's own timeout.
      "SELECT set_config(name, reset_val, false) FROM pg_settings " +
      "WHERE source = 'session' AND name <> 'statement_timeout' AND context IN ('user', 'superuser')",
    ],
    stepwise: true,
    runsAlone,
    isDone,
    split: splitScript,
    violations: () => Promise.resolve([]),
  };
}

/** Reads schemas of PostgreSQL; what shall be compared is created in schemas of its own and rolled back. */
export function postgresIntrospector(compiler: Compiler): Introspector {
  return {
    introspect,
    canonical: async (connection, schema) =>
      canonical(connection, await withoutDefaultSchema(connection, schema), compiler),
  };
}
