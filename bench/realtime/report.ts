/**
 * What the benchmark of live data found, as JSON or as a table.
 *
 * @module
 */
import { stripVTControlCharacters, styleText } from "node:util";
import type { Summary } from "../statistics.ts";

/** A figure, and what it is counted in. */
export interface Figure {
  readonly value: Summary;
  /** `/s`, `ms`, `kB`, `MB`, `%`, `×`; a sign before it says that it is a difference. */
  readonly unit: string;
}

/** One row of the table. */
export interface Row {
  readonly title: string;
  /** What the same takes by hand. */
  readonly floor?: Figure;
  /** What it took. */
  readonly measured: Figure;
  /** How the two compare. */
  readonly relation?: Figure;
  /** What the relation, or else what was measured, has to reach. */
  readonly bar?: { readonly atMost: number } | { readonly atLeast: number };
}

/** Everything that a run found. */
export interface Report {
  readonly rows: readonly Row[];
  /** When it began, in ISO form. */
  readonly date: string;
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** Whether the row's bar is reached; undefined where there is none. */
export function reaches({ bar, relation, measured }: Row): boolean | undefined {
  if (bar === undefined) return undefined;
  const { median } = (relation ?? measured).value;
  return "atMost" in bar ? median <= bar.atMost : median >= bar.atLeast;
}

/** The table for a terminal. */
export function formatReport(report: Report): string {
  const lines = report.rows.map((row) => cellsOf(row, true));
  const head = titles.map((name) => styleText("bold", name));
  return [layOut([head, ...lines]), "", ...notes(report)].join("\n");
}

/** The table for a page of documentation. */
export function formatMarkdown(report: Report): string {
  const rule = titles.map((_, at) => at === 0 ? "---" : "--:");
  const lines = [titles, rule, ...report.rows.map((row) => cellsOf(row, false))];
  return [...lines.map((cells) => `| ${cells.join(" | ")} |`), "", notes(report).join(" ")]
    .join("\n");
}

const titles = ["", "bar", "by hand", "Rex-ORM", "relation"];

function cellsOf(row: Row, colours: boolean): string[] {
  const { title, floor, measured, relation, bar } = row;
  const judged = relation ?? measured;
  const reached = reaches(row);
  const mark = (text: string, figure: Figure) => {
    if (reached === undefined || figure !== judged) return text;
    const marked = `${reached ? "✓" : "✗"} ${text}`;
    return colours ? styleText(reached ? "green" : "red", marked) : marked;
  };
  return [
    title,
    bar === undefined
      ? ""
      : "atMost" in bar
      ? `≤ ${amount(bar.atMost, judged.unit)}`
      : `≥ ${amount(bar.atLeast, judged.unit)}`,
    floor ? text(floor) : "",
    mark(text(measured), measured),
    relation ? mark(text(relation), relation) : "",
  ];
}

function text({ value: { median, low, high }, unit }: Figure): string {
  const spread = high === low ? "" : ` ±${number((high - low) / 2)}`;
  const sign = unit.startsWith("+") && median >= 0 ? "+" : "";
  return `${sign}${number(median)}${spread}${unitText(unit)}`;
}

function amount(value: number, unit: string): string {
  return `${number(value)}${unitText(unit)}`;
}

function unitText(unit: string): string {
  const bare = unit.replace(/^\+/, "");
  return bare === "/s" ? bare : ` ${bare}`;
}

/** Three digits at the least, and thousands apart. */
function number(value: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1000) return String(value);
  if (size < 9.995) return value.toFixed(2);
  if (size < 99.95) return value.toFixed(1);
  return Math.round(value).toLocaleString("en");
}

function notes({ machine, date, versions }: Report): string[] {
  return [
    "Medians, ± half the range in which the middle half of the measurements lies.",
    `${machine}, ${date}.`,
    `${Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", ")}.`,
  ];
}

function layOut(lines: readonly (readonly string[])[]): string {
  const widths = lines[0]!.map((_, at) => Math.max(...lines.map((line) => widthOf(line[at]!))));
  return lines
    .map((line) =>
      line.map((text, at) => {
        const space = " ".repeat(widths[at]! - widthOf(text));
        return at === 0 ? text + space : space + text;
      }).join("  ").trimEnd()
    )
    .join("\n");
}

function widthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}
