/**
 * `migrate forget`: takes a migration out of the history.
 *
 * @module
 */
import { defineCommand } from "../command.ts";
import { openManager, wholeName } from "../project/manager.ts";

export default defineCommand({
  usage: "migrate forget NAME",
  description:
    "Takes a migration out of the history without reverting it: for one whose file is gone for good.",
  args: [1, 1],
  options: {},
  examples: ["migrate forget 20240131120000_create_users"],
  async run(call) {
    const project = await openManager(call);
    const name = await wholeName(project, call.args[0]!);
    await project.manager.forget(name);
    call.out.line(`forgot ${name}: it is no longer in the history, what it did stays`);
    call.out.result({ forgotten: name });
  },
});
