/**
 * The words and signs that a caller's string may consist of. Whatever else stands in it is refused, so no string
 * can bring a comment, a quote or a semicolon into a statement.
 *
 * @module
 */
import { QueryError } from "../../base/errors.ts";

/** One word or sign. */
export interface Token {
  /** What it is. */
  readonly type: "name" | "number" | "string" | "sign";
  /** Its text; of a string, what stands between the quotes. */
  readonly text: string;
}

const pattern =
  /\s*(?:(?<name>[A-Za-z_][A-Za-z0-9_]*)|(?<number>-?\d+(?:\.\d+)?)|'(?<string>(?:[^'\\]|'')*)'|(?<sign><=|>=|<>|!=|[=<>(),.*]))/y;

/** Reads a caller's string from left to right. */
export class Tokens {
  readonly #tokens: readonly Token[];
  readonly #what: string;
  readonly #accepted: string;
  #next = 0;

  /**
   * Splits a string.
   *
   * @param text The caller's string
   * @param what What it is to be, for messages: `a column`
   * @param accepted The forms that are taken, for the hint
   * @throws {QueryError} when something else stands in it
   */
  constructor(text: string, what: string, accepted: string) {
    this.#what = what;
    this.#accepted = accepted;
    this.#tokens = this.#split(text);
  }

  #split(text: string): Token[] {
    if (typeof text !== "string") throw this.refusal();
    const tokens: Token[] = [];
    const source = text.trim();
    for (let at = 0; at < source.length; at = pattern.lastIndex) {
      pattern.lastIndex = at;
      const groups = pattern.exec(source)?.groups;
      const found = Object.entries(groups ?? {}).find(([, part]) => part !== undefined);
      if (!found) throw this.refusal();
      const [type, part = ""] = found;
      tokens.push({ type: type as Token["type"], text: part });
    }
    return tokens;
  }

  /** The error for a string that has no known form. It does not repeat the string: that may be anything. */
  refusal(): QueryError {
    return new QueryError(`Cannot build the query: a string is not ${this.#what} of a known form`, {
      hint: `accepted: ${this.#accepted}; use the sql tag for anything else`,
    });
  }

  /** Whether nothing is left. */
  get done(): boolean {
    return this.#next >= this.#tokens.length;
  }

  /** The next token of that type (and text), taken; or nothing. Words are compared without regard to case. */
  take(type: Token["type"], text?: string): Token | undefined {
    const token = this.#tokens[this.#next];
    if (token?.type !== type) return undefined;
    if (text !== undefined && token.text.toUpperCase() !== text) return undefined;
    this.#next++;
    return token;
  }

  /** The text of the next token, which must be of that type (and text). */
  expect(type: Token["type"], text?: string): string {
    const token = this.take(type, text);
    if (!token) throw this.refusal();
    return token.text;
  }

  /** Whether the token after the next one is that sign. */
  followedBy(sign: string): boolean {
    const token = this.#tokens[this.#next + 1];
    return token?.type === "sign" && token.text === sign;
  }

  /** Gives `result`, when nothing is left. */
  end<T>(result: T): T {
    if (!this.done) throw this.refusal();
    return result;
  }
}
