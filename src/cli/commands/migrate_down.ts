/**
 * `migrate down`: reverts the last migrations.
 *
 * @module
 */
import { defineCommand } from "../command.ts";
import { UsageError } from "../exit.ts";
import { openManager, wholeName } from "../project/manager.ts";

export default defineCommand({
  usage: "migrate down [NAME] [--count N] [--all]",
  description:
    "Reverts the last migration, the last N, or all down to NAME, which is reverted too.",
  args: [0, 1],
  options: {
    count: { type: "string", value: "N", summary: "how many; default: 1" },
    all: { type: "boolean", summary: "all of them" },
  },
  examples: ["migrate down", "migrate down --count 3", "migrate down 20240131120000_create_users"],
  async run(call) {
    const { options, args: [name], out } = call;
    const count = options.count === undefined ? undefined : Number(options.count);
    if (count !== undefined && (!Number.isInteger(count) || count < 1)) {
      throw new UsageError("--count needs a whole number from 1 up");
    }
    if ([name, count, options.all || undefined].filter((each) => each !== undefined).length > 1) {
      throw new UsageError("give a name, --count or --all: one of them");
    }
    const project = await openManager(call);
    const { manager } = project;
    const reverted = await manager.down(
      options.all ? { to: "" } : name !== undefined
        ? {
          count: countDownTo(await wholeName(project, name), await manager.getAppliedMigrations()),
        }
        : { count: count ?? 1 },
    );
    if (reverted.length === 0) out.line("nothing to revert: no migration is applied");
    out.result({ reverted });
  },
});

/** How many have to be reverted until a migration is. */
function countDownTo(name: string, applied: readonly string[]): number {
  const at = applied.indexOf(name);
  if (at >= 0) return applied.length - at;
  throw new UsageError(`Migration ${name} is not applied`, {
    hint: "`rex-orm migrate status` lists them",
  });
}
