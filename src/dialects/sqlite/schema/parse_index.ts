/**
 * Reads `CREATE INDEX` as SQLite keeps it. Grammar: https://www.sqlite.org/lang_createindex.html
 *
 * @module
 */
import type { IndexPart } from "../../../schema/table.ts";
import { type Token, TokenReader, tokens } from "./tokens.ts";

/** An index as it is written. */
export interface ParsedIndex {
  readonly unique: boolean;
  readonly parts: readonly IndexPart[];
  readonly where?: string;
}

/** Reads an index's definition. */
export function parseIndex(sql: string): ParsedIndex {
  const reader = new TokenReader(sql);
  const unique = reader.sees("CREATE", "UNIQUE");
  while (!reader.takes("ON")) if (reader.take() === undefined) break;
  reader.name();
  const body = reader.parenthesised();
  const where = reader.takes("WHERE") ? reader.rest() : undefined;
  return {
    unique,
    parts: splitAtCommas(body).map(parseIndexPart),
    ...where !== undefined && { where },
  };
}

function splitAtCommas(text: string): string[] {
  const reader = new TokenReader(text);
  const parts: string[] = [];
  let start = 0;
  let depth = 0;
  for (let token = reader.take(); token !== undefined; token = reader.take()) {
    if (token.kind !== "sign") continue;
    if (token.text === "(") depth++;
    if (token.text === ")") depth--;
    if (token.text !== "," || depth > 0) continue;
    parts.push(text.slice(start, token.start).trim());
    start = token.end;
  }
  return [...parts, text.slice(start).trim()];
}

function parseIndexPart(text: string): IndexPart {
  const words = tokens(text).filter(({ kind }) => kind !== "comment");
  const says = (at: number, ...those: readonly string[]) => {
    const token = words.at(at);
    return token?.kind === "word" && those.includes(token.text.toUpperCase());
  };
  const descending = says(-1, "DESC");
  if (says(-1, "ASC", "DESC") && words.length > 1) words.pop();
  const collation = words.length > 2 && says(-2, "COLLATE") && isSimple(words.slice(0, -2))
    ? words.splice(-2)[1]?.text
    : undefined;
  const [first] = words;
  const what = text.slice(first?.start, words.at(-1)?.end);
  // SQLite takes a string for a name here.
  const isColumn = words.length === 1 &&
    (first?.kind === "word" || first?.kind === "name" || first?.kind === "string");
  return {
    ...isColumn ? { column: first.text } : { sql: unwrapped(what) },
    ...collation !== undefined && { collation },
    ...descending && { direction: "desc" as const },
  };
}

/** Whether `COLLATE` behind it means all of it: a name, or what ends with the one pair of parentheses that it has. */
function isSimple(words: readonly Token[]): boolean {
  let depth = 0;
  const outside = words.filter(({ kind, text }) => {
    if (kind === "sign" && text === ")") depth--;
    const isOutside = depth === 0 && !(kind === "sign" && /[()]/.test(text));
    if (kind === "sign" && text === "(") depth++;
    return isOutside;
  });
  const opened = words.filter(({ kind, text }) => kind === "sign" && text === "(").length;
  return outside.length === 0 || outside.length === 1 && outside[0] === words[0] &&
      (opened === 0 ? words.length === 1 : words[1]?.text === "(");
}

/** An expression without the parentheses that stand around all of it. */
function unwrapped(text: string): string {
  if (!text.startsWith("(")) return text;
  const reader = new TokenReader(text);
  const inner = reader.parenthesised();
  return reader.peek() === undefined ? inner : text;
}
