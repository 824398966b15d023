/**
 * Statements for people: laid out and coloured for a terminal.
 *
 * @module
 */
import { visible } from "../base/visible.ts";
import type { QueryCaller } from "./caller.ts";
import type { QueryEvent } from "./query_event.ts";
import { layOut } from "./query_layout.ts";
import { tokensOf } from "./sql_tokens.ts";

/** How a statement is laid out. */
export interface FormatQueryOptions {
  /** Use ANSI colours. Default: `false`; whoever writes knows whether a terminal reads, and of `NO_COLOR`. */
  readonly color?: boolean;
  /** Show parameter values too. Default: `false`. */
  readonly parameters?: boolean;
  /** Lay statements longer than this over several lines, one a clause. Default: 80 characters. */
  readonly width?: number;
}

const KEYWORDS = new Set(
  ("select distinct from where and or not in is null like ilike between exists case when then else end as on " +
    "join inner left right full outer cross lateral group by having order asc desc nulls first last limit " +
    "offset union intersect except all with recursive insert into values update set delete using returning " +
    "conflict do nothing create table index unique primary key foreign references drop alter add column " +
    "default check begin commit rollback savepoint release to explain analyze over partition rows range " +
    "for share materialized cast escape true false immediate transaction isolation level read write only " +
    "serializable repeatable committed if view type constraint cascade restrict filter")
    .split(" "),
);
const COLORS = { keyword: 36, text: 32, number: 33, dim: 2, error: 31, slow: 33 } as const;

/** Puts a text in a colour, or gives it as it is. */
export type Paint = (text: string, color: keyof typeof COLORS) => string;

/** Paints, or does not. */
export function painter(color: boolean | undefined): Paint {
  return color ? (text, name) => `\x1b[${COLORS[name]}m${text}\x1b[0m` : (text) => text;
}

/**
 * Lays a statement out for reading: its SQL, one line a clause when it is long, and below it duration and rows.
 *
 * @param event what ran
 * @param options colours and what is shown
 */
export function formatQuery(event: QueryEvent, options: FormatQueryOptions = {}): string {
  const paint = painter(options.color);
  const figures = event.error === undefined
    ? `${durationOf(event)} · ${rowsOf(event)}`
    : `${durationOf(event)} · failed`;
  const lines = highlighted(layOut(event.sql, options.width ?? 80), paint);
  lines.push(paint(`-- ${figures}`, event.error === undefined ? "dim" : "error"));
  if (options.parameters && event.parameters.length > 0) {
    lines.push(paint(`-- ${parametersOf(event)}`, "dim"));
  }
  return lines.map((line) => `  ${line}`).join("\n");
}

/** The lines of a statement, in colours. */
export function highlighted(lines: readonly string[], paint: Paint): string[] {
  return lines.map((line) =>
    tokensOf(line).map(({ kind, text }) => {
      if (kind === "word" && KEYWORDS.has(text.toLowerCase())) return paint(text, "keyword");
      if (kind === "text") return paint(text, "text");
      if (kind === "number" || kind === "parameter") return paint(text, "number");
      return kind === "comment" ? paint(text, "dim") : text;
    }).join("")
  );
}

/** Such as `1.23 ms`. */
export function durationOf({ duration }: QueryEvent): string {
  return `${duration.toFixed(duration < 1000 ? 2 : 0)} ms`;
}

/** Such as `1 row`. */
export function rowsOf({ rows }: QueryEvent): string {
  return `${rows} ${rows === 1 ? "row" : "rows"}`;
}

/** The values that were bound, cut to a readable length. */
export function parametersOf({ parameters }: QueryEvent): string {
  return parameters.map(shown).join(", ");
}

/** A place as terminals and editors follow it: `src/pages/posts.ts:12:5`; in short `posts.ts:12`. */
export function placeOf({ file, line, column }: QueryCaller, short = false): string {
  const parts = file.split(/[/\\]/);
  return short ? `${parts.at(-1)}:${line}` : `${parts.slice(-3).join("/")}:${line}:${column}`;
}

const LONGEST_VALUE = 40;

function shown(value: unknown): string {
  const text = value instanceof Uint8Array
    ? `${value.length} bytes`
    : typeof value === "string"
    ? JSON.stringify(value)
    : value instanceof Date
    ? value.toISOString()
    : Array.isArray(value)
    ? `[${value.map(shown).join(", ")}]`
    : String(value);
  return visible(text, LONGEST_VALUE);
}
