/**
 * Reads `CREATE INDEX` as SQLite keeps it. Grammar: https://www.sqlite.org/lang_createindex.html
 *
 * @module
 */
import type { IndexPart } from "../../../schema/table.ts";
import { TokenReader } from "./tokens.ts";

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
  const direction = /\s+(ASC|DESC)$/i.exec(text);
  const ordered = direction ? text.slice(0, direction.index) : text;
  const collate = /\s+COLLATE\s+("(?:[^"]|"")*"|\w+)$/i.exec(ordered);
  const what = (collate ? ordered.slice(0, collate.index) : ordered).trim();
  const reader = new TokenReader(what);
  const first = reader.take();
  const isColumn = (first?.kind === "word" || first?.kind === "name") &&
    reader.peek() === undefined;
  return {
    ...isColumn ? { column: first.text } : { sql: unwrapped(what) },
    ...collate?.[1] !== undefined && { collation: collate[1].replaceAll('"', "") },
    ...direction?.[1]?.toUpperCase() === "DESC" && { direction: "desc" as const },
  };
}

/** An expression without the parentheses that stand around all of it. */
function unwrapped(text: string): string {
  if (!text.startsWith("(")) return text;
  const reader = new TokenReader(text);
  const inner = reader.parenthesised();
  return reader.peek() === undefined ? inner : text;
}
