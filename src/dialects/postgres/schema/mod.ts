/**
 * Schemas of PostgreSQL: read, compared and changed.
 *
 * @module
 */
import type { Compiler } from "../../../dialect/dialect.ts";
import type { Introspector } from "../../../dialect/schema_support.ts";
import { canonical } from "./canonical.ts";
import { introspect } from "./introspector.ts";

export { PostgresPlanner } from "./planner.ts";

/** Reads schemas of PostgreSQL; what shall be compared is created in schemas of its own and rolled back. */
export function postgresIntrospector(compiler: Compiler): Introspector {
  return {
    introspect,
    canonical: (connection, schema) => canonical(connection, schema, compiler),
  };
}
