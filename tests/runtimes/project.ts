/**
 * A project that uses the npm package as its users do: installed in `node_modules`, compiled by TypeScript.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { arch, platform } from "node:os";
import { npmPackageFolder, type PlatformPackage } from "../targets/npm_package.ts";
import { makePackage } from "../../scripts/npm.ts";

const here = fileURLToPath(new URL("./", import.meta.url));
const root = fileURLToPath(new URL("../../", import.meta.url));
const SOURCES = ["main.ts", "suite.ts", "realtime_main.ts"];

/** The settings of a strict project; the package's own types are checked too. */
const TSCONFIG = {
  compilerOptions: {
    target: "es2022",
    lib: ["es2024", "esnext.disposable", "dom"],
    module: "nodenext",
    rewriteRelativeImportExtensions: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    types: [],
    outDir: "out",
    rootDir: ".",
  },
  files: [...SOURCES, "node.d.ts"],
};

/** What the suite uses of Node's types, so that the project needs no further package. */
const NODE_TYPES = `
declare module "node:process" { export const argv: readonly string[]; }
declare module "node:assert/strict" {
  interface Assert {
    (value: unknown, message?: string): asserts value;
    equal(actual: unknown, expected: unknown): void;
    deepEqual(actual: unknown, expected: unknown): void;
    match(text: string, pattern: RegExp): void;
    rejects(promise: Promise<unknown>, expected: Expected): Promise<void>;
  }
  type Expected = RegExp | (new (...args: never) => Error) | ((error: unknown) => boolean);
  const assert: Assert;
  export default assert;
}
`;

/** A project, ready to run. Disposing of it removes it. */
export interface Project extends AsyncDisposable {
  /** Its folder. */
  readonly folder: string;
  /** A program in TypeScript, or in JavaScript as TypeScript's compiler made it. */
  program(name: "main" | "realtime_main", language: "typescript" | "javascript"): string;
}

/** What Node needs for WebSockets. */
const WS: PlatformPackage = {
  name: "ws",
  version: "8.18.3",
  integrity:
    "sha512-PEIGCY5tSlUt50cqyMXfCzX+oOPqN0vuGqWzbcJ2xvnkzkq46oOpz7dQaTDBdfICb4N14+GARUDw2XV2N4tvzg==",
  os: platform(),
  cpu: arch(),
};

/** Runs a program of this test's own choice and gives what it printed. */
async function run(name: string, args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(name, {
    args: [...args],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  const printed = decoder.decode(stdout);
  if (!success) throw new Error(`${name} ${args[0]}:\n${decoder.decode(stderr)}${printed}`);
  return printed;
}

/** The folder of the PostgreSQL driver in Deno's cache, which this process has loaded. */
function driverFolder(): string {
  const [, folder] = /^(.*\/postgres\/[^/]+)\//.exec(import.meta.resolve("postgres")) ?? [];
  if (folder === undefined) throw new Error("Cannot find the folder of npm:postgres");
  return fileURLToPath(folder);
}

/** Makes the project. */
export async function makeProject(): Promise<Project> {
  const folder = await Deno.makeTempDir({ prefix: "rex-orm-project-" });
  const remove = () => Deno.remove(folder, { recursive: true });
  try {
    const installed = join(folder, "node_modules/@rex/orm");
    await Deno.mkdir(dirname(installed), { recursive: true });
    await makePackage(installed);
    const driver = join(folder, "node_modules/postgres");
    await run("sh", ["-c", 'cp -R "$1" "$2"', "sh", driverFolder(), driver]);
    const sockets = join(folder, "node_modules/ws");
    await run("sh", ["-c", 'cp -R "$1" "$2"', "sh", await npmPackageFolder(WS), sockets]);
    for (const name of SOURCES) await Deno.copyFile(join(here, name), join(folder, name));
    await Deno.writeTextFile(join(folder, "package.json"), '{"type":"module"}');
    await Deno.writeTextFile(join(folder, "tsconfig.json"), JSON.stringify(TSCONFIG));
    await Deno.writeTextFile(join(folder, "node.d.ts"), NODE_TYPES);
    await run("deno", [
      "run",
      "--no-prompt",
      "--frozen",
      "--allow-read",
      `--allow-write=${folder}`,
      "--allow-env",
      "npm:typescript@6/tsc",
      `--project`,
      folder,
    ]);
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    folder,
    program: (name, language) =>
      join(folder, language === "typescript" ? `${name}.ts` : `out/${name}.js`),
    [Symbol.asyncDispose]: remove,
  };
}
