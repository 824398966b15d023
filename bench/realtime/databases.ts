/**
 * The databases of the benchmark of live data.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import postgres from "postgres";
import { PostgresAdapter, SQLiteAdapter } from "../../mod.ts";
import { Item, seedSql } from "./model.ts";

const unfollowedSql = `
  CREATE TABLE unfollowed (id integer PRIMARY KEY, room integer NOT NULL, body text NOT NULL)`;
const copySql = "INSERT INTO unfollowed (id, room, body) SELECT id, room, body FROM items";

/** A database with the rows of `model.ts`, and a table of the same kind that nobody follows. */
export interface LiveDatabase extends AsyncDisposable {
  /** Its URL, or the path of its file. */
  readonly place: string;
}

/**
 * Makes one on a PostgreSQL server. Disposing of it drops it.
 *
 * @param log whether triggers write the log
 */
export async function livePostgres(server: string, log: boolean): Promise<LiveDatabase> {
  const name = `rex_bench_${crypto.randomUUID().replaceAll("-", "")}`;
  await runOn(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  {
    await using db = new PostgresAdapter(url.href);
    await db.schema.create({ models: [Item] });
    if (log) await db.schema.followChanges([Item]);
  }
  for (const statement of [seedSql, unfollowedSql, copySql, "VACUUM ANALYZE"]) {
    await runOn(url.href, statement);
  }
  return {
    place: url.href,
    async [Symbol.asyncDispose]() {
      await runOn(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

/** Makes one in a file. */
export async function liveSqlite(folder: string, log: boolean): Promise<LiveDatabase> {
  const place = `${folder}/${crypto.randomUUID()}.db`;
  {
    await using db = new SQLiteAdapter(place);
    await db.schema.create({ models: [Item] });
    if (log) await db.schema.followChanges([Item]);
  }
  const database = new DatabaseSync(place);
  for (const statement of [seedSql, unfollowedSql, copySql]) database.exec(statement);
  database.close();
  return { place, async [Symbol.asyncDispose]() {} };
}

async function runOn(server: string, statement: string): Promise<void> {
  const sql = postgres(server, { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}
