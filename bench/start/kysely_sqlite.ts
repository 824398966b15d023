import Database from "better-sqlite3";
import { type Generated, Kysely, SqliteDialect } from "kysely";
import { place, report } from "./entry.ts";

interface Tables {
  items: { id: Generated<number>; name: string; email: string };
}

const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: new Database(place) }) });
const columns = ["id", "name", "email"] as const;
report(await db.selectFrom("items").select(columns).where("id", "=", 1).executeTakeFirst());
await db.destroy();
