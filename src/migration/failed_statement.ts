/**
 * Shows where in a statement the database found a fault.
 *
 * @module
 */
import type { DatabaseError } from "../base/errors.ts";

const linesAround = 2;

/** The lines around the fault with a mark below it; the first lines where the place is not known. */
export function failedStatement({ query, position }: DatabaseError): string {
  if (query === undefined) return "";
  const lines = query.split("\n");
  if (position === undefined) {
    const shown = lines.slice(0, 2 * linesAround + 1);
    return indented([...shown, ...lines.length > shown.length ? ["…"] : []]);
  }
  // Positions count characters, not UTF-16 units.
  const before = [...query].slice(0, position - 1).join("");
  const line = before.split("\n").length - 1;
  const column = before.length - (before.lastIndexOf("\n") + 1);
  const first = Math.max(line - linesAround, 0);
  const shown = lines.slice(first, line + linesAround + 1);
  shown.splice(
    line - first + 1,
    0,
    `${" ".repeat(column)}^ line ${line + 1}, column ${column + 1}`,
  );
  return indented(shown);
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `\n    ${line}`).join("");
}
