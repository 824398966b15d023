/**
 * The report as a table, for a terminal or a page.
 *
 * @module
 */
import { stripVTControlCharacters, styleText } from "node:util";
import type { DriverName } from "./candidate.ts";
import { type Figure, reaches, type Report, type Row } from "./figures.ts";

const ours = "Rex-ORM";
const rawDrivers: ReadonlySet<string> = new Set<DriverName>([
  "node:sqlite",
  "better-sqlite3",
  "postgres.js",
  "pg",
]);

type Paint = (text: string, reached: boolean) => string;

/** Writes the table and what it was measured with, for a terminal. */
export function formatReport(report: Report): string {
  const paint: Paint = (text, reached) => styleText(reached ? "green" : "red", text);
  const [head, ...lines] = cellsOf(report.rows, paint);
  const bold = head!.map((name) => styleText("bold", name));
  return [layOut([bold, ...lines]), "", ...notes(report)].join("\n");
}

/** The same for a page of documentation. */
export function formatMarkdown(report: Report): string {
  const [head, ...lines] = cellsOf(report.rows, (text) => text);
  const rule = head!.map((_, at) => at === 0 ? "---" : "--:");
  const table = [head!, rule, ...lines].map((cells) => `| ${cells.join(" | ")} |`);
  return [...table, "", notes(report).join(" ")].join("\n");
}

function cellsOf(rows: readonly Row[], paint: Paint): string[][] {
  const names = candidatesOf(rows);
  const lines = rows.map((row) => [
    row.title,
    row.bar === undefined ? "" : `${row.better === "lower" ? "≤" : "≥"} ${row.bar}`,
    rawCell(row),
    ...names.map((name) => cell(row, row.figures.find((each) => each.candidate === name), paint)),
  ]);
  return [["", "bar", "raw", ...names], ...lines];
}

/** Ours first, then the peers in the order of their first row. */
function candidatesOf(rows: readonly Row[]): string[] {
  const found = rows.flatMap(({ figures }) => figures.map(({ candidate }) => candidate));
  return [...new Set([ours, ...found])].filter((name) => !rawDrivers.has(name));
}

/** How long the raw driver takes that ours runs on, since of ratios it is always 1. */
function rawCell({ figures, unit }: Row): string {
  const driver = figures.find(({ candidate }) => candidate === ours)?.driver;
  const raw = figures.find(({ candidate }) => candidate === driver);
  if (raw === undefined) return "";
  if (raw.seconds) return duration(raw.seconds.median);
  return `${round(raw.value.median)} ${unit}`;
}

function cell(row: Row, figure: Figure | undefined, paint: Paint): string {
  if (figure === undefined) return "–";
  const { median, low, high } = figure.value;
  const spread = high === low ? "" : ` ±${round((high - low) / 2)}`;
  const text = `${round(median)}${spread}`;
  if (figure.candidate !== ours) return text;
  const reached = reaches(row, figure);
  if (reached === undefined) return text;
  return paint(`${reached ? "✓" : "✗"} ${text}`, reached);
}

function notes({ rows, rounds, machine, date, versions }: Report): string[] {
  const driven = new Map<string, Set<string>>();
  for (const { candidate, driver } of rows.flatMap((row) => row.figures)) {
    if (rawDrivers.has(candidate)) continue;
    driven.set(candidate, (driven.get(candidate) ?? new Set()).add(driver));
  }
  const pairs = [...driven].map(([name, drivers]) => `${name} on ${[...drivers].join(" and ")}`);
  return [
    "Without a unit: throughput (CPU time: seconds) relative to the raw driver that the candidate runs on, in the",
    `same round; the median of ${rounds} rounds ± half the range in which the middle half of them lies.`,
    `Drivers: ${pairs.join("; ")}.`,
    `${machine}, ${date}.`,
    `${Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", ")}.`,
  ];
}

/** Three digits at the least: 0.95, 12.3, 254. */
function round(value: number): string {
  return value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}

function duration(seconds: number): string {
  if (seconds < 1e-3) return `${round(seconds * 1e6)} µs`;
  return `${round(seconds * 1e3)} ms`;
}

/** Columns as wide as their widest cell; the first to the left, the others to the right. */
function layOut(lines: readonly (readonly string[])[]): string {
  const widths = lines[0]!.map((_, at) => Math.max(...lines.map((line) => widthOf(line[at]!))));
  return lines
    .map((line) =>
      line.map((text, at) => {
        const space = " ".repeat(widths[at]! - widthOf(text));
        return at === 0 ? text + space : space + text;
      }).join("  ")
    )
    .join("\n");
}

function widthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}
