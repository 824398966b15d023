/**
 * Ten questions to the Chinook music store, on SQLite and on PostgreSQL: `deno task example:chinook`.
 *
 * @module
 */
import { standardOutput } from "../terminal.ts";
import { printStore } from "./print.ts";
import { hasSampleData, openPostgresStore, openSqliteStore } from "./store.ts";

async function main(): Promise<void> {
  const options = standardOutput();
  if (!hasSampleData()) {
    options.write("Skipped: this needs ../shared/data (sample data) beside the checkout\n");
    return;
  }
  for (const open of [openSqliteStore, openPostgresStore]) {
    await using store = await open();
    await printStore(store, options);
  }
}

if (import.meta.main) await main();
