/**
 * `db:seed`: fills the database.
 *
 * @module
 */
import { defineCommand } from "../command.ts";
import { openProject } from "../project/database.ts";
import { runSeed } from "../project/seed.ts";

export default defineCommand({
  usage: "db:seed",
  description:
    "Runs the default export of the seed file (./seed.ts, or `seed` in rex.config.ts) with the database, in\n" +
    "one transaction: all of it is written, or nothing.\n\n" +
    "  export default async function seed(db: Scope) {\n" +
    '    await db.repository(User).create({ name: "Ada" });\n' +
    "  }",
  options: {},
  examples: ["db:seed", "db:seed --env test"],
  async run(call) {
    const project = await openProject(call);
    const seeded = await runSeed(call, project);
    call.out.result({ seeded });
  },
});
