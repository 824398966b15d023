/**
 * The publication: which tables the server tells of.
 *
 * @module
 */
import { ConfigError, UnsupportedError } from "../../../base/errors.ts";
import { codeOf } from "./replication_errors.ts";
import type { Walsender } from "./walsender.ts";

/** Checks the name of a publication. @throws {ConfigError} when the server could not have it */
export function checkPublicationName(name: string): void {
  const { length } = new TextEncoder().encode(name);
  if (length > 0 && length <= 63 && !name.includes("\0")) return;
  throw new ConfigError("Cannot follow changes: the name of the publication cannot be used", {
    hint: "use 1 to 63 bytes",
  });
}

/** Makes the publication where it is missing; returns whether it was. */
export async function makePublication(
  walsender: Walsender,
  name: string,
  version: number,
): Promise<boolean> {
  const [found] = await walsender.query<{ whole: string }>(
    `SELECT (pubinsert AND pubupdate AND pubdelete AND pubtruncate)::text AS whole
     FROM pg_publication WHERE pubname = ${literal(name)}`,
  );
  if (found?.whole === "false") throw partialError(name);
  if (found) return false;
  await refuseTablesWithoutIdentity(walsender, name);
  const generated = version >= 180_000 ? ", publish_generated_columns = stored" : "";
  try {
    await walsender.query(
      `CREATE PUBLICATION ${
        identifier(name)
      } FOR ALL TABLES WITH (publish_via_partition_root = true${generated})`,
    );
  } catch (error) {
    const code = codeOf(error);
    if (code === "42710" || code === "23505") return false; // another process made it meanwhile
    if (code !== "42501") throw error;
    throw new UnsupportedError(
      `Cannot follow changes: there is no publication ${name}, and only a superuser may make one for all tables`,
      {
        cause: error,
        hint: `as superuser, run CREATE PUBLICATION ${
          identifier(name)
        } FOR ALL TABLES; or as owner of the tables, FOR TABLE with their names`,
      },
    );
  }
  return true;
}

/** Once its changes are published, the server refuses updates and deletes of such a table, whoever makes them. */
async function refuseTablesWithoutIdentity(walsender: Walsender, name: string): Promise<void> {
  const tables = await walsender.query<{ name: string }>(
    `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND c.oid >= 16384
       AND n.nspname NOT IN ('pg_catalog', 'information_schema')
       AND (c.relreplident = 'n' OR c.relreplident = 'd' AND NOT EXISTS (
         SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary))
     ORDER BY 1 LIMIT 6`,
  );
  if (tables.length === 0) return;
  const names = tables.slice(0, 5).map((each) => each.name).join(", ");
  const more = tables.length > 5 ? " and others" : "";
  throw new UnsupportedError(
    `Cannot follow changes: ${names}${more} have no primary key, so that with a publication for all tables the server would refuse their updates and deletes`,
    {
      hint:
        `give them a primary key, or run ALTER TABLE … REPLICA IDENTITY FULL, or make the publication yourself: CREATE PUBLICATION ${
          identifier(name)
        } FOR TABLE with the names of the tables to follow`,
    },
  );
}

/** What it leaves out would be missed by nobody. */
function partialError(name: string): UnsupportedError {
  return new UnsupportedError(
    `Cannot follow changes: the publication ${name} leaves out some kinds of them`,
    {
      hint: `run ALTER PUBLICATION ${
        identifier(name)
      } SET (publish = 'insert, update, delete, truncate')`,
    },
  );
}

/** Writes a text for SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Writes a name for SQL. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
