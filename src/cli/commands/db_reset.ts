/**
 * `db:reset`: drops everything and migrates again.
 *
 * @module
 */
import { diffSchemas } from "../../migration/diff/diff.ts";
import { SchemaReader } from "../../migration/reader.ts";
import { emptySchema } from "../../schema/database_schema.ts";
import type { Database } from "../../database/database.ts";
import { type Call, defineCommand } from "../command.ts";
import { StoppedError, UsageError } from "../exit.ts";
import { confirm } from "../prompt.ts";
import { databaseTitle } from "../project/database.ts";
import { openManager } from "../project/manager.ts";
import { runSeed } from "../project/seed.ts";

const ownTables = ["migration_history", "migration_lock"];

export default defineCommand({
  usage: "db:reset [--force] [--seed]",
  description:
    "Drops all tables, views and types with all their data, and applies all migrations. It asks first;\n" +
    "where nobody can be asked, it needs --force.",
  options: {
    force: { type: "boolean", summary: "do not ask" },
    seed: { type: "boolean", summary: "run the seed file then" },
  },
  examples: ["db:reset", "db:reset --force --seed --env test"],
  async run(call) {
    const { out, options: { force, seed } } = call;
    const opened = await openManager(call);
    const title = databaseTitle(call, opened.project.database());
    if (!force) await refuseUnlessConfirmed(call, title);
    const dropped = await dropEverything(opened.db);
    out.line(`${out.paint("yellow", "dropped")} ${dropped} tables of ${title}`);
    const applied = await opened.manager.up();
    const seeded = seed ? await runSeed(call, opened) : undefined;
    out.result({ dropped, applied, ...seeded !== undefined && { seeded } });
  },
});

async function refuseUnlessConfirmed(
  { context, out }: Pick<Call, "context" | "out">,
  title: string,
): Promise<void> {
  if (!context.interactive || out.json) {
    throw new UsageError(`db:reset drops all data of ${title}, and nobody is here to be asked`, {
      hint: "give --force",
    });
  }
  if (await confirm(context, `Drop all tables of ${title}, with all data?`)) return;
  throw new StoppedError("Stopped: nothing was changed");
}

/** Drops all that a comparison with nothing finds; gives the number of tables. */
async function dropEverything(db: Database): Promise<number> {
  const { planner } = await db.dialect.schemaSupport();
  return await db.transaction(async (tx) => {
    const current = await new SchemaReader(tx).read();
    const steps = diffSchemas(current, emptySchema);
    for (const { statements } of planner.plan(steps, current)) {
      for (const sql of statements) await tx.execute(sql);
    }
    for (const name of ownTables) await tx.execute(`DROP TABLE IF EXISTS ${name}`);
    return current.tables.length;
  }, { schemaChange: true });
}
