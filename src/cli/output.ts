/**
 * What commands write: lines for people, or one JSON document for programs.
 *
 * @module
 */
import type { Context } from "./context.ts";

/** ANSI codes; `styleText()` of `node:util` does the same, and loading that takes longer than `--help`. */
const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;

/** How a text stands out. */
export type Style = keyof typeof codes;

/** Writes for people or for programs. */
export class Output {
  readonly #context: Context;
  readonly #json: boolean;

  /** Writes to the context's streams; `json`: only what `result` is given. */
  constructor(context: Context, json: boolean) {
    this.#context = context;
    this.#json = json;
  }

  /** Whether a program reads. */
  get json(): boolean {
    return this.#json;
  }

  /** Writes a line for people. */
  line(text = ""): void {
    if (!this.#json) this.#context.stdout.write(`${text}\n`);
  }

  /** Writes a line for people beside what was asked for. */
  note(text: string): void {
    if (!this.#json) this.#context.stderr.write(`${text}\n`);
  }

  /** Writes text as it is: what is piped into other programs. */
  raw(text: string): void {
    this.#context.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
  }

  /** Writes the JSON document. */
  result(value: unknown): void {
    if (this.#json) this.#context.stdout.write(`${toJson(value)}\n`);
  }

  /** Gives text a style, where standard output is a terminal that wants it. */
  paint(style: Style, text: string): string {
    return paint(this.#context, this.#context.stdout.isTerminal, style, text);
  }
}

/** Gives text a style, unless `NO_COLOR` is set or nobody would see it. */
export function paint(
  { env }: Pick<Context, "env">,
  isTerminal: boolean,
  style: Style,
  text: string,
): string {
  const forced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== "" && env.FORCE_COLOR !== "0";
  const wanted = !env.NO_COLOR && env.TERM !== "dumb" && (isTerminal || forced);
  return wanted ? `\x1b[${codes[style]}m${text}\x1b[0m` : text;
}

/** JSON, with what it has no form for as text: 64-bit integers, bytes in hexadecimal. */
export function toJson(value: unknown, indent = 2): string {
  return JSON.stringify(value, (_key, each) => {
    if (typeof each === "bigint") return String(each);
    return each instanceof Uint8Array ? hexOf(each) : each;
  }, indent);
}

/** Bytes as `\x0aff`. */
export function hexOf(bytes: Uint8Array): string {
  return `\\x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
