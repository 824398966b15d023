/**
 * Prints the questions and their answers.
 *
 * @module
 */
import { Terminal, type TerminalOptions } from "../terminal.ts";
import { type Question, questions } from "./questions.ts";
import type { OpenStore } from "./store.ts";

/** How many lines of an answer are shown. */
const SHOWN = 6;

/** Asks a store every question and prints what it answers. */
export async function printStore(store: OpenStore, options: TerminalOptions): Promise<void> {
  const out = new Terminal(options);
  out.line();
  out.line(`  ${out.style("Chinook", "bold")}  a music store, on ${store.name}`);
  let statements = 0;
  const stop = store.db.onQuery(() => statements++);
  const start = performance.now();
  const all: readonly Question[] = Object.values(questions);
  for (const [index, question] of all.entries()) {
    const lines = await question.ask(store.db, store.models);
    out.heading(index + 1, question.text);
    out.table(question.columns, lines.slice(0, SHOWN));
    if (lines.length > SHOWN) {
      out.line(out.style(`  … and ${(lines.length - SHOWN).toLocaleString("en-US")} more`, "dim"));
    }
  }
  stop();
  const time = `${(performance.now() - start).toFixed(0)} ms`;
  out.line();
  out.line(out.style(`  ${all.length} questions, ${statements} statements, ${time}`, "dim"));
}
