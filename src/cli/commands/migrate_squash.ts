/**
 * `migrate squash`: one migration in the place of all that are applied.
 *
 * @module
 */
import { MigrationError } from "../../base/errors.ts";
import { compareSchemas } from "../../migration/compare.ts";
import { writeMigrations } from "../../migration/write/mod.ts";
import { emptySchema } from "../../schema/database_schema.ts";
import { defineCommand } from "../command.ts";
import { openManager } from "../project/manager.ts";

export default defineCommand({
  usage: "migrate squash NAME [--remove]",
  description:
    "Writes one migration that makes the schema as it is, in the place of all that are applied. Databases that\n" +
    "have them all take it for applied. What migrations did to rows is not in it. The old files move to squashed/.",
  args: [1, 1],
  options: {
    remove: { type: "boolean", summary: "delete the old files in place of moving them" },
  },
  examples: ["migrate squash first"],
  async run(call) {
    const { out, args: [name = ""], options: { remove } } = call;
    const { db, manager } = await openManager(call);
    const squashed = await manager.squash(name, async (schema) => {
      const [text, second] = writeMigrations(await compareSchemas(db, emptySchema, schema));
      if (text !== undefined && second === undefined) return text;
      throw new MigrationError("Cannot squash: the schema is not made by one migration");
    }, { remove });
    out.line(`${out.paint("green", "wrote")} ${squashed}, which stands for all before it`);
    out.result({ squashed });
  },
});
