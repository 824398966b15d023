/**
 * `realtime:subscribe`: prints changes as they come.
 *
 * @module
 */
import type { ChangeFeed } from "../../change/feed.ts";
import type { ChangeBatch, RowChange, RowImage } from "../../change/source.ts";
import { entityOf } from "../../model/registry.ts";
import { type Call, defineCommand } from "../command.ts";
import { UsageError } from "../exit.ts";
import { hexOf } from "../output.ts";
import { openProject } from "../project/database.ts";
import { hasModels, loadModels } from "../project/models.ts";
import type { Project } from "../project/project.ts";

const options = {
  source: {
    type: "string",
    value: "log|replication",
    summary: "where changes come from; default: the log where there is one, else replication",
  },
  count: { type: "string", value: "N", summary: "end after so many changes" },
} as const;

/** What is followed: a table, and perhaps one row of it. */
interface Topic {
  /** Nothing: every table. */
  readonly table?: string;
  /** The values of the row's key, as text. */
  readonly key?: readonly string[];
  /** The columns of the key, where a model tells them. */
  readonly columns?: readonly string[];
}

export default defineCommand({
  usage: "realtime:subscribe [TOPIC] [--source log|replication] [--count N]",
  description:
    "Prints what is committed from now on, whoever writes it, until it is interrupted. TOPIC is a table, a\n" +
    "model, one record of them (posts:5, Post:5; the columns of a longer key are parted by commas) or * for\n" +
    "everything, the default. Values are written as the database writes them. With --json each change is a line.\n\n" +
    "The log is made by a migration: await db.schema.followChanges();",
  args: [0, 1],
  options,
  examples: ["realtime:subscribe", "realtime:subscribe Post:5 --json", "realtime:subscribe posts"],
  async run(call) {
    const { source } = call.options;
    if (source !== undefined && source !== "log" && source !== "replication") {
      throw new UsageError(`--source knows log and replication, not ${source}`);
    }
    const limit = limitOf(call.options.count);
    const { db, project } = await openProject(call);
    const topic = await topicOf(call, project, call.args[0] ?? "*");
    const feed = await db.feed(source && { source });
    if (feed.source.name === "process") {
      throw new UsageError("there is nothing to follow: this database has no log of changes", {
        hint: "`await db.schema.followChanges()` in a migration makes one",
      });
    }
    call.out.note(
      `Following ${call.args[0] ?? "everything"} (${feed.source.name}); Ctrl-C ends it`,
    );
    await print(call, feed, topic, limit);
  },
});

function limitOf(count: string | undefined): number {
  const limit = count === undefined ? Infinity : Number(count);
  if (limit >= 1 && (limit === Infinity || Number.isInteger(limit))) return limit;
  throw new UsageError(`--count is a whole number from 1 on, not ${count}`);
}

async function topicOf(call: Call, project: Project, text: string): Promise<Topic> {
  if (text === "*") return {};
  const [name = "", ...rest] = text.split(":");
  const key = rest.length > 0 ? { key: rest.join(":").split(",") } : {};
  const models = await hasModels(project) ? await loadModels(call, project) : [];
  const entity = models.map((model) => entityOf(model))
    .find((each) => each.name === name || each.table.name === name);
  if (!entity) return { table: name, ...key };
  const columns = entity.primaryKey.map((each) => each.column.name);
  return { table: entity.table.name, columns, ...key };
}

/** Prints until so many changes were printed, or the feed has to begin anew. */
function print(
  call: Pick<Call, "out" | "context">,
  feed: ChangeFeed,
  topic: Topic,
  limit: number,
): Promise<void> {
  let left = limit;
  return new Promise((resolve) => {
    const end = feed.subscribe({
      batch: (batch) => {
        for (const change of batch.changes) {
          if (left <= 0 || !concerns(topic, change)) continue;
          left--;
          write(call, batch, change);
        }
        if (left > 0) return;
        end();
        resolve();
      },
      reset: (reason) => {
        if (call.out.json) writeLine(call, { reset: reason });
        else call.out.note(`Changes were lost: ${reason}`);
      },
    });
  });
}

function concerns({ table, key, columns }: Topic, change: RowChange): boolean {
  if (table !== undefined && change.table !== table) return false;
  if (key === undefined) return true;
  return [change.after, change.before].some((image) => image && hasKey(image, key, columns));
}

/** Without a model the key is the first column of the row, as it nearly always is. */
function hasKey(
  image: RowImage,
  key: readonly string[],
  columns: readonly string[] = Object.keys(image).slice(0, key.length),
): boolean {
  return columns.length === key.length &&
    columns.every((column, i) => String(image[column]) === key[i]);
}

function write(call: Pick<Call, "out" | "context">, batch: ChangeBatch, change: RowChange): void {
  const { position, transaction, time } = batch;
  const { out } = call;
  if (out.json) {
    const at = time === undefined ? {} : { time: new Date(time).toISOString() };
    return writeLine(call, { position, ...transaction && { transaction }, ...at, ...change });
  }
  const clock = new Date(time ?? Date.now()).toISOString().slice(11, 23);
  const style = change.kind === "insert" ? "green" : change.kind === "update" ? "yellow" : "red";
  const table = change.schema === undefined ? change.table : `${change.schema}.${change.table}`;
  const words = [out.paint("dim", clock), out.paint(style, change.kind), out.paint("bold", table)];
  const image = change.after ?? change.before ?? {};
  for (const [column, value] of Object.entries(image)) words.push(`${column}=${shownValue(value)}`);
  out.line(words.join(" "));
}

function writeLine({ context }: Pick<Call, "context">, value: unknown): void {
  const text = JSON.stringify(value, (_key, each) => typeof each === "bigint" ? `${each}` : each);
  context.stdout.write(`${text}\n`);
}

const longestValue = 60;

function shownValue(value: unknown): string {
  if (value === null) return "NULL";
  if (value instanceof Uint8Array) return hexOf(value);
  const text = JSON.stringify(value, (_key, each) => typeof each === "bigint" ? `${each}` : each);
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
}
