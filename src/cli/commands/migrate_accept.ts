/**
 * `migrate accept`: accepts the text that an applied migration has now.
 *
 * @module
 */
import { defineCommand } from "../command.ts";
import { openManager, wholeName } from "../project/manager.ts";

export default defineCommand({
  usage: "migrate accept NAME",
  description:
    "A migration that changed after it was applied is refused. This accepts its text as it is now;\n" +
    "nothing is run.",
  args: [1, 1],
  options: {},
  examples: ["migrate accept 20240131120000_create_users"],
  async run(call) {
    const project = await openManager(call);
    const name = await wholeName(project, call.args[0]!);
    await project.manager.accept(name);
    call.out.line(`accepted ${name} as it is now`);
    call.out.result({ accepted: name });
  },
});
