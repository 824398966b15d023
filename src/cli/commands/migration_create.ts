/**
 * `migration:create`: writes a migration, empty or from a comparison.
 *
 * @module
 */
import { mkdir } from "node:fs/promises";
import { ConfigError, MigrationError } from "../../base/errors.ts";
import { compareSchemas, type Comparison } from "../../migration/compare.ts";
import { MigrationGenerator } from "../../migration/generator.ts";
import { SchemaReader } from "../../migration/reader.ts";
import { writeMigrations, writeSql } from "../../migration/write/mod.ts";
import type { DatabaseSchema } from "../../schema/database_schema.ts";
import { type Call, defineCommand } from "../command.ts";
import { StoppedError } from "../exit.ts";
import { confirm } from "../prompt.ts";
import { openManager } from "../project/manager.ts";
import { loadProject, shown } from "../project/project.ts";
import { compareAsking, joined, readRenames, renameOptions } from "../project/renames.ts";
import { readSide, saidRenames } from "../project/schemas.ts";
import { jsonOf, plannedLines } from "./migrate_diff.ts";

const options = {
  ...renameOptions,
  auto: { type: "boolean", summary: "from what differs between models and database" },
  sql: { type: "boolean", summary: "as NAME/up.sql and NAME/down.sql" },
  online: { type: "boolean", summary: "choose forms that do not lock for long" },
  "allow-destructive": { type: "boolean", summary: "also write steps that can lose data" },
} as const;

type CreateCall = Call<typeof options>;

export default defineCommand({
  usage: "migration:create NAME [--auto] [--sql]",
  description:
    "Writes YYYYMMDDHHMMSS_NAME.ts into the folder of migrations. With --auto it holds what makes the database\n" +
    "into what the models say, and the way back. What looks renamed is asked for; where nobody can be asked,\n" +
    "--rename, `renamedFrom` in the model, or --no-renames say it.",
  args: [1, 1],
  options,
  examples: [
    "migration:create --auto create_users",
    "migration:create --auto full_name --rename users.name=full_name",
    "migration:create fill_slugs --sql",
  ],
  async run(call) {
    const { out, args: [name = ""], options: { auto, sql } } = call;
    if (!auto) {
      const { migrations } = await loadProject(call);
      return tell(call, [
        await write(call, migrations, name, sql ? { up: "", down: "" } : undefined),
      ]);
    }
    const found = await compare(call);
    if (found.comparison.parts.length === 0) {
      out.line("nothing to write: the database is as the models say");
      return out.result({ written: [], steps: [] });
    }
    for (const line of plannedLines(out, found.comparison.planned)) out.line(line);
    await refuseDestructive(call, found.comparison);
    const texts = textsOf(call, found);
    const paths: string[] = [];
    for (const [i, text] of texts.entries()) {
      const own = i === 0 ? name : `${name}_${i + 1}`;
      paths.push(await write(call, found.folder, own, text));
    }
    tell(call, paths, found.comparison);
  },
});

function tell(call: CreateCall, paths: readonly string[], comparison?: Comparison): void {
  const { out } = call;
  for (const path of paths) out.line(`${out.paint("green", "wrote")} ${shown(call, path)}`);
  out.line(comparison ? "Next: rex-orm migrate up" : "Next: write it, then rex-orm migrate up");
  out.result({ written: paths, ...comparison && jsonOf(comparison) });
}

interface Found {
  readonly comparison: Comparison;
  readonly declared: DatabaseSchema;
  readonly folder: string;
}

async function compare(call: CreateCall): Promise<Found> {
  const opened = await openManager(call);
  const { db, project } = opened;
  await mkdir(project.migrations, { recursive: true });
  const pending = (await opened.manager.status()).filter(({ state }) => state !== "applied");
  if (pending.length > 0) {
    const names = pending.map(({ name, state }) => `${name} (${state})`).join(", ");
    throw new MigrationError(`Cannot compare: the database is not up to date: ${names}`, {
      hint: "`rex-orm migrate up` first",
    });
  }
  const from = await new SchemaReader(db).read();
  const to = await readSide(call, project, db, "models");
  const { rename, online, "no-renames": refused } = call.options;
  const known = joined(readRenames(rename, from), saidRenames(to, from));
  const comparison = await compareAsking(
    call,
    known,
    refused,
    (renames) => compareSchemas(db, from, to.schema, { renames, online, models: true }),
  );
  return { comparison, declared: to.schema, folder: project.migrations };
}

async function refuseDestructive(call: CreateCall, { planned }: Comparison): Promise<void> {
  const { context, out, options } = call;
  const destructive = planned.filter(({ risk }) => risk === "destructive");
  if (destructive.length === 0 || options["allow-destructive"]) return;
  if (context.interactive && !out.json) {
    if (await confirm(context, "Some steps are destructive. Write them?")) return;
    throw new StoppedError("Stopped: nothing was written");
  }
  const reasons = destructive.map(({ reason }) => `\n  - ${reason}`).join("");
  throw new ConfigError(`Cannot write destructive steps without being told to:${reasons}`, {
    hint: "give --allow-destructive",
  });
}

/** The texts of SQL scripts, or of a module. */
type MigrationText = string | { readonly up: string; readonly down: string } | undefined;

function textsOf({ options }: CreateCall, { comparison, declared }: Found): MigrationText[] {
  if (!options.sql) return writeMigrations(comparison, { declared });
  return comparison.parts.map(({ planned, plannedBack }) => ({
    up: writeSql(planned),
    down: writeSql(plannedBack),
  }));
}

function write(
  _call: CreateCall,
  folder: string,
  name: string,
  text: MigrationText,
): Promise<string> {
  if (typeof text === "object") {
    return MigrationGenerator.createSqlMigration(name, { folder, ...text });
  }
  return MigrationGenerator.createMigration(name, { folder, ...text !== undefined && { text } });
}
