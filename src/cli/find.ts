/**
 * Finds commands by what was typed.
 *
 * @module
 */
import { nearest } from "../base/nearest.ts";
import type { CommandEntry } from "./command.ts";

/** The command that arguments begin with, and how many words its name has. */
export function findCommand(
  commands: readonly CommandEntry[],
  args: readonly string[],
): { readonly entry: CommandEntry; readonly words: number } | undefined {
  for (const words of [2, 1]) {
    if (args.length < words) continue;
    const name = args.slice(0, words).join(" ");
    const entry = commands.find((each) => each.name === name);
    if (entry) return { entry, words };
  }
  return undefined;
}

/** The commands whose names begin with a word: those of `migrate`. */
export function commandsOf(
  commands: readonly CommandEntry[],
  word: string | undefined,
): readonly CommandEntry[] {
  return commands.filter(({ name }) => name.startsWith(`${word} `));
}

/** The command that was probably meant. */
export function nearestCommand(
  commands: readonly CommandEntry[],
  args: readonly string[],
): string | undefined {
  const names = commands.map(({ name }) => name);
  const [first = "", second = ""] = args.filter((arg) => !arg.startsWith("-"));
  // A group's name is known; what is wrong is the word behind it.
  if (commandsOf(commands, first).length > 0) {
    const inGroup = commandsOf(commands, first).map(({ name }) => name);
    return second === "" ? undefined : nearest(`${first} ${second}`, inGroup);
  }
  return nearest(first, names) ?? nearest(`${first} ${second}`, names);
}
