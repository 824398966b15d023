/**
 * The permissions of Deno that a project needs.
 *
 * @module
 */
import { dirname } from "node:path";
import type { DatabaseConfig } from "../../base/config.ts";
import type { Call } from "../command.ts";
import { type Project, shown } from "./project.ts";

/** The flags with which a program of the project runs; the command line writes migrations and models beside. */
export function permissionFlags(
  call: Call,
  { config, project }: { readonly config: DatabaseConfig; readonly project: Project },
): string {
  const { databasePath: path, host = "localhost", port = 5432 } = config;
  const own = shown(call, project.folder);
  if (path === ":memory:") return `a program needs --allow-read=${own}`;
  if (path === undefined) {
    return `a program needs --allow-read=${own} --allow-env --allow-net=${host}:${port}`;
  }
  const data = shown(call, dirname(path));
  const read = data.startsWith("/") ? `${own},${data}` : own;
  return `a program needs --allow-read=${read} --allow-write=${data}`;
}
