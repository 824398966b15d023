/**
 * Rows as tables of plain characters, and as CSV.
 *
 * @module
 */
import { hexOf, toJson } from "./output.ts";

/** The widest that a column of a table gets. */
const widest = 60;

/** Rows of texts in columns that align, two spaces apart, without lines. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => widths[i] = Math.max(widths[i] ?? 0, widthOf(cell)));
  }
  return rows.map((row) => row.map((cell, i) => padded(cell, widths[i]!)).join("  ").trimEnd());
}

/** A table with its names on top; numbers stand on the right. */
export function table(names: readonly string[], rows: readonly (readonly unknown[])[]): string[] {
  const texts = rows.map((row) => row.map((value) => cell(value)));
  const widths = names.map((name, i) =>
    Math.max(widthOf(name), ...texts.map((row) => widthOf(row[i]!)))
  );
  const right = names.map((_, i) =>
    rows.length > 0 &&
    rows.every((row) => row[i] === null || ["number", "bigint"].includes(typeof row[i]))
  );
  const line = (row: readonly string[]): string =>
    row.map((text, i) => padded(text, widths[i]!, right[i])).join(" | ").trimEnd();
  return [line(names), widths.map((width) => "-".repeat(width)).join("-+-"), ...texts.map(line)];
}

/** Rows as CSV: quoted as RFC 4180 has it, lines end as on Unix, NULL is nothing at all. */
export function csv(names: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const quoted = (text: string): string =>
    /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const line = (row: readonly string[]): string => row.map(quoted).join(",");
  const texts = rows.map((row) => row.map((value) => value === null ? "" : textOf(value)));
  return [names, ...texts].map(line).join("\n");
}

/** A value as text. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return "NULL";
  if (value instanceof Date) return value.toJSON() ?? "invalid";
  if (value instanceof Uint8Array) return hexOf(value);
  if (typeof value === "object") return toJson(value, 0);
  return String(value);
}

function cell(value: unknown): string {
  const text = textOf(value).replace(
    /\p{Cc}/gu,
    (sign) => sign === "\n" ? "\\n" : sign === "\t" ? "\\t" : "?",
  );
  return widthOf(text) > widest ? `${[...text].slice(0, widest - 1).join("")}…` : text;
}

/** Columns of a terminal: wide characters (East Asian, emoji) take two. */
function widthOf(text: string): number {
  let width = 0;
  for (const sign of text) {
    if (/\p{Mark}/u.test(sign)) continue;
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]|\p{Emoji_Presentation}/u
          .test(sign)
        ? 2
        : 1;
  }
  return width;
}

function padded(text: string, width: number, right = false): string {
  const space = " ".repeat(Math.max(width - widthOf(text), 0));
  return right ? space + text : text + space;
}
