/**
 * Statements for people: as log records, and laid out for a terminal.
 *
 * @module
 */
import { Logger } from "../base/logger.ts";
import type { EngineOptions } from "./options.ts";
import type { QueryEvent } from "./query_event.ts";

const log = Logger.child("query");

/** Logs a statement: failed ones and fine ones as `debug`, slow ones as `warn`. */
export function logQuery(
  event: QueryEvent,
  options: Pick<EngineOptions, "slowQueryThreshold" | "logParameters">,
): void {
  const slow = event.duration >= (options.slowQueryThreshold ?? Infinity);
  const level = slow ? "warn" : "debug";
  if (!log.isEnabled(level)) return;
  const data: Record<string, unknown> = {
    sql: event.sql,
    duration: Math.round(event.duration * 100) / 100,
    rows: event.rows,
  };
  if (options.logParameters) data.parameters = event.parameters;
  if (event.caller !== undefined) data.caller = event.caller;
  if (event.error !== undefined) data.error = event.error;
  const what = event.error !== undefined ? "failed" : slow ? "was slow" : "ran";
  log[level](`Statement ${what} (${event.duration.toFixed(2)} ms)`, data);
}

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

/** Words that begin a line of their own in a long statement. */
const CLAUSES = new Set(
  ("from where group having order limit offset union intersect except returning values set join inner left " +
    "right full cross on using").split(" "),
);
const INDENTED = new Set(["join", "inner", "left", "right", "full", "cross"]);
/** Words after which a clause word goes on with the same clause: `LEFT JOIN`, `DO UPDATE SET`. */
const JOINED = new Set(["inner", "left", "right", "full", "cross", "outer", "lateral", "delete"]);

const TOKEN = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$\d+|[A-Za-z_][\w$]*|\d[\d.]*|\s+|[^\s]/g;
const PAINT = { keyword: 36, text: 32, number: 33, dim: 2, error: 31 } as const;

/**
 * Lays a statement out for reading: duration and rows on the right of a rule, SQL below it with one line
 * a clause when it is long.
 *
 * @param event what ran
 * @param options colours and what is shown
 */
export function formatQuery(event: QueryEvent, options: FormatQueryOptions = {}): string {
  const paint = (text: string, code: number) =>
    options.color ? `\x1b[${code}m${text}\x1b[0m` : text;
  const figures = event.error === undefined
    ? `${event.duration.toFixed(2)} ms · ${event.rows} ${event.rows === 1 ? "row" : "rows"}`
    : `${event.duration.toFixed(2)} ms · failed`;
  const lines = layOut(event.sql, options.width ?? 80).map((line) => highlight(line, paint));
  lines.push(paint(`-- ${figures}`, event.error === undefined ? PAINT.dim : PAINT.error));
  if (options.parameters && event.parameters.length > 0) {
    lines.push(paint(`-- ${event.parameters.map(shown).join(", ")}`, PAINT.dim));
  }
  return lines.map((line) => `  ${line}`).join("\n");
}

function highlight(line: string, paint: (text: string, code: number) => string): string {
  return line.replace(TOKEN, (token) => {
    if (KEYWORDS.has(token.toLowerCase())) return paint(token, PAINT.keyword);
    if (token.startsWith("'")) return paint(token, PAINT.text);
    if (/^[$\d]/.test(token)) return paint(token, PAINT.number);
    return token;
  });
}

/** Breaks before each clause that is not inside parentheses. */
function layOut(sql: string, width: number): string[] {
  const text = sql.trim();
  if (text.length <= width || text.includes("\n")) return text.split("\n");
  const lines: string[] = [];
  let [line, depth, previous] = ["", 0, ""];
  for (const [token] of text.matchAll(TOKEN)) {
    const word = token.toLowerCase();
    if (token === "(") depth++;
    if (token === ")") depth--;
    if (depth === 0 && CLAUSES.has(word) && line.trim() !== "" && !JOINED.has(previous)) {
      if (word !== "on" && word !== "using" || line.trim().length > width) {
        lines.push(line.trimEnd());
        line = INDENTED.has(word) ? "  " : "";
      }
    }
    line += token;
    if (token.trim() !== "") previous = word;
  }
  lines.push(line.trimEnd());
  return lines.flatMap((long) => wrap(long, width));
}

/** Breaks a line that is still too long after a comma or before AND and OR, with an indent. */
function wrap(line: string, width: number): string[] {
  const lines: string[] = [];
  let current = "";
  for (const part of line.split(/(?<=, )(?=\S)| (?=(?:AND|OR) )/)) {
    const joined = current === "" || current.endsWith(" ") ? current + part : `${current} ${part}`;
    if (joined.trimEnd().length > width && current.trim() !== "") {
      lines.push(current.trimEnd());
      current = `    ${part}`;
    } else current = joined;
  }
  lines.push(current.trimEnd());
  return lines;
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
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}
