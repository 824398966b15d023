/** The log of SQLite, by the cases of every source: in a file, read by this process and by another, and in memory. */
import { SQLiteAdapter } from "../../../database/sqlite_adapter.ts";
import type { ChangeSource } from "../../../change/source.ts";
import type { Database } from "../../../database/database.ts";
import {
  changeSourceSuite,
  createKitTables,
  kitTables,
} from "../../../../tests/conformance/change_source/mod.ts";
import { outsideSqlite } from "../../../../tests/conformance/change_source/outside.ts";
import { sqliteChangeSupport } from "./mod.ts";

/** A source such as another process has: no write is told to it. */
function apart(db: Database, databasePath: string): ChangeSource {
  return sqliteChangeSupport.logSource({
    config: { database: "sqlite", databasePath },
    execute: (sql, params) => db.execute(sql, params),
    snapshot: (work) => db.transaction((tx) => work(tx), { readOnly: true }),
    transaction: (work) => db.transaction((tx) => work(tx)),
    onWrite: () => () => {},
  }, { interval: 5 });
}

async function prepared(path: string): Promise<Database> {
  const db = new SQLiteAdapter({ databasePath: path, poolSize: 4 });
  await createKitTables(db);
  await db.schema.followChanges(kitTables(db));
  return db;
}

for (const where of ["the process that writes", "another process"]) {
  changeSourceSuite(
    `SQLite's log, read by ${where}`,
    { outside: true, resumes: true, keyless: "all" },
    async () => {
      const folder = await Deno.makeTempDir({ prefix: "rex-orm-" });
      const path = `${folder}/test.db`;
      const db = await prepared(path);
      const { source } = await db.feed({ source: "log", log: { interval: 5 } });
      return {
        db,
        source: () => where === "another process" ? apart(db, path) : source,
        outside: () => Promise.resolve(outsideSqlite(path)),
        loader: (form, type) => sqliteChangeSupport.loader(form, type),
        async [Symbol.asyncDispose]() {
          await db.disconnect();
          await Deno.remove(folder, { recursive: true });
        },
      };
    },
  );
}

changeSourceSuite(
  "SQLite's log in memory",
  { outside: false, resumes: true, keyless: "all", oneConnection: true },
  async () => {
    const db = await prepared(":memory:");
    const { source } = await db.feed({ source: "log" });
    return {
      db,
      source: () => source,
      outside: () => Promise.reject(new Error("there is only one connection")),
      loader: (form, type) => sqliteChangeSupport.loader(form, type),
      [Symbol.asyncDispose]: () => db.disconnect(),
    };
  },
);
