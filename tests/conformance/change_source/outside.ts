/**
 * Connections that Rex-ORM knows nothing of, for the cases' `outside()`.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import postgres from "postgres";
import { pause } from "../../../src/base/abort.ts";
import type { Outside } from "./setting.ts";

/** Another connection to a file of SQLite. */
export function outsideSqlite(path: string): Outside {
  const database = new DatabaseSync(path);
  // A wait would block the writer that it waits for: it is in this thread too.
  database.exec("PRAGMA busy_timeout = 0; PRAGMA foreign_keys = ON");
  const begin = async () => {
    for (;;) {
      try {
        return database.exec("BEGIN IMMEDIATE");
      } catch (error) {
        if (!/locked/.test(String(error))) throw error;
        await pause(1 + Math.random() * 3);
      }
    }
  };
  return {
    async run(statements) {
      await begin();
      try {
        for (const sql of statements) database.exec(sql);
        database.exec("COMMIT");
      } catch (error) {
        if (database.isTransaction) database.exec("ROLLBACK");
        throw error;
      }
    },
    // deno-lint-ignore require-await -- closes at once
    async [Symbol.asyncDispose]() {
      if (database.isOpen) database.close();
    },
  };
}

/** Another connection to PostgreSQL. */
export function outsidePostgres(url: string): Outside {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  return {
    async run(statements) {
      await sql.begin(async (tx) => {
        for (const statement of statements) await tx.unsafe(statement);
      });
    },
    [Symbol.asyncDispose]: () => sql.end(),
  };
}
