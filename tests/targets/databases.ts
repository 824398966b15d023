/**
 * The databases that every behaviour is tested on.
 *
 * @module
 */
import { Transformer } from "../../src/ast/transformer.ts";
import type { RootNode } from "../../src/ast/nodes.ts";
import type { Database } from "../../src/database/database.ts";
import { PostgresAdapter } from "../../src/database/postgres_adapter.ts";
import { SQLiteAdapter } from "../../src/database/sqlite_adapter.ts";
import type { Capabilities } from "../../src/dialect/capabilities.ts";
import { postgresDialect } from "../../src/dialects/postgres/mod.ts";
import { sqliteDialect } from "../../src/dialects/sqlite/mod.ts";
import type { EngineOptions } from "../../src/engine/options.ts";
import type { ModelClass } from "../../src/model/keys.ts";
import { type FreshPostgresDatabase, freshPostgresDatabase } from "./mod.ts";

/** An empty database of one test; disposing of it removes it. */
export interface OpenTarget extends AsyncDisposable {
  /** The database, connected. */
  readonly db: Database;
}

/** One kind of database. */
export interface Target {
  /** Its name in test names. */
  readonly name: string;
  /** What it can do. */
  readonly capabilities: Capabilities;
  /** Opens an empty database. */
  open(options?: EngineOptions & { readonly poolSize?: number }): Promise<OpenTarget>;
}

/** Copies every node, so that whatever only works on the builders' own objects fails. */
const rewriter = new Transformer({}, { copy: true });

const rewritten: EngineOptions = {
  transformers: [(node: RootNode) => rewriter.transform(node) as RootNode],
};

async function openSqlite(
  options: EngineOptions & { poolSize?: number } = {},
): Promise<OpenTarget> {
  const folder = await Deno.makeTempDir({ prefix: "rex-orm-" });
  const { poolSize = 4, ...rest } = options;
  const db = new SQLiteAdapter({ databasePath: `${folder}/test.db`, poolSize }, rest);
  await db.connect();
  return {
    db,
    async [Symbol.asyncDispose]() {
      await db.disconnect();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Databases that tests of this file have left behind, emptied: making one anew takes ten times as long. */
const idle: FreshPostgresDatabase[] = [];

Deno.test.afterAll(async () => {
  for (const database of idle.splice(0)) await database.drop();
});

async function openPostgres(
  options: EngineOptions & { poolSize?: number } = {},
): Promise<OpenTarget> {
  const fresh = idle.pop() ?? await freshPostgresDatabase();
  const { poolSize = 4, ...rest } = options;
  const db = new PostgresAdapter({ url: fresh.url, poolSize }, rest);
  await db.connect();
  return {
    db,
    async [Symbol.asyncDispose]() {
      await db.disconnect();
      await fresh.empty();
      idle.push(fresh);
    },
  };
}

/** SQLite in a file, PostgreSQL, and both again with every statement rewritten to a copy. */
export const targets: readonly Target[] = [
  { name: "SQLite", capabilities: sqliteDialect.capabilities, open: openSqlite },
  { name: "PostgreSQL", capabilities: postgresDialect.capabilities, open: openPostgres },
];

/** The targets again, with every statement rewritten to a copy of itself. */
export const rewrittenTargets: readonly Target[] = targets.map((target) => ({
  ...target,
  name: `${target.name}, rewritten`,
  open: (options) => target.open({ ...options, ...rewritten }),
}));

/** What a test of {@linkcode onEveryDatabase} is given. */
export interface Tested {
  /** The database, with the tables of the models. */
  readonly db: Database;
  /** Which kind it is. */
  readonly target: Target;
}

/** How a behaviour is tested. */
export interface BehaviourOptions {
  /** The models whose tables are created first. */
  readonly models?: readonly ModelClass[];
  /** What the database must be able to do; without it the test expects nothing and says so in its name. */
  readonly needs?: (capabilities: Capabilities) => boolean;
  /** How the database is opened. */
  readonly open?: EngineOptions & { readonly poolSize?: number };
  /** Also with every statement rewritten to a copy. Default: true. */
  readonly rewrite?: boolean;
}

/** Registers one test for each database that has what it needs. */
export function onEveryDatabase(
  name: string,
  options: BehaviourOptions,
  test: (tested: Tested) => Promise<void>,
): void {
  const all = options.rewrite === false ? targets : [...targets, ...rewrittenTargets];
  for (const target of all) {
    if (options.needs && !options.needs(target.capabilities)) continue;
    Deno.test(`${name} (${target.name})`, async () => {
      await using opened = await target.open(options.open);
      if (options.models) await opened.db.schema.create({ models: options.models });
      await test({ db: opened.db, target });
    });
  }
}
