/**
 * `migrate redo`: reverts the last migration and applies it again.
 *
 * @module
 */
import { defineCommand } from "../command.ts";
import { openManager } from "../project/manager.ts";

export default defineCommand({
  usage: "migrate redo",
  description:
    "Reverts the last migration and applies it again: for one that is still being written.",
  options: {},
  examples: ["migrate redo"],
  async run(call) {
    const project = await openManager(call);
    const redone = await project.manager.redo();
    if (redone.length === 0) call.out.line("nothing to redo: no migration is applied");
    call.out.result({ redone });
  },
});
