/**
 * What was measured with.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import postgres from "postgres";

/** The versions of the runtime, the databases and, from `deno.json`, of what they are used through. */
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
  const text = await Deno.readTextFile(new URL("deno.json", import.meta.url));
  for (const target of Object.values<string>(JSON.parse(text).imports)) {
    const [, name, version] = /^npm:(.+)@(.+)$/.exec(target)!;
    if (peers.length > 0 || (name === "postgres" && postgresUrl)) found[name!] = version!;
  }
  return found;
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
