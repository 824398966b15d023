/**
 * `help`: how a command is used.
 *
 * @module
 */
import { defineCommand } from "../command.ts";
import { UsageError } from "../exit.ts";
import { commandsOf, findCommand, nearestCommand } from "../find.ts";
import { commandHelp, groupHelp, overview } from "../help.ts";

export default defineCommand({
  usage: "help [COMMAND]",
  args: [0, 2],
  options: {},
  examples: ["help", "help migrate up", "help query"],
  async run({ out, args, commands }) {
    if (out.json) {
      return out.result(commands.map(({ name, group, summary }) => ({ name, group, summary })));
    }
    if (args.length === 0) return out.raw(overview(commands, out).join("\n"));
    const found = findCommand(commands, args);
    const name = args.join(" ");
    if (found?.words === args.length) {
      const { default: command } = await found.entry.load();
      return out.raw(commandHelp(found.entry, command, out).join("\n"));
    }
    const group = args.length === 1 ? commandsOf(commands, args[0]) : [];
    if (group.length > 0) return out.raw(groupHelp(name, group).join("\n"));
    const meant = nearestCommand(commands, args);
    throw new UsageError(`there is no command ${name}`, {
      hint: meant ? `did you mean \`rex-orm help ${meant}\`?` : "`rex-orm help` lists the commands",
    });
  },
});
