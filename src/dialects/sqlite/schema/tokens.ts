/**
 * The words of SQL as SQLite keeps it: enough to read definitions, which it has checked already.
 *
 * @module
 */

/** One word, with its place in the text. */
export interface Token {
  /** What it is. */
  readonly kind: "word" | "name" | "string" | "number" | "comment" | "sign";
  /** Its value: a name without its quotes, a string without its own, a comment without its marks. */
  readonly text: string;
  /** Where it starts. */
  readonly start: number;
  /** Where it ends. */
  readonly end: number;
}

const pattern = new RegExp(
  [
    String.raw`(?<space>\s+)`,
    String.raw`(?<comment>\/\*[\s\S]*?(?:\*\/|$)|--[^\n]*)`,
    String.raw`(?<string>'(?:[^']|'')*'|[xX]'[0-9a-fA-F]*')`,
    '(?<name>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\\[[^\\]]*\\])',
    String.raw`(?<number>(?:0[xX][0-9a-fA-F]+|\d[\d_]*(?:\.[\d_]*)?|\.\d+)(?:[eE][+-]?\d+)?)`,
    String.raw`(?<word>[\p{L}_\u0080-\uffff][\p{L}\p{N}_$\u0080-\uffff]*)`,
    String.raw`(?<sign>\|\||->>?|<=|>=|<>|!=|==|<<|>>|[\s\S])`,
  ].join("|"),
  "gu",
);

/** Takes SQL apart. */
export function tokens(sql: string): Token[] {
  const found: Token[] = [];
  for (const match of sql.matchAll(pattern)) {
    const [all] = match;
    const kind = (["comment", "string", "name", "number", "word", "sign"] as const)
      .find((each) => match.groups?.[each] !== undefined);
    if (kind === undefined) continue;
    const start = match.index;
    found.push({ kind, text: value(kind, all), start, end: start + all.length });
  }
  return found;
}

function value(kind: Token["kind"], text: string): string {
  switch (kind) {
    case "name": {
      const quote = text[0] as string;
      const inner = text.slice(1, -1);
      return quote === "[" ? inner : inner.replaceAll(quote + quote, quote);
    }
    case "string":
      return text.startsWith("'") ? text.slice(1, -1).replaceAll("''", "'") : text;
    case "comment":
      return text.startsWith("--") ? text.slice(2).trim() : text.slice(2, -2).trim();
    default:
      return text;
  }
}

/** Reads tokens one after the other; comments are passed over unless asked for. */
export class TokenReader {
  /** The whole text. */
  readonly sql: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  /** Starts at the beginning. */
  constructor(sql: string) {
    this.sql = sql;
    this.#tokens = tokens(sql);
  }

  /** The next token, without taking it. */
  peek(ahead = 0): Token | undefined {
    let at = this.#at;
    for (let left = ahead;; at++) {
      const token = this.#tokens[at];
      if (token?.kind === "comment") continue;
      if (left-- === 0) return token;
    }
  }

  /** Takes the next token. */
  take(): Token | undefined {
    while (this.#tokens[this.#at]?.kind === "comment") this.#at++;
    return this.#tokens[this.#at++];
  }

  /** Takes the comment that comes next, if one does. */
  takeComment(): string | undefined {
    const token = this.#tokens[this.#at];
    if (token?.kind !== "comment") return undefined;
    this.#at++;
    return token.text;
  }

  /** Whether these words or signs come next. */
  sees(...words: readonly string[]): boolean {
    return words.every((word, i) => {
      const token = this.peek(i);
      return token !== undefined && (token.kind === "word" || token.kind === "sign") &&
        token.text.toUpperCase() === word;
    });
  }

  /** Takes these words or signs if they come next. */
  takes(...words: readonly string[]): boolean {
    if (!this.sees(...words)) return false;
    for (const _ of words) this.take();
    return true;
  }

  /** Takes a name, quoted or not (SQLite takes a string for one too). */
  name(): string {
    return this.take()?.text ?? "";
  }

  /** Takes what is in parentheses and gives the text between them. */
  parenthesised(): string {
    const open = this.take();
    let depth = 1;
    let last = open;
    while (depth > 0) {
      last = this.take();
      if (last === undefined) break;
      if (last.kind === "sign" && last.text === "(") depth++;
      if (last.kind === "sign" && last.text === ")") depth--;
    }
    return this.sql.slice(open?.end ?? 0, last?.start ?? this.sql.length).trim();
  }

  /** The rest of the text, without the comments around it. */
  rest(): string {
    const next = this.peek();
    const last = this.#tokens.findLast(({ kind }) => kind !== "comment");
    return next === undefined ? "" : this.sql.slice(next.start, last?.end);
  }
}
