/**
 * Runs the seed file of a project.
 *
 * @module
 */
import { pathToFileURL } from "node:url";
import { ConfigError } from "../../base/errors.ts";
import type { Call } from "../command.ts";
import type { OpenProject } from "./database.ts";
import { milliseconds } from "./manager.ts";
import { exists, shown } from "./project.ts";

/**
 * Runs the default export of the seed file in a transaction.
 *
 * @returns the path of the file, as messages tell it
 * @throws {ConfigError} when there is no file, or it exports no function
 */
export async function runSeed(call: Call, { project, db }: OpenProject): Promise<string> {
  const path = shown(call, project.seed);
  if (!await exists(project.seed)) {
    throw new ConfigError(`Cannot seed: there is no ${path}`, {
      hint:
        "write one: export default async function seed(db) { … }; `seed` in rex.config.ts says where it is",
    });
  }
  const { default: seed } = await import(pathToFileURL(project.seed).href);
  if (typeof seed !== "function") {
    throw new ConfigError(`Cannot seed: ${path} has no function as its default export`, {
      hint: "export default async function seed(db) { … }",
    });
  }
  const start = performance.now();
  await db.transaction(async (tx) => void await seed(tx));
  call.out.line(
    `${call.out.paint("green", "seeded")} with ${path} (${
      milliseconds(performance.now() - start)
    })`,
  );
  return path;
}
