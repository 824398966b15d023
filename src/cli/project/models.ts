/**
 * Loads the models of a project: importing their files registers them.
 *
 * @module
 */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigError } from "../../base/errors.ts";
import type { ModelClass } from "../../model/keys.ts";
import { ModelRegistry } from "../../model/registry.ts";
import type { Call } from "../command.ts";
import { type Project, shown } from "./project.ts";

const source = /\.(?:ts|mts|js|mjs)$/;
const notModels = /(?:\.d\.m?ts|[._]test\.\w+|[._]spec\.\w+)$/;

/**
 * Loads all models.
 *
 * @throws {ConfigError} when there are no files, one cannot be loaded, or none has a model
 */
export async function loadModels(call: Call, project: Project): Promise<readonly ModelClass[]> {
  const files = (await Promise.all(project.models.map((path) => filesOf(path)))).flat();
  const before = new Set(ModelRegistry.getAllModels());
  const exported = new Set<unknown>();
  for (const file of files) {
    const module = await importModel(call, file);
    for (const value of Object.values(module)) exported.add(value);
  }
  const models = ModelRegistry.getAllModels()
    .filter((model) => !before.has(model) || exported.has(model));
  if (models.length > 0) return models;
  const places = project.models.map((path) => shown(call, path)).join(", ");
  throw new ConfigError(`Cannot find a model in ${places}`, {
    hint:
      "`rex-orm generate:model User name:text` writes one; `models` in rex.config.ts says where they are",
  });
}

/** Whether there are files that could hold models. */
export async function hasModels({ models }: Project): Promise<boolean> {
  const files = await Promise.all(models.map(filesOf));
  return files.some((each) => each.length > 0);
}

/** The files of a path; none where there is nothing. */
async function filesOf(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return [];
  if (!found.isDirectory()) return [path];
  const names = await readdir(path, { recursive: true });
  return names.filter((name) => source.test(name) && !notModels.test(name)).sort()
    .map((name) => join(path, name));
}

async function importModel(call: Call, path: string): Promise<Record<string, unknown>> {
  try {
    return await import(pathToFileURL(path).href);
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(`Cannot load ${shown(call, path)}: ${said}`, {
      cause,
      hint: "navigator" in globalThis && navigator.userAgent.startsWith("Node.js/")
        ? "Node runs no decorators: use Deno or Bun, or name the compiled models in rex.config.js"
        : undefined,
    });
  }
}
