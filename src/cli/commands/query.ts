/**
 * `query`: runs SQL, or a query of a model.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Database } from "../../database/database.ts";
import { type Call, defineCommand } from "../command.ts";
import { UsageError } from "../exit.ts";
import { toJson } from "../output.ts";
import { openProject } from "../project/database.ts";
import { findByModel, modelQueryOf } from "../project/model_query.ts";
import { csv, table } from "../table.ts";

/** What one statement gave. */
interface Result {
  readonly rows: readonly Record<string, unknown>[];
  readonly rowCount: number;
}

const formats = ["table", "json", "csv"];

const options = {
  format: { type: "string", value: "table|json|csv", summary: "how rows are written" },
  file: { type: "string", value: "FILE", summary: "run the SQL of a file" },
} as const;

export default defineCommand({
  usage: "query SQL|'MODEL {…}' [--format table|json|csv] [--file FILE]",
  description:
    "Runs SQL, or the query of a model: its name and the shape that `find()` takes, as JSON. What writes,\n" +
    "writes: there is no question. Several statements are parted by `;` and run in one transaction.",
  args: [0, 1],
  options,
  examples: [
    `query "SELECT name, age FROM users ORDER BY age"`,
    `query 'User {"where": {"age": {"gte": 18}}, "include": {"posts": true}}' --format json`,
    `query "SELECT * FROM users" --format csv > users.csv`,
  ],
  async run(call) {
    const { format = call.out.json ? "json" : "table", file } = call.options;
    if (!formats.includes(format)) {
      throw new UsageError(`--format knows ${formats.join(", ")}, not ${format}`);
    }
    const [text] = call.args;
    if ((text === undefined) === (file === undefined)) {
      throw new UsageError("give a query, or --file: one of them", {
        hint: `rex-orm query "SELECT 1"`,
      });
    }
    const sql = text ?? await readFile(resolve(call.context.cwd, file!), "utf8");
    const project = await openProject(call);
    const { db } = project;
    const model = text === undefined ? undefined : modelQueryOf(text);
    const results: readonly Result[] = model
      ? [await findByModel(call, project.project, db, model).then(asResult)]
      : await runScript(db, sql);
    write(call, results, format);
  },
});

function asResult(rows: Record<string, unknown>[]): Result {
  return { rows, rowCount: rows.length };
}

async function runScript(db: Database, script: string): Promise<Result[]> {
  const { split, runsAlone } = await db.dialect.schemaSupport();
  const statements = split(script);
  if (statements.length === 0) throw new UsageError("there is no statement in the query");
  if (statements.length === 1 || statements.some(runsAlone)) {
    return await inTurn(db, statements);
  }
  return await db.transaction((tx) => inTurn(tx, statements));
}

async function inTurn(
  db: Pick<Database, "execute">,
  statements: readonly string[],
): Promise<Result[]> {
  const results: Result[] = [];
  for (const statement of statements) results.push(await db.execute(statement));
  return results;
}

function write(
  { context, out }: Pick<Call, "context" | "out">,
  results: readonly Result[],
  format: string,
): void {
  if (format === "json") {
    const rows = results.map((result) => result.rows);
    return context.stdout.write(`${toJson(rows.length === 1 ? rows[0] : rows)}\n`);
  }
  for (const { rows, rowCount } of results) {
    const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    const cells = rows.map((row) => names.map((name) => row[name] ?? null));
    if (format === "csv") {
      if (names.length > 0) out.raw(csv(names, cells));
      continue;
    }
    if (rows.length > 0) { for (const line of table(names, cells)) out.line(line); }
    out.line(out.paint("dim", `(${rowCount} ${rowCount === 1 ? "row" : "rows"})`));
  }
}
