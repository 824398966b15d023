/**
 * What the examples write: headings, code, statements and small tables, in colour where a terminal reads.
 *
 * @module
 */
import process from "node:process";
import { printQueries, type QueryEvent } from "@rex/orm";

/** Where an example writes to. */
export interface TerminalOptions {
  /** Takes text as it is. */
  readonly write: (text: string) => void;
  /** Whether ANSI colours are understood and wanted. */
  readonly color: boolean;
  /** Whether a line can be drawn again over itself. */
  readonly interactive: boolean;
  /** Columns. Default: 100. */
  readonly width?: number;
}

/** The standard output of this process: colours and redrawing only where a terminal reads. */
export function standardOutput(): TerminalOptions {
  const interactive = process.stdout.isTTY === true;
  return {
    write: (text) => void process.stdout.write(text),
    interactive,
    color: interactive && !Deno.noColor,
    width: process.stdout.columns,
  };
}

/** A value in a table. Numbers stand on the right. */
export type Cell = string | number | boolean | Date | null;

const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

/** The name of a colour or weight. */
export type Style = keyof typeof STYLES;

const BAR = 32;

/** Lays text out for a terminal of 80 to 100 columns. */
export class Terminal {
  readonly #options: TerminalOptions;
  readonly #width: number;
  #drawn = -1;

  /** Writes by `options.write` only. */
  constructor(options: TerminalOptions) {
    this.#options = options;
    this.#width = Math.max(60, Math.min(options.width ?? 100, 100));
  }

  /** Text in a colour, where there are colours. */
  style(text: string, ...styles: readonly Style[]): string {
    if (!this.#options.color || styles.length === 0) return text;
    return `\x1b[${styles.map((style) => STYLES[style]).join(";")}m${text}\x1b[0m`;
  }

  /** One line. */
  line(text = ""): void {
    this.#options.write(`${text}\n`);
  }

  /** The heading of a section. */
  heading(number: number, title: string): void {
    const label = ` ${String(number).padStart(2)}  ${title} `;
    const rule = "─".repeat(Math.max(0, this.#width - label.length));
    this.line();
    this.line(this.style(label, "bold") + this.style(rule, "dim"));
  }

  /** Source code, as it is written in the file. */
  code(lines: readonly string[]): void {
    for (const line of lines) this.line(`  ${line}`);
  }

  /** Statements, with their figures and where they came from. */
  statements(events: readonly QueryEvent[]): void {
    const { color } = this.#options;
    const write = (text: string) => this.line(text);
    const print = printQueries({ write, color, compact: true, width: this.#width });
    for (const event of events) print(event);
  }

  /** Rows below their headings; what does not fit is cut. */
  table(headings: readonly string[], rows: readonly (readonly Cell[])[]): void {
    const texts = rows.map((row) => row.map(shown));
    const right = headings.map((_, i) => rows.every((row) => isNumeric(row[i])));
    const widths = headings.map((heading, i) =>
      Math.max(heading.length, ...texts.map((row) => row[i]!.length))
    );
    fit(widths, this.#width - 2 - 2 * (widths.length - 1));
    const lay = (cells: readonly string[]): string =>
      cells.map((cell, i) => place(cell, widths[i]!, right[i]!)).join("  ").trimEnd();
    this.line(`  ${this.style(lay(headings), "dim")}`);
    for (const row of texts) this.line(`  ${lay(row)}`);
  }

  /** Names and what belongs to them, one a line. */
  facts(facts: Readonly<Record<string, Cell>>): void {
    const width = Math.max(...Object.keys(facts).map((name) => name.length));
    for (const [name, value] of Object.entries(facts)) {
      this.line(`  ${this.style(name.padEnd(width), "dim")}  ${shown(value)}`);
    }
  }

  /** An error as the library says it, hint included. */
  error(error: { readonly name: string; readonly code: string; readonly message: string }): void {
    this.line(`  ${this.style(error.name, "red")} ${this.style(error.code, "dim")}`);
    for (const line of error.message.split("\n")) this.line(`  ${line}`);
  }

  /** How far something is: a bar that is drawn again, or one line at the end where that is not possible. */
  progress(label: string, done: number, total: number, ended = false): void {
    const count = `${shown(done)} rows`;
    if (!this.#options.interactive) {
      if (ended) this.line(`  ${label}  ${count}`);
      return;
    }
    const filled = ended ? BAR : Math.min(BAR, Math.floor((done / total) * BAR));
    if (filled === this.#drawn && !ended) return;
    this.#drawn = filled;
    const bar = this.style("━".repeat(filled), "green") +
      this.style("━".repeat(BAR - filled), "dim");
    this.#options.write(`\r\x1b[2K  ${label}  ${bar}  ${count}${ended ? "\n" : ""}`);
  }
}

/** Takes from the widest column until a row fits. */
function fit(widths: number[], room: number): void {
  while (widths.reduce((sum, width) => sum + width, 0) > room) {
    const widest = widths.indexOf(Math.max(...widths));
    widths[widest]!--;
  }
}

function place(text: string, width: number, right: boolean): string {
  if (text.length > width) return `${text.slice(0, width - 1)}…`;
  return right ? text.padStart(width) : text.padEnd(width);
}

/** Numbers stand on the right, exact decimals among them; what is empty does not say. */
function isNumeric(value: Cell | undefined): boolean {
  return typeof value === "string"
    ? /^(?:-?\d+(?:\.\d+)?)?$/.test(value)
    : typeof value !== "boolean" && !(value instanceof Date);
}

function shown(value: Cell | undefined): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "number") return value.toLocaleString("en-US", { maximumFractionDigits: 1 });
  if (typeof value === "boolean") return value ? "yes" : "no";
  return value instanceof Date ? value.toISOString().slice(0, 10) : value;
}
