/**
 * `migrate baseline`: takes migrations as applied.
 *
 * @module
 */
import { defineCommand } from "../command.ts";
import { openManager, wholeName } from "../project/manager.ts";

export default defineCommand({
  usage: "migrate baseline NAME",
  description:
    "Writes all migrations up to NAME into the history without running them: for a database that has\n" +
    "what they do already.",
  args: [1, 1],
  options: {},
  examples: ["migrate baseline 20240131120000_first"],
  async run(call) {
    const project = await openManager(call);
    const name = await wholeName(project, call.args[0]!);
    const recorded = await project.manager.baseline(name);
    for (const each of recorded) call.out.line(`recorded ${each} without running it`);
    if (recorded.length === 0) call.out.line("nothing to record: they are in the history");
    call.out.result({ recorded });
  },
});
