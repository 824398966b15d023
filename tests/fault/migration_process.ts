/**
 * Processes that migrate, to be raced and killed.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Database } from "../../src/database/database.ts";
import { PostgresAdapter } from "../../src/database/postgres_adapter.ts";
import { SQLiteAdapter } from "../../src/database/sqlite_adapter.ts";
import { freshPostgresDatabase } from "../targets/mod.ts";

/** A database that processes share. */
export interface Shared extends AsyncDisposable {
  /** Its address: a URL or a path. */
  readonly address: string;
  /** This process's way to it. */
  readonly db: Database;
}

/** The databases, each made empty. */
export const shared: Readonly<Record<"SQLite" | "PostgreSQL", () => Promise<Shared>>> = {
  async SQLite() {
    const folder = await Deno.makeTempDir({ prefix: "rex-orm-migrating-" });
    const address = `${folder}/test.db`;
    const db = new SQLiteAdapter({ databasePath: address });
    return {
      address,
      db,
      async [Symbol.asyncDispose]() {
        await db.disconnect();
        await Deno.remove(folder, { recursive: true });
      },
    };
  },
  async PostgreSQL() {
    const fresh = await freshPostgresDatabase();
    const db = new PostgresAdapter({ url: fresh.url, poolSize: 2 });
    return {
      address: fresh.url,
      db,
      async [Symbol.asyncDispose]() {
        await db.disconnect();
        await fresh.drop();
      },
    };
  },
};

/** What a process that ended by itself told. */
export interface Outcome {
  /** The migrations that it applied. */
  readonly applied: readonly string[];
  /** How many statements they sent. */
  readonly count: number;
}

function spawn(address: string, args: readonly string[]): Deno.ChildProcess {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  return new Deno.Command("deno", {
    args: [
      "run",
      "--no-check",
      "--no-prompt",
      "--allow-read",
      "--allow-env",
      ...url?.protocol === "postgres:" || url?.protocol === "postgresql:"
        ? [`--allow-net=${url.host}`]
        : [`--allow-write=${address.replace(/\/[^/]*$/, "")}`],
      new URL("./migration_worker.ts", import.meta.url).pathname,
      address,
      ...args,
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Migrates in a process of its own. */
export async function migrateApart(
  address: string,
  folder: string,
  counting = false,
): Promise<Outcome> {
  const { code, stdout, stderr } = await spawn(address, [folder, counting ? "1000000" : "0"])
    .output();
  const decoder = new TextDecoder();
  assert.equal(code, 0, decoder.decode(stderr));
  return JSON.parse(decoder.decode(stdout));
}

/**
 * Migrates in a process of its own, which is killed at its `statement`-th statement.
 *
 * @param halted it stands still before that statement; else it is killed while it goes on
 */
export async function migrateAndDie(
  address: string,
  folder: string,
  statement: number,
  halted: boolean,
): Promise<void> {
  const child = spawn(address, [folder, String(statement), halted ? "halt" : "go on"]);
  const errors = new Response(child.stderr).text();
  const reader = child.stdout.getReader();
  const { done } = await reader.read();
  assert.equal(done, false, done ? await errors : "");
  try {
    child.kill("SIGKILL");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // it has ended already
  }
  for (let end = false; !end;) end = (await reader.read()).done;
  await child.status;
  await errors;
}
