/**
 * Names with the default schema before them: the same as without it.
 *
 * @module
 */
import type { SchemaConnection } from "../../../dialect/schema_support.ts";
import type { DatabaseSchema } from "../../../schema/database_schema.ts";

/** The schema with the names of the default one left out, as introspection does. */
export async function withoutDefaultSchema(
  connection: SchemaConnection,
  schema: DatabaseSchema,
): Promise<DatabaseSchema> {
  if (schema.schemas.length === 0) return schema;
  const { rows: [current] } = await connection.execute<{ name: string | null }>(
    "SELECT current_schema() AS name",
  );
  const name = current?.name ?? "public";
  if (!schema.schemas.includes(name)) return schema;
  return {
    ...stripped(schema, name) as DatabaseSchema,
    schemas: schema.schemas.filter((each) => each !== name),
  };
}

function stripped(data: unknown, schema: string): unknown {
  if (Array.isArray(data)) return data.map((each) => stripped(each, schema));
  if (typeof data !== "object" || data === null) return data;
  return Object.fromEntries(
    Object.entries(data).flatMap(([key, value]): [string, unknown][] => {
      if (key === "schema" && value === schema) return [];
      if (key === "enumName" && typeof value === "string" && value.startsWith(`${schema}.`)) {
        return [[key, value.slice(schema.length + 1)]];
      }
      // A default may be a value of any kind.
      return [[key, key === "value" ? value : stripped(value, schema)]];
    }),
  );
}
