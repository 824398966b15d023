/**
 * `migrate dry-run`: what a run would send.
 *
 * @module
 */
import { defineCommand } from "../command.ts";
import { openManager, wholeName } from "../project/manager.ts";

export default defineCommand({
  usage: "migrate dry-run [NAME] [--down]",
  description:
    "Runs what `migrate up` (with --down: `migrate down`) would run, undoes it, and prints the SQL. It ends\n" +
    "at the first migration that stands on one which cannot be undone.",
  args: [0, 1],
  options: { down: { type: "boolean", summary: "the way down" } },
  examples: ["migrate dry-run", "migrate dry-run --down", "migrate dry-run --json"],
  async run(call) {
    const { out, options: { down }, args: [name] } = call;
    const project = await openManager(call);
    const to = name === undefined ? undefined : await wholeName(project, name);
    const migrations = await project.manager.dryRun(
      down ? "down" : "up",
      to === undefined ? {} : { to },
    );
    if (migrations.length === 0) out.line(`-- nothing to ${down ? "revert" : "apply"}`);
    for (const { name, statements } of migrations) {
      out.line(out.paint("bold", `-- ${name}`));
      for (const sql of statements) out.line(`${sql};`);
    }
    out.result({ migrations });
  },
});
