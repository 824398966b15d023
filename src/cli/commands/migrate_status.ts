/**
 * `migrate status`: which migrations are applied and which are pending.
 *
 * @module
 */
import { defineCommand } from "../command.ts";
import { exitCodes } from "../exit.ts";
import type { Style } from "../output.ts";
import { openManager } from "../project/manager.ts";
import { shown } from "../project/project.ts";
import { columns } from "../table.ts";

/** What is in any other state needs a look. */
const styles: Readonly<Record<string, Style>> = {
  applied: "green",
  pending: "yellow",
  late: "yellow",
};

export default defineCommand({
  usage: "migrate status [--check]",
  description:
    "Lists the migrations: applied, pending, late (before one that is applied), edited or missing after\n" +
    "being applied, running or reverting (cut off: the next run goes on).",
  options: {
    check: { type: "boolean", summary: "end with 3 unless all are applied as they are" },
  },
  examples: ["migrate status", "migrate status --check", "migrate status --json"],
  async run(call) {
    const { out, options } = call;
    const project = await openManager(call);
    const status = await project.manager.status();
    if (status.length === 0) {
      out.line(`no migrations in ${shown(call, project.project.migrations)}`);
    }
    const rows = status.map(({ name, state, appliedAt }) => [
      state.padEnd(9),
      name,
      appliedAt === undefined ? "" : timeOf(appliedAt),
    ]);
    columns(rows).forEach((line, i) => {
      const { state } = status[i]!;
      out.line(line.replace(state, out.paint(styles[state] ?? "red", state)));
    });
    const open = status.filter(({ state }) => state !== "applied");
    out.result({ migrations: status, open: open.length });
    return options.check && open.length > 0 ? exitCodes.found : exitCodes.done;
  },
});

/** A moment in UTC, to the second. */
function timeOf(date: Date): string {
  return `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
