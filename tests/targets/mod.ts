/**
 * The databases that tests run on.
 *
 * @module
 */

import postgres from "postgres";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./embedded_postgres.ts";

let embedded: Promise<EmbeddedPostgres> | undefined;

/**
 * The address of the test server: the one in `REX_TEST_POSTGRES_URL`, which `deno task test` sets,
 * or else an embedded one that is started once for this process and ends with it.
 */
export async function postgresUrl(): Promise<string> {
  const given = Deno.env.get("REX_TEST_POSTGRES_URL");
  if (given) return given;
  embedded ??= startEmbeddedPostgres();
  return (await embedded).url;
}

/** An empty database of one test. Disposing of it drops it. */
export interface FreshPostgresDatabase extends AsyncDisposable {
  /** The database's address. */
  readonly url: string;
  /** Removes the database and ends the connections to it. A second call does nothing. */
  drop(): Promise<void>;
  /** Removes all that is in the database. */
  empty(): Promise<void>;
}

/** Creates an empty database with a name of its own on the test server. */
export async function freshPostgresDatabase(): Promise<FreshPostgresDatabase> {
  const server = await postgresUrl();
  const name = `rex_test_${crypto.randomUUID().replaceAll("-", "")}`;
  await runOn(server, `CREATE DATABASE ${name}`);
  const drop = () => runOn(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const empty = () => runOn(url.href, "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
  return { url: url.href, drop, empty, [Symbol.asyncDispose]: drop };
}

async function runOn(server: string, statement: string): Promise<void> {
  const sql = postgres(server, { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}
