/**
 * Shows where in a statement the database found a fault.
 *
 * @module
 */
import type { DatabaseError } from "../base/errors.ts";

const linesAround = 2;

/** Where a statement stands in a file. */
export interface Place {
  /** The file. */
  readonly file: string;
  /** The line in which it begins, from 1. */
  readonly line: number;
  /** The column in which it begins, from 1. */
  readonly column: number;
}

/** The lines around the fault with a mark below it; the first lines where the fault's place is not known. */
export function failedStatement({ query, position }: DatabaseError, place?: Place): string {
  if (query === undefined) return "";
  const lines = query.split("\n");
  if (position === undefined) {
    const shown = lines.slice(0, 2 * linesAround + 1);
    return indented([
      ...place ? [`${place.file}, line ${place.line}:`] : [],
      ...shown,
      ...lines.length > shown.length ? ["…"] : [],
    ]);
  }
  // Positions count characters, not UTF-16 units.
  const before = [...query].slice(0, position - 1).join("");
  const line = before.split("\n").length - 1;
  const column = before.length - (before.lastIndexOf("\n") + 1);
  const first = Math.max(line - linesAround, 0);
  const shown = lines.slice(first, line + linesAround + 1);
  shown.splice(line - first + 1, 0, `${" ".repeat(column)}^ ${named(line, column, place)}`);
  return indented(shown);
}

/** The place in the file, where there is one. */
function named(line: number, column: number, place: Place | undefined): string {
  if (!place) return `line ${line + 1}, column ${column + 1}`;
  const first = line === 0 ? place.column : 1;
  return `${place.file}, line ${place.line + line}, column ${first + column}`;
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `\n    ${line}`).join("");
}
