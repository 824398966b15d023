import { DatabaseSync } from "node:sqlite";
import { place, report } from "./entry.ts";

const database = new DatabaseSync(place);
const row = database.prepare("SELECT id, name, email FROM items WHERE id = ?").get(1);
report(row as { name: string } | undefined);
database.close();
