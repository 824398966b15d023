/**
 * `explain`: how the database runs a query.
 *
 * @module
 */
import type { QueryEvent } from "../../engine/query_event.ts";
import type { Database } from "../../database/database.ts";
import { defineCommand } from "../command.ts";
import { UsageError } from "../exit.ts";
import { openProject } from "../project/database.ts";
import { findByModel, modelQueryOf } from "../project/model_query.ts";

/** A statement and how it is run. */
interface Explained {
  readonly sql: string;
  readonly plan: readonly string[];
}

export default defineCommand({
  usage: "explain SQL|'MODEL {…}' [--analyze]",
  description:
    "Shows the database's plan. A query of a model is run, and each of its statements explained.",
  args: [1, 1],
  options: {
    analyze: {
      type: "boolean",
      summary: "run it for real figures, and undo it (not on SQLite)",
    },
  },
  examples: [
    `explain "SELECT * FROM users WHERE email = 'a@example.org'"`,
    `explain 'User {"where": {"email": "a@example.org"}}'`,
  ],
  async run(call) {
    const { out, args: [text = ""], options: { analyze } } = call;
    const project = await openProject(call);
    const { db } = project;
    const model = modelQueryOf(text);
    const events: Pick<QueryEvent, "sql" | "parameters">[] = [];
    if (model) {
      const stop = db.onQuery((event) => void events.push(event));
      await findByModel(call, project.project, db, model);
      stop();
    } else events.push({ sql: text.trim().replace(/;\s*$/, ""), parameters: [] });
    const explained: Explained[] = [];
    for (const { sql, parameters } of events) {
      explained.push({ sql, plan: await planOf(db, sql, parameters, analyze) });
    }
    for (const { sql, plan } of explained) {
      if (model) out.line(out.paint("dim", sql));
      for (const line of plan) out.line(model ? `  ${line}` : line);
    }
    out.result(explained);
  },
});

async function planOf(
  db: Database,
  sql: string,
  parameters: readonly unknown[],
  analyze: boolean,
): Promise<string[]> {
  if (db.dialect.name === "sqlite") {
    if (analyze) {
      throw new UsageError("SQLite has no figures of real runs: leave out --analyze");
    }
    const { rows } = await db.execute<PlanRow>(`EXPLAIN QUERY PLAN ${sql}`, parameters);
    return treeOf(rows);
  }
  const how = analyze ? "EXPLAIN (ANALYZE, BUFFERS)" : "EXPLAIN";
  const tx = await db.beginTransaction();
  try {
    const { rows } = await tx.execute(`${how} ${sql}`, parameters);
    return rows.map((row) => String(Object.values(row)[0]));
  } finally {
    await tx.rollback();
  }
}

interface PlanRow {
  readonly id: number | bigint;
  readonly parent: number | bigint;
  readonly detail: string;
}

/** The steps of SQLite's plan, each below the one that it belongs to. */
function treeOf(rows: readonly PlanRow[]): string[] {
  const depths = new Map<number, number>([[0, -1]]);
  return rows.map(({ id, parent, detail }) => {
    const depth = (depths.get(Number(parent)) ?? -1) + 1;
    depths.set(Number(id), depth);
    return "  ".repeat(depth) + detail;
  });
}
