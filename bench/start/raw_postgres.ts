import postgres from "postgres";
import { place, report } from "./entry.ts";

const sql = postgres(place, { fetch_types: false });
const [row] = await sql<{ name: string }[]>`SELECT id, name, email FROM items WHERE id = ${1}`;
report(row);
await sql.end();
