/**
 * Takes scripts apart into statements: at each semicolon that is not inside a string, a quoted name, a comment, a dollar quote
 * or the body of a function in SQL's own form.
 *
 * @module
 */

const token = new RegExp(
  [
    String.raw`--[^\n]*`,
    String.raw`\/\*`,
    String.raw`\*\/`,
    String.raw`[eE]'(?:[^'\\]|\\[\s\S]|'')*'`,
    String.raw`'(?:[^']|'')*'`,
    String.raw`"(?:[^"]|"")*"`,
    String.raw`\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$`,
    String.raw`[\p{L}_][\p{L}\p{N}_$]*`,
    String.raw`\d+`,
    ";",
  ].join("|"),
  "gu",
);

/** The statements of a script, without the semicolons; what is only space and comments is none. */
export function splitScript(script: string): string[] {
  const statements: string[] = [];
  let start = 0;
  let blank = true;
  let depth = 0;
  let before = "";
  const end = (at: number): void => {
    const text = script.slice(start, at).trim();
    if (!blank) statements.push(text);
    blank = true;
  };
  token.lastIndex = 0;
  let last = 0;
  for (let match = token.exec(script); match; match = token.exec(script)) {
    const [text] = match;
    if (script.slice(last, match.index).trim() !== "") blank = false;
    last = token.lastIndex;
    if (text.startsWith("--")) continue;
    if (text === "/*") {
      last = token.lastIndex = commentEnd(script, token.lastIndex);
    } else if (text === ";" && depth === 0) {
      end(match.index);
      start = token.lastIndex;
    } else {
      blank = false;
      if (text.startsWith("$")) {
        const close = script.indexOf(text, token.lastIndex);
        last = token.lastIndex = close < 0 ? script.length : close + text.length;
      }
      // BEGIN ATOMIC … END: the body of a function; CASE … END may stand inside it.
      if (/^atomic$/i.test(text) && /^begin$/i.test(before)) depth++;
      else if (depth > 0 && /^case$/i.test(text)) depth++;
      else if (depth > 0 && /^end$/i.test(text)) depth--;
      before = text;
    }
  }
  if (script.slice(last).trim() !== "") blank = false;
  end(script.length);
  return statements;
}

/** Comments may stand inside each other. */
function commentEnd(script: string, from: number): number {
  let depth = 1;
  for (let at = from; at < script.length;) {
    const open = script.indexOf("/*", at);
    const close = script.indexOf("*/", at);
    if (close < 0) return script.length;
    if (open >= 0 && open < close) {
      depth++;
      at = open + 2;
    } else {
      at = close + 2;
      if (--depth === 0) return at;
    }
  }
  return script.length;
}
