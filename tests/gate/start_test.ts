/**
 * What importing the package loads: parts of Node and drivers take longer to load than all of our modules, so
 * nothing of them is loaded before it is needed.
 */
import assert from "node:assert/strict";

/** What `deno info` tells of a module. */
interface ModuleInfo {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly specifier: string;
    readonly code?: { readonly specifier?: string };
    readonly isDynamic?: boolean;
  }[];
}

/** The modules of other packages, and of the runtime, that importing `entry` evaluates. */
async function foreignImports(entry: string): Promise<string[]> {
  const { stdout } = await new Deno.Command("deno", {
    args: ["info", "--json", new URL(`../../${entry}`, import.meta.url).href],
    stdin: "null",
  }).output();
  const { modules }: { modules: readonly ModuleInfo[] } = JSON.parse(
    new TextDecoder().decode(stdout),
  );
  const known = new Map(modules.map((module) => [module.specifier, module]));
  const [root] = modules.filter(({ specifier }) => specifier.endsWith(`/${entry}`));
  assert(root, `deno info does not know ${entry}`);
  const [seen, foreign] = [new Set([root]), new Set<string>()];
  for (const { dependencies = [] } of seen) {
    for (const { specifier, code, isDynamic } of dependencies) {
      if (code === undefined || isDynamic) continue;
      const module = known.get(code.specifier ?? specifier);
      if (specifier.startsWith(".") && module) seen.add(module);
      else foreign.add(specifier);
    }
  }
  return [...foreign].sort();
}

Deno.test("importing the package with SQLite loads nothing but the package", async () => {
  assert.deepEqual(await foreignImports("src/database/sqlite.ts"), []);
});

Deno.test("importing the package loads neither drivers nor sockets", async () => {
  assert.deepEqual(await foreignImports("src/database/postgres.ts"), ["node:buffer"]);
  assert.deepEqual(await foreignImports("mod.ts"), ["node:buffer"]);
});
