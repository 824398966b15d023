/**
 * What has to be known of a statement's text before SQLite sees it: its parameters, and whether it reads,
 * writes, or steers a transaction. One pass over the tokens; strings, names and comments are skipped.
 *
 * @module
 */
import { QueryError } from "../../base/errors.ts";

/** What the scan of a statement's text finds. Frozen. */
export interface StatementText {
  /** The text with `?` for every parameter. */
  readonly sql: string;
  /** For each `?` the place of its value (from 0), or `null` where they are just 0, 1, 2, …. */
  readonly order: readonly number[] | null;
  /** How many values the statement takes. */
  readonly count: number;
  /** Whether it only reads. */
  readonly reads: boolean;
  /** Whether it is a query that may stand in another's FROM. */
  readonly selects: boolean;
  /** Whether it inserts, updates or deletes, so that SQLite's count of changes is about it. */
  readonly changes: boolean;
  /** Whether it begins, ends or marks a transaction. */
  readonly controls: boolean;
  /** Whether it may change the schema, after which other statements' columns may differ. */
  readonly changesSchema: boolean;
}

const token =
  /'[^']*'|"[^"]*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|\/\*[^]*?(?:\*\/|$)|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|\?\d*|[$:@][A-Za-z0-9_\u0080-\uffff]+/g;

const writeWords = new Set(["insert", "update", "delete", "into"]);
const queryWords = new Set(["select", "values", "with"]);
const controlWords = new Set(["begin", "commit", "end", "rollback", "savepoint", "release"]);
const schemaWords = new Set(["create", "alter", "drop", "attach", "detach", "vacuum", "pragma"]);
/** The pragmas that never change anything, whatever their argument. */
const readPragmas = new Set([
  "table_info",
  "table_xinfo",
  "table_list",
  "index_list",
  "index_info",
  "index_xinfo",
  "foreign_key_list",
  "foreign_key_check",
  "compile_options",
  "database_list",
  "collation_list",
  "function_list",
  "integrity_check",
  "quick_check",
]);

/**
 * Scans a statement.
 *
 * @throws {QueryError} when it has named parameters, or both `?` and `$1`
 */
export function scanStatement(sql: string): StatementText {
  // SQLite would take it for the end.
  if (sql.includes("\0")) {
    throw new QueryError("Cannot run the statement: its text has a NUL character");
  }
  const words: string[] = [];
  const order: number[] = [];
  let numbered = false;
  let plain = false;
  let writes = false;
  const text = sql.replace(token, (found) => {
    const first = found.charCodeAt(0);
    if (first === 63 /* ? */ && found.length === 1) {
      plain = true;
      order.push(order.length);
    } else if (first === 36 || first === 63 || first === 58 || first === 64) {
      numbered = true;
      order.push(place(found));
      return "?";
    } else if (isWord(first)) {
      const word = found.toLowerCase();
      if (words.length < 3) words.push(word);
      writes ||= writeWords.has(word);
    }
    return found;
  });
  if (numbered && plain) {
    throw new QueryError("Cannot run the statement: it has both ? and $1 parameters", {
      hint: "Use one kind throughout",
    });
  }
  const [first = ""] = words;
  const selects = !writes && queryWords.has(first);
  return Object.freeze({
    sql: text,
    order: order.every((value, index) => value === index) ? null : Object.freeze(order),
    count: order.reduce((most, value) => Math.max(most, value + 1), 0),
    reads: first === "with" ? !writes : isRead(words),
    selects,
    changes: writes && !schemaWords.has(first),
    controls: controlWords.has(first),
    changesSchema: schemaWords.has(first),
  });
}

const blank = /--[^\n]*|\/\*[^]*?(?:\*\/|$)|[\s;]+/g;

/** Whether a text has nothing but spaces, comments and semicolons. */
export function isBlank(sql: string): boolean {
  return sql.replace(blank, "") === "";
}

function isWord(char: number): boolean {
  return char === 95 || char >= 128 || (char >= 65 && char <= 90) || (char >= 97 && char <= 122);
}

/** The place (from 0) that `$3` or `?3` names. */
function place(parameter: string): number {
  const number = Number(parameter.slice(1));
  if (Number.isInteger(number) && number >= 1 && /^[$?]/.test(parameter)) return number - 1;
  throw new QueryError(`Cannot run the statement: ${parameter} is a named parameter`, {
    hint: "Parameters are $1, $2, … or ?",
  });
}

function isRead([first, second = "", third = ""]: readonly string[]): boolean {
  switch (first) {
    case "select":
    case "values":
    case "explain":
      return true;
    case "pragma":
      return readPragmas.has(second === "main" ? third : second);
    default:
      return false;
  }
}
