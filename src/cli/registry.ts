/**
 * All commands: what lists need is here, the commands themselves are loaded when they run.
 *
 * @module
 */
import type { CommandEntry } from "./command.ts";

function entries(
  group: string,
  list: readonly (readonly [string, string, CommandEntry["load"]])[],
): CommandEntry[] {
  return list.map(([name, summary, load]) => ({ name, group, summary, load }));
}

/** All commands, in the order of lists. */
export const commands: readonly CommandEntry[] = [
  ...entries("Project", [
    ["init", "make a configuration and folders", () => import("./commands/init.ts")],
    ["generate:model", "write a model", () => import("./commands/generate_model.ts")],
    ["doctor", "check the project and its database", () => import("./commands/doctor.ts")],
  ]),
  ...entries("Migrations", [
    ["migration:create", "write a migration", () => import("./commands/migration_create.ts")],
    ["migrate up", "apply what is pending", () => import("./commands/migrate_up.ts")],
    ["migrate down", "revert the last one", () => import("./commands/migrate_down.ts")],
    ["migrate to", "go up or down to one", () => import("./commands/migrate_to.ts")],
    [
      "migrate redo",
      "revert the last one, apply it again",
      () => import("./commands/migrate_redo.ts"),
    ],
    ["migrate status", "list them", () => import("./commands/migrate_status.ts")],
    ["migrate dry-run", "show what would be sent", () => import("./commands/migrate_dry_run.ts")],
    ["migrate baseline", "take them as applied", () => import("./commands/migrate_baseline.ts")],
    ["migrate accept", "accept the text one has now", () => import("./commands/migrate_accept.ts")],
    ["migrate forget", "take one out of the history", () => import("./commands/migrate_forget.ts")],
    [
      "migrate squash",
      "write one in the place of all",
      () => import("./commands/migrate_squash.ts"),
    ],
    [
      "migrate:diff",
      "compare models, databases, snapshots",
      () => import("./commands/migrate_diff.ts"),
    ],
    ["snapshot", "write a schema into a file", () => import("./commands/snapshot.ts")],
  ]),
  ...entries("Database", [
    ["db:pull", "write models of a database", () => import("./commands/db_pull.ts")],
    ["db:seed", "run the seed file", () => import("./commands/db_seed.ts")],
    ["db:reset", "drop everything, migrate again", () => import("./commands/db_reset.ts")],
    ["query", "run SQL, or a query of a model", () => import("./commands/query.ts")],
    ["explain", "show how a query is run", () => import("./commands/explain.ts")],
  ]),
  ...entries("Realtime", [
    [
      "realtime:subscribe",
      "print changes as they come",
      () => import("./commands/realtime_subscribe.ts"),
    ],
  ]),
  ...entries("Command line", [
    ["completions", "write a completion script", () => import("./commands/completions.ts")],
    ["help", "say how a command is used", () => import("./commands/help.ts")],
    ["version", "say which version this is", () => import("./commands/version.ts")],
  ]),
];
