/**
 * `migrate:diff`: compares models, databases and snapshots.
 *
 * @module
 */
import type { PlannedStep, Risk } from "../../dialect/schema_support.ts";
import { compareSchemas, type Comparison } from "../../migration/compare.ts";
import { writeMigrations, writeSql } from "../../migration/write/mod.ts";
import { type Call, defineCommand } from "../command.ts";
import { exitCodes, UsageError } from "../exit.ts";
import type { Output, Style } from "../output.ts";
import { openProject } from "../project/database.ts";
import { joined, questionsOf, readRenames, renameOptions } from "../project/renames.ts";
import { readSide, saidRenames } from "../project/schemas.ts";
import { stepText } from "../project/step_text.ts";

const styles: Readonly<Record<Risk, Style>> = {
  safe: "green",
  blocking: "yellow",
  destructive: "red",
};

const options = {
  ...renameOptions,
  from: { type: "string", value: "SIDE", summary: "what is; default: database" },
  to: { type: "string", value: "SIDE", summary: "what shall be; default: models" },
  sql: { type: "boolean", summary: "print the SQL" },
  ts: { type: "boolean", summary: "print the migration" },
  online: { type: "boolean", summary: "choose forms that do not lock for long" },
  check: { type: "boolean", summary: "end with 3 when there is a difference" },
} as const;

export default defineCommand({
  usage: "migrate:diff [--from SIDE] [--to SIDE] [--sql|--ts] [--check]",
  description:
    "Prints the steps that make one side into the other, each with what it can cost: safe, blocking (others\n" +
    "wait) or destructive (data is lost, or a row can make it fail). A side is `models`, `database`, the URL of a\n" +
    "database, or a file that `snapshot` wrote. Nothing is changed.",
  options,
  examples: [
    "migrate:diff",
    "migrate:diff --check",
    "migrate:diff --from schema.json --to models --sql",
    "migrate:diff --from database --to postgres://app@db.internal/shop --json",
  ],
  async run(call) {
    const { out, options: { sql, ts, check } } = call;
    if (sql && ts) throw new UsageError("give --sql or --ts: one of them");
    const { comparison, declared } = await compare(call);
    const { planned } = comparison;
    if (out.json) out.result(jsonOf(comparison));
    else if (sql) out.raw(writeSql(planned));
    else if (ts) out.raw(writeMigrations(comparison, { declared }).join("\n"));
    else {
      if (planned.length === 0) out.line("no difference");
      for (const line of plannedLines(out, planned)) out.line(line);
      for (const { text } of call.options["no-renames"] ? [] : questionsOf(comparison)) {
        out.line(`note: maybe a rename: --rename ${text}`);
      }
    }
    return check && planned.length > 0 ? exitCodes.found : exitCodes.done;
  },
});

async function compare(call: Call<typeof options>) {
  const { from = "database", to = "models", rename, online } = call.options;
  const opened = await openProject(call);
  const { project, db } = opened;
  const before = await readSide(call, project, db, from);
  const after = await readSide(call, project, db, to);
  const renames = joined(
    readRenames(rename, before.schema),
    saidRenames(after, before.schema),
  );
  const comparison = await compareSchemas(db, before.schema, after.schema, {
    renames,
    online,
    models: after.models !== undefined,
  });
  return { comparison, declared: after.schema };
}

/** Each step in a line, with its risk and why. */
export function plannedLines(out: Output, planned: readonly PlannedStep[]): string[] {
  return planned.flatMap(({ steps, risk, reason }) => {
    const texts = steps.map(stepText);
    const lines = texts.map((text) => `${out.paint(styles[risk], risk.padEnd(11))}  ${text}`);
    if (reason) lines.push(`${" ".repeat(13)}${out.paint("dim", reason)}`);
    return lines;
  });
}

/** A comparison as data. */
export function jsonOf(comparison: Comparison): Record<string, unknown> {
  return {
    steps: comparison.planned.map(({ steps, statements, risk, reason, transactional }) => ({
      text: steps.map(stepText),
      risk,
      ...reason && { reason },
      transactional,
      statements,
      steps,
    })),
    back: comparison.back,
    renames: questionsOf(comparison).map(({ text }) => text),
  };
}
