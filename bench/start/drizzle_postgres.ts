import { eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { integer, pgTable, text } from "drizzle-orm/pg-core";
import { Pool } from "pg";
import { place, report } from "./entry.ts";

const items = pgTable("items", {
  id: integer().primaryKey().generatedByDefaultAsIdentity(),
  name: text().notNull(),
  email: text().notNull(),
});

const db = drizzle({ client: new Pool({ connectionString: place }) });
const [row] = await db.select().from(items).where(eq(items.id, 1));
report(row);
await db.$client.end();
