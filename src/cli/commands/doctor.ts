/**
 * `doctor`: checks the project and its database.
 *
 * @module
 */
import { RexError } from "../../base/errors.ts";
import { type Call, defineCommand } from "../command.ts";
import { exitCodes } from "../exit.ts";
import type { Style } from "../output.ts";
import { type Finding, findings } from "../project/health.ts";

const marks: Readonly<Record<Finding["state"], readonly [string, Style]>> = {
  ok: ["ok    ", "green"],
  found: ["found ", "yellow"],
  failed: ["failed", "red"],
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
    const told: Finding[] = [];
    for (const finding of await findings(call)) {
      told.push(...await finding().catch((error) => [failure(error)]));
    }
    for (const finding of told) write(call, finding);
    call.out.result({ checks: told });
    if (told.some(({ state }) => state === "failed")) return exitCodes.failed;
    return told.some(({ state }) => state === "found") ? exitCodes.found : exitCodes.done;
  },
});

function failure(error: unknown): Finding {
  if (!(error instanceof RexError)) throw error;
  return { check: "check", state: "failed", text: error.message };
}

function write({ out }: Pick<Call, "out">, { check, state, text, details = [] }: Finding): void {
  const [mark, style] = marks[state];
  out.line(
    `${out.paint(style, mark)}  ${check.padEnd(13)}  ${
      text.replaceAll("\n", "\n" + " ".repeat(23))
    }`,
  );
  for (const detail of details) out.line(`${" ".repeat(25)}${detail}`);
}
