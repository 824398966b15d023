/**
 * Makes the npm package: JavaScript modules, their types, and a `package.json` for Node, Bun and bundlers.
 *
 * ```
 * deno task npm          into the folder npm, ready for `npm publish ./npm`
 * ```
 *
 * `deno pack` does the translation; what is added is what it does not know: which runtimes the package is
 * for, that its modules may be left out when nobody uses them, the exact version of the driver, which libraries
 * only some users have, and the command `rex-orm`.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));

const UNPACK = 'mkdir -p "$2" && tar -xzf "$1" -C "$2" --strip-components=1';

/** Libraries of the user interface: those who use them have them, and a second copy would break their hooks. */
const PEERS: Readonly<Record<string, string>> = { preact: ">=10.11", react: ">=18" };

/** What `npx rex-orm` runs. */
const COMMAND = `#!/usr/bin/env node
import { CLI } from "../src/cli/main.js";

await CLI.run();
`;

/** What of `deno.json` and of a `package.json` is used here. */
interface Manifest {
  readonly imports?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

async function run(name: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(name, {
    args: [...args],
    cwd: root,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`Cannot make the package: ${new TextDecoder().decode(stderr)}`);
}

async function readManifest(path: string): Promise<Manifest> {
  return JSON.parse(await Deno.readTextFile(path));
}

/** The exact versions that `deno.json` names: a driver's inside may change with any other. */
function exactVersions(
  { imports = {} }: Manifest,
  { dependencies = {} }: Manifest,
): Record<string, string> {
  const own = Object.keys(dependencies).filter((name) => !Object.hasOwn(PEERS, name));
  const versions = own.map((name) => {
    const version = /@(\d+\.\d+\.\d+)$/.exec(imports[name] ?? "")?.[1];
    if (!version) throw new Error(`Cannot make the package: deno.json pins no version of ${name}`);
    return [name, version];
  });
  return Object.fromEntries(versions);
}

/**
 * Makes the package.
 *
 * @param folder where it is put; made when it is not there
 */
export async function makePackage(folder: string): Promise<void> {
  const temporary = await Deno.makeTempDir({ prefix: "rex-orm-package-" });
  try {
    const archive = join(temporary, "package.tgz");
    await run("deno", ["pack", "--allow-dirty", "--no-source-maps", "--output", archive]);
    await run("sh", ["-c", UNPACK, "sh", archive, folder]);
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
  await Deno.mkdir(join(folder, "bin"), { recursive: true });
  await Deno.writeTextFile(join(folder, "bin", "rex-orm.js"), COMMAND, { mode: 0o755 });
  const path = join(folder, "package.json");
  const manifest = await readManifest(path);
  const complete = {
    ...manifest,
    description: "One decorated class: table, validated writes, typed queries and relations",
    engines: { node: ">=22.13", bun: ">=1.4", deno: ">=2.9" },
    sideEffects: false,
    bin: { "rex-orm": "bin/rex-orm.js" },
    dependencies: exactVersions(await readManifest(join(root, "deno.json")), manifest),
    peerDependencies: PEERS,
    peerDependenciesMeta: Object.fromEntries(
      Object.keys(PEERS).map((name) => [name, { optional: true }]),
    ),
  };
  await Deno.writeTextFile(path, JSON.stringify(complete, null, 2) + "\n");
}

async function main(): Promise<void> {
  const folder = join(root, "npm");
  await Deno.remove(folder, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  await makePackage(folder);
  console.log(`The package is in ${folder}; publish it with: npm publish ./npm`);
}

if (import.meta.main) await main();
