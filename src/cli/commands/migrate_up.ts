/**
 * `migrate up`: applies what is pending.
 *
 * @module
 */
import { defineCommand } from "../command.ts";
import { openManager, wholeName } from "../project/manager.ts";

export default defineCommand({
  usage: "migrate up [NAME] [--out-of-order]",
  description:
    "Applies all pending migrations, or those up to NAME. Several processes may do it at once: one applies,\n" +
    "the others wait. It is the one command for a platform's step before a deployment.",
  args: [0, 1],
  options: {
    "out-of-order": {
      type: "boolean",
      summary: "also apply those that come before one that is applied",
    },
  },
  examples: ["migrate up", "migrate up create_users", "migrate up --env production"],
  async run(call) {
    const project = await openManager(call);
    const [name] = call.args;
    const to = name === undefined ? undefined : await wholeName(project, name);
    const outOfOrder = call.options["out-of-order"];
    const applied = await project.manager.up({ outOfOrder, ...to !== undefined && { to } });
    if (applied.length === 0) call.out.line("nothing to apply: the database is up to date");
    call.out.result({ applied });
  },
});
