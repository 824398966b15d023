/**
 * Lays SQL out for reading: a line for each clause, and a block for each sub-select that does not fit on its line.
 *
 * @module
 */
import { visible } from "../base/visible.ts";
import { type Token, tokensOf } from "./sql_tokens.ts";

/** A token, or a pair of parentheses with what is in it. */
interface Word {
  readonly text: string;
  /** Whether there was space before it. */
  readonly spaced: boolean;
  readonly inner?: Word[];
}

/** Words that begin a line of their own in a long statement. */
const CLAUSES = new Set(
  ("select from where group having order limit offset union intersect except returning values set " +
    "join inner left right full cross window").split(" "),
);
const INDENTED = new Set(["join", "inner", "left", "right", "full", "cross"]);
/** Words that a clause word goes on from: `LEFT JOIN`, `DELETE FROM`, `DO UPDATE SET`, `IS DISTINCT FROM`. */
const JOINED = new Set(
  "inner left right full cross outer lateral natural delete update distinct".split(" "),
);
/** Begin a clause after the parentheses of `WITH`. */
const AFTER_WITH = new Set(["insert", "update", "delete"]);
const CONTINUED = 4;
const NESTED = 2;

/**
 * The lines of a statement. One that fits stays on one line; one that was laid out by hand stays as it is.
 *
 * @param width in characters; a line is longer where it cannot be broken
 */
export function layOut(sql: string, width: number): string[] {
  const text = visible(sql).trim();
  if (text.length <= width || text.includes("\n")) return text.split("\n");
  const tokens = tokensOf(text);
  return isBalanced(tokens) ? block(wordsIn(tokens.values()), width) : [text];
}

/** The lines of a statement in as few as fit the width, broken between words. */
export function packed(sql: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of unbroken(tokensOf(visible(sql).trim()))) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && longer.length > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

/** What stands between spaces; a literal is one with those in it. */
function unbroken(tokens: readonly Token[]): string[] {
  const words = [""];
  for (const { kind, text } of tokens) {
    if (kind === "space") words.push("");
    else words[words.length - 1] += text;
  }
  return words.filter((word) => word !== "");
}

/** Whether each parenthesis has its other half: text that failed may lack one. */
function isBalanced(tokens: readonly Token[]): boolean {
  let depth = 0;
  for (const { text } of tokens) {
    if (text === "(") depth++;
    if (text === ")" && --depth < 0) return false;
  }
  return depth === 0;
}

/** Reads up to the end or to the parenthesis that closes. */
function wordsIn(tokens: Iterator<Token>): Word[] {
  const words: Word[] = [];
  let spaced = false;
  for (let next = tokens.next(); !next.done; next = tokens.next()) {
    const { kind, text } = next.value;
    if (kind === "space") {
      spaced = true;
      continue;
    }
    if (text === ")") return words;
    words.push({ text, spaced, ...text === "(" && { inner: wordsIn(tokens) } });
    spaced = false;
  }
  return words;
}

function flat(words: readonly Word[]): string {
  return words.map(({ text, spaced, inner }, i) =>
    `${spaced && i > 0 ? " " : ""}${text}${inner ? `${flat(inner)})` : ""}`
  ).join("");
}

/** A statement, or a list in parentheses: a line for each clause. */
function block(words: readonly Word[], width: number): string[] {
  if (flat(words).length <= width) return [flat(words)];
  return clausesOf(words).flatMap((clause) => {
    const by = INDENTED.has(clause[0]!.text.toLowerCase()) ? NESTED : 0;
    return indented(filled(clause, width - by), by);
  });
}

function clausesOf(words: readonly Word[]): Word[][] {
  const clauses: Word[][] = [];
  words.forEach((word, i) => {
    const begins = i === 0 || beginsClause(word, words[i - 1]!, words[i + 1]);
    if (begins) clauses.push([word]);
    else clauses.at(-1)!.push(word);
  });
  return clauses;
}

function beginsClause(word: Word, before: Word, after: Word | undefined): boolean {
  const text = word.text.toLowerCase();
  if (text === "on") return after?.text.toLowerCase() === "conflict";
  if (AFTER_WITH.has(text)) return before.inner !== undefined;
  return CLAUSES.has(text) && after?.inner?.length !== 0 && !isFunction(word, after) &&
    !JOINED.has(before.text.toLowerCase());
}

/** `left(name, 3)` is no join. */
function isFunction({ text }: Word, after: Word | undefined): boolean {
  return after?.inner !== undefined && !after.spaced && text.toLowerCase() !== "values";
}

/** Fills lines with the parts of a clause; all but the first are set in. */
function filled(clause: readonly Word[], width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const part of partsOf(clause)) {
    const text = flat(part);
    const longer = line === "" ? text : `${line} ${text}`;
    if (longer.trimStart().length <= width - (lines.length === 0 ? 0 : CONTINUED)) {
      line = longer;
      continue;
    }
    if (line !== "") lines.push(line);
    const by = lines.length === 0 ? 0 : CONTINUED;
    const broken = text.length <= width - by ? [text] : opened(part, width - by);
    lines.push(...indented(broken, by));
    line = lines.pop()!;
  }
  return [...lines, line];
}

/** Cuts a clause after commas and before AND and OR; the AND of BETWEEN is none. */
function partsOf(clause: readonly Word[]): Word[][] {
  const parts: Word[][] = [[]];
  let between = false;
  for (const word of clause) {
    const text = word.text.toLowerCase();
    const joins = text === "or" || (text === "and" && !between);
    if (text === "between") between = true;
    else if (text === "and") between = false;
    if (joins && parts.at(-1)!.length > 0) parts.push([]);
    parts.at(-1)!.push(word);
    if (text === ",") parts.push([]);
  }
  return parts.filter((part) => part.length > 0);
}

/** Opens the largest parentheses of a part that is too long. */
function opened(part: readonly Word[], width: number): string[] {
  const sizes = part.map(({ inner }) => inner === undefined ? 0 : flat(inner).length);
  const at = sizes.indexOf(Math.max(...sizes));
  const { inner } = part[at]!;
  if (inner === undefined || inner.length < 2) return [flat(part)];
  const head = flat([...part.slice(0, at), { ...part[at]!, inner: [] }]).slice(0, -1);
  const rest = part.slice(at + 1);
  const tail = `)${rest[0]?.spaced ? " " : ""}${flat(rest)}`;
  return [head, ...indented(block(inner, width - NESTED), NESTED), tail];
}

function indented(lines: readonly string[], by: number): string[] {
  return lines.map((line) => " ".repeat(by) + line);
}
