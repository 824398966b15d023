import { eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-sqlite";
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { place, report } from "./entry.ts";

const items = sqliteTable("items", {
  id: integer().primaryKey({ autoIncrement: true }),
  name: text().notNull(),
  email: text().notNull(),
});

const db = drizzle(place);
report(db.select().from(items).where(eq(items.id, 1)).get());
db.$client.close();
