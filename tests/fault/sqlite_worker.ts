/**
 * A process of its own that uses a database file; see sqlite_processes_test.ts. It takes the file, what to do, a
 * first number and how many, and prints a line of JSON for each thing that it has done.
 *
 * @module
 */
import { SQLiteAdapter } from "../../src/database/sqlite_adapter.ts";

const [databasePath, role, first, count] = Deno.args;
const from = Number(first);
const end = from + Number(count);
const insert = "INSERT INTO ledger (n) VALUES ($1)";

function tell(what: unknown): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(what)}\n`));
}

await using db = new SQLiteAdapter({ databasePath: databasePath!, acquireTimeout: 30_000 });

/** Two rows at a time, in transactions or alone, so that half a transaction would show. */
async function write(): Promise<void> {
  for (let n = from; n < end; n += 2) {
    if (n % 3 === 0) await db.execute("INSERT INTO ledger (n) VALUES ($1), ($2)", [n, n + 1]);
    else {
      await db.transaction(async (tx) => {
        const { rows } = await tx.execute<{ n: number }>("SELECT n FROM counter");
        await tx.execute(insert, [n]);
        await new Promise((resolve) => setTimeout(resolve, n % 5));
        await tx.execute(insert, [n + 1]);
        await tx.execute("UPDATE counter SET n = $1", [rows[0]!.n + 1]);
      });
    }
    tell({ pair: n });
  }
}

/** Whatever it reads must hold whole pairs. */
async function read(): Promise<void> {
  for (let i = from; i < end; i++) {
    const { rows } = await db.execute<{ n: number }>("SELECT count(*) AS n FROM ledger");
    if (rows[0]!.n % 2 !== 0) throw new Error("half a transaction was seen");
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  tell({ read: end - from });
}

/** Stops in the middle of a transaction, to be killed there. */
async function die(): Promise<void> {
  await db.transaction(async (tx) => {
    for (let n = from; n < end; n++) await tx.execute(insert, [n]);
    tell({ dying: true });
    await new Promise((resolve) => setTimeout(resolve, 600_000));
  });
}

await ({ write, read, die }[role!]!)();
