/**
 * A listener that prints statements to a terminal while a program is written.
 *
 * @module
 */
import type { QueryEvent, QueryListener } from "./query_event.ts";
import { layOut, packed } from "./query_layout.ts";
import {
  durationOf,
  highlighted,
  type Paint,
  painter,
  parametersOf,
  placeOf,
  rowsOf,
} from "./query_format.ts";

/** How statements are printed. */
export interface PrintQueriesOptions {
  /** Takes the text of one statement, without a line break at its end. Default: standard error. */
  readonly write?: (text: string) => void;
  /** Use ANSI colours. Default: where standard error is a terminal and `NO_COLOR` is not set. */
  readonly color?: boolean;
  /** Print parameter values too. Default: `false`. */
  readonly parameters?: boolean;
  /** Fill lines in place of one a clause, with the caller behind the last one. Default: `false`. */
  readonly compact?: boolean;
  /** Columns. Default: the terminal's, or 120. */
  readonly width?: number;
  /** Milliseconds from which on a duration stands out. Default: 100. */
  readonly slow?: number;
}

/** `999.99 ms` and ` 1000 rows`. */
const [DURATION, ROWS] = [9, 10];
const GUTTER = DURATION + ROWS + 2;
const NARROWEST = 60;

/**
 * Makes a listener that prints each statement: duration and rows in columns, the SQL laid out and coloured beside
 * them, and where it came from, with `captureCallers`.
 *
 * ```ts
 * import { printQueries, SQLiteAdapter } from "@rex/orm";
 *
 * await using db = new SQLiteAdapter(":memory:", { onQuery: printQueries(), captureCallers: true });
 * await db.execute("SELECT 1");
 * //  0.04 ms     1 row  SELECT 1
 * //                     at examples/print.ts:4:10
 * ```
 *
 * @param options colours and what is shown
 */
export function printQueries(options: PrintQueriesOptions = {}): QueryListener {
  const { write = console.error, slow = 100 } = options;
  const paint = painter(options.color ?? standardError().color);
  return (event) => {
    const width = Math.max(NARROWEST, options.width ?? standardError().columns ?? 120);
    const room = width - GUTTER;
    const plain = options.compact ? packed(event.sql, room) : layOut(event.sql, room);
    const lines = highlighted(plain, paint);
    if (options.parameters && event.parameters.length > 0) {
      lines.push(paint(`-- ${parametersOf(event)}`, "dim"));
    }
    if (event.caller !== undefined) {
      const place = `at ${placeOf(event.caller, options.compact)}`;
      const left = room - (plain.at(-1)?.length ?? 0) - 2;
      const behind = options.compact && lines.length === plain.length && place.length <= left;
      const before = behind ? `${lines.pop()}  ` : "";
      lines.push(before + paint(place, "dim"));
    }
    const first = figuresOf(event, slow, paint);
    write(lines.map((line, i) => (i === 0 ? first : " ".repeat(GUTTER)) + line).join("\n"));
  };
}

function figuresOf(event: QueryEvent, slow: number, paint: Paint): string {
  const duration = durationOf(event).padStart(DURATION);
  const rows = (event.error === undefined ? rowsOf(event) : "failed").padStart(ROWS);
  return paint(duration, event.duration >= slow ? "slow" : "dim") +
    paint(rows, event.error === undefined ? "dim" : "error") + "  ";
}

/** What is known of a terminal. */
interface TerminalFacts {
  readonly color: boolean;
  readonly columns: number | undefined;
}

/** The parts of the runtimes that are asked. */
interface Runtime {
  readonly Deno?: { readonly noColor: boolean };
  readonly process?: {
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly stderr?: { readonly isTTY?: boolean; readonly columns?: number };
  };
}

function standardError(): TerminalFacts {
  const { Deno: deno, process } = globalThis as Runtime;
  const terminal = process?.stderr?.isTTY === true;
  // Deno tells without asking for the permission to read the environment.
  const color = terminal && !(deno ? deno.noColor : process?.env.NO_COLOR);
  return { color, columns: terminal ? process?.stderr?.columns : undefined };
}
