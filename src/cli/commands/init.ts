/**
 * `init`: a configuration and folders.
 *
 * @module
 */
import { mkdir, writeFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { DatabaseConfig } from "../../base/config.ts";
import { parseDatabaseUrl } from "../../base/database_url.ts";
import { type Call, defineCommand } from "../command.ts";
import { confirm } from "../prompt.ts";
import { exists } from "../project/project.ts";

const options = {
  ts: { type: "boolean", summary: "write rex.config.ts, which is typed, in place of config.json" },
  imports: { type: "boolean", summary: "also write a deno.json that maps @rex/orm to this copy" },
} as const;

type InitCall = Call<typeof options>;

export default defineCommand({
  usage: "init [--url URL] [--ts] [--imports]",
  description:
    "Writes config.json (SQLite in ./data/app.db, or the database of --url) and makes models/ and\n" +
    "migrations/. Files that are there stay as they are. A password never gets into the file.",
  options,
  examples: ["init", "init --ts", "init --url postgres://app@localhost:5432/shop"],
  async run(call) {
    const { out, context } = call;
    const made: string[] = [];
    const kept: string[] = [];
    const config = databaseOf(call.options.url);
    const name = call.options.ts ? "rex.config.ts" : "config.json";
    const text = call.options.ts ? typedConfig(config) : `${JSON.stringify(config, null, 2)}\n`;
    (await write(resolve(context.cwd, name), text) ? made : kept).push(name);
    for (const folder of ["models", "migrations"]) {
      const path = resolve(context.cwd, folder);
      const there = await exists(path);
      if (!there) await mkdir(path);
      (there ? kept : made).push(`${folder}/`);
    }
    if (await wantsImports(call)) {
      const path = resolve(context.cwd, "deno.json");
      (await write(path, importMap(context.cwd)) ? made : kept).push("deno.json");
    }
    for (const each of made) out.line(`${out.paint("green", "made")} ${each}`);
    for (const each of kept) out.line(`${out.paint("dim", "kept")} ${each}, which was there`);
    if (call.options.url && parseDatabaseUrl(call.options.url).password !== undefined) {
      out.line("The password is not in the file: give it in REX_PASSWORD.");
    }
    out.line("Next: rex-orm generate:model User 'name:varchar(255)' 'email:text!'");
    out.result({ made, kept });
  },
});

function databaseOf(url: string | undefined): DatabaseConfig {
  if (url === undefined) return { database: "sqlite", databasePath: "./data/app.db" };
  const { url: _url, password: _password, database, ...rest } = parseDatabaseUrl(url);
  return { database: database === "postgresql" ? "postgres" : database, ...rest };
}

function typedConfig(config: DatabaseConfig): string {
  const lines = Object.entries(config)
    .map(([key, value]) => `    ${key}: ${JSON.stringify(value)},\n`).join("");
  return `import { defineConfig } from "@rex/orm";\n\n` +
    `export default defineConfig({\n  database: {\n${lines}  },\n  models: "./models",\n` +
    `  migrations: "./migrations",\n  seed: "./seed.ts",\n});\n`;
}

/** Writes a file that is not there. */
async function write(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

async function wantsImports({ options, context, out }: InitCall): Promise<boolean> {
  if (options.imports) return true;
  if (!context.interactive || out.json) return false;
  for (const name of ["deno.json", "deno.jsonc", "package.json"]) {
    if (await exists(resolve(context.cwd, name))) return false;
  }
  return await confirm(context, "Write a deno.json that maps @rex/orm to this copy?");
}

/** Maps the package to the copy that is running. */
function importMap(cwd: string): string {
  const place = (path: string): string => {
    const url = import.meta.resolve(path);
    if (!url.startsWith("file:")) return url;
    const short = relative(cwd, fileURLToPath(url)).replaceAll("\\", "/");
    return short.startsWith(".") ? short : `./${short}`;
  };
  const imports = {
    "@rex/orm": place("../../../mod.ts"),
    "@rex/orm/cli": place("../main.ts"),
    postgres: "npm:postgres@3.4.9",
  };
  const run = "deno run --allow-read --allow-write --allow-env --allow-net @rex/orm/cli";
  return `${JSON.stringify({ imports, tasks: { "rex-orm": run } }, null, 2)}\n`;
}
