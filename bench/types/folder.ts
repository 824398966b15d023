/**
 * Folders with the packages of a library, outside this project: peers never become dependencies of it.
 *
 * @module
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Library } from "./subject.ts";

/** Makes the folder of a library, or finds it as an earlier run left it; gives its path. */
export async function prepareFolder(library: Library, count: number): Promise<string> {
  const folder = join(tmpdir(), "rex-orm-bench-types", `${library.name}-${count}`);
  const preparation = library.prepare?.(count);
  const files = {
    "package.json": JSON.stringify({ type: "module", dependencies: library.packages }),
    "deno.json": JSON.stringify({ nodeModulesDir: "auto", lock: false }),
    ...preparation?.files,
  };
  const wanted = JSON.stringify([files, preparation]);
  const mark = join(folder, "prepared");
  if (await readIfThere(mark) === wanted) return folder;
  await Deno.mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(join(folder, name), text);
  }
  if (Object.keys(library.packages).length > 0) await runDeno(["install", "--quiet"], folder);
  if (preparation) await runDeno(preparation.command, folder, preparation.env);
  await Deno.writeTextFile(mark, wanted);
  return folder;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Runs `deno` and gives what it printed. */
export async function runDeno(
  args: readonly string[],
  cwd?: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("deno", {
    args: [...args],
    ...(cwd !== undefined && { cwd }),
    env,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`Cannot run deno ${args[0]}: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}
