/**
 * `db:pull`: writes models of a database.
 *
 * @module
 */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { ConfigError } from "../../base/errors.ts";
import { pullModels } from "../../migration/pull/mod.ts";
import { SchemaReader } from "../../migration/reader.ts";
import { defineCommand } from "../command.ts";
import { openProject } from "../project/database.ts";
import { exists, shown } from "../project/project.ts";

export default defineCommand({
  usage: "db:pull [--out FOLDER] [--single] [--force]",
  description:
    "Writes a model for each table, with relations in both directions, enums and comments. What models cannot\n" +
    "say is told. Files that are there are not overwritten without --force.",
  options: {
    out: { type: "string", value: "FOLDER", summary: "where to; default: the project's models" },
    single: { type: "boolean", summary: "all in one file, models.ts" },
    schema: {
      type: "string",
      multiple: true,
      value: "NAME",
      summary: "only this schema; as often as needed",
    },
    force: { type: "boolean", summary: "overwrite files" },
  },
  examples: [
    "db:pull",
    "db:pull --url postgres://app@localhost/shop --out models",
    "db:pull --single",
  ],
  async run(call) {
    const { out, context, options } = call;
    const opened = await openProject(call);
    const { project, db } = opened;
    const folder = options.out === undefined
      ? project.models[0]!
      : resolve(context.cwd, options.out);
    const { schema: schemas } = options;
    const schema = await new SchemaReader(db).read(schemas.length > 0 ? { schemas } : {});
    const { files, notes } = pullModels(schema, { single: options.single });
    const paths = files.map(({ path }) => join(folder, path));
    await refuseOverwriting(paths, options.force, (path) => shown(call, path));
    for (const [i, { text }] of files.entries()) {
      await mkdir(dirname(paths[i]!), { recursive: true });
      await writeFile(paths[i]!, text);
    }
    for (const path of paths) out.line(`${out.paint("green", "wrote")} ${shown(call, path)}`);
    for (const note of notes) out.line(`${out.paint("yellow", "note:")} ${note}`);
    if (files.length === 0) out.line("nothing to write: the database has no tables");
    out.result({ files: paths, tables: schema.tables.length, notes });
  },
});

async function refuseOverwriting(
  paths: readonly string[],
  force: boolean,
  shown: (path: string) => string,
): Promise<void> {
  if (force) return;
  const there: string[] = [];
  for (const path of paths) if (await exists(path)) there.push(shown(path));
  if (there.length === 0) return;
  throw new ConfigError(
    `Cannot write: ${there.slice(0, 5).join(", ")} ${there.length === 1 ? "is" : "are"} there`,
    {
      hint: "give another folder with --out, or --force to overwrite",
    },
  );
}
