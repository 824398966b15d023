/**
 * Questions: asked only where somebody can answer.
 *
 * @module
 */
import type { Context } from "./context.ts";
import { StoppedError } from "./exit.ts";

/**
 * Asks for a text.
 *
 * @param fallback what an empty answer means
 * @throws {StoppedError} when the input ends
 */
export async function ask(context: Context, question: string, fallback = ""): Promise<string> {
  const shown = fallback === "" ? question : `${question} (${fallback})`;
  const answer = await context.readLine(`${shown}: `);
  if (answer === undefined) throw new StoppedError("Stopped: nothing was changed");
  return answer.trim() || fallback;
}

/** Asks a question of yes or no; an empty answer is no. */
export async function confirm(context: Context, question: string): Promise<boolean> {
  for (;;) {
    const answer = (await ask(context, `${question} [y/N]`)).toLowerCase();
    if (/^(y|yes)$/.test(answer)) return true;
    if (/^(n|no)?$/.test(answer)) return false;
  }
}
