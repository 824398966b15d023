/**
 * A process of its own that migrates; see migration_process.ts. It takes the database, the folder of migrations, and the number
 * of a statement before which it stands still or goes on, to be killed there. It prints a line of JSON for each statement, and at
 * the end the migrations that it has applied.
 *
 * @module
 */
import { PostgresAdapter } from "../../src/database/postgres_adapter.ts";
import { SQLiteAdapter } from "../../src/database/sqlite_adapter.ts";

const [address = "", folder = "", stop = "0", halt = ""] = Deno.args;
let count = 0;

function tell(what: unknown): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(what)}\n`));
}

function onStatement(sql: string): void {
  count++;
  if (count < Number(stop)) return;
  tell({ count, sql });
  if (count === Number(stop) && halt === "halt") {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }
}

await using db = address.startsWith("postgres:")
  ? new PostgresAdapter({ url: address, poolSize: 2 })
  : new SQLiteAdapter({ databasePath: address });
const quiet = stop === "0";
tell({ applied: await db.migrate({ folder, ...!quiet && { onStatement } }), count });
