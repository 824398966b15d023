/**
 * The processes that measure, and what each may do.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** How to run `deno`. */
export interface DenoRun {
  /** Options and arguments of `deno`, from its subcommand on. */
  readonly args: readonly string[];
  /** Whether what it writes to its standard error is shown as it comes. */
  readonly showProgress?: boolean;
  /** Variables of the environment to add. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The configuration of the library, for what needs no peers, and that of the benchmark, for what does. */
export function configOf(peers: boolean): string {
  return fileURLToPath(new URL(peers ? "deno.json" : "../deno.json", import.meta.url));
}

/**
 * Runs `deno` and gives what it wrote.
 *
 * @throws when it fails, with what it wrote to its standard error
 */
export async function runDeno({ args, showProgress = false, env = {} }: DenoRun): Promise<string> {
  const output = await new Deno.Command("deno", {
    args: [...args],
    env,
    stdin: "null",
    stdout: "piped",
    stderr: showProgress ? "inherit" : "piped",
  }).output();
  const decoder = new TextDecoder();
  if (output.success) return decoder.decode(output.stdout);
  const reason = showProgress ? "" : `:\n${decoder.decode(output.stderr)}`;
  throw new Error(`Cannot measure: deno ${args.join(" ")} failed${reason}`);
}
