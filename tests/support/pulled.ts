/**
 * Pulls models from a database, compiles them, and makes a database from them, the way others would: in processes of
 * their own.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Database } from "../../src/database/database.ts";
import { SchemaReader } from "../../src/migration/reader.ts";
import { type PulledModels, pullModels, type PullOptions } from "../../src/migration/pull/mod.ts";
import type { DatabaseSchema } from "../../src/schema/database_schema.ts";

const root = new URL("../../", import.meta.url);
const library = new URL("mod.ts", root).href;

/** Models in a folder, removed with it. */
export interface PulledFolder extends AsyncDisposable {
  /** The folder. */
  readonly path: string;
  /** What was pulled. */
  readonly pulled: PulledModels;
}

/** Writes the models of a schema into a folder. */
export async function pullInto(
  schema: DatabaseSchema,
  options: PullOptions = {},
): Promise<PulledFolder> {
  const path = await Deno.makeTempDir({ prefix: "rex-orm-pull-" });
  const pulled = pullModels(schema, { import: library, ...options });
  for (const file of pulled.files) await Deno.writeTextFile(`${path}/${file.path}`, file.text);
  return {
    path,
    pulled,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** Fails unless the models of a folder compile; `entry` imports every file. */
export async function checkTypes(folder: string, entry = "mod.ts"): Promise<void> {
  await run(["check", "--quiet", "--config", config, entry], folder);
}

/** Fails unless `deno fmt` would leave every file as it is. */
export async function checkLayout(folder: string): Promise<void> {
  await run(["fmt", "--check", "--line-width", "100", "--no-config", "."], folder);
}

/** Creates the tables of the models of a folder, in a process of its own; gives the schema that they ask for. */
export async function createTables(
  folder: string,
  db: "postgres" | "sqlite",
  where: string,
): Promise<DatabaseSchema> {
  const entry = `${folder}/create_tables.ts`;
  const connection = db === "postgres" ? { url: where } : { databasePath: where };
  const adapter = db === "postgres" ? "PostgresAdapter" : "SQLiteAdapter";
  await Deno.writeTextFile(
    entry,
    `import { ${adapter}, ModelRegistry } from ${JSON.stringify(library)};
import { schemaOfModels } from ${JSON.stringify(new URL("src/migration/models.ts", root).href)};
import "./mod.ts";
const db = new ${adapter}(${JSON.stringify(connection)});
await db.connect();
await db.schema.create();
await db.disconnect();
console.log(JSON.stringify(schemaOfModels(ModelRegistry.getAllModels(), db.dialect.capabilities)));
`,
  );
  const permissions = ["--allow-read", "--allow-env", "--allow-net=127.0.0.1", "--allow-sys=uid"];
  const said = await run(
    ["run", "--quiet", "--no-check", "--config", config, ...permissions, "--allow-write", entry],
    folder,
  );
  await Deno.remove(entry);
  return JSON.parse(said);
}

/** The schema of a database. */
export async function schemaOf(db: Database): Promise<DatabaseSchema> {
  return await new SchemaReader(db).read();
}

const config = decodeURIComponent(new URL("deno.json", root).pathname);

async function run(args: readonly string[], cwd: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("deno", {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1" },
  }).output();
  const [out, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.ok(success, `deno ${args.join(" ")}\n${`${error}${out}`.slice(0, 4000)}`);
  return out!;
}
