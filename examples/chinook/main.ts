/**
 * Ten questions to the Chinook music store, on SQLite and on PostgreSQL: `deno task example:chinook`.
 *
 * @module
 */
import { standardOutput, Terminal } from "../terminal.ts";
import { askStore, printAnswers, printComparison } from "./print.ts";
import { hasSampleData, openPostgresStore, openSqliteStore } from "./store.ts";

async function main(): Promise<void> {
  const out = new Terminal(standardOutput());
  if (!hasSampleData()) {
    return out.line("Skipped: this needs ../shared/data (sample data) beside the checkout");
  }
  await using sqlite = await openSqliteStore();
  const answers = await askStore(sqlite);
  printAnswers(sqlite, answers, out);
  await using postgres = await openPostgresStore();
  printComparison(postgres, await askStore(postgres), answers, out);
}

if (import.meta.main) {
  await main();
  // The embedded PostgreSQL ends with the process, and until then would keep it alive.
  Deno.exit(0);
}
