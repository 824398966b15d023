/**
 * Runs the command line in a folder of its own: in this process, or in one of its own.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { CLI } from "../../src/cli/cli.ts";
import { freshPostgresDatabase } from "../targets/mod.ts";

/** What a run gave. */
export interface Ran {
  /** The exit code. */
  readonly code: number;
  /** Standard output. */
  readonly out: string;
  /** Standard error. */
  readonly err: string;
}

/** How the command line is run. */
export interface RunOptions {
  /** The environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Somebody sits at a terminal and gives these answers; then the input ends. */
  readonly answers?: readonly string[];
}

/** An empty folder, and the database that its project uses. */
export interface Folder extends AsyncDisposable {
  /** Its path. */
  readonly path: string;
  /** What `init` is given for its database. */
  readonly init: readonly string[];
  /** Runs the command line in this process. */
  run(args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** Runs it in a process of its own, as users do. */
  spawn(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ran>;
  /** Writes a file. */
  write(path: string, text: string): Promise<void>;
  /** Reads a file. */
  read(path: string): Promise<string>;
  /** The names in a folder, sorted. */
  list(path: string): Promise<string[]>;
}

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** Runs the command line in this process. */
export async function runCli(
  cwd: string,
  args: readonly string[],
  { env = {}, answers }: RunOptions = {},
): Promise<Ran> {
  const left = [...answers ?? []];
  let [out, err] = ["", ""];
  const isTerminal = answers !== undefined;
  const code = await CLI.run({
    args,
    cwd,
    env,
    interactive: isTerminal,
    stdout: { isTerminal, write: (text) => void (out += text) },
    stderr: { isTerminal, write: (text) => void (err += text) },
    readLine(question) {
      out += `${question}\n`;
      return Promise.resolve(left.shift());
    },
  });
  return { code, out, err };
}

/** Runs the command line in a process of its own, which may write to its folder and reach this computer only. */
export async function spawnCli(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const net = "--allow-net=127.0.0.1,localhost";
  const flags = ["--allow-read", `--allow-write=${cwd}`, "--allow-env", net];
  const { code, stdout, stderr } = await new Deno.Command("deno", {
    args: ["run", "--quiet", "--no-prompt", ...flags, main, ...args],
    cwd,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

/** Makes an empty folder; its database is SQLite in a file. */
export async function sqliteFolder(): Promise<Folder> {
  return await folderWith([], () => Promise.resolve());
}

/** Makes an empty folder with a fresh PostgreSQL database. */
export async function postgresFolder(): Promise<Folder> {
  const database = await freshPostgresDatabase();
  return await folderWith(["--url", database.url], database.drop);
}

/** The kinds of folders, by the name of their database. */
export const folders: Readonly<Record<string, () => Promise<Folder>>> = {
  SQLite: sqliteFolder,
  PostgreSQL: postgresFolder,
};

/** Registers a test for a project on each database. */
export function inEveryFolder(name: string, test: (folder: Folder) => Promise<void>): void {
  for (const [database, make] of Object.entries(folders)) {
    Deno.test(`${name} (${database})`, async () => {
      await using folder = await make();
      await test(folder);
    });
  }
}

async function folderWith(
  init: readonly string[],
  dispose: () => Promise<void>,
): Promise<Folder> {
  const path = await Deno.makeTempDir({ prefix: "rex-orm-cli-" });
  // The password of a URL does not get into config.json.
  const password = init[1] === undefined ? "" : new URL(init[1]).password;
  const secret: Record<string, string> = password === ""
    ? {}
    : { REX_PASSWORD: decodeURIComponent(password) };
  return {
    path,
    init,
    run: (args, options = {}) =>
      runCli(path, args, { ...options, env: { ...secret, ...options.env } }),
    spawn: (args, env) => spawnCli(path, args, { ...secret, ...env }),
    write: (name, text) => Deno.writeTextFile(`${path}/${name}`, text),
    read: (name) => Deno.readTextFile(`${path}/${name}`),
    async list(name) {
      const names: string[] = [];
      for await (const entry of Deno.readDir(`${path}/${name}`)) names.push(entry.name);
      return names.sort();
    },
    async [Symbol.asyncDispose]() {
      await dispose();
      await Deno.remove(path, { recursive: true });
    },
  };
}
