/**
 * Prints the questions and their answers.
 *
 * @module
 */
import type { Terminal } from "../terminal.ts";
import { type Line, type Question, questions } from "./questions.ts";
import type { OpenStore } from "./store.ts";

/** A longer answer is cut to so many lines. */
const [WHOLE, CUT] = [10, 6];

/** What a store answers. */
export interface Answers {
  /** One answer for each question, in order. */
  readonly answers: readonly (readonly Line[])[];
  /** How many statements that took, and how long. */
  readonly figures: string;
}

const all: readonly Question[] = Object.values(questions);

/** Asks a store every question. */
export async function askStore(store: OpenStore): Promise<Answers> {
  let statements = 0;
  const stop = store.db.onQuery(() => statements++);
  const start = performance.now();
  const answers: Line[][] = [];
  for (const question of all) answers.push(await question.ask(store.db, store.models));
  stop();
  const time = (performance.now() - start).toFixed(0);
  return { answers, figures: `${statements} statements, ${time} ms` };
}

/** Prints every question with what a store answers. */
export function printAnswers(store: OpenStore, { answers, figures }: Answers, out: Terminal): void {
  out.line();
  out.line(`  ${out.style("Chinook", "bold")}  a music store, on ${store.name} (${figures})`);
  for (const [index, question] of all.entries()) {
    const lines = answers[index]!;
    const shown = lines.length > WHOLE ? lines.slice(0, CUT) : lines;
    out.heading(index + 1, question.text);
    out.table(question.columns, shown);
    const rest = (lines.length - shown.length).toLocaleString("en-US");
    if (rest !== "0") out.line(out.style(`  … and ${rest} more`, "dim"));
  }
}

/** Says whether another store gives the same answers. */
export function printComparison(
  store: OpenStore,
  answers: Answers,
  before: Answers,
  out: Terminal,
): void {
  const same = JSON.stringify(answers.answers) === JSON.stringify(before.answers);
  const verdict = same ? out.style("the same answers", "green") : out.style("other answers", "red");
  out.line();
  out.line(`  ${out.style(store.name, "bold")} gives ${verdict} (${answers.figures})`);
}
