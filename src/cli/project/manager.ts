/**
 * The migrations of a project.
 *
 * @module
 */
import type { TransactionScope } from "../../database/scope.ts";
import { MigrationManager } from "../../migration/manager.ts";
import type { Call } from "../command.ts";
import { UsageError } from "../exit.ts";
import { type OpenProject, openProject } from "./database.ts";

/** A project with the manager of its migrations. */
export interface ManagedProject extends OpenProject {
  /** The manager. */
  readonly manager: MigrationManager<TransactionScope>;
}

/** Opens the project of a call; tells each migration when it has ended. */
export async function openManager(call: Call): Promise<ManagedProject> {
  const opened = await openProject(call);
  const { out } = call;
  const manager = new MigrationManager<TransactionScope>(opened.db, {
    folder: opened.project.migrations,
    onProgress({ name, way, duration }) {
      if (duration === undefined) return;
      const did = way === "up" ? "applied" : "reverted";
      out.line(`${out.paint("green", did)} ${name} (${milliseconds(duration)})`);
    },
  });
  return { ...opened, manager };
}

/**
 * The whole name of a migration of which only what stands behind its time was given: `create_users`.
 *
 * @throws {UsageError} when several end so
 */
export async function wholeName(
  { manager }: Pick<ManagedProject, "manager">,
  given: string,
): Promise<string> {
  const names = (await manager.status()).map(({ name }) => name);
  if (names.includes(given)) return given;
  const found = names.filter((name) => /^[\d-]+_(.*)$/.exec(name)?.[1] === given);
  if (found.length < 2) return found[0] ?? given;
  throw new UsageError(`Cannot tell which migration ${given} is: ${found.join(", ")}`);
}

/** A duration for people. */
export function milliseconds(duration: number): string {
  return duration < 10_000 ? `${Math.round(duration)} ms` : `${(duration / 1000).toFixed(1)} s`;
}
