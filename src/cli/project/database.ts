/**
 * Opens the database of a project.
 *
 * @module
 */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { DatabaseConfig } from "../../base/config.ts";
import type { Database } from "../../database/database.ts";
import { connect } from "../../database/factory.ts";
import type { Call } from "../command.ts";
import { loadProject, type Project, shown } from "./project.ts";

/** A project with its database. */
export interface OpenProject {
  /** The project. */
  readonly project: Project;
  /** Its database, connected. */
  readonly db: Database;
}

/** Reads the project of a call and connects to its database, until the command ends. */
export async function openProject(call: Call): Promise<OpenProject> {
  const project = await loadProject(call);
  const db = await openDatabase(project.database());
  call.atEnd(() => db.disconnect());
  return { project, db };
}

/** Connects; the folder of a database in a file is made. */
export async function openDatabase(config: DatabaseConfig): Promise<Database> {
  const path = config.databasePath;
  if (path !== undefined && path !== ":memory:" && !path.startsWith("file:")) {
    await mkdir(dirname(path), { recursive: true });
  }
  return await connect({ applicationName: "rex-orm command line", ...config });
}

/** What a database is called in messages: never with a password. */
export function databaseTitle(call: Pick<Call, "context">, config: DatabaseConfig): string {
  const { database, databasePath, host = "localhost", port, databaseName } = config;
  if (databasePath === ":memory:") return `${database} in memory`;
  if (databasePath !== undefined) return `${database} ${shown(call, databasePath)}`;
  return `${database} ${host}${port === undefined ? "" : `:${port}`}/${databaseName ?? ""}`;
}
