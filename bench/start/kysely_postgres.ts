import { type Generated, Kysely, PostgresDialect } from "kysely";
import { Pool } from "pg";
import { place, report } from "./entry.ts";

interface Tables {
  items: { id: Generated<number>; name: string; email: string };
}

const pool = new Pool({ connectionString: place });
const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
const columns = ["id", "name", "email"] as const;
report(await db.selectFrom("items").select(columns).where("id", "=", 1).executeTakeFirst());
await db.destroy();
