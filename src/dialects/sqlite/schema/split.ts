/**
 * Takes scripts apart into statements, as SQLite's own shell does: a trigger has semicolons inside.
 *
 * @module
 */
import { tokens } from "./tokens.ts";

/** The statements of a script, without the last semicolons. */
export function splitScript(script: string): string[] {
  const statements: string[] = [];
  let start = 0;
  let words: string[] = [];
  let last = 0;
  // Inside a trigger's body: 1, and one more inside each CASE.
  let depth = 0;
  const end = (at: number): void => {
    if (words.length > 0) statements.push(script.slice(start, at).trim());
    words = [];
  };
  for (const token of tokens(script)) {
    if (token.kind === "comment") continue;
    last = token.end;
    const word = token.kind === "word" ? token.text.toUpperCase() : "";
    if (depth > 0) {
      if (word === "CASE") depth++;
      if (word === "END") depth--;
      continue;
    }
    if (token.kind === "sign" && token.text === ";") {
      end(token.start);
      start = token.end;
      continue;
    }
    words.push(word);
    if (word === "BEGIN" && words[0] === "CREATE" && words.slice(1, 4).includes("TRIGGER")) {
      depth = 1;
    }
  }
  end(last);
  return statements;
}
