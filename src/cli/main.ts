/**
 * The entry of the command line.
 *
 * ```sh
 * deno run --allow-read --allow-write --allow-env --allow-net src/cli/main.ts migrate up
 * ```
 *
 * @module
 */
import { CLI } from "./cli.ts";

export { CLI };
export type { Context, Writer } from "./context.ts";
export { type DatabaseSource, defineConfig, type ProjectConfig } from "./project/config.ts";

if (import.meta.main) await CLI.run();
