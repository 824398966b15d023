/**
 * `snapshot`: writes a schema into a file.
 *
 * @module
 */
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { SchemaReader } from "../../migration/reader.ts";
import { snapshotText } from "../../migration/snapshot.ts";
import { defineCommand } from "../command.ts";
import { openProject } from "../project/database.ts";
import { readSide } from "../project/schemas.ts";

export default defineCommand({
  usage: "snapshot FILE [--of models|database]",
  description:
    "Writes the schema of the database (or of the models, as the database would have it) as JSON, for\n" +
    "`migrate:diff --from FILE`. A file that is there is written anew.",
  args: [1, 1],
  options: {
    of: { type: "string", value: "models|database", summary: "what of; default: database" },
  },
  examples: ["snapshot schema.json", "snapshot schema.json --of models"],
  async run(call) {
    const { out, args: [file = ""], options: { of = "database" } } = call;
    const opened = await openProject(call);
    const { schema } = await readSide(call, opened.project, opened.db, of);
    const told = await new SchemaReader(opened.db).canonical(schema);
    const path = resolve(call.context.cwd, file);
    await writeFile(path, snapshotText(told));
    out.line(`${out.paint("green", "wrote")} ${file}: ${told.tables.length} tables`);
    out.result({ path, tables: told.tables.length });
  },
});
