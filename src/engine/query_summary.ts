/**
 * What a statement does, in few words: `SELECT posts users`, as OpenTelemetry's conventions ask for.
 *
 * @module
 */
import { type Token, wordsOf } from "./sql_tokens.ts";

/** The parts of a statement that say what it does, in their order. */
export interface SummaryPart {
  /** An operation, such as `SELECT`, or what it is done to, such as `users`. */
  readonly kind: "operation" | "target";
  /** As the statement has it. */
  readonly text: string;
}

const LONGEST = 255;
/** Operations wherever they stand; any other is one only as the first word. */
const OPERATIONS = new Set(["select", "insert", "update", "delete", "merge"]);
/** Before these words an operation's name is part of a clause: `DO UPDATE`, `FOR UPDATE`, `ON DELETE`. */
const CLAUSE_BEFORE = new Set(["do", "for", "key", "on", "then"]);
const DEFINITIONS = new Set(["create", "drop", "alter", "truncate"]);
const OBJECTS = new Set(["table", "index", "view", "schema", "type", "sequence", "trigger"]);
const NOISE = new Set(["if", "not", "exists", "only", "concurrently", "lateral", "table"]);
const SOURCES = new Set(["from", "join", "using"]);
const DIRECT = new Set(["into", "update", "copy", "call"]);
/** Words that end a list of tables. */
const AFTER_SOURCES = new Set(
  "where group having order limit offset union intersect except window returning set on for".split(
    " ",
  ),
);

/** What is open at one depth of parentheses. */
interface Level {
  /** It is a statement, not a list or a function's arguments. */
  readonly statement: boolean;
  /** A comma leads to one more table. */
  sources: boolean;
}

/** Takes the operations and their targets from a statement. */
export function summaryParts(sql: string): SummaryPart[] {
  const words = wordsOf(sql);
  const first = words[0]?.text.toLowerCase() ?? "";
  if (DEFINITIONS.has(first)) return definition(words);
  const common = commonTables(words);
  const parts: SummaryPart[] = [];
  const levels: Level[] = [{ statement: true, sources: false }];
  for (let at = 0; at < words.length; at++) {
    const { kind, text } = words[at]!;
    const word = text.toLowerCase();
    const before = words[at - 1]?.text.toLowerCase() ?? "";
    if (text === "(") levels.push({ statement: opensStatement(words[at + 1]), sources: false });
    if (text === ")" && levels.length > 1) levels.pop();
    const level = levels.at(-1)!;
    if (isOperation(kind, word, before)) parts.push({ kind: "operation", text });
    if (AFTER_SOURCES.has(word)) level.sources = false;
    if (!leadsToTarget(word, before, level, first)) continue;
    level.sources = SOURCES.has(word) || text === ",";
    const target = qualified(words, at + 1);
    if (target === undefined || common.has(target.text.toLowerCase())) continue;
    const called = words[target.end]?.text === "(" && level.sources;
    if (!called) parts.push({ kind: "target", text: target.text });
    at = target.end - 1;
  }
  return parts;
}

function isOperation(kind: Token["kind"], word: string, before: string): boolean {
  if (kind !== "word") return false;
  if (before === "" || before === ";") return word !== "with";
  return OPERATIONS.has(word) && !CLAUSE_BEFORE.has(before);
}

function leadsToTarget(word: string, before: string, level: Level, first: string): boolean {
  if (!level.statement) return false;
  if (word === ",") return level.sources;
  if (SOURCES.has(word)) return before !== "distinct" && first !== "copy";
  return DIRECT.has(word) && !CLAUSE_BEFORE.has(before);
}

function opensStatement(word: Token | undefined): boolean {
  const text = word?.text.toLowerCase() ?? "";
  return OPERATIONS.has(text) || text === "with" || text === "(";
}

/** `CREATE UNIQUE INDEX IF NOT EXISTS i` is `CREATE INDEX` and `i`. */
function definition(words: readonly Token[]): SummaryPart[] {
  const operation = words[0]!.text;
  const at = words.findIndex(({ text }) => OBJECTS.has(text.toLowerCase()));
  const name = qualified(words, at < 0 ? 1 : at + 1);
  const object = words[at];
  return [
    { kind: "operation", text: object ? `${operation} ${object.text}` : operation },
    ...name ? [{ kind: "target", text: name.text } as const] : [],
  ];
}

/** Names that `WITH` gives: they are no tables. */
function commonTables(words: readonly Token[]): ReadonlySet<string> {
  const names = words.filter((_, at) => {
    const [next, open] = [words[at + 1], words[at + 2]].map((each) => each?.text.toLowerCase());
    return next === "as" && (open === "(" || open === "materialized" || open === "not");
  });
  return new Set(names.map(({ text }) => text.toLowerCase()));
}

/** A name with those it is qualified by, and where it ends. */
function qualified(
  words: readonly Token[],
  from: number,
): { readonly text: string; readonly end: number } | undefined {
  let at = from;
  while (NOISE.has(words[at]?.text.toLowerCase() ?? "")) at++;
  const isName = () => words[at]?.kind === "name" || words[at]?.kind === "word";
  if (!isName() || OPERATIONS.has(words[at]!.text.toLowerCase())) return undefined;
  let text = words[at++]!.text;
  while (words[at]?.text === "." && at + 1 < words.length) {
    text += `.${words[at + 1]!.text}`;
    at += 2;
  }
  return { text, end: at };
}

/** The summary, at most 255 characters long. */
export function querySummary(sql: string): string {
  let summary = "";
  for (const { text } of summaryParts(sql)) {
    const longer = summary === "" ? text : `${summary} ${text}`;
    if (longer.length > LONGEST) break;
    summary = longer;
  }
  return summary;
}

/** The tables that a statement names, without schema and quotes. */
export function tablesOf(sql: string): string[] {
  return summaryParts(sql).filter(({ kind }) => kind === "target").map(({ text }) => {
    const name = /(?:"(?:[^"]|"")*"|[^."]+)$/.exec(text)?.[0] ?? text;
    return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
  });
}
