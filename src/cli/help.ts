/**
 * The texts of `--help`.
 *
 * @module
 */
import { type Command, type CommandEntry, commonOptions, type OptionSpecs } from "./command.ts";
import type { Output } from "./output.ts";
import { columns } from "./table.ts";
import { version } from "./version.ts";

/** Columns that names of commands take. */
const widest = 16;

const examples = [
  "rex-orm init",
  "rex-orm generate:model User 'name:varchar(255)' 'email:text!' 'age:integer?'",
  "rex-orm migration:create --auto create_users",
  "rex-orm migrate up",
];

/** The list of all commands. */
export function overview(commands: readonly CommandEntry[], out: Output): string[] {
  const lines = [`rex-orm ${version}`, "", "usage: rex-orm COMMAND [OPTIONS]"];
  for (const [group, list] of Map.groupBy(commands, (entry) => entry.group)) {
    lines.push("", out.paint("bold", group), ...listed(list));
  }
  return [
    ...lines,
    "",
    out.paint("bold", "Examples"),
    ...examples.map((line) => `  ${line}`),
    "",
    "`rex-orm help COMMAND` says more about one.",
  ];
}

/** The commands of a group, such as `migrate`. */
export function groupHelp(word: string, list: readonly CommandEntry[]): string[] {
  return [`usage: rex-orm ${word} COMMAND [OPTIONS]`, "", ...listed(list)];
}

function listed(list: readonly CommandEntry[]): string[] {
  const width = widest;
  return list.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
}

/** How one command is used. */
export function commandHelp(entry: CommandEntry, command: Command, out: Output): string[] {
  const lines = [`rex-orm ${entry.name}: ${entry.summary}`, "", `usage: rex-orm ${command.usage}`];
  if (command.description) lines.push("", ...command.description.split("\n"));
  if (Object.keys(command.options).length > 0) {
    lines.push("", out.paint("bold", "Options"), ...optionLines(command.options));
  }
  lines.push("", out.paint("bold", "Options of every command"), ...optionLines(commonOptions));
  const tried = command.examples.map((line) => `  rex-orm ${line}`);
  return [...lines, "", out.paint("bold", "Examples"), ...tried];
}

function optionLines(options: OptionSpecs): string[] {
  return columns(
    Object.entries(options).map(([name, { short, type, value, summary }]) => [
      `  ${short ? `-${short}, ` : ""}--${name}${type === "string" ? ` ${value ?? "X"}` : ""}`,
      summary,
    ]),
  );
}
