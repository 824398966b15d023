/**
 * Reads a TypeScript file just far enough to tell its code from its comments and strings.
 *
 * @module
 */

/** A string literal of a source file, or a template literal without substitutions. */
export interface Literal {
  /** Where its opening quote stands. */
  readonly start: number;
  /** The text between the quotes, as written. */
  readonly value: string;
}

/** A source file whose strings and comments can no longer be mistaken for code. */
export interface SourceText {
  /** The code with comments, and all between quotes, replaced by spaces: same length, same lines. */
  readonly code: string;
  /** Every string literal in order. */
  readonly literals: readonly Literal[];
}

const BEFORE_REGEX =
  /(?:^|[(,=:[!&|?{};+\-*%~^<>]|\b(?:return|typeof|case|in|of|do|else|void|yield|await))\s*$/;

/** Splits a file into its code and its string literals. */
export function readSource(text: string): SourceText {
  return new Scanner(text).scan();
}

/** The line, counted from 1, of a place in a text. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

class Scanner {
  readonly #text: string;
  readonly #code: string[];
  readonly #literals: Literal[] = [];
  #at = 0;
  #lastCode = "";

  constructor(text: string) {
    this.#text = text;
    this.#code = text.split("");
  }

  scan(): SourceText {
    this.#scanCode(false);
    return { code: this.#code.join(""), literals: this.#literals };
  }

  /** Reads code up to the end of the file or of the `${…}` that it stands in. */
  #scanCode(inTemplate: boolean): void {
    let depth = 0;
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at]!;
      if (char === "{") depth++;
      if (char === "}" && inTemplate && depth-- === 0) return;
      if (char === "}" && !inTemplate) depth--;
      this.#scanToken(char);
    }
  }

  #scanToken(char: string): void {
    const two = this.#text.slice(this.#at, this.#at + 2);
    if (two === "//") return this.#blankUntil("\n", 2, 0);
    if (two === "/*") return this.#blankUntil("*/", 2, 2);
    if (char === '"' || char === "'") return this.#scanString(char);
    if (char === "`") return this.#scanTemplate();
    if (char === "/" && BEFORE_REGEX.test(this.#lastCode)) return this.#scanRegex();
    this.#remember(char);
    this.#at++;
  }

  /** Keeps the end of the code read so far, which tells a division from a regular expression. */
  #remember(char: string): void {
    const before = this.#lastCode;
    this.#lastCode = /\s/.test(char) ? before.trimEnd() + " " : (before + char).slice(-12);
  }

  #blank(from: number, to: number): void {
    for (let i = from; i < to; i++) if (this.#code[i] !== "\n") this.#code[i] = " ";
  }

  #blankUntil(end: string, skip: number, endLength: number): void {
    const found = this.#text.indexOf(end, this.#at + skip);
    const to = found < 0 ? this.#text.length : found + endLength;
    this.#blank(this.#at, to);
    this.#at = to;
  }

  #scanString(quote: string): void {
    const start = this.#at++;
    while (this.#at < this.#text.length && this.#text[this.#at] !== quote) {
      this.#at += this.#text[this.#at] === "\\" ? 2 : 1;
    }
    this.#addLiteral(start, this.#at);
  }

  #scanTemplate(): void {
    let [start, substitutions] = [this.#at++, 0];
    while (this.#at < this.#text.length && this.#text[this.#at] !== "`") {
      if (this.#text.startsWith("${", this.#at)) {
        this.#blank(start + (substitutions++ === 0 ? 1 : 0), this.#at);
        this.#at += 2;
        this.#lastCode = "{";
        this.#scanCode(true);
        start = this.#at + 1;
      } else if (this.#text[this.#at] === "\\") this.#at++;
      this.#at++;
    }
    if (substitutions === 0) return this.#addLiteral(start, this.#at);
    this.#blank(start, this.#at);
    this.#endLiteral();
  }

  #addLiteral(start: number, end: number): void {
    this.#literals.push({ start, value: this.#text.slice(start + 1, end) });
    this.#blank(start + 1, end);
    this.#endLiteral();
  }

  #endLiteral(): void {
    this.#at++;
    this.#lastCode = '"';
  }

  #scanRegex(): void {
    const start = this.#at++;
    let inClass = false;
    while (this.#at < this.#text.length && this.#text[this.#at] !== "\n") {
      const char = this.#text[this.#at]!;
      if (char === "/" && !inClass) break;
      if (char === "[") inClass = true;
      if (char === "]") inClass = false;
      this.#at += char === "\\" ? 2 : 1;
    }
    this.#blank(start + 1, this.#at);
    this.#endLiteral();
  }
}
