/**
 * The command line `rex-orm`.
 *
 * @module
 */
import { RexError } from "../base/errors.ts";
import { type Context, processContext } from "./context.ts";
import { exitCodeOf, exitCodes, UsageError } from "./exit.ts";
import { Output, paint } from "./output.ts";
import { commandsOf, findCommand, nearestCommand } from "./find.ts";
import { commands } from "./registry.ts";

/** Runs commands. */
export class CLI {
  private constructor() {}

  /**
   * Runs the command that the arguments name, and sets the exit code of the process.
   *
   * @param context what it is given; by default the process
   * @returns the exit code: 0 done, 1 failed, 2 wrong usage, 3 a check found something, 130 stopped
   */
  static async run(context?: Context): Promise<number> {
    if (context !== undefined) return await run(context);
    const code = await run(await processContext());
    const { default: process } = await import("node:process");
    process.exitCode = code;
    return code;
  }
}

async function run(context: Context): Promise<number> {
  const json = context.args.includes("--json");
  const out = new Output(context, json);
  try {
    return await dispatch(context, out);
  } catch (error) {
    if (json) out.result({ error: described(error) });
    else {
      const label = paint(context, context.stderr.isTerminal, "red", "error:");
      context.stderr.write(`${label} ${described(error).message}\n${traceOf(error)}`);
    }
    return exitCodeOf(error);
  }
}

async function dispatch(context: Context, out: Output): Promise<number> {
  const { args } = context;
  const [first] = args;
  if (first === undefined || first === "--help" || first === "-h") {
    const { overview } = await import("./help.ts");
    out.raw(overview(commands, out).join("\n"));
    return first === undefined ? exitCodes.usage : exitCodes.done;
  }
  if (first === "--version" || first === "-V") {
    const { version } = await import("./version.ts");
    out.raw(version);
    return exitCodes.done;
  }
  const found = findCommand(commands, args);
  if (!found) return await noCommand(args, out);
  const { entry, words } = found;
  const { default: command } = await entry.load();
  const { parseArguments } = await import("./arguments.ts");
  const { options, words: rest } = parseArguments(entry.name, command, args.slice(words));
  if (options.help) {
    const { commandHelp } = await import("./help.ts");
    out.raw(commandHelp(entry, command, out).join("\n"));
    return exitCodes.done;
  }
  const closers: (() => Promise<void>)[] = [];
  const atEnd = (close: () => Promise<void>) => void closers.unshift(close);
  try {
    const call = { context, out, args: rest, options: options as never, commands, atEnd };
    return await command.run(call) ?? exitCodes.done;
  } finally {
    for (const close of closers) await close();
  }
}

/** The name of a group alone, or no name at all. */
async function noCommand(args: readonly string[], out: Output): Promise<number> {
  const [first = "", second] = args;
  const group = commandsOf(commands, first);
  if (group.length > 0 && (second === undefined || second === "--help" || second === "-h")) {
    const { groupHelp } = await import("./help.ts");
    out.raw(groupHelp(first, group).join("\n"));
    return second === undefined ? exitCodes.usage : exitCodes.done;
  }
  const meant = nearestCommand(commands, args);
  const said = group.length > 0 ? `${first} ${second}` : first;
  throw new UsageError(`there is no command ${said}`, {
    hint: meant ? `did you mean \`rex-orm ${meant}\`?` : "`rex-orm --help` lists the commands",
  });
}

/** Where a fault of the project's own code came from; errors that say all need none. */
function traceOf(error: unknown): string {
  let fault = error;
  while (fault instanceof RexError && fault.cause !== undefined) fault = fault.cause;
  if (fault instanceof RexError || !(fault instanceof Error) || "code" in fault) return "";
  const frames = (fault.stack ?? "").split("\n").filter((line) => /^\s+at .*file:/.test(line));
  return frames.slice(0, 5).map((line) => `${line}\n`).join("");
}

function described(error: unknown): { code: string; message: string; hint?: string } {
  if (error instanceof RexError) {
    const { code, message, hint } = error;
    return { code, message, ...hint !== undefined && { hint } };
  }
  if (error instanceof Error && error.name === "NotCapable") {
    return { code: "REX_PERMISSION", message: `a permission is missing: ${error.message}` };
  }
  return { code: "REX_ERROR", message: error instanceof Error ? error.message : String(error) };
}
