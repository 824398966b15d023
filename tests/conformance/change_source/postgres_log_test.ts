/** The log that PostgreSQL's triggers write, by the cases of every source. */

import { sourceOf } from "../../../src/database/feed.ts";
import { PostgresAdapter } from "../../../src/database/postgres_adapter.ts";
import { postgresChangeSupport } from "../../../src/dialects/postgres/changes/mod.ts";
import { postgresDialect } from "../../../src/dialects/postgres/mod.ts";
import { Engine } from "../../../src/engine/engine.ts";
import { freshPostgresDatabase } from "../../targets/mod.ts";
import { changeSourceSuite, createKitTables, kitTables } from "./mod.ts";
import { outsidePostgres } from "./outside.ts";

changeSourceSuite(
  "PostgreSQL's log",
  { outside: true, resumes: true, truncates: true, keyless: "all" },
  async () => {
    const { url, drop } = await freshPostgresDatabase();
    const db = new PostgresAdapter({ url, poolSize: 6 });
    await createKitTables(db);
    await postgresChangeSupport.log.create(db, kitTables(db).map((name) => ({ name })));
    const engine = new Engine(postgresDialect, { database: "postgres", url, poolSize: 2 });
    return {
      db,
      source: () => sourceOf(engine, { source: "log" }),
      outside: () => Promise.resolve(outsidePostgres(url)),
      loader: postgresChangeSupport.loader,
      async [Symbol.asyncDispose]() {
        await engine.close();
        await db.disconnect();
        await drop();
      },
    };
  },
);
