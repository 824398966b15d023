/**
 * `migrate to`: up or down until one migration is the last.
 *
 * @module
 */
import { defineCommand } from "../command.ts";
import { openManager, wholeName } from "../project/manager.ts";

export default defineCommand({
  usage: "migrate to NAME",
  description: "Goes up or down until NAME is the last migration that is applied.",
  args: [1, 1],
  options: {},
  examples: ["migrate to 20240131120000_create_users"],
  async run(call) {
    const project = await openManager(call);
    const name = await wholeName(project, call.args[0]!);
    const changed = await project.manager.to(name);
    if (changed.length === 0) call.out.line(`nothing to do: ${name} is the last that is applied`);
    call.out.result({ changed });
  },
});
