/**
 * Reads the arguments of a command.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { nearest } from "../base/nearest.ts";
import { type Command, commonOptions, type OptionSpecs } from "./command.ts";
import { UsageError } from "./exit.ts";

/** Arguments as a command gets them. */
export interface ParsedArguments {
  /** Words. */
  readonly words: readonly string[];
  /** Options by name: `false`, none or an empty list where they were not given. */
  readonly options: Readonly<Record<string, boolean | string | readonly string[] | undefined>>;
}

/**
 * Reads the options and words behind the name of a command.
 *
 * @throws {UsageError} for what the command does not know
 */
export function parseArguments(
  name: string,
  { options: own, args: [least, most] = [0, 0], usage }: Command,
  args: readonly string[],
): ParsedArguments {
  const specs: OptionSpecs = { ...own, ...commonOptions };
  const { positionals, tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      Object.entries(specs).map(([option, { type, short }]) => [
        option,
        { type, ...short !== undefined && { short } },
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const options: Record<string, boolean | string | string[] | undefined> = {};
  for (const [option, { type, multiple }] of Object.entries(specs)) {
    options[option] = type === "boolean" ? false : multiple ? [] : undefined;
  }
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined;
    if (spec === undefined) throw unknownOption(name, token.rawName, Object.keys(specs));
    const { value } = token;
    if (spec.type === "boolean") {
      if (value !== undefined) throw new UsageError(`${token.rawName} takes no value`);
      options[token.name] = true;
    } else if (value === undefined || (!token.inlineValue && value.startsWith("--"))) {
      throw new UsageError(`${token.rawName} needs a value: ${token.rawName} ${spec.value ?? "X"}`);
    } else if (spec.multiple) (options[token.name] as string[]).push(value);
    else options[token.name] = value;
  }
  if (!options.help) refuseWrongCount(name, positionals, [least, most], usage);
  return { words: positionals, options };
}

function unknownOption(command: string, option: string, known: readonly string[]): UsageError {
  const meant = nearest(option, known);
  return new UsageError(`${command} has no option ${option}`, {
    hint: meant === undefined
      ? `\`rex-orm ${command} --help\` lists them`
      : `did you mean --${meant}?`,
  });
}

function refuseWrongCount(
  name: string,
  words: readonly string[],
  [least, most]: readonly [number, number],
  usage: string,
): void {
  if (words.length >= least && words.length <= most) return;
  const said = words.length < least ? "needs more" : `takes no ${JSON.stringify(words[most])}`;
  throw new UsageError(`${name} ${said}: rex-orm ${usage}`);
}
