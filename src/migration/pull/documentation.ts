/**
 * Comments in sources.
 *
 * @module
 */

/** A text as a doc comment, with the end of its last line. */
export function documentation(text: string, indent: number): string {
  const pad = " ".repeat(indent);
  const lines = text.replaceAll("*/", "*\\/").split(/\r\n|[\n\r\u2028\u2029]/)
    .map((line) => line.replaceAll(/[\t\v\f\0]/g, " ").trimEnd());
  if (lines.length === 1) return `${pad}/** ${lines[0]!.trim()} */\n`;
  const inner = lines.map((line) => `${pad} *${line === "" ? "" : ` ${line}`}\n`);
  return `${pad}/**\n${inner.join("")}${pad} */\n`;
}

/** A text as lines of a comment. */
export function remark(text: string): string {
  return text.split(/\r\n|[\n\r\u2028\u2029]/)
    .map((line) => `//${line.trim() === "" ? "" : ` ${line.trimEnd()}`}\n`).join("");
}
