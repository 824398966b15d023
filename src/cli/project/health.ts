/**
 * What `doctor` looks at.
 *
 * @module
 */
import process from "node:process";
import type { DatabaseConfig } from "../../base/config.ts";
import { DatabaseError } from "../../base/errors.ts";
import type { Database } from "../../database/database.ts";
import { compareSchemas } from "../../migration/compare.ts";
import { readMigrations } from "../../migration/folder.ts";
import { SchemaReader } from "../../migration/reader.ts";
import { type MigrationStatus, statusOf } from "../../migration/status.ts";
import { MigrationTracker } from "../../migration/tracker.ts";
import type { TableSchema } from "../../schema/table.ts";
import type { Call } from "../command.ts";
import { version } from "../version.ts";
import { databaseTitle, openDatabase } from "./database.ts";
import { hasModels } from "./models.ts";
import { permissionFlags } from "./permissions.ts";
import { exists, loadProject, type Project, shown } from "./project.ts";
import { readSide, saidRenames } from "./schemas.ts";
import { stepText } from "./step_text.ts";

/** What a check found. */
export interface Finding {
  /** The check's name. */
  readonly check: string;
  /** `found`: something to do; `failed`: it could not be checked, or cannot work. */
  readonly state: "ok" | "found" | "failed";
  /** What it is, in a line. */
  readonly text: string;
  /** The same in parts. */
  readonly details?: readonly string[];
}

/** How many details are shown. */
const most = 10;

/** Checks all there is to check; ends early where the rest would make no sense. */
export async function examine(call: Call, tell: (finding: Finding) => void): Promise<void> {
  tell({ check: "versions", state: "ok", text: versions() });
  const guarded = guard(tell);
  const found = await guarded("configuration", async () => {
    const project = await loadProject(call);
    const config = project.database();
    const source = project.source === undefined
      ? "from the environment or --url"
      : shown(call, project.source);
    const text = `${source}: ${databaseTitle(call, config)}`;
    tell({ check: "configuration", state: "ok", text });
    return { project, config };
  });
  if (!found) return;
  if (process.versions.deno) {
    tell({ check: "permissions", state: "ok", text: permissionFlags(call, found) });
  }
  const db = await guarded("connection", () => connection(call, found.config, tell));
  if (!db) return;
  try {
    await guarded("migrations", async () => tell(await migrations(call, found.project, db)));
    await guarded("drift", async () => tell(await drift(call, found.project, db)));
    await guarded("foreign keys", async () => tell(await foreignKeys(db)));
  } finally {
    await db.disconnect();
  }
}

/** Runs a check; what it throws is a finding. */
function guard(tell: (finding: Finding) => void) {
  return async <T>(check: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      tell({
        check,
        state: "failed",
        text: error instanceof Error ? error.message : String(error),
      });
      return undefined;
    }
  };
}

function versions(): string {
  const { deno, bun, node } = process.versions as Record<string, string | undefined>;
  const runtime = deno ? `Deno ${deno}` : bun ? `Bun ${bun}` : `Node ${node}`;
  return `Rex-ORM ${version}, ${runtime}, ${process.platform} ${process.arch}`;
}

async function connection(
  call: Call,
  config: DatabaseConfig,
  tell: (finding: Finding) => void,
): Promise<Database | undefined> {
  const { databasePath: path } = config;
  if (path !== undefined && path !== ":memory:" && !await exists(path)) {
    const text = `there is no ${shown(call, path)} yet: \`rex-orm migrate up\` makes it`;
    tell({ check: "connection", state: "found", text });
    return undefined;
  }
  const db = await openDatabase(config);
  try {
    const sql = db.dialect.name === "sqlite"
      ? "SELECT sqlite_version() AS version"
      : "SELECT current_setting('server_version') AS version";
    const { rows } = await db.execute<{ version: string }>(sql);
    const ping = await db.ping();
    const name = db.dialect.name === "sqlite" ? "SQLite" : "PostgreSQL";
    const text = `${name} ${rows[0]?.version}, answers in ${ping.toFixed(1)} ms`;
    tell({ check: "connection", state: "ok", text });
    return db;
  } catch (error) {
    await db.disconnect();
    throw error;
  }
}

async function migrations(call: Call, project: Project, db: Database): Promise<Finding> {
  const check = "migrations";
  if (!await exists(project.migrations)) {
    return { check, state: "ok", text: `there is no ${shown(call, project.migrations)} yet` };
  }
  const files = await readMigrations(project.migrations, await db.dialect.schemaSupport());
  const status = statusOf(await history(db), files);
  const applied = status.filter(({ state }) => state === "applied").length;
  const open = status.filter(({ state }) => state !== "applied");
  return {
    check,
    state: open.length === 0 ? "ok" : "found",
    text: `${applied} applied, ${open.length} to look at`,
    details: limited(open.map(({ name, state }: MigrationStatus) => `${state}  ${name}`)),
  };
}

/** The history, without making its table. */
async function history(db: Database) {
  try {
    return await new MigrationTracker(db).getHistory();
  } catch (error) {
    if (error instanceof DatabaseError) return [];
    throw error;
  }
}

async function drift(call: Call, project: Project, db: Database): Promise<Finding> {
  if (!await hasModels(project)) {
    return { check: "drift", state: "ok", text: "there are no models to compare with" };
  }
  const found = await new SchemaReader(db).read();
  const wanted = await readSide(call, project, db, "models");
  const renames = saidRenames(wanted, found);
  const { steps } = await compareSchemas(db, found, wanted.schema, { renames, models: true });
  return {
    check: "drift",
    state: steps.length === 0 ? "ok" : "found",
    text: steps.length === 0
      ? "the database is as the models say"
      : `${steps.length} steps from the database to the models: \`rex-orm migrate:diff\``,
    details: limited(steps.map(stepText)),
  };
}

async function foreignKeys(db: Database): Promise<Finding> {
  const { tables } = await new SchemaReader(db).read();
  const bare = tables.flatMap((table) =>
    table.foreignKeys.filter(({ columns }) => !isIndexed(table, columns))
      .map(({ columns }) => `${table.name} (${columns.join(", ")})`)
  );
  const count = tables.reduce((sum, table) => sum + table.foreignKeys.length, 0);
  return {
    check: "foreign keys",
    state: bare.length === 0 ? "ok" : "found",
    text: bare.length === 0
      ? `all ${count} have an index`
      : `${bare.length} of ${count} have no index: deletes and joins read whole tables`,
    details: limited(bare),
  };
}

/** Whether a key or index begins with the columns, in any order. */
function isIndexed(table: TableSchema, columns: readonly string[]): boolean {
  const indexes = [
    ...table.primaryKey ? [table.primaryKey.columns] : [],
    ...table.uniques.map((key) => key.columns),
    ...table.indexes.filter(({ where }) => where === undefined)
      .map(({ parts }) => parts.map((part) => part.column)),
  ];
  return indexes.some((index) => {
    const first = index.slice(0, columns.length);
    return columns.every((column) => first.includes(column));
  });
}

function limited(details: readonly string[]): string[] {
  const rest = details.length - most;
  return rest <= 0 ? [...details] : [...details.slice(0, most), `… and ${rest} more`];
}
