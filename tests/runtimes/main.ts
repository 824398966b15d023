/**
 * Runs the suite on the runtime that runs this, and prints one line of JSON for each case.
 *
 * ```
 * node main.js sqlite /tmp/suite.db
 * node main.js postgres postgres://…
 * ```
 *
 * @module
 */
import { argv } from "node:process";
import { type Database, UnsupportedError } from "@rex/orm";
import { connect as connectPostgres } from "@rex/orm/postgres";
import { connect as connectSqlite } from "@rex/orm/sqlite";
import { cases, Post, User } from "./suite.ts";

/** What became of a case. */
export interface Outcome {
  /** The case's name. */
  readonly name: string;
  /** The error's text; absent when the case passed. */
  readonly failure?: string;
  /** The database is refused on this runtime, with this message; no case was run. */
  readonly refused?: string;
}

function tell(outcome: Outcome): void {
  console.log(JSON.stringify(outcome));
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}

async function runAll(db: Database): Promise<void> {
  const models = [User, Post];
  for (const { name, run } of cases) {
    try {
      await db.schema.create({ models });
      try {
        await run(db);
      } finally {
        await db.schema.drop({ models });
      }
      tell({ name });
    } catch (error) {
      tell({ name, failure: textOf(error) });
    }
  }
}

/** Closing must leave nothing that keeps the process alive: the suite ends only if it does. */
async function main([kind = "", address = ""]: readonly string[]): Promise<void> {
  const name = "connect() and disconnect() open and close the database";
  try {
    const connect = kind === "sqlite" ? connectSqlite : connectPostgres;
    const db = await connect(address);
    await runAll(db);
    await db.disconnect();
    tell({ name });
  } catch (error) {
    if (error instanceof UnsupportedError) tell({ name, refused: textOf(error) });
    else tell({ name, failure: textOf(error) });
  }
}

await main(argv.slice(2));
