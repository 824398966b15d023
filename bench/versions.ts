/**
 * What was measured with.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import postgres from "postgres";
import config from "./deno.json" with { type: "json" };
import packages from "./package.json" with { type: "json" };

/** The versions of the runtime, the databases drivers and peers. */
export async function versions(
  peers: readonly string[],
  postgresUrl: string,
): Promise<Record<string, string>> {
  const found: Record<string, string> = {
    Deno: Deno.version.deno,
    V8: Deno.version.v8,
    SQLite: sqliteVersion(),
    ...(postgresUrl && { PostgreSQL: await postgresVersion(postgresUrl) }),
  };
  if (postgresUrl) found.postgres = config.imports.postgres.replace(/^.*@/, "");
  if (peers.length === 0) return found;
  const code = Object.entries(packages.dependencies).filter(([name]) =>
    !name.startsWith("@types/")
  );
  return { ...found, ...Object.fromEntries(code) };
}

function sqliteVersion(): string {
  const database = new DatabaseSync(":memory:");
  const { version } = database.prepare("SELECT sqlite_version() AS version").get()!;
  database.close();
  return String(version);
}

async function postgresVersion(url: string): Promise<string> {
  const sql = postgres(url, { max: 1 });
  const [row] = await sql`SHOW server_version`;
  await sql.end();
  return row!.server_version;
}
