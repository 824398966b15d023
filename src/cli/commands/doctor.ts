/**
 * `doctor`: checks the project and its database.
 *
 * @module
 */
import { type Call, defineCommand } from "../command.ts";
import { exitCodes } from "../exit.ts";
import type { Style } from "../output.ts";
import { examine, type Finding } from "../project/health.ts";

const styles: Readonly<Record<Finding["state"], Style>> = {
  ok: "green",
  found: "yellow",
  failed: "red",
};

export default defineCommand({
  usage: "doctor",
  description:
    "Checks the configuration, the connection, versions, migrations, drift between models and database, foreign\n" +
    "keys without an index, and tells the permissions that the project needs. Nothing is changed. It ends with 3\n" +
    "when something is found, with 1 when something fails.",
  options: {},
  examples: ["doctor", "doctor --env production", "doctor --json"],
  async run(call) {
    const findings: Finding[] = [];
    await examine(call, (finding) => {
      findings.push(finding);
      write(call, finding);
    });
    call.out.result({ checks: findings });
    if (findings.some(({ state }) => state === "failed")) return exitCodes.failed;
    return findings.some(({ state }) => state === "found") ? exitCodes.found : exitCodes.done;
  },
});

const [mark, name] = [6, 13];

function write({ out }: Pick<Call, "out">, { check, state, text, details = [] }: Finding): void {
  const gap = " ".repeat(mark + name + 4);
  const [first, ...rest] = text.split("\n");
  const label = out.paint(styles[state], state.padEnd(mark));
  out.line(`${label}  ${check.padEnd(name)}  ${first}`);
  for (const line of [...rest.map((each) => each.trim()), ...details]) out.line(`${gap}  ${line}`);
}
