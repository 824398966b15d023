/**
 * `version`: which version this is.
 *
 * @module
 */
import { defineCommand } from "../command.ts";
import { version } from "../version.ts";

export default defineCommand({
  usage: "version",
  options: {},
  examples: ["version", "--version"],
  run({ out }) {
    out.line(version);
    out.result({ version });
    return Promise.resolve();
  },
});
